# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole standard, for every BMC that keeps to it; the drivers of the dialects start from here."""

from __future__ import annotations

from ..vendor_api.v1 import (
    API_VERSION,
    BiosSettings,
    ConsoleAccess,
    Driver,
    Evidence,
    FirmwareUpdate,
    Inventory,
    ManagerSettings,
    Power,
)
from .quirks import answers
from .standard.bios import GenericBios
from .standard.console import GenericConsole
from .standard.firmware_update import GenericFirmwareUpdate
from .standard.inventory import GenericInventory
from .standard.power import GenericPower
from .standard.settings import GenericSettings


class GenericDriver:
    """A driver for everything; a dialect's driver overrides the parts that differ."""

    api_version = API_VERSION
    dialect = "generic"

    def __init__(self, firmware: str = "") -> None:
        self.quirks = answers(self.dialect, firmware)
        self.power: Power = self.make_power()
        self.inventory: Inventory = self.make_inventory()
        self.console: ConsoleAccess = self.make_console()
        self.bios: BiosSettings = self.make_bios()
        self.firmware_update: FirmwareUpdate = self.make_firmware_update()
        self.settings: ManagerSettings = self.make_settings()

    def make_power(self) -> Power:
        return GenericPower(self.quirks)

    def make_inventory(self) -> Inventory:
        return GenericInventory()

    def make_console(self) -> ConsoleAccess:
        return GenericConsole()

    def make_bios(self) -> BiosSettings:
        return GenericBios()

    def make_firmware_update(self) -> FirmwareUpdate:
        return GenericFirmwareUpdate()

    def make_settings(self) -> ManagerSettings:
        return GenericSettings()

    def recognises(self, evidence: Evidence) -> bool:
        return True


_conforms: type[Driver] = GenericDriver
