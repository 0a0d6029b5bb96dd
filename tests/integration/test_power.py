# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every state x dialect x {check, run, again, diff}, judged by what the simulated BMCs really received and became."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Outcome
from tests.integration.power_cases import ALLOWED, CASES, DESIRED, ESCALATED, PROFILES, Case

# A restart shows on an iLO only while the host is in POST: long enough to be seen by a busy controller.
TIMING = {"on": 0.2, "graceful": 0.2, "force": 0.1, "restart": 0.2, "post": 1.5, "manager_reset": 0.5}
# A host that does nothing is waited for in vain; one that obeys needs far less, also on a busy controller.
VAIN_TIMEOUT, TIMEOUT = 1.0, 20.0

SUCCESSES = [name for name, case in CASES.items() if not case.kind]
FAILURES = [name for name, case in CASES.items() if case.kind]
REPEATED = [name for name, case in CASES.items() if case.state in DESIRED and not case.kind]
SENDING = [name for name, case in CASES.items() if case.sent]


@dataclass(frozen=True)
class Account:
    """What the simulator says of one BMC after a run."""

    outcome: Outcome
    plan: list[dict[str, Any]]
    methods: set[str]
    requests: list[dict[str, Any]]
    state: dict[str, Any]
    history: list[dict[str, Any]]


@dataclass(frozen=True)
class Accounts:
    """The accounts of the three runs: in check mode, for real, and once more."""

    check: Mapping[str, Account]
    run: Mapping[str, Account]
    again: Mapping[str, Account]


def _host(fleet: Fleet, case: Case) -> dict[str, Any]:
    node = {"bmc_system": "Node0"} if case.dialect == "cray" and case.target == "system" else {}
    options = {**node, **case.options}
    return fleet.variables(
        case.name,
        state=case.state,
        wait_timeout=VAIN_TIMEOUT if case.in_vain else TIMEOUT,
        options={key: value for key, value in options.items() if value != ""},
    )


POWER = {
    "name": "power",
    "openchami.bmc.bmc_power": {
        "state": "{{ state }}",
        "wait_timeout": "{{ wait_timeout }}",
        "poll_interval": 0.1,
        "target": "{{ options.target | default(omit) }}",
        "escalate": "{{ options.escalate | default(omit) }}",
        "bmc_system": "{{ options.bmc_system | default(omit) }}",
    },
}


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    """One BMC for each case."""
    fleet = start_fleet(
        [
            {
                "name": case.name,
                "profile": PROFILES[case.dialect],
                "power": case.power,
                "timing": TIMING,
                **case.bmc,
            }
            for case in CASES.values()
        ]
    )
    for case in CASES.values():
        if case.stuck:
            fleet.simulator.fault(case.name, "stuck_power", count=None)
    return fleet


@pytest.fixture(scope="module")
def accounts(fleet: Fleet, controller: Controller) -> Accounts:
    """Three playbook runs over all BMCs."""

    def played(names: list[str], *arguments: str) -> dict[str, Account]:
        for name in names:
            fleet.simulator.clear_requests(name)
        hosts = {name: _host(fleet, CASES[name]) for name in names}
        run = controller.run(hosts, [POWER], arguments=["--diff", *arguments])
        return {
            name: Account(
                run.of(name, "power"),
                fleet.plan(name),
                fleet.methods(name),
                fleet.simulator.requests(name),
                fleet.simulator.state(name),
                fleet.simulator.history(name),
            )
            for name in names
        }

    return Accounts(check=played(list(CASES), "--check"), run=played(list(CASES)), again=played(REPEATED))


def _reset_types(plan: list[dict[str, Any]]) -> list[str]:
    return [write["body"]["ResetType"] for write in plan]


def _by_target(plan: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The writes of each target in their order: of several nodes, the one that is off first is powered on first."""
    return {uri: [write for write in plan if write["uri"] == uri] for uri in {write["uri"] for write in plan}}


@pytest.mark.parametrize("name", CASES)
def test_check_mode_only_reads(accounts: Accounts, name: str) -> None:
    check = accounts.check[name]
    assert check.methods == {"GET"}
    assert check.history == []


@pytest.mark.parametrize("name", SUCCESSES)
def test_the_plan_of_check_mode_is_what_the_run_sends(accounts: Accounts, name: str) -> None:
    case = CASES[name]
    predicted, run = accounts.check[name].outcome.result, accounts.run[name]
    assert _reset_types(predicted["plan"]) == case.planned
    assert _reset_types(run.plan) == list(case.sent)
    assert run.outcome.result["plan"] == predicted["plan"]
    assert run.outcome.result["escalation"] == predicted["escalation"]
    if not case.forced:
        assert _by_target(run.plan) == _by_target(predicted["plan"])
    for write in run.plan:
        assert write in predicted["plan"] + predicted["escalation"]


@pytest.mark.parametrize("name", SUCCESSES)
def test_it_succeeds_and_changed_means_that_the_bmc_took_a_reset(accounts: Accounts, name: str) -> None:
    changed = bool(CASES[name].sent)
    assert accounts.check[name].outcome.status == accounts.run[name].outcome.status == "ok"
    assert accounts.check[name].outcome.result["changed"] is changed
    assert accounts.run[name].outcome.result["changed"] is changed


@pytest.mark.parametrize("name", SUCCESSES)
def test_the_result_tells_what_was_sent(accounts: Accounts, name: str) -> None:
    run = accounts.run[name]
    told = [sent for target in run.outcome.result["targets"] for sent in target["sent"]]
    assert sorted(sent["body"]["ResetType"] for sent in told) == sorted(CASES[name].sent)
    assert all(sent["answered"] for sent in told)
    assert run.outcome.result["settled"] is True
    assert run.outcome.result["handle"] is None


@pytest.mark.parametrize("name", SUCCESSES)
def test_the_systems_end_where_they_were_asked_to(accounts: Accounts, name: str) -> None:
    case, run = CASES[name], accounts.run[name]
    acted = {target["id"] for target in run.outcome.result["targets"] if target["kind"] == "system"}
    for system, truth in run.state["systems"].items():
        touched = system in acted or case.target == "chassis"
        assert truth["power_state"] == (case.ends if touched else case.power), system


@pytest.mark.parametrize("name", [name for name in SUCCESSES if CASES[name].target != "manager"])
def test_a_boot_happened_only_where_one_was_meant(accounts: Accounts, name: str) -> None:
    case, run = CASES[name], accounts.run[name]
    boots = {"GracefulRestart": 1, "ForceRestart": 1, "On": 1}
    # A restart that nobody heard boots nothing.
    heard = [sent for sent in case.sent if not (sent == "GracefulRestart" and case.bmc.get("graceful") == "ignored")]
    expected = sum(boots.get(reset_type, 0) for reset_type in heard)
    assert sum(system["boots"] for system in run.state["systems"].values()) == expected
    assert sum(system["nmis"] for system in run.state["systems"].values()) == (1 if case.state == "nmi" else 0)


@pytest.mark.parametrize("name", SUCCESSES)
def test_diff_shows_the_power_state_before_and_after(accounts: Accounts, name: str) -> None:
    case, run = CASES[name], accounts.run[name]
    diff, predicted = run.outcome.result["diff"], accounts.check[name].outcome.result["diff"]
    assert diff == predicted
    uris = {target["uri"] for target in run.outcome.result["targets"]}
    assert set(diff["before"]) == set(diff["after"]) == uris
    if case.target != "manager":
        assert {shown["PowerState"] for shown in diff["before"].values()} == {case.power}
        assert {shown["PowerState"] for shown in diff["after"].values()} == {case.ends}


@pytest.mark.parametrize("name", SUCCESSES)
def test_the_effect_was_seen_or_the_result_says_that_it_was_not(accounts: Accounts, name: str) -> None:
    for target in accounts.run[name].outcome.result["targets"]:
        assert target["confirmed"] is CASES[name].seen
        assert bool(target["note"]) is not CASES[name].seen


@pytest.mark.parametrize("name", REPEATED)
def test_what_is_there_already_is_left_alone(accounts: Accounts, name: str) -> None:
    again = accounts.again[name]
    assert again.outcome.status == "ok"
    assert again.outcome.result["changed"] is False
    assert again.outcome.result["plan"] == []
    assert again.methods == {"GET"}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_says_its_kind_and_sends_no_more_than_asked(accounts: Accounts, name: str) -> None:
    case, run = CASES[name], accounts.run[name]
    assert run.outcome.status == "failed"
    assert run.outcome.kind == case.kind
    assert run.outcome.msg.startswith(f"{name}: ")
    assert "\n" not in run.outcome.msg
    assert _reset_types(run.plan) == list(case.sent)
    assert {truth["power_state"] for truth in run.state["systems"].values()} == {case.power}


@pytest.mark.parametrize("name", [name for name in FAILURES if CASES[name].kind != "NotReached"])
def test_check_mode_fails_as_the_run_does(accounts: Accounts, name: str) -> None:
    assert accounts.check[name].outcome.status == "failed"
    assert accounts.check[name].outcome.msg == accounts.run[name].outcome.msg


@pytest.mark.parametrize("name", [name for name in FAILURES if CASES[name].kind == "NotSupported"])
def test_not_supported_names_the_bmc_and_what_was_missing(accounts: Accounts, name: str) -> None:
    msg = accounts.run[name].outcome.msg
    firmware = {"hpe": "iLO 5 v2.78", "dell": "6.", "cray": "nc."}[CASES[name].dialect]
    assert "is not supported by this BMC" in msg
    assert f"({CASES[name].dialect}, " in msg
    assert f"firmware {firmware}" in msg
    assert "offers no ResetType" in msg


@pytest.mark.parametrize("name", SENDING)
def test_no_harsher_reset_than_asked(accounts: Accounts, name: str) -> None:
    case = CASES[name]
    allowed = ALLOWED[case.state] | (ESCALATED if case.options.get("escalate") else set())
    assert set(_reset_types(accounts.run[name].plan)) <= allowed


@pytest.mark.parametrize("name", [name for name in SUCCESSES if CASES[name].forced])
def test_force_comes_only_at_the_deadline(accounts: Accounts, name: str) -> None:
    requests = accounts.run[name].requests
    gentle, forced = [request["n"] for request in requests if request["method"] == "POST"][:2]
    assert any(gentle < request["n"] < forced for request in requests), "it was not looked at in between"
    assert set(_reset_types(accounts.check[name].outcome.result["escalation"])) == set(CASES[name].forced)


@pytest.mark.parametrize("name", [name for name in SUCCESSES if CASES[name].target == "manager"])
def test_a_manager_went_away_and_was_seen_to_return(accounts: Accounts, name: str) -> None:
    run = accounts.run[name]
    reset = next(request for request in run.requests if request["method"] == "POST")
    assert run.state["manager"]["resets"] == 1
    assert run.requests[-1]["method"] == "GET"
    assert run.requests[-1]["status"] == 200
    assert run.requests[-1]["time"] - reset["time"] >= TIMING["manager_reset"]
    assert {truth["boots"] for truth in run.state["systems"].values()} == {0}


def test_a_chassis_names_the_systems_that_it_takes_down(accounts: Accounts) -> None:
    run = accounts.run["dell-chassis-force_off"]
    assert run.outcome.result["affected_systems"] == ["/redfish/v1/Systems/System.Embedded.1"]
    assert run.plan[0]["uri"].endswith("/Actions/Chassis.Reset")


@pytest.mark.parametrize("nodes", [2, 4])
def test_all_means_each_node_once_and_a_named_node_alone(accounts: Accounts, nodes: int) -> None:
    everyone, named = accounts.run[f"cray{nodes}-off-all"], accounts.run[f"cray{nodes}-off-named"]
    assert len({write["uri"] for write in everyone.plan}) == nodes
    assert [write["uri"] for write in named.plan] == ["/redfish/v1/Systems/Node1/Actions/ComputerSystem.Reset"]


@pytest.mark.parametrize("nodes", [2, 4])
def test_no_node_named_lists_the_nodes(accounts: Accounts, nodes: int) -> None:
    msg = accounts.run[f"cray{nodes}-off-unnamed"].outcome.msg
    assert all(f"Node{number}" in msg for number in range(nodes))
    assert "bmc_system" in msg
