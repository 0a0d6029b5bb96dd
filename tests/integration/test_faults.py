# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes wrong on the way: a read is repeated, a write never is, and what is not known is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Run
from tests.integration.power_cases import PROFILES

POWER = "openchami.bmc.bmc_power"

# Each strikes the first reading of the system once.
PASSING: dict[str, Mapping[str, Any]] = {
    "busy": {"kind": "status", "status": 503, "retry_after": 0},
    "dropped": {"kind": "drop"},
    "cut": {"kind": "drop_after"},
    "truncated": {"kind": "truncate"},
}
# Each strikes the write; with the kind of the error.
WRITES: dict[str, tuple[str, Mapping[str, Any]]] = {
    "write-refused": ("RefusedByBmc", {"kind": "status", "status": 400}),
    "write-busy": ("RefusedByBmc", {"kind": "status", "status": 503, "retry_after": 0}),
    "write-failed": ("MayHaveHappened", {"kind": "status", "status": 500}),
    "write-failed-done": ("MayHaveHappened", {"kind": "status_after", "status": 502}),
    "write-dropped": ("MayHaveHappened", {"kind": "drop"}),
    "write-cut": ("MayHaveHappened", {"kind": "drop_after"}),
    "write-truncated": ("MayHaveHappened", {"kind": "truncate"}),
}
OFF = {"name": "off", POWER: {"state": "off", "wait_timeout": 20, "poll_interval": 0.1}}


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    """One iLO for each fault: it answers a reset with a body, so that answer can be truncated."""
    names = (*PASSING, *WRITES, "html", "post")
    fleet = start_fleet([{"name": name, "profile": PROFILES["hpe"], "timing": {"post": 3.0}} for name in names])
    for name, fault in PASSING.items():
        fleet.simulator.fault(name, uri="/Systems/1$", method="GET", **fault)
    for name, (_kind, fault) in WRITES.items():
        fleet.simulator.fault(name, method="POST", **fault)
    fleet.simulator.fault("html", "not_json", uri="/Systems/1$", count=None)
    fleet.simulator.set_state("post", systems={"1": {"power_state": "Off"}})
    return fleet


@pytest.fixture(scope="module")
def run(fleet: Fleet, controller: Controller) -> Run:
    """All of them powered off in one playbook run."""
    return controller.run({name: fleet.variables(name) for name in (*PASSING, *WRITES, "html")}, [OFF])


@pytest.mark.parametrize("name", PASSING)
def test_a_read_that_fails_once_is_repeated(run: Run, fleet: Fleet, name: str) -> None:
    assert run.of(name, "off").status == "ok", run.of(name, "off").msg
    assert fleet.sent(name) == ["GracefulShutdown"]
    assert fleet.power(name) == {"1": "Off"}


@pytest.mark.parametrize("name", WRITES)
def test_a_write_is_sent_once_whatever_becomes_of_it(run: Run, fleet: Fleet, name: str) -> None:
    outcome = run.of(name, "off")
    assert outcome.status == "failed"
    assert outcome.kind == WRITES[name][0]
    assert outcome.msg.splitlines() == [outcome.msg]
    assert fleet.sent(name) == ["GracefulShutdown"]


@pytest.mark.parametrize("name", [name for name, (kind, _fault) in WRITES.items() if kind == "MayHaveHappened"])
def test_a_write_that_was_cut_off_may_have_happened_and_says_what_to_look_at(run: Run, name: str) -> None:
    outcome = run.of(name, "off")
    assert "may have happened" in outcome.msg
    assert "bmc_info" in outcome.msg
    assert [sent["answered"] for sent in outcome.result["targets"][0]["sent"]] == [False]


def test_a_page_in_place_of_a_resource_is_named(run: Run, fleet: Fleet) -> None:
    outcome = run.of("html", "off")
    assert outcome.kind == "BadAnswer"
    assert "text/html" in outcome.msg
    assert fleet.simulator.writes("html") == []


def test_a_refusal_for_now_is_repeated_until_the_host_is_ready(fleet: Fleet, controller: Controller) -> None:
    # iLO takes no graceful request while the host is in POST, as it is just after it was powered on.
    tasks = [
        {"name": "on", POWER: {"state": "on", "wait_timeout": 20, "poll_interval": 0.1}},
        {"name": "restart", POWER: {"state": "soft_restart", "wait_timeout": 20, "poll_interval": 0.1}},
    ]
    run = controller.run({"post": fleet.variables("post")}, tasks)
    assert [outcome.status for outcome in run.outcomes] == ["ok", "ok"], [outcome.msg for outcome in run.outcomes]
    sent = fleet.simulator.writes("post")
    taken = [write["body"]["ResetType"] for write in sent if write["status"] == 200]
    assert taken == ["On", "GracefulRestart"]
    assert {write["status"] for write in sent} == {200, 400}
    assert fleet.boots("post") == {"1": 2}
