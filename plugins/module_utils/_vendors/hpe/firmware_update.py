# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware updates of iLO."""

from __future__ import annotations

from ..._redfish.resource import Document, text
from ..._redfish.service import Service
from ..standard.firmware_update import GenericFirmwareUpdate

# HpeiLOUpdateServiceExt.State (HPE, iLO RESTful API, UpdateService); Idle, Complete and Error are at rest.
_AT_WORK = ("Uploading", "Verifying", "Writing", "Updating")


class HpeFirmwareUpdate(GenericFirmwareUpdate):
    """iLO tells one state of all updates in its UpdateService, whatever started them; a push makes no task."""

    def under_way(self, service: Service, update_service: Document) -> str:
        state = text(update_service, "Oem", "Hpe", "State")
        return f"the iLO is {state}" if state in _AT_WORK else ""
