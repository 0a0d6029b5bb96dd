# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which resets carry out a state: never a harsher one than meant, never one that is not offered."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise, permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._operations.power_rules import (
    OFF,
    ON,
    RESTARTED,
    STATES,
    Impossible,
    Situation,
    Step,
    steps,
)
from ansible_collections.openchami.bmc.plugins.module_utils._vendors import registry
from ansible_collections.openchami.bmc.plugins.module_utils.vendor_api.v1 import ResetVocabulary
from tests.trees.expected import expected

STANDARD = ResetVocabulary()
CRAY = ResetVocabulary(graceful_off=("GracefulShutdown", "Off"))
VALUES = ("On", "GracefulShutdown", "Off", "ForceOff", "GracefulRestart", "ForceRestart", "Nmi", "PowerCycle")
POWER_STATES = ("On", "Off", "PoweringOn", "PoweringOff", "Paused", "")
OEM_VALUES = (
    "FullPowerCycle",
    "StatefulReset",
    "ForceEraseNetworkReload",
    "PushPowerButton",
    "Suspend",
    "on",
    "ForceOn",
)
HARSH = {"ForceOff", "ForceRestart"}

# The states that mean to cut the power: at the deadline, or at once.
FORCING_AT_THE_DEADLINE = {"off", "hard_restart", "init"}
FORCING_AT_ONCE = {"force_off", "hard_restart", "init"}

situations = st.builds(
    Situation,
    power_state=st.sampled_from(POWER_STATES),
    offered=st.none() | st.lists(st.sampled_from(VALUES), unique=True).map(tuple),
    vocabulary=st.sampled_from([STANDARD, CRAY]),
    escalate=st.booleans(),
    cut_off=st.booleans(),
)
kinds = st.sampled_from(["system", "chassis", "manager"])
everything = settings(deadline=None, max_examples=200)


def found(kind: str, state: str, situation: Situation) -> tuple[Step, ...] | None:
    """The steps; None where there are none to be had."""
    try:
        return steps(kind, state, situation)
    except Impossible:
        return None


@everything
@given(kinds, st.sampled_from(STATES), situations)
def test_plan_holds_no_value_that_is_not_offered(kind: str, state: str, situation: Situation) -> None:
    if situation.offered is not None:
        sent = {value for step in found(kind, state, situation) or () for value in (step.reset_type, step.forced)}
        assert sent - {""} <= set(situation.offered)


@everything
@given(st.sampled_from(["system", "chassis"]), st.sampled_from(STATES), situations)
def test_no_harsher_reset_than_meant_without_escalation(kind: str, state: str, situation: Situation) -> None:
    for step in found(kind, state, situation) or ():
        if not situation.escalate:
            assert step.reset_type not in HARSH or state in FORCING_AT_ONCE
            assert not step.forced or state in FORCING_AT_THE_DEADLINE
        assert step.reset_type != "ForceRestart"


@everything
@given(situations)
def test_restart_of_a_manager_is_forced_only_when_meant(situation: Situation) -> None:
    for step in found("manager", "soft_restart", situation) or ():
        assert step.reset_type == "GracefulRestart" or situation.escalate
        assert not step.forced


@everything
@given(kinds, st.sampled_from(STATES), situations)
def test_forced_reset_only_ever_follows_a_gentle_one_or_a_wait(kind: str, state: str, situation: Situation) -> None:
    for step in found(kind, state, situation) or ():
        assert not step.forced or step.reset_type not in HARSH


@everything
@given(st.sampled_from(["system", "chassis"]), situations)
def test_what_is_there_already_takes_no_step(kind: str, situation: Situation) -> None:
    there = {"On": ("on",), "Off": ("off", "soft_off", "force_off")}.get(situation.power_state, ())
    for state in there:
        assert steps(kind, state, situation) == ()


@everything
@given(kinds, st.sampled_from(STATES), situations)
def test_plan_ends_in_the_state(kind: str, state: str, situation: Situation) -> None:
    planned = found(kind, state, situation)
    if planned:
        last = {"on": ON, "init": ON, "hard_restart": ON, "nmi": "", "soft_restart": planned[-1].expect}.get(state, OFF)
        assert planned[-1].expect == (RESTARTED if kind == "manager" else last)
        if state == "soft_restart":
            assert planned[-1].expect in (ON, RESTARTED)


@everything
@given(st.sampled_from(STATES), situations)
def test_order_in_which_values_are_offered_does_not_matter(state: str, situation: Situation) -> None:
    if situation.offered is not None and len(situation.offered) < 4:
        for order in permutations(situation.offered):
            other = Situation(situation.power_state, order, situation.vocabulary, situation.escalate, situation.cut_off)
            assert found("system", state, other) == found("system", state, situation)


STANDARD_SET = ("On", "GracefulShutdown", "ForceOff", "GracefulRestart", "ForceRestart", "Nmi")
TWO_STEPS = (Step("GracefulShutdown", OFF, "ForceOff"), Step("On", ON))


@pytest.mark.parametrize(
    ("state", "power_state", "planned"),
    [
        ("on", "Off", (Step("On", ON),)),
        ("on", "PoweringOn", (Step("", ON),)),
        ("on", "PoweringOff", (Step("", OFF), Step("On", ON))),
        ("off", "On", (Step("GracefulShutdown", OFF, "ForceOff"),)),
        ("off", "PoweringOff", (Step("", OFF, "ForceOff"),)),
        ("soft_off", "On", (Step("GracefulShutdown", OFF),)),
        ("soft_off", "PoweringOff", (Step("", OFF),)),
        ("force_off", "On", (Step("ForceOff", OFF),)),
        ("soft_restart", "On", (Step("GracefulRestart", RESTARTED),)),
        ("hard_restart", "On", TWO_STEPS),
        ("init", "On", TWO_STEPS),
        ("init", "Off", (Step("On", ON),)),
        ("nmi", "On", (Step("Nmi", ""),)),
    ],
)
def test_steps_of_each_state(state: str, power_state: str, planned: tuple[Step, ...]) -> None:
    assert steps("system", state, Situation(power_state, STANDARD_SET, STANDARD)) == planned


def test_cray_shuts_down_with_off_and_restarts_by_off_wait_on() -> None:
    offered = ("On", "ForceOff", "Off")
    now = Situation("On", offered, CRAY)
    assert steps("system", "off", now) == (Step("Off", OFF, "ForceOff"),)
    assert steps("system", "soft_restart", now) == (Step("Off", OFF), Step("On", ON))


@pytest.mark.parametrize("state", ["off", "soft_off", "soft_restart"])
def test_gentle_state_without_a_gentle_reset_is_impossible_and_says_what_is_missing(state: str) -> None:
    with pytest.raises(Impossible) as impossible:
        steps("system", state, Situation("On", ("On", "ForceOff"), STANDARD))
    assert impossible.value.missing == ("GracefulShutdown",)
    assert "escalate" in impossible.value.way_out


@pytest.mark.parametrize(
    ("state", "planned"),
    [
        ("off", (Step("ForceOff", OFF),)),
        ("soft_off", (Step("ForceOff", OFF),)),
        ("soft_restart", (Step("ForceOff", OFF), Step("On", ON))),
    ],
)
def test_gentle_state_without_a_gentle_reset_is_forced_when_escalated(state: str, planned: tuple[Step, ...]) -> None:
    assert steps("system", state, Situation("On", ("On", "ForceOff"), STANDARD, escalate=True)) == planned


@pytest.mark.parametrize("state", ["hard_restart", "init"])
def test_hard_states_cut_the_power_at_once_where_nothing_gentle_is_offered(state: str) -> None:
    planned = steps("system", state, Situation("On", ("On", "ForceOff"), STANDARD))
    assert planned == (Step("ForceOff", OFF), Step("On", ON))


@pytest.mark.parametrize("state", ["soft_restart", "hard_restart", "nmi"])
def test_what_is_off_cannot_be_restarted_or_interrupted(state: str) -> None:
    with pytest.raises(Impossible, match="is off") as impossible:
        steps("system", state, Situation("Off", STANDARD_SET, STANDARD))
    assert impossible.value.missing == ()


@pytest.mark.parametrize("state", ["soft_restart", "hard_restart"])
def test_restart_that_was_cut_off_while_the_target_was_off_is_completed(state: str) -> None:
    assert steps("system", state, Situation("Off", STANDARD_SET, STANDARD, cut_off=True)) == (Step("On", ON),)


@pytest.mark.parametrize("state", ["on", "off", "soft_off", "force_off", "init", "nmi"])
def test_manager_can_only_be_restarted(state: str) -> None:
    with pytest.raises(Impossible) as impossible:
        steps("manager", state, Situation("On", STANDARD_SET, STANDARD))
    assert "soft_restart, hard_restart" in impossible.value.way_out


def test_chassis_cannot_be_interrupted() -> None:
    with pytest.raises(Impossible) as impossible:
        steps("chassis", "nmi", Situation("On", STANDARD_SET, STANDARD))
    assert "nmi" not in impossible.value.way_out


def vocabularies() -> dict[ResetVocabulary, str]:
    """Each driver's words, once, with a dialect that uses them."""
    return {driver().power.vocabulary(): dialect for dialect, driver in registry._DRIVERS.items()}


@pytest.mark.parametrize("escalate", [False, True], ids=["gently", "escalating"])
@pytest.mark.parametrize("vocabulary", vocabularies(), ids=vocabularies().values())
@pytest.mark.parametrize("state", STATES)
def test_every_offer_is_used_as_the_independent_table_says(
    state: str, vocabulary: ResetVocabulary, escalate: bool
) -> None:
    """Every subset of the ResetTypes, in every dialect's words, from On and Off, against tests/trees/expected.py."""
    subsets = [offer for size in range(len(VALUES) + 1) for offer in combinations(VALUES, size)]
    for kind, power_state, offered in product(("system", "chassis", "manager"), ("On", "Off"), subsets):
        situation = Situation(power_state, offered, vocabulary, escalate)
        shutdown = situation.pick(vocabulary.graceful_off) or vocabulary.graceful_off[0]
        wanted = expected(kind, state, power_state, offered, shutdown, escalate=escalate)
        assert wanted is not None
        assert told(kind, state, situation) == (wanted.plan, wanted.escalation, wanted.error), situation


def told(kind: str, state: str, situation: Situation) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Resets, forced resets, and the kind of the error in whose place there are none."""
    try:
        planned = steps(kind, state, situation)
    except Impossible as impossible:
        return (), (), "NotSupported" if impossible.missing else "InvalidRequest"
    return tuple(step.reset_type for step in planned), tuple(step.forced for step in planned if step.forced), ""


@everything
@given(kinds, st.sampled_from(STATES), situations, st.lists(st.text(max_size=12) | st.sampled_from(OEM_VALUES)))
def test_values_that_nobody_knows_change_no_plan(
    kind: str, state: str, situation: Situation, unknown: list[str]
) -> None:
    """FullPowerCycle of iDRAC, ForceEraseNetworkReload of older Cray EX: what no rule names is never chosen."""
    if situation.offered is not None:
        more = (*(value for value in unknown if value not in VALUES), *situation.offered)
        assert found(kind, state, replace(situation, offered=more)) == found(kind, state, situation)


@everything
@given(kinds, st.sampled_from(STATES), situations)
def test_what_is_possible_gently_is_possible_with_escalation(kind: str, state: str, situation: Situation) -> None:
    """And its first reset is the same: escalation adds a way, it takes none."""
    gentle = found(kind, state, replace(situation, escalate=False))
    if gentle is not None:
        escalating = found(kind, state, replace(situation, escalate=True))
        assert escalating is not None
        assert [step.reset_type for step in escalating[:1]] == [step.reset_type for step in gentle[:1]]


@everything
@given(st.sampled_from(["system", "chassis"]), st.sampled_from(STATES), situations)
def test_with_everything_offered_only_what_is_off_refuses(kind: str, state: str, situation: Situation) -> None:
    """Each step begins where the last one ended, and the last ends where the state means to be."""
    planned = found(kind, state, replace(situation, offered=VALUES))
    off = situation.power_state == "Off" and not situation.cut_off
    refuses = (kind == "chassis" and state == "nmi") or (off and state in ("soft_restart", "hard_restart", "nmi"))
    assert (planned is None) == refuses
    for before, after in pairwise(planned or ()):
        assert (before.expect, after.expect) == (OFF, ON)
