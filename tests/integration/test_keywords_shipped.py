# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keywords that test_keywords.py tries shipped in make soak only, many at once: two plays, judged by the BMCs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import ShippingController

POWER = "openchami.bmc.bmc_power"
QUICK = {"wait_timeout": 20, "poll_interval": 0.1}
ABSENT = "127.99.99.99:8443"
PAIR = ("ilo0", "ilo1")


@pytest.fixture
def fleet(start_fleet: StartFleet) -> Fleet:
    timing = {"on": 0.1, "graceful": 0.1, "force": 0.1}
    return start_fleet([{"name": name, "profile": "hpe_ilo5", "timing": timing} for name in PAIR])


@pytest.fixture
def shipping(tmp_path: Path) -> ShippingController:
    return ShippingController(tmp_path / "controller")


def times(fleet: Fleet, name: str) -> list[float]:
    """When a BMC was asked."""
    return [request["time"] for request in fleet.simulator.requests(name)]


def test_what_a_task_is_told_reaches_the_delegate(fleet: Fleet, shipping: ShippingController, tmp_path: Path) -> None:
    """environment, vars, module_defaults, no_log, until and loop, with serial under host_pinned."""
    fleet.simulator.fault("ilo0", "status", method="POST", status=400)
    state = str(tmp_path / "{{ item }}")
    tasks: list[dict[str, Any]] = [
        {"name": "off", POWER: {}, "vars": {"state": "off"}, "no_log": True, "register": "powered"}
        | {"until": "powered is succeeded", "retries": 2, "delay": 0},
        {"name": "say", "ansible.builtin.debug": {"msg": "{{ powered.power_state }}"}},
        {"name": "loop", POWER: {"state": "{{ item }}"}, "loop": ["on", "off"], "when": "inventory_hostname == 'ilo0'"}
        | {"environment": {"OPENCHAMI_BMC_STATE_DIR": state}},
    ]
    play: dict[str, Any] = {
        "module_defaults": {POWER: {**QUICK, "state": "{{ state | default('nmi') }}"}},
        "serial": 1,
        "strategy": "host_pinned",
        "ignore_errors": False,
    }
    run = shipping.run({name: fleet.variables(name) for name in PAIR}, tasks, arguments=["-vvvv", "--diff"], **play)
    assert run.status == 0, run.stdout
    assert fleet.sent("ilo0") == ["GracefulShutdown", "GracefulShutdown", "On", "GracefulShutdown"]
    assert fleet.sent("ilo1") == ["GracefulShutdown"]
    assert run.of("ilo0", "off").result["attempts"] == 2
    assert run.of("ilo0", "off").result.keys() & {"plan", "targets", "diff"} == set()
    assert run.of("ilo1", "say").msg == "Off"
    assert [(tmp_path / name / "audit.jsonl").exists() for name in ("on", "off")] == [True, True]
    assert max(times(fleet, "ilo0")) < min(times(fleet, "ilo1"))


def test_who_plays_on_is_as_in_the_worker(fleet: Fleet, shipping: ShippingController) -> None:
    """ignore_unreachable, throttle, run_once and any_errors_fatal."""
    hosts = {name: fleet.variables(name) for name in PAIR}
    hosts["gone"] = fleet.variables("ilo0", bmc_address=ABSENT)
    power = {"state": "off", **QUICK}
    tasks: list[dict[str, Any]] = [
        {"name": "off", POWER: power, "throttle": 1, "ignore_unreachable": True},
        {"name": "once", POWER: {**power, "state": "on"}, "run_once": True},
        {"name": "fatal", POWER: {**power, "bmc_system": "{{ '9' if inventory_hostname == 'ilo1' else omit }}"}}
        | {"any_errors_fatal": True, "when": "inventory_hostname == 'ilo1'"},
        {"name": "never", POWER: power},
    ]
    run = shipping.run(hosts, tasks, ignore_errors=False, ignore_unreachable=False)
    assert run.status != 0
    assert (run.of("gone", "off").status, run.of("gone", "off").kind) == ("unreachable", "Unreachable")
    assert {outcome.task for outcome in run.outcomes} == {"off", "once", "fatal"}
    assert [outcome.host for outcome in run.outcomes if outcome.task == "once"] == ["ilo0"]
    assert (run.of("ilo1", "fatal").status, run.of("ilo1", "fatal").kind) == ("failed", "TargetUnknown")
    assert [fleet.sent(name) for name in PAIR] == [["GracefulShutdown", "On"], ["GracefulShutdown"]]
    lines = [json.loads(line) for line in (shipping.state / "audit.jsonl").read_text(encoding="utf-8").splitlines()]
    first, second, *others = [line["host"] for line in lines if line["operation"] == "bmc_power off"]
    assert (first, {second, *others}, others[0]) == (second, set(PAIR), others[1]), "they were not one after the other"
