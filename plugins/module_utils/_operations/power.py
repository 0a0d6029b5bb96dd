# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power: observe, compare, plan, then write, then see (ideas 3 and 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from .._core.clock import Clock
from .._core.errors import BmcError, InvalidRequest
from .connect import Bmc
from .contents import systems_in, unnamed
from .identity import machine, verify_bmc, verify_system
from .power_rules import ON, RESTARTED, Impossible, Situation, steps, takes_away
from .settlement import Patience, Settlement
from .targets import Target, choose
from .transition import Transition, make_handle, read_handle
from .updating import refuse_while_updating
from .writes import Write, WriteGate

# Longer than this after its deadline, what a handle would force may be what someone else switched on since. Seconds.
_HANDLE_LIFE = 3600.0


@dataclass(frozen=True)
class PowerRequest:
    """What a task asks for.

    state: one of power_rules.STATES. kind: "system", "manager", "chassis". name: of the target, "all", or "".
    identity: as recorded. handle: of an earlier submission, or None. host: inventory name of the BMC.
    """

    state: str
    kind: str
    name: str
    identity: Mapping[str, Any]
    patience: Patience
    escalate: bool = False
    check_mode: bool = False
    handle: Mapping[str, Any] | None = None
    host: str = ""


@dataclass
class PowerResult:
    """What came of it. plan: the writes that a run sends; escalation: those it sends only when a deadline passes.

    warnings: what a person should know before a run, one sentence each.
    """

    plan: list[Write]
    escalation: list[Write]
    transitions: list[Transition]
    warnings: list[str] = field(default_factory=list)
    changed: bool = False
    handle: dict[str, Any] | None = None

    @property
    def affected_systems(self) -> list[str]:
        """URIs of the systems in the chassis acted on, as far as the BMC names them."""
        return list(dict.fromkeys(uri for transition in self.transitions for uri in transition.affected))

    @property
    def error(self) -> BmcError | None:
        """The first error of a target."""
        return next((transition.error for transition in self.transitions if transition.error), None)


def run(bmc: Bmc, request: PowerRequest, gate: WriteGate, clock: Clock) -> PowerResult:
    """Carry out a request, or settle its handle. Raises BmcError when nothing was sent yet."""
    settlement = Settlement(bmc, gate, clock, request.patience)
    if request.handle is not None:
        return _settle(request, settlement)
    if request.check_mode:
        return _predicted(observe_at_rest(bmc, request, gate, clock))
    with gate.exclusively() as waited:
        if waited:
            bmc.service.forget()
        result = observe_at_rest(bmc, request, gate, clock)
        settlement.intent = result.plan + result.escalation
        moving = [transition for transition in result.transitions if not transition.done]
        for transition in moving:
            gate.claim(transition.uri)
        for transition in moving:
            settlement.submit(transition)
    return _finished(request, settlement, result)


def predict(bmc: Bmc, request: PowerRequest, gate: WriteGate) -> PowerResult:
    """What a request sends once no firmware update runs. Raises as run() does."""
    return _predicted(observe(bmc, request, gate))


def observe_at_rest(bmc: Bmc, request: PowerRequest, gate: WriteGate, clock: Clock) -> PowerResult:
    """observe(), and raises Busy where it would take something away from a firmware update."""
    result = observe(bmc, request, gate)
    if any(takes_away(step) for transition in result.transitions for step in transition.steps):
        refuse_while_updating(bmc, gate, clock)
    return result


def _settle(request: PowerRequest, settlement: Settlement) -> PowerResult:
    """Watch what an earlier task submitted. Nothing that was sent is sent again."""
    origin = str(settlement.bmc.origin)
    transitions = read_handle(request.handle or {}, request.state, origin)
    for transition in transitions:
        if not request.check_mode:
            settlement.gate.claim(transition.uri)
        transition.resume(settlement.gate.recall(transition.uri))
        if not transition.done and settlement.clock.wall() > transition.deadline + _HANDLE_LIFE:
            raise InvalidRequest(
                "the handle is too old to act on",
                why=f"its deadline passed more than {_HANDLE_LIFE / 3600:g} h ago",
                way_out="Look at the BMC with bmc_info, and submit anew what is still wanted.",
            )
    result = _result(transitions)
    if request.check_mode:
        return _predicted(result)
    settlement.intent = result.plan + result.escalation
    if not request.patience.waits:
        settlement.look(transitions)
    return _finished(request, settlement, result)


def _finished(request: PowerRequest, settlement: Settlement, result: PowerResult) -> PowerResult:
    transitions = result.transitions
    if request.patience.waits:
        settlement.settle(transitions)
    elif any(not transition.done for transition in transitions):
        result.handle = make_handle(request.state, str(settlement.bmc.origin), transitions)
    for transition in transitions:
        if transition.error is not None:
            continue
        # What became of a handle stays known, so that the same handle given again finds nothing left to do.
        if transition.handle:
            settlement.gate.remember(transition.uri, transition.memory())
        elif transition.done:
            settlement.gate.forget(transition.uri)
    result.changed = any(transition.changed for transition in transitions)
    return result


def observe(bmc: Bmc, request: PowerRequest, gate: WriteGate) -> PowerResult:
    """Read the targets, make sure of the machine, and find the steps. Writes nothing."""
    targets = choose(bmc, request.kind, request.name, request.identity)
    for target in targets:
        if target.kind == "system":
            verify_system(bmc, request.identity, target.document)
        else:
            verify_bmc(bmc, request.identity, target.document)
    result = _result([_transition(bmc, request, target, gate) for target in targets])
    for target, transition in zip(targets, result.transitions, strict=True):
        cut = any(step.expect != ON for step in transition.steps)
        if target.kind == "chassis" and cut and not transition.affected:
            result.warnings.append(unnamed(bmc, target.document, request.host))
    return result


def _transition(bmc: Bmc, request: PowerRequest, target: Target, gate: WriteGate) -> Transition:
    power = bmc.driver.power
    earlier = gate.recall(target.uri) if target.power_state == "Off" else {}
    situation = Situation(
        power_state=target.power_state,
        offered=target.action.values,
        vocabulary=power.vocabulary(),
        escalate=request.escalate,
        cut_off=earlier.get("state") == request.state and not earlier.get("settled"),
    )
    try:
        needed = steps(target.kind, request.state, situation)
    except Impossible as impossible:
        raise _cannot(bmc, target, impossible) from impossible
    return Transition(
        state=request.state,
        kind=target.kind,
        id=target.id,
        uri=target.uri,
        action=target.action.target,
        steps=needed,
        before=target.power_state,
        power_state=target.power_state,
        first_seen=target.power_state,
        evidence=power.boot_evidence(target.document) if any(step.expect == RESTARTED for step in needed) else {},
        identity=machine(target.document),
        affected=systems_in(bmc.service, target.document) if target.kind == "chassis" else (),
    )


def _cannot(bmc: Bmc, target: Target, impossible: Impossible) -> BmcError:
    if not impossible.missing:
        return InvalidRequest(f"{target.kind} {target.id} {impossible.what}", way_out=impossible.way_out)
    offered = ", ".join(target.action.values or ()) or "nothing"
    missing = f"{target.uri} offers no ResetType {' or '.join(impossible.missing)}, only {offered}"
    return bmc.cannot(impossible.what, missing, "the ResetType that means it to Power.vocabulary()", impossible.way_out)


def _result(transitions: list[Transition]) -> PowerResult:
    # In the order of a run: the first step of all targets, then the second of all.
    waves = zip_longest(*(transition.plan() for transition in transitions))
    plan = [write for wave in waves for write in wave if write is not None]
    escalation = [write for transition in transitions for write in transition.escalation()]
    return PowerResult(plan, escalation, transitions)


def _predicted(result: PowerResult) -> PowerResult:
    """The result in check mode: what a run would send is what would change."""
    result.changed = bool(result.plan)
    return result
