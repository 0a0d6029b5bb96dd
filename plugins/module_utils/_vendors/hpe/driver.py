# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HPE iLO (evidence: recorded iLO 5 2.72 of a DL385 Gen10 Plus v2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._redfish.resource import Document, text
from ...vendor_api.v1 import BiosSettings, ConsoleAccess, Evidence, FirmwareUpdate, ManagerSettings, Power
from ..generic import GenericDriver
from ..standard.bios import GenericBios
from ..standard.console import GenericConsole
from ..standard.inventory import has_oem
from ..standard.power import GenericPower
from .bios import MEANINGS
from .firmware_update import HpeFirmwareUpdate
from .settings import HpeSettings

# HpeComputerSystemExt.PostState: these two are the rest states of a running host, the others pass by while it boots.
_RUNNING = ("FinishedPost", "InPostDiscoveryComplete")
_BOOTING = ("PowerOff", "InPost", "Null", "Reset", "Unknown")


class HpePower(GenericPower):
    """iLO tells no LastResetTime. A boot shows in PostState while it lasts, and ends in a new time stamp."""

    def boot_evidence(self, resource: Document) -> Mapping[str, Any]:
        shown = {
            "post_state": text(resource, "Oem", "Hpe", "PostState"),
            "post_discovered": text(resource, "Oem", "Hpe", "PostDiscoveryCompleteTimeStamp"),
        }
        return {**super().boot_evidence(resource), **{name: value for name, value in shown.items() if value}}

    def shows_restart(self, before: Mapping[str, Any]) -> bool:
        shown = before.get("post_state") in _RUNNING or "post_discovered" in before
        return shown or super().shows_restart(before)

    def restarted(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool | None:
        if before.get("post_state") in _RUNNING and now.get("post_state") in _BOOTING:
            return True
        if "post_discovered" in before and "post_discovered" in now:
            return bool(before["post_discovered"] != now["post_discovered"])
        return super().restarted(before, now)


class Hpe(GenericDriver):
    """iLO names itself in the root, which it shows without a login."""

    dialect = "hpe"

    def make_power(self) -> Power:
        return HpePower(self.quirks)

    def make_console(self) -> ConsoleAccess:
        # From the prompt </>hpiLO-> (NVIDIA bare-metal-manager, ssh-console, vendor.rs).
        return GenericConsole(entry_command="vsp", exit_sequence="ESC (")

    def make_bios(self) -> BiosSettings:
        return GenericBios(MEANINGS)

    def make_firmware_update(self) -> FirmwareUpdate:
        return HpeFirmwareUpdate()

    def make_settings(self) -> ManagerSettings:
        return HpeSettings()

    def recognises(self, evidence: Evidence) -> bool:
        # "Hp" is iLO 4's key. A Cray EX controller says "HPE" only as the manufacturer of its nodes.
        return has_oem(evidence.root, "Hpe", "Hp")
