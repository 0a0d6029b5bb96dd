# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What bmc_power must plan, written from power-control's operations and not from the collection's rules.

Source: OpenCHAMI power-control, docs/design/Transitions.md. A table for each PowerState names, in order of preference,
the resets of an operation; the first line of which the target offers every reset is the right one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

SHUTDOWN = "<graceful shutdown>"
"""Stands for the ResetType that shuts down gracefully: GracefulShutdown, on Cray EX Off."""


@dataclass(frozen=True)
class Expected:
    """plan, escalation: ResetTypes. after: PowerState, "" where it stays. error: kind of the error, "" without one."""

    plan: tuple[str, ...] = ()
    escalation: tuple[str, ...] = ()
    after: str = ""
    error: str = ""


NOT_SUPPORTED = Expected(error="NotSupported")
INVALID = Expected(error="InvalidRequest")

_RESTARTED_BY_POWER = (
    Expected((SHUTDOWN, "On"), ("ForceOff",), "On"),
    Expected(("ForceOff", "On"), (), "On"),
)
_Table = dict[str, tuple[Expected, ...]]

_FROM_ON: _Table = {
    "on": (Expected(),),
    "off": (Expected((SHUTDOWN,), ("ForceOff",), "Off"),),
    "soft_off": (Expected((SHUTDOWN,), (), "Off"),),
    "force_off": (Expected(("ForceOff",), (), "Off"),),
    "soft_restart": (Expected(("GracefulRestart",)), Expected((SHUTDOWN, "On"), (), "On")),
    "hard_restart": _RESTARTED_BY_POWER,
    "init": _RESTARTED_BY_POWER,
    "nmi": (Expected(("Nmi",)),),
}
_FROM_OFF: _Table = {
    "on": (Expected(("On",), (), "On"),),
    "off": (Expected(),),
    "soft_off": (Expected(),),
    "force_off": (Expected(),),
    "soft_restart": (INVALID,),
    "hard_restart": (INVALID,),
    "init": (Expected(("On",), (), "On"),),
    "nmi": (INVALID,),
}
_TABLES = {"On": _FROM_ON, "Off": _FROM_OFF}
_OF_MANAGER: _Table = {
    "soft_restart": (Expected(("GracefulRestart",)),),
    "hard_restart": (Expected(("ForceRestart",)),),
}

# With escalate: what may follow a gentle reset in vain, or stand in for one that is not offered.
_OFF_BY_FORCE = (_FROM_ON["off"][0], _FROM_ON["force_off"][0])
_ESCALATED: dict[str, _Table] = {
    "On": _FROM_ON
    | {
        "off": _OFF_BY_FORCE,
        "soft_off": _OFF_BY_FORCE,
        "soft_restart": (Expected(("GracefulRestart",), ("ForceRestart",)), *_RESTARTED_BY_POWER),
    }
}
_MANAGER_ESCALATED: _Table = {"soft_restart": (_OF_MANAGER["soft_restart"][0], _OF_MANAGER["hard_restart"][0])}

STATES = tuple(_FROM_ON)


def expected(
    kind: str, state: str, power_state: str, offered: Collection[str], shutdown: str, *, escalate: bool
) -> Expected | None:
    """The right plan for one target; None where its PowerState is neither On nor Off.

    kind: "system", "chassis", "manager". offered: the target's ResetTypes. shutdown: the graceful one of its dialect.
    """
    tables = _TABLES | _ESCALATED if escalate else _TABLES
    if kind == "manager":
        choices = (_OF_MANAGER | (_MANAGER_ESCALATED if escalate else {})).get(state, (INVALID,))
    elif kind == "chassis" and state == "nmi":
        choices = (INVALID,)
    elif power_state in tables:
        choices = tables[power_state][state]
    else:
        return None
    for choice in (_spelled(choice, shutdown) for choice in choices):
        if set(choice.plan) <= set(offered):
            escalation = tuple(value for value in choice.escalation if value in offered)
            return Expected(choice.plan, escalation, choice.after or power_state, choice.error)
    return NOT_SUPPORTED


def _spelled(choice: Expected, shutdown: str) -> Expected:
    plan = tuple(shutdown if value == SHUTDOWN else value for value in choice.plan)
    return Expected(plan, choice.escalation, choice.after, choice.error)
