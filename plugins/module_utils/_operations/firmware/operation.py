# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware: observe what runs, compare, plan, hand the image over, follow it, read the new version back."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from ..._core.errors import (
    BmcError,
    Busy,
    CutOff,
    MayHaveHappened,
    NotReached,
    RefusedByBmc,
    Unreachable,
    UpdateFailed,
)
from ..connect import Bmc
from ..writes import Write
from .course import FAILED, PENDING_REBOOT, SUBMITTED, UNSEEN, UPDATED, Batch
from .delivery import Delivery
from .earlier import boot_evidence
from .following import Following, fetch
from .observation import FirmwareResult, Tools, observe
from .request import WHEN_NEEDED, FirmwareRequest
from .restart import Restart
from .submission import CLAIM, PENDING, Submission, drop, keep, remembered
from .watch import Watch


def run(bmc: Bmc, request: FirmwareRequest, tools: Tools) -> FirmwareResult:
    """Carry out a request, or settle its handle. Raises BmcError when nothing was sent yet."""
    operation = _Operation(bmc, request, tools)
    result = operation.observe()
    if request.check_mode:
        result.require_idle()
        return result
    if result.batches:
        result = operation.at_rest(operation.claimed(result))
        result.require_idle()
        operation.carry_out(result)
    return result


@dataclass
class _Operation:
    bmc: Bmc
    request: FirmwareRequest
    tools: Tools
    intent: list[Write] = field(default_factory=list)
    told: bool = False

    def observe(self) -> FirmwareResult:
        return observe(self.bmc, self.request, self.tools, self._restart())

    def claimed(self, result: FirmwareResult) -> FirmwareResult:
        """Hold the BMC's firmware, and what was found then: another task may have updated it meanwhile.

        A task for the same image waits for the one that is at it, and so does one of the same run, as for another node
        behind this BMC. Raises Busy for all others.
        """
        gate, clock, image = self.tools.gate, self.tools.clock, self.tools.image.key
        before = remembered(gate)
        end = clock.wall() + self.request.times.overall
        waited = False
        while True:
            try:
                gate.claim(CLAIM, {"image": image, "run": self.request.run})
                break
            except Busy:
                holder = gate.holder(CLAIM)
                related = holder is None or image == holder.get("image") or self._of_this_run(holder.get("run"))
                if not related or clock.wall() >= end:
                    raise
            waited = True
            self.tools.tell("wait", None, "another task updates this BMC")
            clock.sleep(self.request.times.interval)
        if not waited and remembered(gate) == before:
            return result
        self.bmc.service.forget()
        return self.observe()

    def at_rest(self, result: FirmwareResult) -> FirmwareResult:
        """What is found once the BMC has given up an image that it cannot get any more."""
        clock, times = self.tools.clock, self.request.times
        end = clock.wall() + times.transfer
        while result.abandoned and clock.wall() < end:
            self.tools.tell("wait", None, result.busy)
            clock.sleep(times.interval)
            self.bmc.service.forget()
            try:
                with self.bmc.client.apart():
                    result = self.observe()
            except (Unreachable, CutOff):
                # It had the image after all, and restarts with it.
                continue
            except RefusedByBmc as error:
                if error.status < 500:
                    raise
        return replace(result, abandoned=False)

    def _of_this_run(self, run: object) -> bool:
        return bool(self.request.run) and run == self.request.run

    def carry_out(self, result: FirmwareResult) -> None:
        """All batches in order; an error ends it, and stays with its batch."""
        self.intent = [*result.plan, *result.escalation]
        for batch in result.batches:
            try:
                self._carry_out(result, batch)
            except BmcError as error:
                self._fail(result, batch, error)
                return
            if batch.courses[0].state == SUBMITTED:
                result.handle = batch.submission.handle(str(self.bmc.origin))
                return

    def _carry_out(self, result: FirmwareResult, batch: Batch) -> None:
        watch = Watch(self.bmc, self.tools.clock, self.request.identity, doubted=batch.attached)
        delivery = self._delivery(result)
        with ExitStack() as open_things:
            if not batch.attached:
                with self.tools.gate.exclusively():
                    stage = delivery.send(batch, open_things)
            else:
                stage = delivery.still(batch, open_things)
            if stage is not None:
                fetch(watch, batch, stage, self.request.times, batch.submission.until, self.tools.tell)
            if not batch.submission.arrived:
                delivery.arrived(batch.submission)
            self._settle(batch, watch, delivery, restarted=batch.restarted)
        waits = any(course.state == PENDING_REBOOT for course in batch.courses)
        if waits and batch.resets:
            self._restart().run(batch)
            watch.doubted = True
            self._settle(batch, watch, delivery, restarted=True)

    def _settle(self, batch: Batch, watch: Watch, delivery: Delivery, *, restarted: bool) -> None:
        """Look until it is over; once, where the task does not wait. A restart is always seen through."""
        submission, request = batch.submission, self.request
        following = Following(watch, batch, request.times, delivery.start, submission.until, self.tools.tell, restarted)
        while not following.ended():
            if not request.waits and not restarted and not following.good:
                batch.become(SUBMITTED, "" if submission.seen else UNSEEN)
                break
            self.tools.clock.sleep(request.times.interval)
        self._remember(batch, submission)

    def _remember(self, batch: Batch, submission: Submission) -> None:
        """What is over is forgotten, what waits is known to the next task."""
        states = {course.state for course in batch.courses}
        if states == {UPDATED}:
            drop(self.tools.gate, submission)
            return
        if PENDING_REBOOT in states:
            submission.phase = PENDING
            submission.evidence = boot_evidence(self.bmc, batch)
        keep(self.tools.gate, submission)

    def _fail(self, result: FirmwareResult, batch: Batch, error: BmcError) -> None:
        """What is over for certain is forgotten; what was taken and may still run is kept, and has a handle."""
        batch.error = error
        batch.become(FAILED, str(error))
        if not (batch.sent or batch.attached):
            return
        submission = batch.submission
        if isinstance(error, UpdateFailed):
            drop(self.tools.gate, submission)
            return
        keep(self.tools.gate, submission)
        result.handle = submission.handle(str(self.bmc.origin))
        if not isinstance(error, (NotReached, MayHaveHappened)):
            error.warnings.append(f"the update of {batch.about()} was sent and may still be running: settle its handle")

    def _delivery(self, result: FirmwareResult) -> Delivery:
        tools, request = self.tools, self.request
        return Delivery(
            bmc=self.bmc,
            gate=tools.gate,
            clock=tools.clock,
            image=tools.image,
            stages=tools.stages,
            requests=result.requests,
            times=request.times,
            allow=self._allow,
            tell=tools.tell,
        )

    def _restart(self) -> Restart:
        request, tools = self.request, self.tools
        return Restart(
            bmc=self.bmc,
            gate=tools.gate,
            clock=tools.clock,
            state=request.restart,
            hosts=request.allowed.reboot == WHEN_NEEDED,
            times=request.times,
            identity=request.identity,
            allow=self._allow,
        )

    def _allow(self) -> None:
        """Authorization and the line of intent, once, for everything that this task may write."""
        if not self.told:
            self.tools.gate.allow(self.intent)
            self.told = True
