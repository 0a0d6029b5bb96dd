# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dependencies of an attribute registry, as far as they can be worked out before the BIOS does it itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._redfish.attribute_registry import Condition, Dependency
from .values import same, shown_of

_READ_ONLY, _CURRENT = "ReadOnly", "CurrentValue"
# Without effect on what may be written (AttributeRegistry 1.3: they are about user interfaces), but worth a word.
_INTERFACE = ("GrayOut", "Hidden")


@dataclass
class Judgement:
    """What the dependencies say. problems: what cannot be written. warnings: what a person should know."""

    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def judge(
    dependencies: tuple[Dependency, ...],
    wanted: Mapping[str, Any],
    after: Mapping[str, Any],
    read_only: Mapping[str, bool],
) -> Judgement:
    """Judge the wanted values. after: all values as they are once everything that waits is active.

    read_only: of each wanted attribute that is to change, whether it is so without any dependency.
    """
    judgement = Judgement()
    locked = {name: (flag, "") for name, flag in read_only.items()}
    unknown: set[str] = set()
    for dependency in dependencies:
        name = dependency.attribute
        if name not in wanted:
            continue
        holds = _holds(dependency.conditions, after)
        if holds is None:
            unknown |= {name} if dependency.prop in (_READ_ONLY, _CURRENT) else set()
        elif holds and dependency.prop == _READ_ONLY and name in read_only:
            locked[name] = (str(dependency.value).lower() == "true", f" while {_told(dependency.conditions, after)}")
        elif holds and dependency.prop == _CURRENT and not same(dependency.value, wanted[name]):
            becomes = shown_of(name, dependency.value)
            judgement.warnings.append(
                f"{name}: the BIOS may make it {becomes} while {_told(dependency.conditions, after)}"
            )
        elif holds and dependency.prop in _INTERFACE and str(dependency.value).lower() == "true":
            judgement.warnings.append(f"{name}: the BIOS may ignore it while {_told(dependency.conditions, after)}")
    judgement.problems += [f"{name}: it is read-only{why}" for name, (flag, why) in locked.items() if flag]
    if unknown:
        judgement.warnings.append(f"dependencies of {', '.join(sorted(unknown))} could not be evaluated")
    return judgement


def _holds(conditions: tuple[Condition, ...], after: Mapping[str, Any]) -> bool | None:
    """Whether they hold together; None where that cannot be told.

    Registries differ in where they write AND and OR, and iDRAC9 6.00 writes neither though it means OR: only where all
    are joined alike, or all have the same answer, there is no doubt.
    """
    answers = [_meets(condition, after) for condition in conditions]
    if not answers:
        return None
    if len(set(answers)) == 1:
        return answers[0]
    terms = {condition.terms.upper() for condition in conditions if condition.terms}
    if terms == {"AND"}:
        return False if False in answers else None
    if terms == {"OR"}:
        return True if True in answers else None
    return None


def _meets(condition: Condition, after: Mapping[str, Any]) -> bool | None:
    if condition.prop != _CURRENT or condition.attribute not in after:
        return None
    value, other = after[condition.attribute], condition.value
    if condition.operator in ("EQU", "NEQ"):
        return same(value, other) is (condition.operator == "EQU")
    if not isinstance(value, (int, float)) or not isinstance(other, (int, float)):
        return None
    compared = {"GTR": value > other, "GEQ": value >= other, "LSS": value < other, "LEQ": value <= other}
    return compared.get(condition.operator)


def _told(conditions: tuple[Condition, ...], after: Mapping[str, Any]) -> str:
    names = dict.fromkeys(condition.attribute for condition in conditions)
    return ", ".join(f"{name} is {shown_of(name, after.get(name))}" for name in names)
