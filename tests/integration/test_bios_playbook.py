# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""openchami.bmc.bios: never more than meant (promise 2), judged by what the BMCs were sent; secrets stay secret."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration import canary
from tests.integration.bios_cases import TIMING
from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Run

BIOS = "openchami.bmc.bios"
SMT = {"ProcSMT": False}
WANTED: dict[str, dict[str, Any]] = {"ilo": SMT, "idrac": {"LogicalProc": False}, "login": SMT}
# Text, whatever a template would make of it.
UNSAFE = {"__ansible_unsafe": canary.PASSWORD}


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    profiles = {"ilo": "hpe_ilo5", "idrac": "dell_idrac9", "login": "hpe_ilo5"}
    account = {"password": canary.PASSWORD, "timing": TIMING}
    return start_fleet([{"name": name, "profile": profile, **account} for name, profile in profiles.items()])


@pytest.fixture(autouse=True)
def untouched(fleet: Fleet) -> None:
    fleet.simulator.reset()


def play(controller: Controller, fleet: Fleet, *arguments: str, **others: Any) -> Run:
    hosts = {
        name: fleet.variables(name, bmc_password=UNSAFE, bios_attributes=wanted, poll_interval=0.2, **others)
        for name, wanted in WANTED.items()
    }
    return controller.run_playbook(hosts, BIOS, groups={"bmc_protected": ["login"]}, arguments=arguments)


def test_what_is_named_is_set_and_the_protected_is_left_alone(controller: Controller, fleet: Fleet) -> None:
    run = play(controller, fleet, "--limit", "all")
    assert run.status == 0, run.stdout
    assert [write["method"] for name in ("ilo", "idrac") for write in fleet.plan(name)] == ["PATCH", "PATCH"]
    assert fleet.plan("login") == []
    (said,) = [outcome for outcome in run.outcomes if outcome.task == "Say what came of it"]
    assert [line.split()[:3] for line in said.result["msg"] if line.strip()] == [
        ["ilo", "pending", "changed"],
        ["idrac", "pending", "changed"],
    ]


def test_with_a_restart_the_values_are_active(controller: Controller, fleet: Fleet) -> None:
    run = play(controller, fleet, "-e", "bmc_hosts=ilo", "-e", "reboot=when_needed", "-e", "wait_timeout=60")
    assert run.status == 0, run.stdout
    assert fleet.bios("ilo")["1"]["active"]["ProcSMT"] == "Disabled"
    assert fleet.boots("ilo") == {"1": 1}


@pytest.mark.soak
def test_node_that_is_listed_twice_is_restarted_once(controller: Controller, fleet: Fleet) -> None:
    hosts = {name: fleet.variables("ilo", bios_attributes=SMT, poll_interval=0.2) for name in ("ilo", "again")}
    arguments = ["-e", "bmc_hosts=all", "-e", "reboot=always", "-e", "wait_timeout=60"]
    for host in hosts.values():
        host["bmc_password"] = UNSAFE
    run = controller.run_playbook(hosts, BIOS, groups={"bmc_protected": []}, arguments=arguments)
    assert run.status == 0, run.stdout
    assert fleet.boots("ilo") == {"1": 1}
    (said,) = [outcome for outcome in run.outcomes if outcome.task == "Say what came of it"]
    assert [line.split()[:3] for line in said.result["msg"] if line.strip()] == [
        ["ilo", "active", "changed"],
        ["again", "left", "out"],
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [((), "No target was named"), (("--limit", "all", "-e", "max_hosts=1"), "at most 1 are allowed")],
    ids=["no-target", "too-many"],
)
def test_more_than_meant_is_refused(
    controller: Controller, fleet: Fleet, arguments: tuple[str, ...], said: str
) -> None:
    run = play(controller, fleet, *arguments)
    assert run.status != 0
    assert said in run.stdout
    assert not any(fleet.plan(name) for name in WANTED)


def test_one_that_fails_does_not_hide_the_others(controller: Controller, fleet: Fleet) -> None:
    fleet.simulator.set_state("idrac", lockdown=True)
    run = play(controller, fleet, "--limit", "all")
    assert run.status != 0
    assert len(fleet.plan("ilo")) == 1
    assert "lockdown" in run.stdout


def test_no_secret_is_left_anywhere(own_controller: Controller, fleet: Fleet) -> None:
    canary.keep_everything(own_controller)
    hosts = {"ilo": fleet.variables("ilo", bmc_password=UNSAFE)}
    task = {"name": "bios", "openchami.bmc.bmc_bios": {"attributes": {"ProcSMT": False}}}
    run, seen = canary.watched(own_controller.start(hosts, [task], arguments=["-vvv"]))
    assert run.of("ilo", "bios").status == "ok", run.of("ilo", "bios").msg
    assert canary.leaks((run.stdout + run.stderr).encode()) == []
    assert all(canary.leaks(content) == [] for content in seen)
    assert canary.leaking_files(own_controller.folder, {"inventory.json"}) == {}
