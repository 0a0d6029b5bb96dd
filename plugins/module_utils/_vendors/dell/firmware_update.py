# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware updates of iDRAC (evidence: recorded iDRAC9 6.00.30; requests as iDRAC-Redfish-Scripting sends them)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..._redfish.resource import Document, id_of, integer, strings, text
from ..._redfish.service import Service
from ...vendor_api.v1 import FAILED, FINISHED, RUNNING, Software, UpdateMethod, UpdateRequest, UpdateStatus
from ..standard.firmware_update import GenericFirmwareUpdate
from ..standard.update_status import percentage

# DellJob.JobState, by what they mean here. A scheduled job has its image and waits for the host to restart.
_STATES = {
    **dict.fromkeys(("Completed", "RebootCompleted", "Scheduled", "PendingActivation"), FINISHED),
    **dict.fromkeys(("CompletedWithErrors", "Failed", "RebootFailed"), FAILED),
}

# First part of an FQDD (recorded; others from Dell's "Component names and FQDDs"). What is not here has no component.
_DEVICES = {
    "iDRAC": "bmc",
    "BIOS": "bios",
    "CPLD": "cpld",
    "NIC": "nic",
    "InfiniBand": "nic",
    "FC": "nic",
    "PSU": "psu",
    "RAID": "storage",
    "NonRAID": "storage",
    "AHCI": "storage",
    "BOSS": "storage",
    "Disk": "drive",
    "Enclosure": "backplane",
    "ProcAccelerator": "gpu",
    "Video": "gpu",
}


class DellFirmwareUpdate(GenericFirmwareUpdate):
    """Each update is a job, and each job a task whose Oem part says what it is for (DellJob 1.x).

    An image knows its device: Dell's own scripts send Targets empty.
    """

    def made_by_update(self, task: Document, update_service: Document) -> bool:
        return text(task, "Oem", "Dell", "JobType") == "FirmwareUpdate" or super().made_by_update(task, update_service)

    def key(self, inventory: Document) -> str:
        """The FQDD: the rest of an Id holds state and version ("Installed-159-1.8.2__BIOS.Setup.1-1")."""
        fqdd = id_of(inventory).partition("__")[2]
        named = " ".join(filter(None, [text(inventory, "SoftwareId"), text(inventory, "Name")]))
        return fqdd or named or super().key(inventory)

    def component(self, inventory: Document) -> str:
        fqdd = id_of(inventory).partition("__")[2]
        if not fqdd:
            return super().component(inventory)
        return "backplane" if fqdd.startswith("RAID.Backplane") else _DEVICES.get(fqdd.partition(".")[0], "")

    def spare(self, inventory: Document) -> bool:
        """Only what is Installed runs; Current, Previous and Available are images that the iDRAC keeps (recorded)."""
        begin, _dash, rest = id_of(inventory).partition("-")
        return begin != "Installed" if rest else super().spare(inventory)

    def hardware(self, inventory: Document) -> tuple[str, ...]:
        """Also the PCI ids: "DCIM:firmware:14E4:165F:1028:08FF"."""
        own = strings(inventory, "Oem", "Dell", "DellSoftwareInventory", "IdentityInfoValue")
        return (*super().hardware(inventory), *own)

    def restart(self, software: Software) -> str:
        """A CPLD's job cuts the power by itself while the host restarts. What the Lifecycle Controller holds is no
        firmware that runs (Dell, "Lifecycle Controller", updates that need no reboot)."""
        held = software.key.endswith("LC.Embedded.1") or software.key.startswith("ServiceModule")
        return "none" if held else "host" if software.component == "cpld" else super().restart(software)

    def methods(self, service: Service, update_service: Document) -> tuple[UpdateMethod, ...]:
        """The apply times of SimpleUpdate hold for the upload, too. HttpPushUri is the inventory itself: a POST there
        leaves an Available image for a SimpleUpdate (DeviceFirmwareSimpleUpdateREDFISH.py), and an iDRAC without
        MultipartHttpPushUri takes by SimpleUpdate nothing but such an image (recorded 3.34; its SYS426)."""
        found = {method.name: method for method in super().methods(service, update_service)}
        simple, push = found.get("SimpleUpdate"), found.get("MultipartHttpPushUri")
        if push is None:
            return ()
        push = replace(push, apply_times=push.apply_times or (simple.apply_times if simple else ()))
        return tuple(replace(method, names_targets=False) for method in (push, simple) if method is not None)

    def apply_time(self, request: UpdateRequest) -> str:
        """Always one: an iDRAC that gets none restarts the host at once, and one that knows none refuses it."""
        restarts = {self.restart(software) for software in request.software}
        return "Immediate" if restarts <= {"none", "manager"} else "OnReset"

    def parameters(self, request: UpdateRequest) -> dict[str, Any]:
        parameters = super().parameters(request)
        return parameters if request.method.pull else {"Targets": [], **parameters, "Oem": {}}

    def of_task(self, task: Document) -> UpdateStatus:
        state = text(task, "Oem", "Dell", "JobState") or text(task, "JobState") or ""
        told = super().of_task(task)
        if not state or told.state == FAILED:
            return told
        said = text(task, "Oem", "Dell", "Message") or told.said
        message_id = text(task, "Oem", "Dell", "MessageId") or told.message_id
        percent = (
            told.percent if told.percent is not None else percentage(integer(task, "Oem", "Dell", "PercentComplete"))
        )
        # PR30, "Job processing initialization failure": such a job stays scheduled for ever (libredfish, dell.rs).
        stuck = message_id.rpartition(".")[2] == "PR30"
        return UpdateStatus(FAILED if stuck else _STATES.get(state, RUNNING), percent, f"{state}: {said}", message_id)
