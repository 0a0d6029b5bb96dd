# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power by the standard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._redfish.resource import Document, text
from ...vendor_api.v1 import Quirks, ResetVocabulary

# BootProgress.LastState (ComputerSystem 1.13), in the order of a boot: hardware is initialised in every boot, first.
_INITIALISING = (
    "PrimaryProcessorInitializationStarted",
    "BusInitializationStarted",
    "MemoryInitializationStarted",
    "SecondaryProcessorInitializationStarted",
    "PCIResourceConfigStarted",
)
_INITIALISED = ("SystemHardwareInitializationComplete", "SetupEntered", "OSBootStarted", "OSRunning")


class GenericPower:
    """Power by the standard (ComputerSystem 1.13, Manager 1.5)."""

    def __init__(self, quirks: Quirks) -> None:
        self._quirks = quirks

    def vocabulary(self) -> ResetVocabulary:
        standard = ResetVocabulary()
        return ResetVocabulary(graceful_off=standard.graceful_off + self._quirks.graceful_off_values)

    def boot_evidence(self, resource: Document) -> Mapping[str, Any]:
        """LastResetTime (ComputerSystem 1.12, Manager 1.9) and BootProgress.LastState (ComputerSystem 1.13)."""
        shown = {
            "last_reset_time": text(resource, "LastResetTime"),
            "boot_progress": text(resource, "BootProgress", "LastState"),
        }
        return {name: value for name, value in shown.items() if value is not None}

    def shows_restart(self, before: Mapping[str, Any]) -> bool:
        return "last_reset_time" in before or before.get("boot_progress") in _INITIALISED

    def restarted(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool | None:
        if "last_reset_time" in before and "last_reset_time" in now:
            return bool(before["last_reset_time"] != now["last_reset_time"])
        left = before.get("boot_progress") == "OSRunning" and now.get("boot_progress", "OSRunning") != "OSRunning"
        again = before.get("boot_progress") in _INITIALISED and now.get("boot_progress") in _INITIALISING
        return True if left or again else None
