# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HPE iLO (evidence: recorded iLO 5 2.72 of a DL385 Gen10 Plus v2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._redfish.resource import Document, text
from ..vendor_api.v1 import Evidence, Power
from .generic import GenericDriver, GenericPower, has_oem

# HpeComputerSystemExt.PostState: these two are the rest states of a running host, the others pass by while it boots.
_RUNNING = ("FinishedPost", "InPostDiscoveryComplete")
_BOOTING = ("PowerOff", "InPost", "Null", "Reset", "Unknown")


class HpePower(GenericPower):
    """iLO tells no LastResetTime; PostState falls back when the host boots."""

    def boot_evidence(self, resource: Document) -> Mapping[str, Any]:
        post = text(resource, "Oem", "Hpe", "PostState")
        return {**super().boot_evidence(resource), **({"post_state": post} if post else {})}

    def restarted(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool | None:
        if before.get("post_state") in _RUNNING and "post_state" in now:
            return now["post_state"] in _BOOTING
        return super().restarted(before, now)


class Hpe(GenericDriver):
    """iLO names itself in the root, which it shows without a login."""

    dialect = "hpe"

    def make_power(self) -> Power:
        return HpePower(self.quirks)

    def recognises(self, evidence: Evidence) -> bool:
        # "Hp" is iLO 4's key. A Cray EX controller says "HPE" only as the manufacturer of its nodes.
        return has_oem(evidence.root, "Hpe", "Hp")
