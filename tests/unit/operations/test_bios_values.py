# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values as people write them, as registries mean them, and why some do not fit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._operations.bios.dependencies import judge
from ansible_collections.openchami.bmc.plugins.module_utils._operations.bios.values import (
    Unfit,
    at_default,
    converted,
    loosened,
    same,
)
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.attribute_registry import (
    Choice,
    Condition,
    Dependency,
    Rule,
)

SWITCH = Rule("A", "Enumeration", choices=(Choice("Enabled", "Enabled"), Choice("Disabled", "Disabled")))
THREE = Rule("A", "Enumeration", choices=(Choice("Auto", "Auto"), Choice("On", "On"), Choice("Off", "Off")))
CODED = Rule("A", "Enumeration", choices=(Choice("1", "Force BIOS"), Choice("0", "Keep Current")))
YES = Rule("A", "Enumeration", choices=(Choice("Yes", "Yes"), Choice("No", "No")))
NUMBER = Rule("A", "Integer", lower=1, upper=24, step=1)
STEPS = Rule("A", "Integer", lower=0, upper=256, step=64)
FLAG = Rule("A", "Boolean")
TEXT = Rule("A", "String", shortest=2, longest=4)
SHAPED = Rule("A", "String", pattern="^[a-z]*$")
HARD = Rule("A", "String", pattern="^(a*)*$")


@pytest.mark.parametrize(
    ("rule", "given_value", "current", "sent"),
    [
        (SWITCH, "Enabled", "Disabled", "Enabled"),
        (SWITCH, "enabled", "Disabled", "Enabled"),
        (SWITCH, True, "Disabled", "Enabled"),
        (SWITCH, "yes", "Disabled", "Enabled"),
        (SWITCH, "off", "Enabled", "Disabled"),
        (THREE, False, "Auto", "Off"),
        (THREE, "on", "Auto", "On"),
        (YES, "yes", "No", "Yes"),
        (CODED, "Keep Current", "Force BIOS", "Keep Current"),
        (CODED, 0, "Force BIOS", "Keep Current"),
        (CODED, "Keep Current", "1", "0"),
        (CODED, "Keep Current", None, "0"),
        (NUMBER, "12", 24, 12),
        (NUMBER, 12.0, 24, 12),
        (NUMBER, 12, "24", "12"),
        (FLAG, "no", True, False),
        (FLAG, 1, False, True),
        (TEXT, 4711, "", "4711"),
        (SHAPED, "abc", "", "abc"),
        # What the active value does not match is not what the BIOS goes by.
        (SHAPED, "ABC", "XYZ", "ABC"),
        (HARD, "b", "a", "b"),
        (Rule("A", ""), "60", 50, 60),
    ],
)
def test_a_value_is_sent_as_the_bios_takes_it(rule: Rule, given_value: Any, current: Any, sent: Any) -> None:
    found = converted(rule, given_value, current)
    assert (found, type(found)) == (sent, type(sent))


@pytest.mark.parametrize(
    ("rule", "given_value", "said"),
    [
        (SWITCH, "Bananas", "'Bananas' is none of Enabled, Disabled"),
        (SWITCH, None, "None is none of"),
        (CODED, "yes", "is none of"),
        (NUMBER, "many", "no whole number"),
        (NUMBER, True, "no whole number"),
        (NUMBER, 0, "below 1"),
        (NUMBER, 25, "above 24"),
        (STEPS, 65, "in steps of 64"),
        (FLAG, "maybe", "neither true nor false"),
        (TEXT, "x", "at least 2"),
        (TEXT, "xxxxx", "at most 4"),
        (TEXT, False, "quote it"),
        (Rule("A", "Password"), "canary", "password"),
        (Rule("A", ""), ["a"], "no single value"),
    ],
)
def test_what_does_not_fit_says_why(rule: Rule, given_value: Any, said: str) -> None:
    with pytest.raises(Unfit, match=said) as unfit:
        converted(rule, given_value, "Force BIOS" if rule is CODED else None)
    assert "canary" not in str(unfit.value)


def test_a_text_matches_its_pattern_where_the_active_one_does() -> None:
    with pytest.raises(Unfit, match="'ABC' does not match"):
        converted(SHAPED, "ABC", "abc")


json_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9)
rules = st.sampled_from([SWITCH, THREE, CODED, YES, NUMBER, STEPS, FLAG, TEXT, Rule("A", "")])


@given(rules, json_scalars | st.sampled_from(["yes", "no", "Auto", "Force BIOS", "60"]), json_scalars)
def test_what_was_converted_is_converted_to_itself(rule: Rule, given_value: Any, current: Any) -> None:
    try:
        once = converted(rule, given_value, current)
    except Unfit:
        return
    assert same(converted(rule, once, once), once)


@given(json_scalars, json_scalars)
def test_same_is_symmetric_and_nothing_is_only_itself(one: Any, other: Any) -> None:
    assert same(one, one)
    assert same(one, other) == same(other, one)
    assert same(None, other) == (other is None)


def test_without_a_rule_only_what_is_beyond_doubt_is_converted() -> None:
    assert (loosened("60", 5), loosened("x", 5), loosened("no", True), loosened(5, "4")) == (60, "x", False, "5")


def test_a_default_is_known_by_any_of_its_names() -> None:
    assert at_default(Rule("A", "Boolean", default="0"), False)
    assert at_default(Rule("A", "Integer", default="5"), 5)
    coded = Rule("A", "Enumeration", choices=CODED.choices, default="1")
    assert at_default(coded, "Force BIOS")
    assert not at_default(coded, "Keep Current")


def when(attribute: str, operator: str, value: Any, terms: str = "") -> Condition:
    return Condition(attribute, "CurrentValue", operator, value, terms)


A_IS_1, B_IS_2 = when("A", "EQU", 1), when("B", "EQU", 2)


@pytest.mark.parametrize(
    ("conditions", "after", "locked", "warned"),
    [
        ((A_IS_1,), {"A": 1}, True, False),
        ((A_IS_1,), {"A": 2}, False, False),
        ((when("A", "NEQ", 1),), {"A": 2}, True, False),
        ((A_IS_1, when("B", "EQU", 2, "OR")), {"A": 1, "B": 3}, True, False),
        ((A_IS_1, when("B", "EQU", 2, "AND")), {"A": 1, "B": 3}, False, False),
        ((A_IS_1, B_IS_2), {"A": 1, "B": 2}, True, False),
        ((A_IS_1, B_IS_2), {"A": 1, "B": 3}, False, True),
        ((when("A", "EQU", 1, "AND"), when("B", "EQU", 2, "OR")), {"A": 1, "B": 3}, False, True),
        ((A_IS_1,), {}, False, True),
        ((when("A", "GTR", 1),), {"A": 2}, True, False),
        ((when("A", "???", 1),), {"A": 2}, False, True),
    ],
)
def test_a_dependency_locks_only_where_it_surely_holds(
    conditions: tuple[Condition, ...], after: dict[str, Any], locked: bool, warned: bool
) -> None:
    dependency = Dependency("X", "ReadOnly", True, conditions)
    judgement = judge((dependency,), {"X": 1}, {"X": 1, **after}, {"X": False})
    assert bool(judgement.problems) is locked
    assert any("could not be evaluated" in said for said in judgement.warnings) is warned


def test_a_dependency_may_unlock_and_may_warn() -> None:
    unlock = Dependency("X", "ReadOnly", False, (A_IS_1,))
    assert judge((unlock,), {"X": 1}, {"A": 1}, {"X": True}).problems == []
    hidden, forced = Dependency("X", "Hidden", "true", (A_IS_1,)), Dependency("X", "CurrentValue", 7, (A_IS_1,))
    warnings = judge((hidden, forced), {"X": 1}, {"A": 1}, {"X": False}).warnings
    assert [said.partition(" while")[0] for said in warnings] == [
        "X: the BIOS may ignore it",
        "X: the BIOS may make it 7",
    ]
