# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that can be wrong with wanted BIOS values is found before the first write, and told at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from ..._core.errors import InvalidRequest
from ..._redfish.attribute_registry import Rule
from .dependencies import judge
from .state import Rules, Shown
from .values import Unfit, converted, loosened, matches, same, shown

_NEAR = 3


@dataclass
class Wanted:
    """What a task wants of a BIOS. values: as they are sent, by name of the attribute."""

    values: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def unchecked(given: Mapping[str, Any], bios: Shown) -> Wanted:
    """The values without any check, names as they are given."""
    return Wanted({name: loosened(value, bios.current.get(name)) for name, value in given.items()})


def checked(given: Mapping[str, Any], bios: Shown, rules: Rules, known: Sequence[str] = ()) -> Wanted:
    """The values by name, each as the BIOS takes it. known: problems that were found before.

    Raises InvalidRequest that names every problem.
    """
    if not rules.rules:
        raise InvalidRequest(
            "the values cannot be checked, for this BMC serves no attribute registry",
            why=rules.missing,
            way_out="validate: false sends them unchecked, under the names that the BIOS itself uses.",
        )
    wanted, problems = Wanted(), list(known)
    for name, value in given.items():
        try:
            # What is so already, and stays so, is no problem, whatever its rule, and where it has none.
            stays = _stays(name, value, bios)
            rule = Rule(name, "") if stays else _rule(name, bios, rules.rules)
            if rule.name in wanted.values:
                raise Unfit(f"{name}: it is named twice, by name and by display name")
            wanted.values[rule.name] = bios.current[name] if stays else _value(rule, value, bios)
            if matches(rule, str(wanted.values[rule.name]), bios.current[rule.name]) is None:
                wanted.warnings.append(f"{rule.name}: its pattern {shown(rule.pattern)} is left to the BIOS")
        except Unfit as unfit:
            problems.append(str(unfit))
    if rules.registry is not None:
        after = {**bios.after, **wanted.values}
        others = (name for name, value in wanted.values.items() if not _stays(name, value, bios))
        read_only = {name: rules.rules[name].read_only for name in others}
        judgement = judge(rules.registry.dependencies, wanted.values, after, read_only)
        problems += judgement.problems
        wanted.warnings += judgement.warnings
    require_no_problem(problems)
    return wanted


def require_no_problem(problems: Sequence[str]) -> None:
    """Raises InvalidRequest that names all of them."""
    if problems:
        count = f"{len(problems)} problems" if len(problems) > 1 else "a problem"
        raise InvalidRequest(
            f"the request has {count}, nothing was written",
            why="; ".join(problems),
            way_out="bmc_info with gather_subset: bios shows the attributes.",
        )


def _stays(name: str, value: Any, bios: Shown) -> bool:
    """Whether this is the active value, and nothing else waits."""
    return name in bios.current and name not in bios.pending and same(value, bios.current[name])


def _value(rule: Rule, value: Any, bios: Shown) -> Any:
    try:
        return converted(rule, value, bios.current[rule.name])
    except Unfit as unfit:
        raise Unfit(f"{rule.name}: {unfit}") from unfit


def _rule(name: str, bios: Shown, rules: Mapping[str, Rule]) -> Rule:
    """The rule of the attribute with this name or display name. Raises Unfit."""
    found = [rules[name]] if name in rules else [rule for rule in rules.values() if rule.display_name == name]
    # Registries hold attributes for every model: two of the same display name are rarely both in this machine.
    present = [rule for rule in found if rule.name in bios.current]
    if len(present) == 1:
        return present[0]
    if present:
        raise Unfit(f"{name}: {_listed(rule.name for rule in present)} are all displayed so, give one of these names")
    if found:
        raise Unfit(f"{name}: this BIOS does not show it now; it may depend on another attribute, or on hardware")
    if name in bios.current:
        raise Unfit(f"{name}: the registry says nothing of it")
    raise Unfit(f"{name}: there is no such attribute{_near(name, bios, rules)}")


def _near(name: str, bios: Shown, rules: Mapping[str, Rule]) -> str:
    names = {known.lower(): known for known in bios.current}
    names |= {rule.display_name.lower(): rule.display_name for rule in rules.values() if rule.name in bios.current}
    close = get_close_matches(name.lower(), [known for known in names if known], n=_NEAR)
    return f"; near are {_listed(names[known] for known in close)}" if close else ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
