# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Submitted, then settled: a handle never sends again what was sent, and forces only what it was allowed to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Run
from tests.integration.power_cases import PROFILES

POWER = "openchami.bmc.bmc_power"
QUICK = {"wait_timeout": 20, "poll_interval": 0.1}
DEAF = {"graceful": "ignored"}


@dataclass(frozen=True)
class Case:
    """One BMC that is submitted to, and settled later.

    first, then: ResetTypes that the submission and the settling send. bmc: settings of the simulated BMC. options: of
    both tasks. kind: of the error of settling.
    """

    name: str
    dialect: str
    state: str
    first: list[str]
    then: list[str]
    ends: str
    bmc: Mapping[str, Any]
    options: Mapping[str, Any]
    kind: str = ""


def _cases() -> list[Case]:
    hurried = {"wait_timeout": 1}
    cases = []
    for dialect in PROFILES:
        down = "Off" if dialect == "cray" else "GracefulShutdown"
        gentle = ["Off"] if dialect == "cray" else ["GracefulRestart"]
        then_on = ["On"] if dialect == "cray" else []
        escalate = {**hurried, "escalate": True}
        cases += [
            Case(f"{dialect}-off", dialect, "off", [down], [], "Off", {}, {}),
            Case(f"{dialect}-on", dialect, "on", ["On"], [], "On", {"power": "Off"}, {}),
            Case(f"{dialect}-force_off", dialect, "force_off", ["ForceOff"], [], "Off", {}, {}),
            Case(f"{dialect}-soft_restart", dialect, "soft_restart", gentle, then_on, "On", {}, {}),
            Case(f"{dialect}-hard_restart", dialect, "hard_restart", [down], ["On"], "On", {}, {}),
            Case(f"{dialect}-off-deaf", dialect, "off", [down], ["ForceOff"], "Off", DEAF, hurried),
            Case(f"{dialect}-soft_off-deaf", dialect, "soft_off", [down], [], "On", DEAF, hurried, "NotReached"),
            Case(f"{dialect}-soft_off-escalate", dialect, "soft_off", [down], ["ForceOff"], "Off", DEAF, escalate),
        ]
    return cases


CASES = {case.name: case for case in _cases()}


def _task(name: str, state: str, **options: Any) -> dict[str, Any]:
    return {"name": name, POWER: {"state": state, **QUICK, **options}}


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    """One BMC for each case, and some for the tests of their own."""
    own = ("round-trip", "looks", "stranger", "another", "damaged", "checked", "there", "twice")
    entries = [{"name": case.name, "profile": PROFILES[case.dialect], **case.bmc} for case in CASES.values()]
    # Restarts are to be seen: POST takes longer than a busy controller takes between two looks.
    timing = {"post": 1.5}
    return start_fleet(
        [
            *({"timing": timing, **entry} for entry in entries),
            *({"name": name, "profile": "dell_idrac9"} for name in own),
            # It refuses On for a while after power-off: a look is then no end.
            {"name": "loop", "profile": "dell_idrac10", "timing": {"rest": 1.0}},
        ]
    )


@dataclass(frozen=True)
class Submitted:
    """All cases, submitted in one playbook and settled in another. sent: what each BMC had received in between."""

    run: Run
    sent: dict[str, list[str]]
    settled: Run


def _hosts(fleet: Fleet) -> dict[str, dict[str, Any]]:
    return {
        name: fleet.variables(
            name,
            state=case.state,
            wait_timeout=case.options.get("wait_timeout", QUICK["wait_timeout"]),
            escalate=case.options.get("escalate", False),
            bmc_system="Node1" if case.dialect == "cray" else None,
        )
        for name, case in CASES.items()
    }


@pytest.fixture(scope="module")
def submitted(fleet: Fleet, controller: Controller) -> Submitted:
    options = {"state": "{{ state }}", "wait_timeout": "{{ wait_timeout }}", "poll_interval": 0.1}
    first = {"name": "submit", POWER: {**options, "escalate": "{{ escalate }}", "wait": False}}
    hosts = _hosts(fleet)
    run = controller.run(hosts, [first])
    sent = {name: fleet.sent(name) for name in CASES}
    for name in CASES:
        # Another process, which knows nothing but what was returned as JSON.
        hosts[name]["handle"] = run.of(name, "submit").result["handle"]
    # Without escalate: what may be forced was decided when it was submitted.
    then = {"name": "settle", POWER: {**options, "handle": "{{ handle }}"}}
    return Submitted(run, sent, controller.run(hosts, [then]))


@pytest.mark.parametrize("name", CASES)
def test_a_submission_sends_the_first_reset_and_returns_a_handle(submitted: Submitted, name: str) -> None:
    result = submitted.run.of(name, "submit").result
    assert submitted.sent[name] == CASES[name].first
    assert result["changed"] is True
    assert result["settled"] is False
    assert result["handle"]
    assert [sent["body"]["ResetType"] for sent in result["targets"][0]["sent"]] == CASES[name].first


@pytest.mark.parametrize("name", CASES)
def test_settling_sends_only_what_is_left(submitted: Submitted, fleet: Fleet, name: str) -> None:
    case, outcome = CASES[name], submitted.settled.of(name, "settle")
    assert fleet.sent(name) == case.first + case.then
    assert outcome.kind == case.kind
    assert outcome.result["changed"] is bool(case.then)
    system = "Node1" if case.dialect == "cray" else next(iter(fleet.power(name)))
    assert fleet.power(name)[system] == case.ends
    if not case.kind:
        assert outcome.result["settled"] is True
        assert outcome.result["handle"] is None
        assert outcome.result["power_state"] == case.ends
        assert outcome.result["targets"][0]["confirmed"] is True


def test_nothing_to_submit_returns_no_handle(fleet: Fleet, controller: Controller) -> None:
    run = controller.run({"there": fleet.variables("there")}, [_task("on", "on", wait=False)])
    result = run.of("there", "on").result
    assert (result["changed"], result["settled"], result["handle"]) == (False, True, None)


@pytest.mark.soak
def test_a_handle_survives_facts_and_their_cache(fleet: Fleet, own_controller: Controller) -> None:
    cache = {
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(own_controller.folder / "facts"),
    }
    own_controller.environment.update(cache)
    host = {"round-trip": fleet.variables("round-trip")}
    submit = [
        {**_task("submit", "off", wait=False), "register": "submitted"},
        {"name": "keep", "ansible.builtin.set_fact": {"kept": "{{ submitted.handle }}", "cacheable": True}},
    ]
    own_controller.run(host, submit)
    run = own_controller.run(
        host,
        [
            _task("settle", "off", handle="{{ kept }}"),
            # As text, for a scheduler that keeps it in a survey or an artifact.
            _task("again", "off", handle="{{ kept | to_json }}"),
        ],
    )
    assert [outcome.status for outcome in run.outcomes] == ["ok", "ok"], [outcome.msg for outcome in run.outcomes]
    assert fleet.sent("round-trip") == ["GracefulShutdown"]


def test_with_wait_false_a_handle_is_looked_at_once(fleet: Fleet, controller: Controller) -> None:
    fleet.simulator.set_state("looks", graceful="ignored")
    host = {"looks": fleet.variables("looks")}
    submit = {**_task("submit", "soft_off", wait=False), "register": "submitted"}
    look = {**_task("look", "soft_off", wait=False, handle="{{ submitted.handle }}"), "register": "looked"}
    run = controller.run(host, [submit, look])
    looked = run.of("looks", "look").result
    assert looked["settled"] is False
    assert looked["handle"]
    posted = next(request["n"] for request in fleet.simulator.requests("looks") if request["method"] == "POST")
    uris = [request["uri"] for request in fleet.simulator.requests("looks")[posted:]]
    assert uris.count("/redfish/v1/Systems/System.Embedded.1") == 1
    fleet.simulator.set_state("looks", systems={"System.Embedded.1": {"power_state": "Off"}})
    host["looks"]["handle"] = looked["handle"]
    again = controller.run(host, [_task("look", "soft_off", wait=False, handle="{{ handle }}")]).of("looks", "look")
    assert (again.result["settled"], again.result["handle"]) == (True, None)
    assert fleet.sent("looks") == ["GracefulShutdown"]


def test_a_loop_of_looks_settles(fleet: Fleet, controller: Controller) -> None:
    submit = {**_task("submit", "hard_restart", wait=False), "register": "submitted"}
    look = {
        **_task("look", "hard_restart", wait=False, handle="{{ looked.handle | default(submitted.handle, true) }}"),
        "register": "looked",
        "until": "looked.settled",
        "retries": 100,
        "delay": 0.1,
    }
    run = controller.run({"loop": fleet.variables("loop")}, [submit, look])
    assert run.of("loop", "look").result["settled"] is True
    first, *others = fleet.sent("loop")
    assert (first, set(others)) == ("GracefulShutdown", {"On"})
    assert fleet.boots("loop") == {"System.Embedded.1": 1}
    assert fleet.power("loop") == {"System.Embedded.1": "On"}


def test_a_handle_that_was_settled_sends_nothing_more(fleet: Fleet, controller: Controller) -> None:
    # A play that is started again with the facts of the first: the host runs, its deadline is long past.
    host = {"twice": fleet.variables("twice")}
    hurried = {"wait_timeout": 1, "wait": False}
    submit = controller.run(host, [_task("submit", "hard_restart", **hurried)]).of("twice", "submit")
    settle = _task("settle", "hard_restart", handle=submit.result["handle"], wait_timeout=1)
    controller.run(host, [settle])
    assert fleet.sent("twice") == ["GracefulShutdown", "On"]
    controller.run(host, [settle])
    assert fleet.sent("twice") == ["GracefulShutdown", "On"]
    assert fleet.power("twice") == {"System.Embedded.1": "On"}


def test_a_handle_serves_its_own_bmc_and_state_only(fleet: Fleet, controller: Controller) -> None:
    submit = controller.run({"stranger": fleet.variables("stranger")}, [_task("submit", "off", wait=False)])
    handle = submit.of("stranger", "submit").result["handle"]
    broken = json.loads(json.dumps(handle))
    del broken["targets"][0]["steps"]
    run = controller.run(
        {name: fleet.variables(name) for name in ("another", "damaged")},
        [
            {**_task("other host", "off", handle=handle), "when": "inventory_hostname == 'another'"},
            {**_task("other state", "force_off", handle=handle), "when": "inventory_hostname == 'another'"},
            {
                **_task("damaged", "off", handle={**broken, "origin": f"https://{fleet.addresses['damaged']}"}),
                "when": "inventory_hostname == 'damaged'",
            },
        ],
    )
    for host, task in (("another", "other host"), ("another", "other state"), ("damaged", "damaged")):
        outcome = run.of(host, task)
        assert outcome.kind == "InvalidRequest", task
        assert outcome.msg.startswith(f"{host}: the handle"), task
        assert outcome.msg.splitlines() == [outcome.msg]
        assert fleet.simulator.writes(host) == []


def test_check_mode_of_settling_predicts_and_sends_nothing(fleet: Fleet, controller: Controller) -> None:
    host = {"checked": fleet.variables("checked")}
    submit = controller.run(host, [_task("submit", "hard_restart", wait=False)])
    host["checked"]["handle"] = submit.of("checked", "submit").result["handle"]
    settle = _task("settle", "hard_restart", handle="{{ handle }}")
    before = fleet.sent("checked")
    predicted = controller.run(host, [settle], arguments=["--check"]).of("checked", "settle").result
    assert fleet.sent("checked") == before
    run = controller.run(host, [settle]).of("checked", "settle").result
    sent = fleet.plan("checked")[len(before) :]
    assert predicted["plan"] == run["plan"] == sent
    assert predicted["changed"] is run["changed"] is True
