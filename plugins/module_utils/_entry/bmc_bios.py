# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_bios: the attributes of a system's BIOS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._operations.bios import operation as bios
from .._operations.bios.course import Course
from .._operations.bios.plan import ApplyTime
from .._operations.bios.request import APPLY_TIMES, NEVER, REBOOTS, RESTARTS, BiosRequest, require_sense
from .._operations.bios.state import Shown
from .._operations.connect import Bmc
from .._operations.settlement import Patience
from .failure import failure
from .gate import Gate
from .options import CONNECTION_SPEC, require_seconds, settings
from .task import Result, Task, state_folder
from .written import written

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "attributes": {"type": "dict", "default": {}},
    "reset_to_default": {"type": "bool", "default": False},
    "clear_pending": {"type": "bool", "default": False},
    "apply_time": {"type": "str", "choices": list(APPLY_TIMES)},
    "maintenance_window": {
        "type": "dict",
        "options": {
            "start_time": {"type": "str", "required": True},
            "duration": {"type": "int", "required": True},
        },
    },
    "reboot": {"type": "str", "default": NEVER, "choices": list(REBOOTS)},
    "reboot_type": {"type": "str", "default": RESTARTS[0], "choices": list(RESTARTS)},
    "reboot_timeout": {"type": "float", "default": 300},
    "validate": {"type": "bool", "default": True},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "float", "default": 1800},
    "poll_interval": {"type": "float", "default": 10},
    **CONNECTION_SPEC,
}

# The part of a result that the audit log keeps.
_KEPT = ("changed", "failed", "unreachable", "msg", "pending", "applied", "rebooted")


def run(options: Mapping[str, Any], task: Task) -> Result:
    """Bring the attributes to their values; see the RETURN of bmc_bios."""
    request = request_of(options, task)
    how = settings(options, state_folder() / "pins")

    def work(bmc: Bmc, gate: Gate) -> Result:
        result = bios.run(bmc, request, gate, task.clock)
        return {**told(request, result, bmc.driver.dialect, task), "warnings": result.warnings}

    return written(options, how, task, "bmc_bios", _KEPT, work)


def request_of(options: Mapping[str, Any], task: Task) -> BiosRequest:
    """What a task asks for. Raises InvalidRequest for what cannot be meant."""
    require_seconds(options, "wait_timeout", "poll_interval", "reboot_timeout")
    window = options["maintenance_window"] or {}
    request = BiosRequest(
        attributes=options["attributes"] or {},
        reset_to_default=options["reset_to_default"],
        clear_pending=options["clear_pending"],
        when=ApplyTime(options["apply_time"] or "", window.get("start_time") or "", window.get("duration") or 0),
        reboot=options["reboot"],
        restart=options["reboot_type"],
        validate=options["validate"],
        name=options["bmc_system"] or "",
        identity=options["bmc_identity"] or {},
        patience=Patience(options["wait_timeout"], options["poll_interval"], options["wait"]),
        restart_timeout=options["reboot_timeout"],
        check_mode=task.check_mode,
    )
    require_sense(request)
    return request


def told(request: BiosRequest, result: bios.BiosResult, dialect: str, task: Task) -> Result:
    """What is told of all systems together, and of each."""
    after = {course.before.uri: course.expected() if request.check_mode else course.now for course in result.courses}
    systems = [_system(course, after[course.before.uri], request) for course in result.courses]
    answer: Result = {
        "changed": any(system["changed"] for system in systems),
        "dialect": dialect,
        "plan": [write.as_data() for write in result.plan],
        "escalation": [write.as_data() for course in result.courses for write in course.escalation],
        "pending": any(system["pending"] for system in systems),
        "applied": all(system["applied"] for system in systems),
        "reboot_required": any(system["reboot_required"] for system in systems),
        "rebooted": any(system["rebooted"] for system in systems),
        "systems": systems,
        "diff": {
            "before": {course.before.uri: _values(course, course.before) for course in result.courses},
            "after": {uri: _values(course, after[uri]) for uri, course in zip(after, result.courses, strict=True)},
        },
    }
    if len(systems) == 1:
        answer["attributes"] = systems[0]["attributes"]
    if result.error is not None:
        answer |= failure(result.error, task.host)
    return answer


def _system(course: Course, after: Shown, request: BiosRequest) -> Result:
    changed = bool(course.plan) if request.check_mode else course.changed
    pending = course.pends(after)
    applied = not pending and not course.lacks(after)
    if not request.check_mode:
        applied = applied and not course.off_default(after)
    return {
        "id": course.system.id,
        "uri": course.system.uri,
        "bios_uri": course.before.uri,
        "changed": changed,
        "attributes": course.attributes(after),
        "pending": pending,
        "applied": applied,
        "reboot_required": pending and not course.restarted_before,
        "rebooted": bool(course.resets) if request.check_mode else course.rebooted,
        "note": str(course.error) if course.error else course.note,
    }


def _values(course: Course, bios: Shown) -> Result:
    """What diff mode shows of a BIOS: active values, and what waits, of the attributes asked for."""
    return {
        "active": {name: bios.current.get(name) for name in course.asked},
        "pending": {name: bios.pending[name] for name in course.asked if name in bios.pending},
    }
