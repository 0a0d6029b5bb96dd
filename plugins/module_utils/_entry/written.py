# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The frame of every task that writes: one gate, one connection, and the outcome told (promises 5 and 7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._core.errors import BmcError
from .._core.redact import Redactor
from .._operations.connect import Bmc, Settings, connect
from .failure import failure
from .gate import Gate, Intent
from .options import secrets
from .task import Result, Task, state_folder

Work = Callable[[Bmc, Gate], Result]
"""Does the work, and gives the result for Ansible. Raises BmcError."""


def written(
    options: Mapping[str, Any],
    how: Settings,
    task: Task,
    operation: str,
    told: Sequence[str],
    work: Work,
    known: Mapping[str, Any] | None = None,
) -> Result:
    """The result of work on one BMC. operation: its name in the audit log. told: what of the result stands there.

    known: what is in the result however the work ends.
    """
    known = known or {}
    intent = Intent(task.host, str(how.origin), operation, task.job, ())
    with Gate(state_folder(), how.origin, intent, task.clock, Redactor(secrets(options))) as gate:
        outcome: Result = {**known, "failed": True, "msg": "the task was cut off; what was sent may have happened"}
        try:
            with connect(how, task.clock) as bmc:
                done = work(bmc, gate)
            outcome = {**known, **done, "warnings": [*done.get("warnings", ()), *bmc.warnings().get("warnings", ())]}
        except BmcError as error:
            outcome = {**known, **failure(error, task.host)}
        finally:
            if untold := gate.tell({key: outcome[key] for key in told if key in outcome}):
                outcome["warnings"] = [*outcome.get("warnings", ()), *untold]
    return outcome
