# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drives transitions to their end: sends what is due, watches what comes of it, forces at a deadline where asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .._core.clock import Clock
from .._core.errors import BadAnswer, BmcError, CutOff, MayHaveHappened, NotReached, RefusedByBmc, Unreachable
from .._redfish.resource import Document, text
from .._redfish.task import task_status, task_uri
from .._transport.failures import may_have_happened
from .connect import Bmc
from .identity import same_machine
from .power_rules import NOTHING, OFF, ON, RESTARTED
from .transition import Transition
from .updating import refuse_while_updating
from .writes import Write, WriteGate


@dataclass(frozen=True)
class Patience:
    """How long to watch. Seconds. timeout: for each step. interval: between two looks. waits: False only submits."""

    timeout: float
    interval: float
    waits: bool


@dataclass
class Settlement:
    """The machinery for the transitions of one BMC.

    intent: every write that may come, allowed before the first. silent: the BMC gave no answer in this round of looks.
    """

    bmc: Bmc
    gate: WriteGate
    clock: Clock
    patience: Patience
    intent: list[Write] = field(default_factory=list)
    allowed: bool = False
    silent: bool = False

    def submit(self, transition: Transition) -> None:
        """Begin: send the first step's reset, if it has one. The caller holds the gate."""
        try:
            self._enter(transition)
        except BmcError as error:
            transition.error = error

    def settle(self, transitions: Sequence[Transition]) -> None:
        """Look until all are done. Errors stay with the transition they belong to."""
        while True:
            with self.bmc.client.apart():
                self.look(transitions)
            pending = [transition for transition in transitions if not transition.done]
            if not pending:
                return
            left = min(transition.deadline for transition in pending) - self.clock.wall()
            self.clock.sleep(min(self.patience.interval, left) if left > 0 else self.patience.interval)

    def look(self, transitions: Sequence[Transition]) -> None:
        """Look once at each, and send what has become due."""
        self.silent = False
        for transition in transitions:
            if transition.done:
                continue
            try:
                self._look(transition)
            except BmcError as error:
                transition.error = error
            if transition.handle:
                self.gate.remember(transition.uri, transition.memory())

    def _look(self, transition: Transition) -> None:
        transition.note = ""
        resource = self._seen(transition)
        if resource is None:
            self._away(transition)
        elif self._met(transition, resource):
            self._proceed(transition)
        elif not transition.accepted:
            if transition.evidence and not transition.forced:
                # What the host did while the reset was refused, such as ending its POST, is no restart by this reset.
                transition.evidence = self.bmc.driver.power.boot_evidence(resource)
            self._repeat(transition)
        else:
            if transition.task:
                self._fail_with_task(transition)
            if self.clock.wall() >= transition.deadline:
                self._late(transition)

    def _repeat(self, transition: Transition) -> None:
        """Send what the step is at: again, where it was refused with "not now, nothing was done"."""
        if self.clock.wall() < transition.again_at:
            return
        with self.gate.exclusively():
            self._send(transition, transition.step.forced if transition.forced else transition.step.reset_type)
        if transition.accepted and transition.evidence and not transition.forced:
            self._begin_evidence(transition)

    def _begin_evidence(self, transition: Transition) -> None:
        """The POST for which a reset was refused may have ended between the last look and the reset: no restart."""
        resource = self._seen(transition)
        if resource is None:
            return
        power = self.bmc.driver.power
        now = power.boot_evidence(resource)
        if power.restarted(transition.evidence, now) and power.shows_restart(now):
            transition.evidence = now

    def _away(self, transition: Transition) -> None:
        """Nothing is sent blindly: a BMC that is away at the deadline gets the same time again to return."""
        if self.clock.wall() >= transition.deadline + self.patience.timeout:
            raise NotReached(
                f"the BMC does not answer any more, {transition.kind} {transition.id} was not seen to be"
                f" {transition.step.expect}",
                why=f"no answer within {2 * self.patience.timeout:g} s",
                way_out="It may have happened: look at the BMC with bmc_info.",
            )

    def _seen(self, transition: Transition) -> Document | None:
        """The resource as it is now; None while the BMC is away: a restarting manager, a controller under load."""
        try:
            # One BMC answers for all: a silent one costs a round one timeout, not one for each target.
            resource = None if self.silent else self.bmc.service.fresh(transition.uri)
        except (Unreachable, CutOff, RefusedByBmc) as error:
            if isinstance(error, RefusedByBmc) and error.status < 500:
                raise
            self.silent = isinstance(error, Unreachable)
            resource = None
        if resource is None:
            transition.gone = transition.gone or transition.kind == "manager"
            return None
        # A write that comes later goes to the machine that the first went to, or nowhere (promise 1).
        same_machine(transition.identity, resource)
        transition.see(text(resource, "PowerState") or "")
        return resource

    def _fail_with_task(self, transition: Transition) -> None:
        """The BMC gave a task for the reset: when that failed, waiting is in vain. Raises NotReached.

        The task is a hint: one that vanished, or that does not answer with a task, says nothing.
        """
        try:
            status = task_status(self.bmc.service.fresh(transition.task))
        except (Unreachable, RefusedByBmc, BadAnswer):
            return
        if status.failed:
            raise NotReached(
                f"the BMC gave the reset of {transition.kind} {transition.id} up",
                why=f"task {status.state}, {status.said or 'without a word'}; PowerState is {transition.power_state}",
                message_id=status.message_id,
                way_out="Look at the BMC's log, then run the task again.",
            )
        if status.finished:
            transition.task = ""

    def _met(self, transition: Transition, resource: Document) -> bool:
        expected = transition.step.expect
        if expected in (ON, OFF):
            return transition.power_state == expected
        if not transition.accepted:
            return False
        if expected == NOTHING:
            transition.confirmed, transition.note = False, "an interrupt leaves no trace in Redfish"
            return True
        return self._restarted(transition, resource)

    def _restarted(self, transition: Transition, resource: Document) -> bool:
        power = self.bmc.driver.power
        told = power.restarted(transition.evidence, power.boot_evidence(resource))
        transition.disproved = told is False
        if told or transition.kind == "manager":
            return transition.gone if told is None else told
        if transition.power_state == "Off":
            transition.gone = True
        elif transition.gone:
            return transition.power_state == "On"
        elif not power.shows_restart(transition.evidence):
            transition.confirmed, transition.note = False, "accepted; this BMC shows nothing that tells a restart"
            return True
        return False

    def _proceed(self, transition: Transition) -> None:
        transition.position += 1
        transition.accepted = transition.forced = False
        if not transition.done:
            with self.gate.exclusively():
                self._enter(transition)

    def _late(self, transition: Transition) -> None:
        step = transition.step
        if step.forced and not transition.forced:
            # An update may have begun while the gentle way was tried.
            refuse_while_updating(self.bmc, self.gate, self.clock)
            transition.forced, transition.accepted = True, False
            transition.deadline = self.clock.wall() + self.patience.timeout
            self._repeat(transition)
            return
        if step.expect == RESTARTED and not transition.disproved:
            transition.confirmed, transition.note = False, "accepted; it was not seen to go and return"
            self._proceed(transition)
            return
        resets = ", ".join(filter(None, [step.reset_type, step.forced if transition.forced else ""])) or "waiting"
        gentle = step.expect == OFF and not transition.forced
        raise NotReached(
            f"{transition.kind} {transition.id} is not {step.expect} in time",
            why=f"PowerState is {transition.power_state or 'not told'} {self.patience.timeout:g} s after {resets}",
            way_out="It may still happen: look at the host's console. A larger wait_timeout gives it longer"
            + ("; state: force_off cuts the power." if gentle else "."),
        )

    def _enter(self, transition: Transition) -> None:
        """Start the step under way."""
        transition.deadline = self.clock.wall() + self.patience.timeout
        if transition.step.reset_type:
            self._send(transition, transition.step.reset_type)
        else:
            transition.accepted = True

    def _send(self, transition: Transition, reset_type: str) -> None:
        write = transition.write(reset_type)
        if not self.allowed:
            self.gate.allow(self.intent)
            self.allowed = True
        self.gate.remember(transition.uri, transition.memory())
        try:
            response = self.bmc.client.post(write.uri, write.body)
        except MayHaveHappened:
            transition.record(reset_type, self.clock.wall(), answered=False)
            raise
        except RefusedByBmc as error:
            self._refused(transition, reset_type, error)
            return
        transition.accepted = True
        # It was perhaps refused for long before: now it gets its time to show its effect.
        transition.deadline = self.clock.wall() + self.patience.timeout
        transition.task = task_uri(response) or ""
        transition.record(reset_type, self.clock.wall(), answered=True)

    def _refused(self, transition: Transition, reset_type: str, error: RefusedByBmc) -> None:
        """A refusal is no failure when the target got there meanwhile (Dell 409 PSU501), or when it says "not now".

        Where nobody waits, "not now" leaves the transition open: its handle sends the reset again, until the deadline.
        """
        for_now = self._for_now(reset_type, error)
        resource = self._seen(transition)
        if resource is not None and transition.power_state == transition.step.expect:
            transition.accepted = True
            if error.status >= 500 and not for_now:
                # A BMC that failed, and it happened: the reset was ours.
                transition.record(reset_type, self.clock.wall(), answered=False)
            return
        if error.unclear and not for_now:
            transition.record(reset_type, self.clock.wall(), answered=False)
            raise may_have_happened("POST", transition.action, error.why) from error
        if not for_now or self.clock.wall() >= transition.deadline:
            raise error
        transition.again_at = self.clock.wall() + self.patience.interval
        transition.note = f"refused for now, to be sent again: {error.why}"

    def _for_now(self, reset_type: str, error: RefusedByBmc) -> bool:
        """Whether the BMC said that nothing was done, and that it takes the same reset later."""
        driver = self.bmc.driver
        for_now = driver.quirks.refusals_for_now
        if reset_type in driver.power.vocabulary().on:
            for_now |= driver.quirks.refusals_of_on_for_now
        return any(message_id.rpartition(".")[2] in for_now for message_id in error.message_ids)
