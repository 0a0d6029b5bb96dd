# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a fleet was told before: a change that one round found is told by the next report, whoever made the round.

A round of discovery is also made by whoever lists the inventory or powers a node, and may be killed before it is told.
So each BMC keeps its last changes with their times, and a report remembers for each BMC up to which time it told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .fleet import Bmc, Fleet

Marks = Mapping[str, str]
"""By address of a BMC the time of its newest event that was told, ISO 8601 as in bmc_discovery."""


def untold(fleet: Fleet, before: Marks) -> Fleet:
    """The fleet in which each BMC shows as changed and new what was not told before, in place of its last round's.

    As it is stays a BMC of which an older version of the plugin told no times.
    """
    return replace(fleet, bmcs=tuple(_untold(bmc, before.get(bmc.address, "")) for bmc in fleet.bmcs))


def marks(fleet: Fleet) -> dict[str, str]:
    """The marks once all of the fleet is told."""
    newest = {bmc.address: max((bmc.first_seen, *(change["time"] for change in bmc.changes))) for bmc in fleet.bmcs}
    return {address: time for address, time in newest.items() if time}


def later(one: Marks, other: Marks) -> dict[str, str]:
    """The later mark of each BMC: of two reports at once one may have an older inventory, or a part of it."""
    return {address: max(one.get(address, ""), other.get(address, "")) for address in sorted({*one, *other})}


def _untold(bmc: Bmc, told: str) -> Bmc:
    if not bmc.first_seen and not bmc.changes:
        return bmc
    news = [change for change in bmc.changes if change["time"] > told]
    shown: dict[str, Any] = {
        "changed": [entry for change in news for entry in change["changed"]],
        "changed_resources": sorted({uri for change in news for uri in change["changed_resources"]}),
        "new": bmc.first_seen > told,
    }
    return replace(bmc, story={**bmc.story, **shown})
