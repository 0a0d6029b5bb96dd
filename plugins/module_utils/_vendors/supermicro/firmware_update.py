# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware updates of Supermicro's own firmware, X12 and later (evidence: recorded X13 11.01.01; bmclib).

X10 and X11 offer none by Redfish: bmclib updates an X11 through the pages of its web interface.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ..._redfish.resource import Document, id_of, text
from ...vendor_api.v1 import FINISHED, WAITING, Change, Software, UpdateMethod, UpdateRequest, UpdateStatus
from ..standard.firmware_update import GenericFirmwareUpdate
from ..standard.software import related_to

# What an update keeps, as bmclib and the web interface of an X12 ask for: else settings go back to their defaults.
_KEPT: dict[str, dict[str, bool]] = {
    "bmc": {"PreserveCfg": True, "PreserveSdr": True, "PreserveSsl": True},
    "bios": {
        "PreserveME": False,
        "PreserveNVRAM": False,
        "PreserveSMBIOS": True,
        "PreserveOA": True,
        "PreserveSETUPCONF": True,
        "PreserveSETUPPWD": True,
        "PreserveSECBOOTKEY": True,
        "PreserveBOOTCONF": True,
    },
}


# "BIOS Verify" is the task of an upload, "BIOS Update" that of the update (bmclib, docs/x12.md).
_VERIFY = " Verify"
_TASKS = (_VERIFY, " Update")


class SupermicroFirmwareUpdate(GenericFirmwareUpdate):
    """An upload is verified in a task of its own, then waits for StartUpdate, which makes the task of the update."""

    def made_by_update(self, task: Document, update_service: Document) -> bool:
        """Its tasks hide their payload and say nothing; their names tell (bmclib, task.go)."""
        named = (text(task, "Name") or "").endswith(_TASKS)
        return named or super().made_by_update(task, update_service)

    def component(self, inventory: Document) -> str:
        """The second CPLD of a mainboard has an image of its own (recorded versions: F5.11.CB and 07)."""
        return "" if re.fullmatch(r"CPLD_Motherboard_\d+", id_of(inventory)) else super().component(inventory)

    def target(self, inventory: Document) -> str:
        """An upload names the manager, or the Bios of a system; an inventory URI there needs a licence (bmclib)."""
        place = self.component(inventory)
        return related_to(inventory, place) if place in _KEPT else ""

    def hardware(self, inventory: Document) -> tuple[str, ...]:
        """Also the board in the name of the image: BIOS_X13DEG-OAD-1D14_20230804_1.4_STDsp.bin (recorded)."""
        parts = (text(inventory, "Oem", "Supermicro", "UniqueFilename") or "").split("_")
        return (*super().hardware(inventory), *(parts[1:2] if len(parts) > 2 else ()))

    def named(self, software: Software, method: UpdateMethod) -> str:
        """SimpleUpdate takes inventory URIs; a Bios is not among what it offers (recorded ActionInfo)."""
        return software.uri if method.pull else super().named(software, method)

    def parameters(self, request: UpdateRequest) -> dict[str, Any]:
        parameters = super().parameters(request)
        if request.method.pull:
            return parameters
        components = dict.fromkeys(software.component for software in request.software)
        kept = {component.upper(): _KEPT[component] for component in components if component in _KEPT}
        oem = {"Oem": {"Supermicro": kept}} if kept else {}
        return {**parameters, "@Redfish.OperationApplyTime": "OnStartUpdateRequest", **oem}

    def start(self, update_service: Document, task: str) -> Change | None:
        target = text(update_service, "Actions", "#UpdateService.StartUpdate", "target")
        return Change("POST", target, {}) if target else None

    def of_task(self, task: Document) -> UpdateStatus:
        told = super().of_task(task)
        verified = told.state == FINISHED and (text(task, "Name") or "").endswith(_VERIFY)
        return replace(told, state=WAITING, said=told.said or "the image is verified") if verified else told
