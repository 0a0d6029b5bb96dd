# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_bios on every profile x {check, write, again, restart, after}, judged by what the BMCs received and became."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.bios_cases import ASKED, TIMING, WITHOUT, system_of
from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Outcome

TOLD = ("pending", "applied", "reboot_required", "rebooted")
PHASES = ("check", "write", "again", "check-restart", "restart", "after")


@dataclass(frozen=True)
class Account:
    """What a BMC was sent in a phase, and became."""

    outcome: Outcome
    plan: list[dict[str, Any]]
    methods: set[str]
    state: dict[str, Any]


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    names = (*ASKED, *WITHOUT)
    return start_fleet([{"name": name, "profile": name, "timing": TIMING} for name in names])


@pytest.fixture(scope="module")
def accounts(fleet: Fleet, controller: Controller) -> Mapping[str, Mapping[str, Account]]:
    """All phases, by phase and profile."""
    hosts = {
        name: fleet.variables(
            name,
            attributes=dict(ASKED[name].given) if name in ASKED else {"BootMode": "Uefi"},
            bmc_system=system_of(name),
            reboot_type=ASKED[name].reboot_type if name in ASKED else "soft_restart",
        )
        for name in (*ASKED, *WITHOUT)
    }

    def played(phase: str) -> dict[str, Account]:
        for name in hosts:
            fleet.simulator.clear_requests(name)
        task = {
            "name": "bios",
            "openchami.bmc.bmc_bios": {
                "attributes": "{{ attributes }}",
                "reboot": "when_needed" if "restart" in phase else "never",
                "reboot_type": "{{ reboot_type }}",
                "poll_interval": 0.2,
                "wait_timeout": 60,
                "reboot_timeout": 60,
            },
        }
        run = controller.run(hosts, [task], arguments=["--diff", *(["--check"] if "check" in phase else [])])
        return {
            name: Account(run.of(name, "bios"), fleet.plan(name), fleet.methods(name), fleet.simulator.state(name))
            for name in hosts
        }

    return {phase: played(phase) for phase in PHASES}


def truth(account: Account, profile: str) -> dict[str, Any]:
    """The BIOS of the system that was asked for."""
    bioses = account.state["bios"]
    found: dict[str, Any] = bioses[system_of(profile) or next(iter(bioses))]
    return found


@pytest.mark.parametrize("profile", ASKED)
def test_check_mode_only_reads_and_its_plan_is_what_the_run_sends(
    accounts: Mapping[str, Mapping[str, Account]], profile: str
) -> None:
    for check, run in (("check", "write"), ("check-restart", "restart")):
        predicted, done = accounts[check][profile], accounts[run][profile]
        assert predicted.methods == {"GET"}
        assert predicted.outcome.status == "ok", predicted.outcome.msg
        assert predicted.outcome.result["plan"] == done.plan == done.outcome.result["plan"]
        assert predicted.outcome.result["diff"] == done.outcome.result["diff"]
        assert predicted.outcome.result["changed"] is done.outcome.result["changed"] is True


@pytest.mark.parametrize("profile", ASKED)
def test_what_is_written_waits_and_the_result_says_so(
    accounts: Mapping[str, Mapping[str, Account]], profile: str
) -> None:
    account, asked = accounts["write"][profile], ASKED[profile]
    result = account.outcome.result
    assert [write["method"] for write in account.plan] == ["PATCH"]
    assert account.plan[0]["body"]["Attributes"] == asked.sent
    assert truth(account, profile)["waiting"] == asked.sent
    assert (result["pending"], result["applied"], result["reboot_required"], result["rebooted"]) == (
        True,
        False,
        True,
        False,
    )
    assert {name: entry["pending"] for name, entry in result["attributes"].items()} == asked.sent
    assert sum(system["boots"] for system in account.state["systems"].values()) == 0


@pytest.mark.parametrize("profile", ASKED)
def test_what_waits_already_is_not_written_again(accounts: Mapping[str, Mapping[str, Account]], profile: str) -> None:
    account = accounts["again"][profile]
    assert account.methods == {"GET"}
    assert account.outcome.result["changed"] is False
    assert account.outcome.result["pending"] is True


@pytest.mark.parametrize("profile", ASKED)
def test_after_the_restart_the_values_are_truly_active(
    accounts: Mapping[str, Mapping[str, Account]], profile: str
) -> None:
    account, asked = accounts["restart"][profile], ASKED[profile]
    result = account.outcome.result
    assert account.outcome.status == "ok", account.outcome.msg
    assert [write["body"]["ResetType"] for write in account.plan] == list(asked.restart)
    shown = truth(account, profile)
    assert {name: shown["active"][name] for name in asked.sent} == asked.sent
    assert shown["waiting"] == {}
    assert (result["pending"], result["applied"], result["reboot_required"], result["rebooted"]) == (
        False,
        True,
        False,
        True,
    )
    assert {name: entry["after"] for name, entry in result["attributes"].items()} == asked.sent
    assert [system["boots"] for system in account.state["systems"].values() if system["boots"]] == [1]


@pytest.mark.parametrize("profile", ASKED)
def test_what_is_active_is_left_alone(accounts: Mapping[str, Mapping[str, Account]], profile: str) -> None:
    account = accounts["after"][profile]
    assert account.methods == {"GET"}
    assert account.outcome.result["changed"] is False
    assert account.outcome.result["applied"] is True
    assert account.outcome.result["plan"] == []


@pytest.mark.parametrize("profile", WITHOUT)
def test_a_bmc_without_bios_settings_says_so(accounts: Mapping[str, Mapping[str, Account]], profile: str) -> None:
    for phase in PHASES:
        account = accounts[phase][profile]
        assert account.outcome.kind == "NotSupported"
        assert "is not supported by this BMC" in account.outcome.msg
        assert account.methods == {"GET"}
