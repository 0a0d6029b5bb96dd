# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware updates of iLO."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from ..._redfish.resource import Document, integer, member, strings, text
from ..._redfish.service import Service
from ..._transport.upload import FormField, Upload
from ...vendor_api.v1 import FAILED, FINISHED, RUNNING, UNTOLD, UpdateMethod, UpdateRequest, UpdateStatus
from ..standard.firmware_update import GenericFirmwareUpdate
from ..standard.update_status import percentage

_ADD_FROM_URI = "#HpeiLOUpdateServiceExt.AddFromUri"

# HpeiLOUpdateServiceExt.State (HPE, iLO RESTful API, UpdateService); Idle, Complete and Error are at rest.
_AT_WORK = ("Uploading", "Verifying", "Writing", "Updating")


class HpeFirmwareUpdate(GenericFirmwareUpdate):
    """iLO tells one state of all updates in its UpdateService, whatever started them; a push makes no task.

    The image alone says what it is for: hms-firmware-action and ilorest name no target.
    """

    def under_way(self, service: Service, update_service: Document) -> str:
        state = text(update_service, "Oem", "Hpe", "State")
        return f"the iLO is {state}" if state in _AT_WORK else ""

    def key(self, inventory: Document) -> str:
        """Ids are numbers that move when a device is added. Names repeat, so the place is part of it (recorded)."""
        place = text(inventory, "Oem", "Hpe", "DeviceContext") or ""
        name = text(inventory, "Name") or super().key(inventory)
        return name if place in ("", "System Board") else f"{name}, {place}"

    def hardware(self, inventory: Document) -> tuple[str, ...]:
        """Also the GUIDs that HPE's components carry as their targets (recorded: the same in ComponentRepository)."""
        return (*super().hardware(inventory), *strings(inventory, "Oem", "Hpe", "Targets"))

    def methods(self, service: Service, update_service: Document) -> tuple[UpdateMethod, ...]:
        """SimpleUpdate first, as it makes a task; then AddFromUri. The upload last: iLO 6 often refuses it (400)."""
        found = {method.name: method for method in super().methods(service, update_service)}
        actions = (member(update_service, "Oem", "Hpe", "Actions"), member(update_service, "Actions", "Oem", "Hpe"))
        targets = (text(action, _ADD_FROM_URI, "target") for action in actions if isinstance(action, dict))
        add = next((target for target in targets if target), None)
        simple, push = found.get("SimpleUpdate"), found.get("HttpPushUri")
        offered = (
            replace(simple, names_targets=False) if simple else None,
            UpdateMethod("AddFromUri", add, pull=True, protocols=("HTTP", "HTTPS"), names_targets=False)
            if add
            else None,
            replace(push, names_targets=False, session=True) if push else None,
            found.get("MultipartHttpPushUri"),
        )
        return tuple(method for method in offered if method is not None)

    def fetched(self, request: UpdateRequest) -> dict[str, Any]:
        fetched = super().fetched(request)
        if request.method.name != "AddFromUri":
            return fetched
        # TPMOverrideFlag says yes to iLO's warning that a TPM in use will notice (HPE, updateService).
        return {
            "ImageURI": fetched["ImageURI"],
            "UpdateTarget": True,
            "UpdateRepository": False,
            **({"TPMOverrideFlag": True} if request.force else {}),
        }

    def push(self, request: UpdateRequest, token: str) -> Upload:
        """A form that holds the session's key, which is the Cookie, too: no other login opens /cgi-bin/uploadFile.

        As ilorest (upload command) and fwupd send it; ETag is a name that the client chooses.
        """
        if not request.method.session:
            return super().push(request, token)
        etag = "openchami" + re.sub(r"[^A-Za-z0-9]", "", request.file_name)
        parameters = {"UpdateRepository": False, "UpdateTarget": True, "ETag": etag, "Section": 0}
        fields = (FormField("sessionKey", token), FormField("parameters", json.dumps(parameters)))
        cookie = {"Cookie": f"sessionKey={token}"}
        return Upload(request.method.uri, request.file_name, "file", fields, headers=cookie)

    def without_task(self, update_service: Document) -> UpdateStatus:
        """Of the last update: what an iLO says before it took a new one is of the one before."""
        hpe = member(update_service, "Oem", "Hpe") or {}
        state, percent = text(hpe, "State"), percentage(integer(hpe, "FlashProgressPercent"))
        result = text(hpe, "Result", "MessageId") or ""
        if state in _AT_WORK:
            return UpdateStatus(RUNNING, percent, f"the iLO is {state}")
        if state == "Error":
            return UpdateStatus(FAILED, percent, f"the iLO says Error {result}".strip(), result)
        return UpdateStatus(
            FINISHED if state == "Complete" else UNTOLD, percent, f"the iLO is {state}" if state else ""
        )
