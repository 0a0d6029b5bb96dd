# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Supermicro's own firmware, X10 to X13 (evidence: recorded X13 11.01.01 of a SYS-821GE; X10 as others recorded it)."""

from __future__ import annotations

from ...vendor_api.v1 import BiosSettings, Evidence, FirmwareUpdate, ManagerSettings
from ..generic import GenericDriver
from ..standard.bios import GenericBios
from ..standard.inventory import has_oem
from .bios import MEANINGS
from .firmware_update import SupermicroFirmwareUpdate
from .settings import SupermicroSettings


class Supermicro(GenericDriver):
    """It shows its OEM part in the root; X10 leaves that empty and shows it in the manager.

    Vendor does not count: a Supermicro GB300 says Supermicro there and speaks OpenBMC.
    """

    dialect = "supermicro"

    def make_bios(self) -> BiosSettings:
        return GenericBios(MEANINGS)

    def make_firmware_update(self) -> FirmwareUpdate:
        return SupermicroFirmwareUpdate()

    def make_settings(self) -> ManagerSettings:
        return SupermicroSettings()

    def recognises(self, evidence: Evidence) -> bool:
        return any(has_oem(document, "Supermicro") for document in (evidence.root, *(evidence.managers or ())))
