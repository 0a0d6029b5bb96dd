# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AMI MegaRAC, on boards of Gigabyte, NVIDIA (DGX) and others (evidence: recorded 12.84.13 of a Gigabyte H262)."""

from __future__ import annotations

from ..._redfish.resource import text
from ...vendor_api.v1 import BiosSettings, Evidence, FirmwareUpdate
from ..generic import GenericDriver
from ..standard.inventory import has_oem
from .bios import AmiBios
from .firmware_update import AmiFirmwareUpdate


class Ami(GenericDriver):
    """It says AMI as Vendor. Its OEM part alone is a hint only: older Cray EX controllers carry it too."""

    dialect = "ami"

    def make_bios(self) -> BiosSettings:
        return AmiBios()

    def make_firmware_update(self) -> FirmwareUpdate:
        return AmiFirmwareUpdate()

    def recognises(self, evidence: Evidence) -> bool:
        if text(evidence.root, "Vendor") == "AMI":
            return True
        types = {text(manager, "ManagerType") for manager in evidence.managers or ()}
        return has_oem(evidence.root, "Ami") and evidence.systems is not None and "EnclosureManager" not in types
