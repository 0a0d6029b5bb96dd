# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_info: facts of a BMC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._operations import info
from .._operations.connect import connect
from .options import CONNECTION_SPEC, settings
from .task import Result, Task, state_folder

ARGUMENT_SPEC: dict[str, dict[str, Any]] = dict(CONNECTION_SPEC)


def run(options: Mapping[str, Any], task: Task) -> Result:
    """The facts; see the RETURN of bmc_info."""
    with connect(settings(options, state_folder() / "pins"), task.clock) as bmc:
        facts = info.run(bmc)
    return {"changed": False, **facts, **bmc.warnings()}
