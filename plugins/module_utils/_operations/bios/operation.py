# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""BIOS: observe what is active and what waits, check everything, plan, write, restart the host, see it active."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._core.clock import Clock
from ..._core.errors import BmcError, Busy, LoginRefused, NotSupported, RefusedByBmc
from ..._redfish.attribute_registry import Rule
from ..._redfish.bios import supported_apply_times
from ..._redfish.task import task_uri
from ..allowed import AllowedGate
from ..connect import Bmc
from ..identity import verify_system
from ..power import PowerRequest, PowerResult
from ..power import run as run_power
from ..settlement import Patience
from ..targets import Target, choose
from ..writes import Write, WriteGate
from .check import Wanted, checked, require_no_problem, unchecked
from .course import Course
from .plan import plan_changes, plan_defaults
from .request import ALWAYS, HARD, IMMEDIATE, NEVER, ON_RESET, WINDOWS, BiosRequest
from .settling import BiosSettlement
from .state import Rules, Shown, bios_of, rules_of
from .values import at_default

# A settings object that is missing while nothing waits has no ETag; AMI and Cray EX take this one then (hms-scsd).
_NOTHING_THERE = {"@odata.etag": "*"}


@dataclass
class BiosResult:
    """What came of it, for each system."""

    courses: list[Course]
    warnings: list[str] = field(default_factory=list)

    @property
    def plan(self) -> list[Write]:
        """All writes of a run, in order."""
        return [write for course in self.courses for write in course.plan]

    @property
    def error(self) -> BmcError | None:
        """The first error of a system."""
        return next((course.error for course in self.courses if course.error), None)


def run(bmc: Bmc, request: BiosRequest, gate: WriteGate, clock: Clock) -> BiosResult:
    """Carry out a request. Raises BmcError when nothing was written yet."""
    operation = _Operation(bmc, request, gate, clock)
    if request.check_mode:
        return operation.observe()
    with gate.exclusively() as waited:
        if waited:
            bmc.service.forget()
        result = operation.observe()
        for course in result.courses:
            gate.claim(course.before.uri)
        operation.submit(result)
    for course in result.courses:
        operation.finish(course)
    return result


@dataclass
class _Operation:
    bmc: Bmc
    request: BiosRequest
    gate: WriteGate
    clock: Clock
    intent: list[Write] = field(default_factory=list)
    allowed: bool = False

    def observe(self) -> BiosResult:
        """Read the systems, make sure of the machine, check the request and plan. Writes nothing."""
        targets = choose(self.bmc, "system", self.request.name, self.request.identity)
        for target in targets:
            verify_system(self.bmc, self.request.identity, target.document)
        result = BiosResult([self._course(target) for target in targets])
        result.warnings = [f"{course.system.id}: {said}" for course in result.courses for said in course.warnings]
        return result

    def _course(self, target: Target) -> Course:
        bios = bios_of(self.bmc, target.document)
        self._require_no_reset(bios)
        rules = self._rules(bios)
        wanted = self._wanted(bios, rules)
        kept = self._kept(bios, wanted)
        course = Course(
            system=target,
            before=bios,
            now=bios,
            wanted=wanted.values,
            kept=kept,
            clear=self.request.clear_pending,
            defaults=self.request.reset_to_default,
            hoped=_defaults(bios, rules) if self.request.reset_to_default else {},
            writes=self._writes(bios, rules, {**kept, **wanted.values}),
            warnings=wanted.warnings,
        )
        self._plan_restart(course)
        return course

    def _require_no_reset(self, bios: Shown) -> None:
        """Raises Busy where a reset to the defaults would take away what is written, and cannot be taken back."""
        if bios.defaults_pending and (self.request.attributes or self.request.clear_pending):
            raise Busy(
                "a reset of the BIOS to its defaults waits for the next restart of the host",
                why=f"ResetBiosToDefaultsPending of {bios.uri} is true: what is written now would be lost with it,"
                " and Redfish has no request that takes it back",
                way_out="Let it happen first, with reset_to_default and reboot: when_needed; then run the task again.",
            )

    def _rules(self, bios: Shown) -> Rules:
        needed = (self.request.attributes and self.request.validate) or self.request.reset_to_default
        return rules_of(self.bmc, bios) if needed else Rules({})

    def _wanted(self, bios: Shown, rules: Rules) -> Wanted:
        given = self.request.attributes
        problems = self._problems(bios)
        if given and self.request.validate:
            return checked(given, bios, rules, problems)
        require_no_problem(problems)
        return unchecked(given, bios)

    def _kept(self, bios: Shown, wanted: Wanted) -> dict[str, Any]:
        """What others want and what was lost when a task like this one was cut off between two writes."""
        memory = self.gate.recall(bios.uri)
        kept = memory.get("kept")
        if not isinstance(kept, Mapping) or self.request.clear_pending or self.request.reset_to_default:
            return {}
        wanted.warnings += [
            f"{name}: what waited was lost when a task was cut off; it is a secret, and was not kept: set it again"
            for name in memory.get("lost", ())
            if name not in wanted.values
        ]
        return {name: value for name, value in kept.items() if name in bios.current and name not in wanted.values}

    def _writes(self, bios: Shown, rules: Rules, wanted: Mapping[str, Any]) -> list[Write]:
        if self.request.reset_to_default:
            return [] if _at_defaults(bios, _defaults(bios, rules)) else plan_defaults(self.bmc, bios)
        return plan_changes(self.bmc, bios, wanted, self.request.when, clear=self.request.clear_pending)

    def _problems(self, bios: Shown) -> list[str]:
        """What is wrong with the request besides its values."""
        name, offered = self.request.when.name, supported_apply_times(bios.document)
        # What says nothing of apply times takes a change up with the next reset.
        if not name or name in (offered or (ON_RESET,)):
            return []
        known = f"this BIOS offers {', '.join(offered)}" if offered else "this BIOS offers no choice"
        return [f"apply_time {name}: {known}"]

    def _plan_restart(self, course: Course) -> None:
        """Plan the restart that makes active what waits, where it is allowed, and say what stands against it."""
        expected = course.expected()
        waits = course.defaults and (bool(course.writes) or course.now.defaults_pending)
        waits = waits or any(name in expected.pending for name in course.asked)
        reboot, when = self.request.reboot, self.request.when.name
        memory = self.gate.recall(course.before.uri)
        cut_off = self.gate.recall(course.system.uri)
        half_way = cut_off.get("state") == self.request.restart and not cut_off.get("settled")
        if when == IMMEDIATE or not (waits or reboot == ALWAYS):
            return
        if reboot == NEVER or when in WINDOWS:
            course.note = "" if when in WINDOWS else "it waits for the next restart, and none was asked for"
        elif course.system.power_state != "On" and not half_way:
            course.note = f"PowerState is {course.system.power_state}: what waits becomes active when it is powered on"
            course.warnings.append(course.note)
        elif not course.writes and self._restarted_since(course, memory):
            course.restarted_before = True
        else:
            predicted = self._predicted(course)
            course.resets, course.escalation = predicted.plan, predicted.escalation

    def _predicted(self, course: Course) -> PowerResult:
        """What a restart sends. Raises NotSupported, in the words of this module's options."""
        try:
            return run_power(self.bmc, self._power(course, check_mode=True), self.gate, self.clock)
        except NotSupported as error:
            way_out = "reboot: never leaves the values pending"
            if self.request.restart != HARD:
                way_out += f", reboot_type: {HARD} may cut the power"
            raise NotSupported(error.what, why=error.why, way_out=f"{way_out}.") from error

    def _restarted_since(self, course: Course, memory: Mapping[str, Any]) -> bool:
        """Whether an earlier task, for the same values, restarted the host and was cut off before they were active."""
        evidence = memory.get("evidence")
        if not isinstance(evidence, Mapping) or not course.is_of(memory):
            return False
        power = self.bmc.driver.power
        return power.restarted(evidence, power.boot_evidence(course.system.document)) is True

    def submit(self, result: BiosResult) -> None:
        """Send the writes to each BIOS. The caller holds the gate."""
        self.intent = [*result.plan, *(write for course in result.courses for write in course.escalation)]
        for course in result.courses:
            try:
                if len(course.writes) > 1:
                    self.gate.remember(course.before.uri, course.memory())
                for write in course.writes:
                    self._send(course, write)
                    course.done.append(write)
                if "kept" in self.gate.recall(course.before.uri):
                    self.gate.forget(course.before.uri)
            except BmcError as error:
                course.error = error

    def finish(self, course: Course) -> None:
        """See that what was written waits, restart the host where planned, and see the values active."""
        settlement = BiosSettlement(self.bmc, self.clock, self.request.patience)
        try:
            if course.error is None and course.writes:
                settlement.await_taken(course)
            if course.error is None and course.resets:
                self._restart(course)
            restarted = course.rebooted or course.restarted_before
            if course.error is None and self._becomes_active(course, restarted):
                settlement.await_active(course)
        except BmcError as error:
            course.error = error
        # What was not written whole stays remembered, and so does a restart that was not seen to its end.
        if course.done == course.writes and (course.error is not None or not course.waiting):
            self.gate.forget(course.before.uri)

    def _becomes_active(self, course: Course, restarted: bool) -> bool:
        immediately = self.request.when.name == IMMEDIATE and bool(course.writes)
        return (restarted or immediately) and bool(course.asked or course.defaults)

    def _restart(self, course: Course) -> None:
        system = self.bmc.service.fresh(course.system.uri)
        evidence = self.bmc.driver.power.boot_evidence(system)
        self.gate.remember(course.before.uri, course.restart_memory(evidence))
        outcome = run_power(self.bmc, self._power(course), AllowedGate(self.gate, self.allow), self.clock)
        course.rebooted = outcome.changed
        course.error = outcome.error

    def _power(self, course: Course, *, check_mode: bool = False) -> PowerRequest:
        return PowerRequest(
            state=self.request.restart,
            kind="system",
            name=course.system.id,
            identity=self.request.identity,
            patience=Patience(self.request.restart_timeout, self.request.patience.interval, waits=True),
            check_mode=check_mode,
        )

    def allow(self) -> None:
        """Authorization and the line of intent, once, for everything that this task may write."""
        if not self.allowed:
            self.gate.allow(self.intent)
            self.allowed = True

    def _send(self, course: Course, write: Write) -> None:
        """Send one write, again where the BMC says "not now, nothing was done" while it may still wait."""
        self.allow()
        deadline = self.clock.monotonic() + self.request.patience.timeout
        while True:
            try:
                response = self._sent(course, write)
            except LoginRefused as error:
                raise self._explained(error, (error.message_id,)) from error
            except RefusedByBmc as error:
                keys = {message_id.rpartition(".")[2] for message_id in error.message_ids}
                for_now = bool(keys & self.bmc.driver.quirks.refusals_for_now)
                if not (for_now and self.request.patience.waits and self.clock.monotonic() < deadline):
                    raise self._explained(error, error.message_ids) from error
                self.clock.sleep(self.request.patience.interval)
                continue
            course.job = response or course.job
            return

    def _sent(self, course: Course, write: Write) -> str:
        """The URI of the task or job that the BMC makes of it; "" for none."""
        client = self.bmc.client
        if write.method == "DELETE":
            client.delete(write.uri)
            return ""
        if write.method == "POST":
            return task_uri(client.post(write.uri, write.body)) or ""
        # A request before it may have changed what is there, and with it the ETag.
        document = self.bmc.service.fresh(write.uri) if course.done else course.before.settings
        return task_uri(client.patch(write.uri, write.body, dict(document or _NOTHING_THERE))) or ""

    def _explained(self, error: BmcError, message_ids: tuple[str, ...]) -> BmcError:
        """The refusal, in words of the operator where the driver knows what it means."""
        for message_id in message_ids:
            meaning = self.bmc.driver.bios.meaning(message_id)
            if meaning is not None:
                why = f"{error.what}: {error.why}"
                return NotSupported(meaning.what, why=why, way_out=meaning.way_out, message_id=message_id)
        return error


def _defaults(bios: Shown, rules: Rules) -> dict[str, Rule]:
    """The rules of the attributes that a reset brings back, as far as their defaults are told."""
    told = (rule for rule in rules.rules.values() if rule.default is not None and not rule.read_only)
    return {rule.name: rule for rule in told if rule.name in bios.current}


def _at_defaults(bios: Shown, defaults: Mapping[str, Rule]) -> bool:
    """Whether a reset is known to be needless: everything has its default, and nothing else waits, or a reset waits."""
    return bios.defaults_pending or (
        bool(defaults) and all(at_default(rule, bios.after[name]) for name, rule in defaults.items())
    )
