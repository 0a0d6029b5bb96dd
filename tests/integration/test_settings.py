# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every profile, every setting x {check, run, again, diff}, judged by what the simulated BMCs received and became."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Outcome
from tests.integration.settings_cases import EVERYTHING, HAS, KEY, SERVERS, asked
from tests.simulator.profile import profile_names
from tests.simulator.public_keys import public_key

MODULE = "openchami.bmc.bmc_settings"
TASK = {
    "name": "set",
    MODULE: {
        **{name: f"{{{{ asked.{name} }}}}" for name in EVERYTHING},
        "reset_manager": "when_needed",
        "allow_lockout": True,
        "poll_interval": 0.1,
    },
}
each_profile = pytest.mark.parametrize("name", HAS)
ILOS = [name for name in HAS if name.startswith("hpe")]


@dataclass(frozen=True)
class Account:
    """What the simulator says of one BMC after a run."""

    outcome: Outcome
    plan: list[dict[str, Any]]
    methods: set[str]
    state: dict[str, Any]

    @property
    def states(self) -> dict[str, str]:
        return {entry["name"]: entry["state"] for entry in self.outcome.result["settings"]}


@dataclass(frozen=True)
class Accounts:
    check: Mapping[str, Account]
    run: Mapping[str, Account]
    again: Mapping[str, Account]


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    return start_fleet([{"name": name, "profile": name, "timing": {"manager_reset": 0.5}} for name in HAS])


@pytest.fixture(scope="module")
def accounts(fleet: Fleet, controller: Controller) -> Accounts:
    """Three playbook runs over all BMCs."""
    hosts = {name: fleet.variables(name, asked=asked(name)) for name in HAS}

    def played(*arguments: str) -> dict[str, Account]:
        for name in HAS:
            fleet.simulator.clear_requests(name)
        run = controller.run(hosts, [TASK], arguments=["--diff", *arguments])
        return {
            name: Account(run.of(name, "set"), fleet.plan(name), fleet.methods(name), fleet.simulator.state(name))
            for name in HAS
        }

    return Accounts(check=played("--check"), run=played(), again=played())


def test_every_profile_is_among_them() -> None:
    assert list(HAS) == profile_names()


@each_profile
def test_check_mode_only_reads(accounts: Accounts, name: str) -> None:
    check = accounts.check[name]
    assert check.outcome.status == "ok", check.outcome.msg
    assert check.methods == {"GET"}
    assert check.state["configuration"] == {"written": {}, "members": {}, "pending": []}


@each_profile
def test_each_setting_answers_by_itself(accounts: Accounts, name: str) -> None:
    for account in (accounts.check[name], accounts.run[name]):
        assert account.outcome.status == "ok", account.outcome.msg
        assert {setting for setting, state in account.states.items() if state != "unsupported"} == HAS[name]
    assert accounts.run[name].states == accounts.check[name].states


@each_profile
def test_the_plan_of_check_mode_is_what_the_run_sends(accounts: Accounts, name: str) -> None:
    check, run = accounts.check[name].outcome.result, accounts.run[name]
    sent = [*check["plan"], *check["reset_plan"]]
    assert run.plan == sent
    assert bool(run.plan) == run.outcome.result["changed"] == check["changed"]
    assert [write["method"] for write in check["reset_plan"]] == (["POST"] if name in ILOS else [])


@each_profile
def test_diff_is_predicted_and_true(accounts: Accounts, name: str) -> None:
    run = accounts.run[name].outcome.result
    assert run["diff"] == accounts.check[name].outcome.result["diff"]
    # Beside a setting stand the switches that decide whether it counts.
    assert {entry.partition(": ")[0] for entry in run["diff"]["after"]} == HAS[name]
    assert accounts.again[name].outcome.result["diff"]["before"] == run["diff"]["after"]


@each_profile
def test_what_was_asked_for_is_truly_there(accounts: Accounts, name: str) -> None:
    truth = json.dumps(accounts.run[name].state["configuration"])
    for group, servers in SERVERS.items():
        assert (servers[0] in truth) == (f"{group}.servers" in HAS[name]), group
    assert (KEY in truth) == any(setting.startswith("ssh_keys") for setting in HAS[name])


@each_profile
def test_what_is_there_already_is_left_alone(accounts: Accounts, name: str) -> None:
    again = accounts.again[name]
    assert again.outcome.status == "ok"
    assert set(again.states.values()) <= {"unchanged", "unsupported"}
    assert (again.outcome.result["changed"], again.outcome.result["plan"], again.methods) == (False, [], {"GET"})


@pytest.mark.parametrize("name", ILOS)
def test_an_ilo_is_reset_once_and_nothing_waits_any_more(accounts: Accounts, name: str) -> None:
    run = accounts.run[name]
    assert run.state["manager"]["resets"] == 1
    assert run.state["configuration"]["pending"] == []
    assert run.outcome.result["reset_needed"] is False
    assert run.outcome.result["settled"] is True


@pytest.mark.parametrize("name", [name for name in HAS if name not in ILOS])
def test_no_other_manager_is_reset(accounts: Accounts, name: str) -> None:
    assert accounts.run[name].state["manager"]["resets"] == 0


@pytest.mark.parametrize("name", ["cray_ex_nc", "cray_ex_cc", "cray_ex_sc"])
def test_conmans_key_survives(accounts: Accounts, name: str) -> None:
    written = accounts.run[name].state["configuration"]["written"]
    keys = written["/redfish/v1/Managers/BMC/NetworkProtocol"]["Oem"]["SSHConsole"]["AuthorizedKeys"].splitlines()
    assert keys == [public_key("conman"), KEY]
