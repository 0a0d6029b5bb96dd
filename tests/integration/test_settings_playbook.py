# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""openchami.bmc.settings: never more than meant, and a table of what came of it."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Run

PLAYBOOK = "openchami.bmc.settings"
SETTINGS = MappingProxyType({"ntp": {"servers": ["10.0.0.1"]}, "syslog": {"servers": ["10.0.0.2"], "enabled": True}})


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    profiles = {"ilo": "hpe_ilo5", "idrac": "dell_idrac9", "stock": "openbmc", "login": "dell_idrac9"}
    return start_fleet([{"name": name, "profile": profile} for name, profile in profiles.items()])


@pytest.fixture(autouse=True)
def untouched(fleet: Fleet) -> None:
    fleet.simulator.reset()


def play(controller: Controller, fleet: Fleet, *arguments: str, settings: Any = SETTINGS) -> Run:
    hosts = {name: fleet.variables(name) for name in fleet.addresses}
    given = ["-e", json.dumps({"settings": settings}, default=dict)] if settings is not None else []
    return controller.run_playbook(hosts, PLAYBOOK, groups={"bmc_protected": ["login"]}, arguments=[*given, *arguments])


def table(run: Run) -> dict[tuple[str, str], list[str]]:
    """The lines of the summary, by host and setting."""
    (said,) = [outcome for outcome in run.outcomes if outcome.task == "Say what came of it"]
    rows = [line.split(maxsplit=3) for line in said.result["msg"][1:]]
    return {(row[0], row[2]): row for row in rows}


def test_a_fleet_of_all_makes_is_set_and_the_protected_are_left_alone(controller: Controller, fleet: Fleet) -> None:
    checked = play(controller, fleet, "--limit", "all", "--check")
    assert checked.status == 0, checked.stdout
    assert fleet.methods("ilo") == {"GET"}
    run = play(controller, fleet, "--limit", "all")
    assert run.status == 0, run.stdout
    said = table(run)
    assert said["ilo", "ntp.servers"][3] == "10.0.0.1 (waits for a restart of the BMC)"
    assert said["idrac", "syslog.servers"][1] == "changed"
    assert said["stock", "syslog.servers"][1] == "unsupported"
    assert fleet.simulator.requests("login") == []
    assert fleet.simulator.state("ilo")["manager"]["resets"] == 0


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        ([], SETTINGS, "No target was named"),
        (["--limit", "all"], None, "No settings were named"),
        (["--limit", "all"], {"npt": {}}, "npt: no settings"),
        (["--limit", "all", "-e", "max_hosts=2"], SETTINGS, "say -e max_hosts=3"),
    ],
)
def test_what_cannot_be_meant_sends_nothing(
    controller: Controller, fleet: Fleet, arguments: list[str], settings: Any, words: str
) -> None:
    run = play(controller, fleet, *arguments, settings=settings)
    assert run.status != 0
    assert any(words in outcome.msg for outcome in run.outcomes)
    assert all(fleet.simulator.requests(name) == [] for name in fleet.addresses)


def test_one_that_fails_is_named_and_the_others_are_done(controller: Controller, fleet: Fleet) -> None:
    fleet.simulator.fault("idrac", "status", status=400, method="PATCH", count=None)
    run = play(controller, fleet, "--limit", "idrac,stock")
    assert run.status != 0
    said = table(run)
    assert said["stock", "ntp.servers"][1] == "changed"
    assert any(host == "idrac" and row[1] in ("FAILED", "failed") for (host, _setting), row in said.items())
