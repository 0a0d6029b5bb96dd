# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who goes when in a campaign, which hosts are one BMC, and what a result makes of one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest
from ansible_collections.openchami.bmc.plugins.module_utils._operations.campaign import (
    beginning,
    progress,
    report,
    values,
    waves,
)
from ansible_collections.openchami.bmc.plugins.module_utils._operations.campaign.groups import Host, grouped, host_of
from ansible_collections.openchami.bmc.plugins.module_utils._operations.campaign.values import Bmc, Campaign

PLANNED = {"component": "bmc", "uri": "/fw/bmc", "before": "1", "wanted": "2", "after": "2", "state": "planned"}
HANDLE = {"task": "/tasks/1"}


def result(state: str = "updated", **others: Any) -> dict[str, Any]:
    return {"updates": [{**PLANNED, "state": state}], "handle": None, **others}


def failure(kind: str, **others: Any) -> dict[str, Any]:
    error = {"kind": kind, "what": "it broke", "why": "nobody knows"}
    return {"failed": True, "msg": "h: it broke", "error": error, **others}


@pytest.mark.parametrize(
    ("text", "total", "found"), [("3", 9, 3), ("50%", 9, 4), ("100%", 9, 9), ("0%", 9, 0), (" 12.5% ", 80, 10)]
)
def test_a_share_is_a_number_or_percent(text: str, total: int, found: int) -> None:
    assert waves.share(text, total, "budget") == found


@pytest.mark.parametrize("text", ["", "-1", "5 %", "many", "1e3", "٣", "%"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="budget is"):
        waves.share(text, 9, "budget")


SIZES = st.lists(st.one_of(st.integers(0, 30).map(str), st.integers(0, 100).map(lambda p: f"{p}%")), min_size=1)


@given(count=st.integers(0, 60), sizes=SIZES)
def test_waves_hold_each_bmc_once_and_in_order(count: int, sizes: list[str]) -> None:
    bmcs = [str(number) for number in range(count)]
    found = waves.waves(bmcs, sizes)
    assert [bmc for wave in found for bmc in wave] == bmcs
    assert all(found)


def test_the_last_size_repeats() -> None:
    assert [len(wave) for wave in waves.waves([str(number) for number in range(10)], ["1", "40%"])] == [1, 4, 4, 1]


@given(models=st.dictionaries(st.text(min_size=1), st.sampled_from("abc"), max_size=30), count=st.integers(0, 4))
def test_each_model_has_its_canaries(models: dict[str, str], count: int) -> None:
    found = waves.canaries_by_model(models, count)
    for model in set(models.values()):
        ours = [bmc for bmc in models if models[bmc] == model]
        assert [bmc for bmc in found if models[bmc] == model] == ours[:count]


def test_canaries_by_name_are_bmcs_of_the_campaign() -> None:
    bmc_of = {"n0": "blade", "n1": "blade", "ilo": "ilo"}
    assert waves.canaries_by_host(["n1", "n0", "ilo"], bmc_of) == ["blade", "ilo"]
    with pytest.raises(InvalidRequest, match="no canary: gone"):
        waves.canaries_by_host(["ilo", "gone"], bmc_of)


BLADE = frozenset({"Node0", "Node1"})


def test_hosts_of_one_bmc_are_one_group() -> None:
    hosts = [Host("n0", "blade", "Node0", BLADE), Host("ilo", "ilo"), Host("n1", "blade", "Node1", BLADE)]
    blade, ilo = grouped(hosts)
    assert [host.name for host in blade.hosts] == ["n0", "n1"]
    assert blade.missing == ilo.missing == ()


@pytest.mark.parametrize(
    ("here", "others", "missing", "first"),
    [
        # In a slice of AWX there is nothing but what was recorded of the BMC.
        ([Host("n1", "blade", "Node1", BLADE)], [], ("Node0",), False),
        ([Host("n0", "blade", "Node0", BLADE)], [], ("Node1",), True),
        # With a limit the inventory has the others.
        ([Host("n1", "blade", "Node1")], [Host("n0", "blade", "Node0")], ("n0",), False),
        # The BMC's own host stands for all of its nodes.
        ([Host("blade", "blade")], [Host("n0", "blade", "Node0"), Host("n1", "blade", "Node1")], (), True),
        ([Host("blade", "blade"), Host("n0", "blade", "Node0", BLADE)], [], (), True),
    ],
)
def test_a_half_present_group_is_known(here: list[Host], others: list[Host], missing: Any, first: bool) -> None:
    (group,) = grouped(here, others)
    assert group.missing == missing
    if missing:
        assert group.has_first_node == first
        with pytest.raises(InvalidRequest, match="only some of the nodes"):
            beginning.choose([group], "refuse")
        assert bool(beginning.choose([group], "first_node").groups) == first


def test_the_hosts_beside_a_protected_one_are_left_alone() -> None:
    groups = grouped([Host("n0", "blade", "Node0")], [Host("n1", "blade", "Node1", protected=True)])
    chosen = beginning.choose(groups, "refuse")
    assert chosen.groups == ()
    assert "bmc_protected" in chosen.left["n0"]


def test_a_host_is_known_by_the_variables_of_discovery() -> None:
    variables = {"bmc_system": "Node0", "bmc_identity": {"systems": {"Node0": {}, "Node1": {}}, "model": "nc"}}
    assert host_of("n0", "blade", variables, protected=False) == Host("n0", "blade", "Node0", BLADE, "nc")
    assert host_of("x", "y", {"bmc_identity": "{{ odd }}"}, protected=False) == Host("x", "y")


@pytest.mark.parametrize(
    ("told", "state", "why"),
    [
        (result("planned"), "waiting", ""),
        (result("current"), "current", ""),
        (failure("BundleRefused"), "other_hardware", "nobody knows"),
        (failure("WrongMachine"), "not_ready", "it broke: nobody knows"),
        ({"unreachable": True, "msg": "gone"}, "not_ready", "gone"),
    ],
)
def test_a_look_says_whether_there_is_something_to_do(told: dict[str, Any], state: str, why: str) -> None:
    found = progress.compared(Bmc("b", ("h",)), told)
    assert (found.state, found.why) == (state, why)


SUBMITTING = Bmc("b", ("h",), state="submitting", updates=(PLANNED,), wave=1, begun=1.0)


@pytest.mark.parametrize(
    ("told", "state", "failed"),
    [
        (result("submitted", handle=HANDLE), "submitted", False),
        (result("updated"), "updated", False),
        # Found to be done by the run before, which did not live to say so.
        (result("current"), "updated", False),
        (result("pending_reboot"), "pending_reboot", False),
        (result("failed"), "failed", True),
        ({"updates": []}, "failed", True),
        (failure("Busy"), "not_ready", True),
        (failure("Unreachable", changed=True), "failed", True),
        (failure("UpdateFailed", changed=True), "failed", True),
        (failure("NotReached", changed=True, handle=HANDLE), "submitted", True),
        ({"failed": True, "msg": "a defect"}, "submitting", True),
    ],
)
def test_a_submission_says_how_to_go_on(told: dict[str, Any], state: str, failed: bool) -> None:
    found = progress.submitted(SUBMITTING, told, 9.0)
    assert (found.state, found.failed) == (state, failed)
    assert bool(found.handle) == (state == "submitted")


@pytest.mark.parametrize("kind", ["Unreachable", "Busy", "LoginRefused"])
def test_what_was_cut_off_stays_unknown_until_somebody_saw_it(kind: str) -> None:
    """The run before may have submitted it: that this one could not look says nothing."""
    again = progress.submitted(progress.resumed(SUBMITTING, retry_failed=False), failure(kind), 9.0)
    assert (again.state, again.unseen, report.outcome(again)) == ("submitting", True, "NOT KNOWN")
    third = progress.resumed(again, retry_failed=False)
    assert not third.failed
    assert progress.submitted(third, result("current"), 9.0).state == "updated"


@pytest.mark.parametrize(("cut_off", "outcome"), [(False, "NOT READY"), (True, "NOT KNOWN")])
def test_an_image_that_could_not_be_staged_counts(cut_off: bool, outcome: str) -> None:
    found = progress.not_staged(replace(SUBMITTING, cut_off=cut_off), failure("LocalFailure"), 9.0)
    assert (report.outcome(found), found.failed) == (outcome, True)
    assert found.why == "the image could not be staged: it broke: nobody knows"


@pytest.mark.parametrize(
    ("told", "state", "failed", "handle"),
    [
        (result("updated"), "updated", False, None),
        (result("pending_reboot"), "pending_reboot", False, None),
        (failure("UpdateFailed"), "failed", True, None),
        # It may still run: a later run settles it by the same handle, or by a newer one.
        ({**failure("Unreachable"), "failed": False, "unreachable": True}, "submitted", True, HANDLE),
        (failure("NotReached", handle={"task": "/tasks/2"}), "submitted", True, {"task": "/tasks/2"}),
        *(
            (failure(kind, **handle), "submitted", True, HANDLE)
            for kind in ("LoginRefused", "RefusedByBmc", "Busy", "LocalFailure", "RegistryFailure", "WrongMachine")
            for handle in ({}, {"handle": HANDLE})
        ),
        ({"failed": True, "msg": "a defect"}, "submitted", True, HANDLE),
    ],
)
def test_a_settlement_never_loses_what_may_still_run(
    told: dict[str, Any], state: str, failed: bool, handle: Any
) -> None:
    found = progress.settled(replace(SUBMITTING, state="submitted", handle=HANDLE), told, 9.0)
    assert (found.state, found.failed, found.handle) == (state, failed, handle)


@pytest.mark.parametrize("uri", [PLANNED["uri"], "/fw/bmc-2"])
def test_the_version_before_is_that_of_the_first_look(uri: str) -> None:
    told = {"updates": [{**PLANNED, "uri": uri, "before": "2", "state": "current"}]}
    (update,) = progress.submitted(SUBMITTING, told, 9.0).updates
    assert update["before"] == "1"


def test_a_host_whose_tasks_said_nothing_is_not_ready() -> None:
    blade = Bmc("b", ("n0", "n1"), state="preparing")
    assert progress.prepared(blade, None, 1.0).state == "submitting"
    assert progress.prepared(blade, {"n0": "", "n1": ""}, 1.0).state == "submitting"
    for told in ({"n0": ""}, {"n0": "", "n1": "not drained"}, {}):
        found = progress.prepared(blade, told, 1.0)
        assert found.state == "not_ready"
        assert "n1: " in found.why


STATES = st.sampled_from(values.STATES)


@st.composite
def campaigns(draw: st.DrawFn) -> Campaign:
    bmcs = tuple(
        Bmc(
            f"b{number}",
            (f"h{number}",),
            wave=draw(st.integers(0, 3)),
            state=state,
            why=draw(st.sampled_from(["", "x"])),
        )
        for number, state in enumerate(draw(st.lists(STATES, max_size=20)))
    )
    return Campaign("c", {}, bmcs=bmcs)


@given(campaign=campaigns())
def test_a_state_file_holds_all(campaign: Campaign) -> None:
    assert values.from_data(json.loads(json.dumps(values.as_data(campaign)))) == campaign


@given(campaign=campaigns(), budget=st.integers(0, 20))
def test_no_wave_begins_beyond_the_budget_nor_behind_a_failed_canary(campaign: Campaign, budget: int) -> None:
    failed = [bmc for bmc in campaign.bmcs if bmc.failed]
    stops = len(failed) > budget or any(bmc.wave == values.CANARY for bmc in failed)
    assert bool(progress.why_stopped(campaign, budget)) == stops


@given(campaign=campaigns(), retry_failed=st.booleans())
def test_what_is_done_is_not_done_again(campaign: Campaign, retry_failed: bool) -> None:
    for bmc in campaign.bmcs:
        again = progress.resumed(bmc, retry_failed=retry_failed)
        if bmc.state in values.DONE | values.BEGUN:
            assert again.state == bmc.state
            assert again.cut_off == (bmc.state == "submitting")
        elif bmc.state == "failed" and not retry_failed:
            assert again == bmc
        else:
            assert again.state == "waiting"


def test_a_campaign_is_only_taken_up_by_who_asks_for_the_same() -> None:
    groups = grouped([Host("h", "b")])
    earlier = Campaign("c", {"bundle": "nc:1"}, bmcs=(replace(SUBMITTING, hosts=("h",)),), phase="paused", why="so")
    again = beginning.taken_up(earlier, "c", {"bundle": "nc:1"}, groups, retry_failed=False)
    assert (again.phase, again.why) == ("running", "")
    assert again.bmcs == (replace(earlier.bmcs[0], cut_off=True),)
    with pytest.raises(InvalidRequest, match="bundle was 'nc:1' and is 'nc:2'"):
        beginning.taken_up(earlier, "c", {"bundle": "nc:2"}, groups, retry_failed=False)
    with pytest.raises(InvalidRequest, match="has not these hosts: other"):
        beginning.taken_up(earlier, "c", earlier.asked, grouped([Host("other", "o")]), retry_failed=False)
    begun_nothing = replace(earlier, bmcs=(Bmc("b", ("h",)),))
    for over in (replace(earlier, phase="finished"), begun_nothing):
        assert beginning.taken_up(over, "c", {"bundle": "nc:2"}, groups, retry_failed=False).asked == {"bundle": "nc:2"}


@pytest.mark.parametrize(("state", "begins_anew"), [("failed", False), ("updated", True), ("not_ready", True)])
def test_what_failed_is_not_tried_again_unasked(state: str, begins_anew: bool) -> None:
    groups = grouped([Host("h", "b")])
    earlier = Campaign(
        "c", {"bundle": "nc:1"}, bmcs=(replace(SUBMITTING, hosts=("h",), state=state),), phase="finished"
    )
    again = beginning.taken_up(earlier, "c", earlier.asked, groups, retry_failed=False)
    assert (again.bmcs[0].state == "waiting") == begins_anew
    tried = beginning.taken_up(earlier, "c", earlier.asked, groups, retry_failed=True)
    assert tried.bmcs[0].state == "waiting"


def test_models_without_a_canary_are_named() -> None:
    bmcs = tuple(Bmc(name, (name,), model=name[0]) for name in ("a1", "a2", "b1"))
    planned = beginning.in_waves(Campaign("c", {}, bmcs=bmcs), ["a2"], ["1"])
    assert [bmc.wave for bmc in planned.bmcs] == [1, 0, 2]
    assert beginning.without_canary(planned) == ("b",)
    assert beginning.without_canary(beginning.in_waves(Campaign("c", {}, bmcs=bmcs), 1, ["1"])) == ()


HOSTILE = ["<script>x</script>", "a|b", "[x](javascript:y)", "**b**", "\x1b[2J", "line\nbreak", "`c`", "&lt;"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_bmc_wrote_is_text_in_every_report(text: str) -> None:
    update = {**PLANNED, "before": text, "component": text}
    bmc = Bmc("b", ("h",), model=text, state="failed", why=text, updates=(update,), wave=1)
    campaign = Campaign("c", {}, bmcs=(bmc,), started=1.0)
    lines = report.lines(campaign, 0, 9, 160)
    assert all(line.isprintable() and len(line) <= 160 for line in lines)
    written = report.markdown(campaign, 0)
    (row,) = [line for line in written.splitlines() if line.startswith("| h |")]
    assert "<" not in row
    assert row.replace("\\|", "").count("|") == len(report.HEADINGS) + 1
