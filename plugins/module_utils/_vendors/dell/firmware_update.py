# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware updates of iDRAC."""

from __future__ import annotations

from ..._redfish.resource import Document, text
from ..standard.firmware_update import GenericFirmwareUpdate


class DellFirmwareUpdate(GenericFirmwareUpdate):
    """Each job is a task whose Oem part says what it is for (Dell, DellJob 1.x: JobType FirmwareUpdate)."""

    def made_by_update(self, task: Document, update_service: Document) -> bool:
        return text(task, "Oem", "Dell", "JobType") == "FirmwareUpdate" or super().made_by_update(task, update_service)
