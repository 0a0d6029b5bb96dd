# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_power: the power of systems, managers and chassis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.errors import InvalidRequest
from .._operations import power
from .._operations.connect import Bmc
from .._operations.power_rules import OFF, ON, STATES
from .._operations.settlement import Patience
from .._operations.transition import Transition
from .failure import failure
from .gate import Gate
from .options import CONNECTION_SPEC, require_seconds, settings
from .task import Result, Task, state_folder
from .written import written

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "state": {"type": "str", "required": True, "choices": list(STATES)},
    "target": {"type": "str", "default": "system", "choices": ["system", "chassis", "manager"]},
    "resource_id": {"type": "str"},
    "escalate": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "float", "default": 300},
    "poll_interval": {"type": "float", "default": 2},
    "handle": {"type": "dict"},
    **CONNECTION_SPEC,
}

# The part of a result that the audit log keeps.
_TOLD = ("changed", "failed", "unreachable", "msg", "targets", "settled")


def run(options: Mapping[str, Any], task: Task) -> Result:
    """Bring the target to the state; see the RETURN of bmc_power."""
    request = _request(options, task)
    how = settings(options, state_folder() / "pins")

    def work(bmc: Bmc, gate: Gate) -> Result:
        result = power.run(bmc, request, gate, task.clock)
        return {**_result(request, result, bmc.driver.dialect, task), "warnings": result.warnings}

    return written(options, how, task, f"bmc_power {request.state}", _TOLD, work)


def _request(options: Mapping[str, Any], task: Task) -> power.PowerRequest:
    require_seconds(options, "wait_timeout", "poll_interval")
    kind = options["target"]
    if kind == "system" and options["resource_id"]:
        raise InvalidRequest(
            "resource_id names a manager or chassis", way_out="Name a system with bmc_system, or set target."
        )
    return power.PowerRequest(
        state=options["state"],
        kind=kind,
        name=(options["bmc_system"] if kind == "system" else options["resource_id"]) or "",
        identity=options["bmc_identity"] or {},
        patience=Patience(options["wait_timeout"], options["poll_interval"], options["wait"]),
        escalate=options["escalate"],
        check_mode=task.check_mode,
        handle=options["handle"] or None,
        host=task.host,
    )


def _result(request: power.PowerRequest, result: power.PowerResult, dialect: str, task: Task) -> Result:
    transitions = result.transitions
    after = {transition.uri: _expected(transition, request) for transition in transitions}
    answer: Result = {
        "changed": result.changed,
        "state": request.state,
        "dialect": dialect,
        "plan": [write.as_data() for write in result.plan],
        "escalation": [write.as_data() for write in result.escalation],
        "targets": [_target(transition, after) for transition in transitions],
        "settled": result.handle is None and not request.check_mode,
        "handle": result.handle,
        "affected_systems": result.affected_systems,
        "diff": {
            "before": {transition.uri: {"PowerState": transition.before} for transition in transitions},
            "after": {uri: {"PowerState": power_state} for uri, power_state in after.items()},
        },
    }
    if len(transitions) == 1:
        answer["power_state"] = after[transitions[0].uri]
    if result.error is not None:
        answer |= failure(result.error, task.host)
    return answer


def _expected(transition: Transition, request: power.PowerRequest) -> str:
    """PowerState after the run: in check mode what the steps lead to, else what was seen last."""
    if not request.check_mode:
        return transition.power_state
    powered = [step.expect for step in transition.steps if step.expect in (ON, OFF)]
    return powered[-1] if powered else transition.before


def _target(transition: Transition, after: Mapping[str, str]) -> Result:
    return {
        "kind": transition.kind,
        "id": transition.id,
        "uri": transition.uri,
        "before": transition.before,
        "after": after[transition.uri],
        "changed": transition.changed,
        "sent": transition.sent,
        "confirmed": transition.done and transition.confirmed and transition.error is None,
        "note": str(transition.error) if transition.error else transition.note,
    }
