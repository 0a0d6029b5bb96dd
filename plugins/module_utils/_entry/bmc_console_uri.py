# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_console_uri: the ways to the consoles of the nodes behind a BMC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._operations import console_access
from .._operations.connect import connect
from .options import CONNECTION_SPEC, settings
from .task import Result, Task, state_folder

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {**CONNECTION_SPEC}


def run(options: Mapping[str, Any], task: Task) -> Result:
    """The consoles; see the RETURN of bmc_console_uri."""
    with connect(settings(options, state_folder() / "pins"), task.clock) as bmc:
        found = console_access.nodes(bmc, options["bmc_system"] or "", options["bmc_username"] or "", task.host)
    answer: Result = {"changed": False, "nodes": found.nodes}
    if len(found.nodes) == 1:
        answer["best"] = found.nodes[0]["best"]
    if warnings := [*found.warnings, *bmc.warnings().get("warnings", ())]:
        answer["warnings"] = warnings
    return answer
