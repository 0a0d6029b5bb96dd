# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dell iDRAC (evidence: recorded iDRAC9 6.00.30 of a PowerEdge R750)."""

from __future__ import annotations

from ..._redfish.resource import text
from ..._redfish.service import Service
from ...vendor_api.v1 import BiosSettings, ConsoleAccess, Evidence, FirmwareUpdate, Inventory, ManagerSettings
from ..generic import GenericDriver
from ..standard.console import GenericConsole
from ..standard.inventory import GenericInventory, has_oem
from .bios import DellBios
from .firmware_update import DellFirmwareUpdate
from .settings import DellSettings


class DellInventory(GenericInventory):
    """The service tag is the machine's serial number in Dell's own books; the root tells it."""

    def serial_number(self, service: Service) -> str | None:
        return text(service.root(), "Oem", "Dell", "ServiceTag")


class Dell(GenericDriver):
    """iDRAC names itself in the root: by Vendor since 4.x, by its OEM part before (3.34)."""

    dialect = "dell"

    def make_inventory(self) -> Inventory:
        return DellInventory()

    def make_console(self) -> ConsoleAccess:
        # From the prompt racadm>> (NVIDIA bare-metal-manager, ssh-console, vendor.rs).
        return GenericConsole(entry_command="connect com2", exit_sequence="Ctrl-\\")

    def make_bios(self) -> BiosSettings:
        return DellBios()

    def make_firmware_update(self) -> FirmwareUpdate:
        return DellFirmwareUpdate()

    def make_settings(self) -> ManagerSettings:
        return DellSettings()

    def recognises(self, evidence: Evidence) -> bool:
        return has_oem(evidence.root, "Dell")
