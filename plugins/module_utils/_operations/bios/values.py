# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The value of one BIOS attribute: what was given, as the BIOS writes it, or why it cannot be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..._core.redact import REDACTED, names_secret
from ..._redfish.attribute_registry import BOOLEAN, ENUMERATION, INTEGER, PASSWORD, STRING, Choice, Rule
from ..._redfish.value_expression import fits

# What YAML and people write for a switch, and how registries name its two positions.
_WORDS = {
    True: frozenset({"true", "yes", "on"}),
    False: frozenset({"false", "no", "off"}),
}
_NAMED = {True: _WORDS[True] | {"enabled", "enable"}, False: _WORDS[False] | {"disabled", "disable"}}
_POSITIONS = {True: _NAMED[True] | {"1"}, False: _NAMED[False] | {"0"}}
_MOST_NAMED = 12
_LONGEST_NAMED = 60


class Unfit(Exception):
    """A value that the attribute does not take; the text goes behind the attribute's name."""


def converted(rule: Rule, given: Any, current: Any) -> Any:
    """The value as it is sent. current: the active one, whose form is followed. Raises Unfit."""
    return _CONVERTERS.get(rule.kind, _untyped)(rule, given, current)


def loosened(given: Any, current: Any) -> Any:
    """The value without any rule: in the JSON type of the current one, where that is beyond doubt."""
    if isinstance(current, bool):
        switched = position(given)
        return given if switched is None else switched
    if isinstance(current, int):
        number = _whole(given)
        return given if number is None else number
    if isinstance(current, str) and isinstance(given, (int, float)) and not isinstance(given, bool):
        return str(given)
    return given


def same(left: Any, right: Any) -> bool:
    """Whether two values of an attribute are the same, whatever their JSON types: Cray writes numbers as text."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right or (str(left).lower() == str(right).lower() and None not in (left, right))
    return bool(left == right) or (None not in (left, right) and str(left).strip() == str(right).strip())


def at_default(rule: Rule, value: Any) -> bool:
    """Whether a value is the one that the rule tells as the default, by whatever name."""
    # XCC tells the default of a switch as "0" and "1".
    if same(value, rule.default) or (isinstance(value, bool) and same(str(int(value)), rule.default)):
        return True
    return any({str(value), str(rule.default)} == {choice.name, choice.display} for choice in rule.choices)


def shown(value: Any) -> str:
    """A value in a message, in one line and not without end."""
    told = repr(value)
    return told if len(told) <= _LONGEST_NAMED else f"{told[:_LONGEST_NAMED]}..."


def shown_of(name: str, value: Any) -> str:
    """The value of an attribute in a message: never one whose name, or display name, says that it is a secret."""
    return REDACTED if names_secret(name) else shown(value)


def _shown(rule: Rule, value: Any) -> str:
    return shown_of(f"{rule.name} {rule.display_name}", value)


def _choice(rule: Rule, given: Any, current: Any) -> str:
    found = _chosen(rule.choices, given)
    # X13 shows the display names of its values, and its registry has numbers for names.
    by_display = all(current != choice.name for choice in rule.choices) and any(
        current == choice.display for choice in rule.choices
    )
    if found is None:
        named = [choice.display if by_display else choice.name for choice in rule.choices]
        more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
        raise Unfit(f"{_shown(rule, given)} is none of {', '.join(named[:_MOST_NAMED])}{more}")
    return found.display if by_display else found.name


def _chosen(choices: tuple[Choice, ...], given: Any) -> Choice | None:
    """The one choice that is meant: by its name, by its display name, in another case, as a position of a switch."""
    told = str(given).strip()
    names = next((_NAMED[which] for which, words in _WORDS.items() if told.lower() in words), frozenset())
    tests: tuple[Callable[[Choice], bool], ...] = (
        lambda choice: choice.name == told,
        lambda choice: choice.display == told,
        lambda choice: choice.name.lower() == told.lower(),
        lambda choice: choice.display.lower() == told.lower(),
        lambda choice: not names.isdisjoint({choice.name.lower(), choice.display.lower()}),
    )
    for test in tests:
        found = [choice for choice in choices if test(choice)]
        if len(found) == 1:
            return found[0]
    return None


def _number(rule: Rule, given: Any, current: Any) -> Any:
    number = _whole(given)
    if number is None:
        raise Unfit(f"{_shown(rule, given)} is no whole number")
    if rule.lower is not None and number < rule.lower:
        raise Unfit(f"{number} is below {rule.lower}")
    if rule.upper is not None and number > rule.upper:
        raise Unfit(f"{number} is above {rule.upper}")
    if rule.step is not None and rule.step > 1 and (number - (rule.lower or 0)) % rule.step:
        raise Unfit(f"{number} is not reached from {rule.lower or 0} in steps of {rule.step}")
    return str(number) if isinstance(current, str) else number


def _switch(rule: Rule, given: Any, current: Any) -> bool:
    switched = position(given)
    if switched is None:
        raise Unfit(f"{_shown(rule, given)} is neither true nor false")
    return switched


def _text(rule: Rule, given: Any, current: Any) -> str:
    if isinstance(given, bool) or not isinstance(given, (str, int, float)):
        raise Unfit(f"{_shown(rule, given)} is no text; quote it")
    told = str(given)
    if rule.shortest is not None and len(told) < rule.shortest:
        raise Unfit(f"{_shown(rule, told)} has {len(told)} characters, at least {rule.shortest} are needed")
    if rule.longest is not None and len(told) > rule.longest:
        raise Unfit(f"{_shown(rule, told)} has {len(told)} characters, at most {rule.longest} are allowed")
    if matches(rule, told, current) is False:
        raise Unfit(f"{_shown(rule, told)} does not match {shown(rule.pattern)}")
    return told


def matches(rule: Rule, value: str, current: Any) -> bool | None:
    """Whether a text matches the pattern of its attribute; None where that cannot be said.

    A pattern that the active value does not match is not what this BIOS goes by.
    """
    if not rule.pattern:
        return True
    proven = isinstance(current, str) and fits(rule.pattern, current)
    return fits(rule.pattern, value) if proven else None


def _password(rule: Rule, given: Any, current: Any) -> str:
    raise Unfit("it is a password, which is not set as an attribute")


def _untyped(rule: Rule, given: Any, current: Any) -> Any:
    if not isinstance(given, (str, int, float, bool)):
        raise Unfit(f"{_shown(rule, given)} is no single value")
    return loosened(given, current)


def position(given: Any) -> bool | None:
    """Which position of a switch is meant; None for what means none."""
    told = str(given).strip().lower()
    return next((which for which, words in _POSITIONS.items() if told in words), None)


def _whole(given: Any) -> int | None:
    """A whole number in any form; 60 is 60.0 and "60". A switch is no number."""
    if isinstance(given, bool) or not isinstance(given, (int, float, str)):
        return None
    try:
        return int(given) if isinstance(given, int) or float(given).is_integer() else None
    except (ValueError, OverflowError):
        return None


_CONVERTERS: Mapping[str, Callable[[Rule, Any, Any], Any]] = {
    ENUMERATION: _choice,
    INTEGER: _number,
    BOOLEAN: _switch,
    STRING: _text,
    PASSWORD: _password,
}
