# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_bios on every profile, whatever waits before: a plan carried out leaves nothing to plan, and comes true."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import Busy, InvalidRequest
from tests.integration.bios_cases import ASKED
from tests.simulator.bios import Attribute

from .simulated_bios import BiosBox

IDRAC, GH200 = "dell_idrac9", "nvidia_gh200"


def values(attribute: Attribute) -> st.SearchStrategy[Any]:
    """What the BIOS may have there; where it shows display names, those."""
    if attribute.kind == "Boolean":
        return st.booleans()
    if attribute.kind == "Integer":
        lower, upper = (int(str(attribute.rules[bound])) for bound in ("LowerBound", "UpperBound"))
        return st.integers(lower, min(upper, 999))
    by_display = attribute.value in attribute.choices.values()
    return st.sampled_from(list(attribute.choices.values() if by_display else attribute.choices) or ["rack-12-node"])


@st.composite
def situations(draw: st.DrawFn) -> tuple[BiosBox, dict[str, Any], dict[str, Any]]:
    """A BMC, what waits in its BIOS, and what is asked of it. No rule of a dependency is among it."""
    box = BiosBox.of(draw(st.sampled_from(sorted(ASKED))))
    state, bios = box.state, box.state.bios
    bound = {entry["DependencyFor"] for entry in bios.registry.dependencies} if bios.registry else set()
    free = [found for found in bios.attributes if not found.rules.get("ReadOnly") and found.name not in bound]
    some = {found.name: values(found) for found in free}
    active, waiting, wanted = (draw(st.fixed_dictionaries({}, optional=some)) for _each in range(3))
    state.set_truth({"active": active, "waiting": waiting, "job": bool(bios.jobs) and draw(st.booleans())}, "")
    clear = not wanted or draw(st.booleans())
    return box, waiting, {"attributes": wanted, "clear_pending": clear}


@given(situations())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_plan_that_was_carried_out_leaves_nothing_to_plan_and_comes_true(
    situation: tuple[BiosBox, dict[str, Any], dict[str, Any]],
) -> None:
    box, waiting, asked = situation
    before = dict(box.state.active)
    box.written(**asked)
    assert box.written(**asked) == [], "what waits is not written again"
    box.boot()
    others = before if asked["clear_pending"] else before | waiting
    active = {name: str(value) for name, value in box.state.active.items()}
    wanted = {name: str(value) for name, value in asked["attributes"].items()}
    assert {name: active[name] for name in wanted} == wanted
    if asked["attributes"] or asked["clear_pending"]:
        assert {name: str(others[name]) for name in others if name not in wanted} == {
            name: value for name, value in active.items() if name not in wanted
        }
    assert box.written(**asked) == [], "what is active is not written again"


def test_what_waits_on_an_idrac_in_no_job_is_put_into_one() -> None:
    """Nothing else would ever make it active, a restart neither."""
    box = BiosBox.of(IDRAC)
    box.state.wait({"LogicalProc": "Disabled", "AssetTag": "A1"}, "somebody")
    wanted = {"attributes": {"LogicalProc": "Disabled"}}
    assert [write["method"] for write in box.written(**wanted)] == ["POST", "PATCH"]
    assert box.written(**wanted) == []
    box.boot()
    assert (box.state.active["LogicalProc"], box.state.active["AssetTag"]) == ("Disabled", "A1")


@pytest.mark.parametrize("reboot", ["never", "when_needed", "always"])
@pytest.mark.parametrize("asked", [{"attributes": {"EGM": True}}, {"clear_pending": True}], ids=["values", "clear"])
def test_nothing_is_written_into_a_reset_to_the_defaults_that_waits(asked: dict[str, Any], reboot: str) -> None:
    """It would be lost with the next boot, and there is no request that takes a reset back."""
    box = BiosBox.of(GH200)
    box.state.set_truth({"active": {"EGM": True}}, "")
    box.state.reset()
    for check_mode in (True, False):
        with pytest.raises(Busy, match="a reset of the BIOS to its defaults waits"):
            box.task(check_mode=check_mode, reboot=reboot, **asked)
    assert box.client.writes == []


def test_a_restart_lets_a_reset_to_the_defaults_happen() -> None:
    box = BiosBox.of(GH200)
    box.state.reset()
    ways: tuple[dict[str, Any], ...] = ({"reset_to_default": True, "reboot": "when_needed"}, {"reboot": "always"})
    for asked in ways:
        predicted = box.task(check_mode=True, **asked)
        assert [write["body"] for write in predicted["plan"]] == [{"ResetType": "GracefulRestart"}]
        assert (predicted["pending"], predicted["applied"], predicted["reboot_required"]) == (False, True, False)
    waiting = box.task(check_mode=True, reset_to_default=True)
    assert (waiting["plan"], waiting["pending"], waiting["applied"]) == ([], True, False)


@pytest.mark.parametrize("profile", sorted(ASKED))
def test_all_that_is_active_asked_for_as_it_is_is_no_problem(profile: str) -> None:
    """Also what is read-only, or is so while another attribute has its value."""
    box = BiosBox.of(profile)
    result = box.task(attributes=dict(box.state.active))
    assert (result["changed"], result["plan"], result["applied"]) == (False, [], True)


def test_what_is_read_only_is_a_problem_where_another_value_waits_or_is_wanted() -> None:
    box = BiosBox.of("hpe_ilo5")
    active = box.state.active["PerformanceDeterminism"]
    with pytest.raises(InvalidRequest, match="read-only while WorkloadProfile"):
        box.task(attributes={"PerformanceDeterminism": "PowerDeterministic"})
    box.state.wait({"PerformanceDeterminism": "PowerDeterministic"}, "somebody")
    with pytest.raises(InvalidRequest, match="read-only while WorkloadProfile"):
        box.task(attributes={"PerformanceDeterminism": active})
