# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_firmware: a component runs the wanted version."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._core.clock import Clock
from .._core.redact import Redactor
from .._operations.connect import Bmc
from .._operations.firmware import operation as firmware
from .._operations.firmware.course import CURRENT, PENDING_REBOOT, PLANNED, UPDATED, Batch, Course
from .._operations.firmware.image import Image
from .._operations.firmware.observation import FirmwareResult, Tools
from .._operations.firmware.request import FirmwareRequest
from .._operations.firmware.submission import CLAIM, remembered
from .._transport.origin import Origin
from .failure import failure
from .firmware_options import ARGUMENT_SPEC, have_image, opened_image, request_of, stages_of
from .gate import Gate, Intent
from .options import settings
from .progress import Progress, status_file
from .task import Result, Task, state_folder
from .written import written

__all__ = ["ARGUMENT_SPEC", "run"]

# The part of a result that the audit log keeps.
_TOLD = ("changed", "failed", "unreachable", "msg", "updates", "bundle", "settled", "rebooted")


def run(options: Mapping[str, Any], task: Task) -> Result:
    """Bring the firmware to its version; see the RETURN of bmc_firmware."""
    request = request_of(options, task)
    how = settings(options, state_folder() / "pins")
    progress = Progress(task, status_file(state_folder(), task.run), request.which.component or "firmware")
    with opened_image(options, task) as (image, bundle, warnings):
        stages = stages_of(options, image, task.clock)
        have_image(options, image, task)

        def work(bmc: Bmc, gate: Gate) -> Result:
            tools = Tools(gate, task.clock, image, stages, progress.tell)
            result = firmware.run(bmc, request, tools)
            told = _result(request, result, image, bmc.driver.dialect, task)
            unproven = [stages.unproven] if stages.unproven and result.fetches else []
            return {**told, "warnings": [*warnings, *unproven, *told.get("warnings", ())]}

        def once() -> Result:
            return written(options, how, task, "bmc_firmware", _TOLD, work, {"bundle": bundle})

        begun = request.handle is not None or _is_at_one(how.origin, task)
        return _returned(once, request, task.clock) if begun else once()


def _is_at_one(origin: Origin, task: Task) -> bool:
    """Whether another task updates this BMC, or an earlier one has sent an update whose end was not seen."""
    with Gate(state_folder(), origin, Intent(task.host, str(origin), "", "", ()), task.clock, Redactor(())) as gate:
        return gate.holder(CLAIM) is not None or bool(remembered(gate))


def _returned(once: Callable[[], Result], request: FirmwareRequest, clock: Clock) -> Result:
    """As soon as the BMC answers: what was begun may have it restart this very moment."""
    end = clock.wall() + request.times.away
    result = once()
    while result.get("unreachable") and clock.wall() < end:
        clock.sleep(request.times.interval)
        result = once()
    return result


def _result(request: FirmwareRequest, result: FirmwareResult, image: Image, dialect: str, task: Task) -> Result:
    batches = {id(course): batch for batch in result.batches for course in batch.courses}
    updates = [_update(course, batches.get(id(course)), image, request) for course in result.courses]
    planned = request.check_mode and bool(result.plan)
    pending = any(course.state == PENDING_REBOOT for course in result.courses)
    answer: Result = {
        "changed": planned or (result.changed and not request.check_mode),
        "dialect": dialect,
        "model": result.model,
        "plan": [write.as_data() for write in result.plan],
        "escalation": [write.as_data() for write in result.escalation],
        "updates": updates,
        "reboot_required": pending,
        "rebooted": any(batch.reboots for batch in result.batches) if request.check_mode else result.rebooted,
        "attached": result.attached,
        "settled": result.handle is None and not planned,
        "handle": result.handle,
        "diff": _difference(updates),
    }
    if result.error is not None:
        answer |= failure(result.error, task.host)
    return answer


def _update(course: Course, batch: Batch | None, image: Image, request: FirmwareRequest) -> Result:
    sends = batch is not None and bool(batch.writes)
    return {
        "component": course.component,
        "id": course.software.id,
        "name": course.software.name,
        "uri": course.software.uri,
        "before": course.before,
        "wanted": course.wanted,
        "after": _after(course, request),
        "method": batch.method.name if batch is not None and sends else None,
        "bytes": image.size if sends else 0,
        "reboot": course.restart,
        "unavailable": batch.unavailable(course) if batch is not None else [],
        "expected_duration": course.duration or None,
        "state": course.state,
        "note": course.note,
    }


def _after(course: Course, request: FirmwareRequest) -> str:
    """The version after the run: in check mode what it leads to, else what was read last."""
    if request.check_mode and course.state == PLANNED:
        return course.wanted
    return course.wanted if course.state in (CURRENT, UPDATED) else course.now.version


def _difference(updates: Sequence[Result]) -> Result:
    """What runs before and after, and where an image is sent, how it comes to that."""
    before, after = (
        {update["uri"]: {"component": update["component"], "version": update[when]} for update in updates}
        for when in ("before", "after")
    )
    for update in updates:
        if update["method"]:
            after[update["uri"]] |= {name: update[name] for name in ("method", "bytes", "reboot", "unavailable")}
    return {"before": before, "after": after}
