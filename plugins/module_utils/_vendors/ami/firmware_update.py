# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware updates of AMI MegaRAC (evidence: recorded 12.84.13 of a Gigabyte H262; hms-firmware-action; libredfish)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..._core.errors import NotSupported
from ..._redfish.resource import Document, id_of, member, objects, strings, text, uri_of
from ..._redfish.service import Service
from ..._transport.upload import FormField, Upload
from ...vendor_api.v1 import FAILED, FINISHED, RUNNING, Change, Software, UpdateMethod, UpdateRequest, UpdateStatus
from ..standard.firmware_update import GenericFirmwareUpdate
from ..standard.update_offers import MULTIPART
from ..standard.update_status import percentage

# Cray-HPE hms-firmware-action, updateScheduler.go: what UpdateStatus says between the request and "Completed".
_AT_WORK = ("Preparing", "VerifyingFirmware", "Downloading", "Flashing")

# Where a MegaRAC shows its own part of the UpdateService.
_HOLDERS = ("AMIUpdateService", "Ami")

# Components with images of their own for an upload (AMI's OemParameters.ImageType).
_IMAGE_TYPES = {"bmc": "BMC", "bios": "BIOS"}


class AmiFirmwareUpdate(GenericFirmwareUpdate):
    """MegaRAC tells an update in its UpdateService; few of its tasks are about updates (recorded: event posts).

    It knows no Targets on Gigabyte's boards but one UpdateComponent. A DGX H100 does as the standard says.
    """

    def under_way(self, service: Service, update_service: Document) -> str:
        information = _information(update_service)
        status = text(information, "UpdateStatus")
        if status in _AT_WORK:
            target = text(information, "UpdateTarget")
            return f"the BMC is {status}" + f" ({target})" * bool(target)
        return super().under_way(service, update_service)

    def spare(self, inventory: Document) -> bool:
        """BMCImage2 and BIOSImage2 are the images that a board with two falls back on (AMI's upload guide)."""
        return re.search(r"Image[2-9]$", id_of(inventory)) is not None or super().spare(inventory)

    def target(self, inventory: Document) -> str:
        """MB_CPLD1 in the inventory is MB_CPLD in a request (recorded ActionInfo)."""
        return re.sub(r"\d+$", "", id_of(inventory))

    def methods(self, service: Service, update_service: Document) -> tuple[UpdateMethod, ...]:
        """Gigabyte's asks no DNS server, so an image's URI has an address (hms-firmware-action replaces the name)."""
        components = _components(service, update_service)
        return tuple(
            replace(method, by_address=True, names_targets=True, targets=components)
            if method.pull and components
            else method
            for method in super().methods(service, update_service)
        )

    def named(self, software: Software, method: UpdateMethod) -> str:
        return software.target if _by_component(method) else software.uri

    def before(self, request: UpdateRequest, update_service: Document) -> tuple[Change, ...]:
        """A new BMC image keeps only the settings that the UpdateService was told to preserve (confluent, for XCC3's
        and NVIDIA's boards; the Gigabyte that was recorded shows no such choice)."""
        changes = super().before(request, update_service)
        holder = next((name for name in _HOLDERS if _choices(update_service, name)), "")
        lost = [key for key, kept in _choices(update_service, holder).items() if kept is False]
        if not lost or all(software.component != "bmc" for software in request.software):
            return changes
        body = {"Oem": {holder: {"PreserveConfiguration": dict.fromkeys(lost, True)}}}
        return (*changes, Change("PATCH", uri_of(update_service), body))

    def parameters(self, request: UpdateRequest) -> dict[str, Any]:
        parameters = super().parameters(request)
        if not _by_component(request.method):
            return parameters
        named = parameters.pop("Targets")
        if len(named) > 1:
            raise NotSupported(
                "this BMC updates one component at a time",
                why=f"UpdateComponent is one of {', '.join(request.method.targets)}",
                way_out=f"Update {', then '.join(named)}, each in a task of its own.",
            )
        return {"UpdateComponent": named[0], **parameters}

    def push(self, request: UpdateRequest, token: str) -> Upload:
        """An entry named after its image type has a second part that says the type (Lenovo HS350x, Cray XD220v)."""
        upload = super().push(request, token)
        types = {_image_type(software, request.file_name) for software in request.software} - {""}
        if request.method.name != MULTIPART or len(types) != 1:
            return upload
        part = FormField("OemParameters", json.dumps({"ImageType": types.pop()}), "application/json")
        return replace(upload, fields=(*upload.fields, part))

    def without_task(self, update_service: Document) -> UpdateStatus:
        """Of the last update, as hms-firmware-action follows it. FlashPercentage is a text: "37% done."."""
        information = _information(update_service)
        status = text(information, "UpdateStatus") or ""
        told = re.match(r"\s*(\d{1,3})\s*%", text(information, "FlashPercentage") or "")
        percent = percentage(int(told[1])) if told else None
        if status in _AT_WORK:
            return UpdateStatus(RUNNING, percent, f"the BMC is {status}")
        if status == "Completed":
            return UpdateStatus(FINISHED, percent, "the BMC says Completed")
        if re.search("fail|error", status, re.IGNORECASE):
            return UpdateStatus(FAILED, percent, f"the BMC says {status}")
        return super().without_task(update_service)


def _information(update_service: Document) -> Mapping[str, Any]:
    """The state of updates: below UpdateInformation on Gigabyte's boards (recorded), else beside it (nvfwupd, DGX)."""
    for path in (("AMIUpdateService", "UpdateInformation"), ("AMIUpdateService",), ("Ami",)):
        found = member(update_service, "Oem", *path)
        if isinstance(found, Mapping) and "UpdateStatus" in found:
            return found
    return {}


def _choices(update_service: Document, holder: str) -> Mapping[str, Any]:
    found = member(update_service, "Oem", holder, "PreserveConfiguration")
    return found if isinstance(found, Mapping) else {}


def _components(service: Service, update_service: Document) -> tuple[str, ...]:
    """What may be the UpdateComponent of SimpleUpdate; () where that has none."""
    uri = text(update_service, "Actions", "#UpdateService.SimpleUpdate", "@Redfish.ActionInfo")
    parameters = objects(service.find(uri) or {}, "Parameters") if uri else ()
    own = (strings(each, "AllowableValues") for each in parameters if text(each, "Name") == "UpdateComponent")
    return next(own, ())


def _by_component(method: UpdateMethod) -> bool:
    return method.pull and bool(method.targets) and not method.targets[0].startswith("/")


def _image_type(software: Software, file_name: str) -> str:
    known = software.id.upper().startswith(("BMC", "BIOS"))
    return ("HPM" if file_name.lower().endswith(".hpm") else _IMAGE_TYPES.get(software.component, "")) if known else ""
