# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lenovo XClarity Controller (evidence: recorded XCC 2.83 of an SR670 V2; older recordings as others describe them)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._redfish.resource import Document, member, text
from ...vendor_api.v1 import ConsoleAccess, Evidence, FirmwareUpdate, ManagerSettings, Power
from ..generic import GenericDriver
from ..standard.console import GenericConsole
from ..standard.inventory import has_oem
from ..standard.power import GenericPower
from .firmware_update import LenovoFirmwareUpdate
from .settings import LenovoSettings

# LenovoComputerSystem.v1_0_0, SystemStatus: these are passed while a host starts, the others last.
_BEGINNING = ("SystemPowerOff_StateUnknown", "SystemOn_StartingUEFI")
_BOOTING = (*_BEGINNING, "SystemRunningInUEFI")


class LenovoPower(GenericPower):
    """XCC tells no LastResetTime. Its OEM part counts the reboots, and tells where the host is.

    By its schema NumberOfReboots is "the number of times the system has been rebooted"; SystemStatus is what power
    cycle tests of XCC owners wait for. A boot that was under way before tells nothing of a later one.
    """

    def boot_evidence(self, resource: Document) -> Mapping[str, Any]:
        reboots = member(resource, "Oem", "Lenovo", "NumberOfReboots")
        shown = {
            "reboots": reboots if isinstance(reboots, int) and not isinstance(reboots, bool) else None,
            "system_status": text(resource, "Oem", "Lenovo", "SystemStatus"),
        }
        told = {name: value for name, value in shown.items() if value is not None}
        return {**super().boot_evidence(resource), **told}

    def shows_restart(self, before: Mapping[str, Any]) -> bool:
        shown = before.get("system_status") not in _BOOTING and ("reboots" in before or "system_status" in before)
        return shown or super().shows_restart(before)

    def restarted(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool | None:
        counted = "reboots" in before and "reboots" in now and before["reboots"] != now["reboots"]
        began = "system_status" in before and now.get("system_status") in _BEGINNING
        if before.get("system_status") not in _BOOTING and (counted or began):
            return True
        return super().restarted(before, now)


class Lenovo(GenericDriver):
    """XCC names itself in the root: by Vendor since 2021, by its OEM part before, and always in its manager."""

    dialect = "lenovo"

    def make_power(self) -> Power:
        return LenovoPower(self.quirks)

    def make_console(self) -> ConsoleAccess:
        # From the prompt system> (NVIDIA bare-metal-manager, ssh-console, vendor.rs).
        return GenericConsole(entry_command="console 1", exit_sequence="ESC (")

    def make_firmware_update(self) -> FirmwareUpdate:
        return LenovoFirmwareUpdate()

    def make_settings(self) -> ManagerSettings:
        return LenovoSettings()

    def recognises(self, evidence: Evidence) -> bool:
        documents = (evidence.root, *(evidence.managers or ()))
        return text(evidence.root, "Vendor") == "Lenovo" or any(has_oem(document, "Lenovo") for document in documents)
