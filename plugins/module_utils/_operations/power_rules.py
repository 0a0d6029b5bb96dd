# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which resets carry out a wanted state: pure rules, after power-control's operations.

Source of the semantics: OpenCHAMI power-control, docs/design/Transitions.md. Where it is silent, the gentler way.
No rule substitutes a harsher reset than the state means; `escalate` allows it, and the result names what was sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from ..vendor_api.v1 import ResetVocabulary

OFF = "Off"
ON = "On"
RESTARTED = "restarted"
NOTHING = ""

STATES = ("on", "off", "soft_off", "force_off", "soft_restart", "hard_restart", "init", "nmi")


@dataclass(frozen=True)
class Step:
    """One reset and what has to be seen of it.

    reset_type: what is sent; "" only waits. expect: Off, On, "restarted", or "" where nothing can be seen.
    forced: sent once when the deadline of the step passes and the expectation was not met; "" sends nothing.
    """

    reset_type: str
    expect: str
    forced: str = ""

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


class Impossible(Exception):
    """A rule cannot be carried out.

    missing: the ResetTypes of which the target offers none; what then names the operation ("a graceful shutdown").
    Without missing it is the request that cannot be meant, and what continues a sentence that begins with the target.
    """

    def __init__(self, what: str, missing: tuple[str, ...] = (), way_out: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.missing = missing
        self.way_out = way_out


@dataclass(frozen=True)
class Situation:
    """All that the rules look at.

    power_state: PowerState, "" when not told. offered: the ResetTypes of the target, None when not told.
    escalate: a gentle reset may be followed or replaced by a forced one. cut_off: this very restart was begun by a task
    that was killed after the target went off.
    """

    power_state: str
    offered: tuple[str, ...] | None
    vocabulary: ResetVocabulary
    escalate: bool = False
    cut_off: bool = False

    def pick(self, values: tuple[str, ...]) -> str:
        """The first value that is offered; where nothing is told, the first; "" when none is offered."""
        if self.offered is None:
            return values[0]
        return next((value for value in values if value in self.offered), "")

    def need(self, values: tuple[str, ...], what: str, way_out: str = "") -> str:
        """As pick(), but raises Impossible."""
        value = self.pick(values)
        if not value:
            raise Impossible(what, values, way_out)
        return value


def steps(kind: str, state: str, situation: Situation) -> tuple[Step, ...]:
    """The steps from the situation to the state; none when it is there. kind: "system", "chassis", "manager".

    Raises Impossible.
    """
    rules = _MANAGER_RULES if kind == "manager" else _RULES
    if state not in rules or (kind == "chassis" and state == "nmi"):
        possible = ", ".join(name for name in rules if not (kind == "chassis" and name == "nmi"))
        raise Impossible(f"cannot be brought to the state {state}", way_out=f"A {kind} can be asked for: {possible}.")
    return rules[state](situation)


def takes_away(step: Step) -> bool:
    """Whether it sends anything that stops what runs: a firmware update must be asked for first."""
    return step.expect != ON and bool(step.reset_type or step.forced)


def _on(now: Situation) -> tuple[Step, ...]:
    if now.power_state == "On":
        return ()
    if now.power_state == "PoweringOn":
        return (Step("", ON),)
    leaving = (Step("", OFF),) if now.power_state == "PoweringOff" else ()
    return (*leaving, Step(now.need(now.vocabulary.on, "power on"), ON))


def _off(now: Situation) -> tuple[Step, ...]:
    return _shut_down(now, forced=now.pick(now.vocabulary.force_off))


def _soft_off(now: Situation) -> tuple[Step, ...]:
    return _shut_down(now, forced=now.pick(now.vocabulary.force_off) if now.escalate else "")


def _force_off(now: Situation) -> tuple[Step, ...]:
    if now.power_state == "Off":
        return ()
    return (Step(now.need(now.vocabulary.force_off, "forcing off"), OFF),)


def _shut_down(now: Situation, forced: str) -> tuple[Step, ...]:
    if now.power_state == "Off":
        return ()
    if now.power_state == "PoweringOff":
        return (Step("", OFF, forced),)
    graceful = now.pick(now.vocabulary.graceful_off)
    if graceful:
        return (Step(graceful, OFF, forced),)
    if now.escalate:
        return _force_off(now)
    way_out = "state: force_off, or escalate: true, cuts the power without a shutdown."
    raise Impossible("a graceful shutdown", now.vocabulary.graceful_off, way_out)


def _soft_restart(now: Situation) -> tuple[Step, ...]:
    _must_run(now)
    graceful = now.pick(now.vocabulary.graceful_restart)
    if graceful and now.power_state != "Off":
        return (Step(graceful, RESTARTED, now.pick(now.vocabulary.force_restart) if now.escalate else ""),)
    return (*_soft_off(now), _power_on(now))


def _hard_restart(now: Situation) -> tuple[Step, ...]:
    _must_run(now)
    return _init(now)


def _init(now: Situation) -> tuple[Step, ...]:
    """A shutdown, forced at the deadline, then on; where no shutdown is offered, forced at once: init means it."""
    if now.power_state != "Off" and not now.pick(now.vocabulary.graceful_off):
        return (*_force_off(now), _power_on(now))
    return (*_off(now), _power_on(now))


def _nmi(now: Situation) -> tuple[Step, ...]:
    _must_run(now)
    return (Step(now.need(now.vocabulary.nmi, "a non-maskable interrupt"), NOTHING),)


def _power_on(now: Situation) -> Step:
    return Step(now.need(now.vocabulary.on, "power on"), ON)


def _must_run(now: Situation) -> None:
    if now.power_state == "Off" and not now.cut_off:
        raise Impossible("is off: it cannot be restarted or interrupted", way_out="state: on or init powers it on.")


def _manager_soft_restart(now: Situation) -> tuple[Step, ...]:
    values = now.vocabulary.graceful_restart + (now.vocabulary.force_restart if now.escalate else ())
    way_out = "state: hard_restart, or escalate: true, restarts it by force."
    return (Step(now.need(values, "a graceful restart", way_out), RESTARTED),)


def _manager_hard_restart(now: Situation) -> tuple[Step, ...]:
    way_out = "state: soft_restart restarts it gracefully."
    return (Step(now.need(now.vocabulary.force_restart, "a forced restart", way_out), RESTARTED),)


_Rule = Callable[[Situation], tuple[Step, ...]]

_RULES: dict[str, _Rule] = {
    "on": _on,
    "off": _off,
    "soft_off": _soft_off,
    "force_off": _force_off,
    "soft_restart": _soft_restart,
    "hard_restart": _hard_restart,
    "init": _init,
    "nmi": _nmi,
}
_MANAGER_RULES: dict[str, _Rule] = {"soft_restart": _manager_soft_restart, "hard_restart": _manager_hard_restart}
