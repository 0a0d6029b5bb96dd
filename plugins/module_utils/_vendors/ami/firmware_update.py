# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware updates of AMI MegaRAC."""

from __future__ import annotations

from ..._redfish.resource import Document, text
from ..._redfish.service import Service
from ..standard.firmware_update import GenericFirmwareUpdate

# Cray-HPE hms-firmware-action, updateScheduler.go: what UpdateStatus says between the request and "Completed".
_AT_WORK = ("Preparing", "VerifyingFirmware", "Downloading", "Flashing")


class AmiFirmwareUpdate(GenericFirmwareUpdate):
    """MegaRAC tells an update in its UpdateService; few of its tasks are about updates (recorded: event posts)."""

    def under_way(self, service: Service, update_service: Document) -> str:
        information = ("Oem", "AMIUpdateService", "UpdateInformation")
        status = text(update_service, *information, "UpdateStatus")
        if status in _AT_WORK:
            target = text(update_service, *information, "UpdateTarget")
            return f"the BMC is {status}" + f" ({target})" * bool(target)
        return super().under_way(service, update_service)
