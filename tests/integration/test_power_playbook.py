# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""openchami.bmc.power: never more than meant (promise 2), judged by what the BMCs were sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Run

POWER = "openchami.bmc.power"
TIMING = {"on": 0.1, "graceful": 0.1, "force": 0.1, "restart": 0.1, "post": 0.1}
SAY = "Say what came of it"


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    return start_fleet(
        [
            {"name": "ilo", "profile": "hpe_ilo5", "timing": TIMING},
            {"name": "idrac", "profile": "dell_idrac9", "timing": TIMING},
            {"name": "blade", "profile": "cray_ex_nc", "nodes": 2, "timing": TIMING},
            {"name": "login", "profile": "dell_idrac9", "timing": TIMING},
        ]
    )


@pytest.fixture(autouse=True)
def untouched(fleet: Fleet) -> None:
    fleet.simulator.reset()


def hosts(fleet: Fleet) -> dict[str, dict[str, Any]]:
    """Two servers, one of them twice, the two nodes of a blade, and a node that is protected."""
    return {
        "ilo": fleet.variables("ilo"),
        "ilo-again": fleet.variables("ilo"),
        "idrac": fleet.variables("idrac"),
        "blade-n0": fleet.variables("blade", bmc_system="Node0"),
        "blade-n1": fleet.variables("blade", bmc_system="Node1"),
        "login": fleet.variables("login"),
    }


def play(controller: Controller, fleet: Fleet, *arguments: str, **changed: dict[str, Any]) -> Run:
    inventory = {name: variables | changed.get(name.replace("-", "_"), {}) for name, variables in hosts(fleet).items()}
    return controller.run_playbook(inventory, POWER, groups={"bmc_protected": ["login"]}, arguments=arguments)


def table(run: Run) -> list[str]:
    """The lines of the summary."""
    (said,) = [outcome for outcome in run.outcomes if outcome.task == SAY]
    lines: list[str] = said.result["msg"]
    return lines


def nothing_sent(fleet: Fleet) -> bool:
    return not any(fleet.sent(name) for name in fleet.addresses)


def test_named_part_of_the_fleet_is_powered_off(controller: Controller, fleet: Fleet) -> None:
    run = play(controller, fleet, "-e", "state=off", "--limit", "all")
    assert run.status == 0, run.stdout
    assert fleet.power("ilo") == {"1": "Off"}
    assert fleet.power("idrac") == {"System.Embedded.1": "Off"}
    assert fleet.power("blade") == {"Node0": "Off", "Node1": "Off"}
    rows = {line.split()[0]: line.split()[1:] for line in table(run)[1:]}
    assert rows["blade-n0"] == ["On", "Off", "changed", "Off"]
    assert rows["idrac"] == ["On", "Off", "changed", "GracefulShutdown"]


def test_node_that_is_listed_twice_is_acted_on_once(controller: Controller, fleet: Fleet) -> None:
    run = play(controller, fleet, "-e", "state=soft_restart", "--limit", "ilo,ilo-again")
    assert run.status == 0, run.stdout
    assert fleet.sent("ilo") == ["GracefulRestart"]
    assert fleet.boots("ilo") == {"1": 1}
    assert any("the same node as another host" in line for line in table(run))


def test_protected_node_is_left_alone_and_named(controller: Controller, fleet: Fleet) -> None:
    run = play(controller, fleet, "-e", "state=force_off", "-e", "bmc_hosts=all")
    assert run.status == 0, run.stdout
    assert fleet.simulator.requests("login") == []
    assert any(line.startswith("login ") and "bmc_protected" in line for line in table(run))


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["-e", "state=off"], "No target was named"),
        # What AWX hands on for a question that was left empty; to Ansible no pattern beside an exclusion is 'all'.
        (["-e", "state=off", "-e", "bmc_hosts="], "No target was named"),
        pytest.param(["-e", "state=off", "-e", "bmc_hosts=' '"], "No target was named", marks=pytest.mark.soak),
        pytest.param(["--limit", "all"], "No state was named", marks=pytest.mark.soak),
        (["-e", "state=off", "--limit", "all", "-e", "max_hosts=3"], "5 hosts are named, at most 3 are allowed"),
        (["-e", "state=of", "--limit", "all"], "value of state must be one of"),
    ],
)
def test_more_or_less_than_meant_is_refused(
    controller: Controller, fleet: Fleet, arguments: Sequence[str], why: str
) -> None:
    run = play(controller, fleet, *arguments)
    assert run.status != 0
    assert any(why in outcome.msg for outcome in run.outcomes if outcome.status == "failed"), run.stdout
    assert nothing_sent(fleet)


def test_check_mode_tells_what_would_be_sent_and_sends_nothing(controller: Controller, fleet: Fleet) -> None:
    run = play(controller, fleet, "-e", "state=off", "--limit", "all", "--check")
    assert run.status == 0, run.stdout
    assert nothing_sent(fleet)
    rows = [line.split() for line in table(run)]
    assert ["blade-n1", "On", "Off", "would", "change", "Off"] in rows
    assert ["idrac", "On", "Off", "would", "change", "GracefulShutdown"] in rows


def test_failures_are_reported_and_the_others_still_done(controller: Controller, fleet: Fleet) -> None:
    gone = {"bmc_address": "127.0.0.1:1"}
    run = play(controller, fleet, "-e", "state=off", "--limit", "all", idrac={"bmc_password": "wrong"}, ilo_again=gone)
    assert run.status != 0
    assert fleet.power("ilo") == {"1": "Off"}
    assert fleet.sent("idrac") == []
    rows = {line.split()[0]: line for line in table(run)}
    assert "FAILED" in rows["idrac"]
    assert "login was refused" in rows["idrac"]
    assert "FAILED" in rows["ilo-again"]
    assert "no connection" in rows["ilo-again"]
    assert table(run)[-1] == "3 changed, 2 FAILED, 1 left alone"


def test_refusal_for_now_is_ridden_out_and_told_as_a_change(controller: Controller, fleet: Fleet) -> None:
    too_soon = {"error": {"@Message.ExtendedInfo": [{"MessageId": "Base.1.12.ActionParameterValueConflict"}]}}
    fleet.simulator.set_state("idrac", systems={"System.Embedded.1": {"power_state": "Off"}})
    fleet.simulator.fault("idrac", kind="status", status=409, body=too_soon, method="POST", uri="/Actions/")
    run = play(controller, fleet, "-e", "state=on", "--limit", "idrac")
    assert run.status == 0, run.stdout
    assert fleet.sent("idrac") == ["On", "On"]
    assert fleet.power("idrac") == {"System.Embedded.1": "On"}
    assert table(run)[1].split() == ["idrac", "Off", "On", "changed", "On"]


@pytest.mark.soak
def test_batches_take_turns(controller: Controller, fleet: Fleet) -> None:
    for name in fleet.addresses:
        systems = {system: {"power_state": "Off"} for system in fleet.power(name)}
        fleet.simulator.set_state(name, systems=systems)
    run = play(controller, fleet, "-e", "state=on", "--limit", "ilo,idrac", "-e", "batch_size=1", "-e", "batch_pause=1")
    assert run.status == 0, run.stdout
    (first,) = fleet.simulator.writes("ilo")
    (second,) = fleet.simulator.writes("idrac")
    seen_on = next(change["time"] for change in fleet.simulator.history("ilo") if change["to"] == "On")
    assert first["time"] < seen_on < second["time"]
