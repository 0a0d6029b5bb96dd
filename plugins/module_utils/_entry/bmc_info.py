# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_info: facts of a BMC."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from .._operations import facts, info
from .._operations.connect import Bmc, connect
from .._redfish.crawl import drive
from .options import CONNECTION_SPEC, settings
from .task import Result, Task, state_folder

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **CONNECTION_SPEC,
    "gather_subset": {"type": "list", "elements": "str", "choices": [*facts.SUBSETS, facts.BIOS, "all"], "default": []},
}


def run(options: Mapping[str, Any], task: Task) -> Result:
    """The facts; see the RETURN of bmc_info."""
    asked = options["gather_subset"]
    subsets = {*asked, *(facts.SUBSETS if "all" in asked else ())}
    with connect(settings(options, state_folder() / "pins"), task.clock) as bmc:
        found = _gathered(bmc, subsets) if subsets else info.run(bmc)
    warnings = [*_left_out(found.get("incomplete", ())), *bmc.warnings().get("warnings", ())]
    return {"changed": False, **found, **({"warnings": warnings} if warnings else {})}


def _gathered(bmc: Bmc, subsets: Collection[str]) -> dict[str, Any]:
    """What the plan reads; what the connection read before is not asked for again."""
    return drive(facts.crawl(bmc.service.root(), bmc.origin, subsets, bmc.driver), bmc.service.get)


def _left_out(incomplete: Collection[Mapping[str, str]]) -> list[str]:
    return [f"left out, it could not be read: {entry['uri']}: {entry['why']}" for entry in incomplete]
