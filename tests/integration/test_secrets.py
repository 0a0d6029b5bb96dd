# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A canary for a password: after everything at -vvvv, with failures and a crash, it is nowhere but in the inventory."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.canary import (
    HEART,
    PASSWORD,
    TOKEN,
    TOKEN_HEART,
    keep_everything,
    leaking_files,
    leaks,
    watched,
)
from tests.integration.conftest import StartFleet
from tests.integration.fleet import USERNAME, Fleet
from tests.integration.playbook import Controller, Run

ABSENT = "127.99.99.99:8443"

# Makes every connection of the process crash once it is about to send a password, with all that it knows in the error.
SITE_CUSTOMIZE = """
import base64
import os
import urllib3

_urlopen = urllib3.HTTPSConnectionPool.urlopen


def urlopen(self, method, url, **details):
    sent = details["headers"].get("Authorization", "")
    if sent and self.host == os.environ["CRASH_AT"]:
        known = base64.b64decode(sent.partition(" ")[2]).decode()
        raise RuntimeError(f"{known} {known!r} {details!r} in the middle of {url}")
    return _urlopen(self, method, url, **details)


urllib3.HTTPSConnectionPool.urlopen = urlopen
"""

INFO = "openchami.bmc.bmc_info"
POWER = "openchami.bmc.bmc_power"


@dataclass(frozen=True)
class Traces:
    """What a run left behind: itself, what its processes showed, and its controller with all files."""

    run: Run
    processes: set[bytes]
    controller: Controller


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    """Each BMC with another fate; the canary is the right password, but for one of them."""
    names = ("fine", "session", "wrong", "full", "html", "cut", "refused", "crash", "slow", "token", "odd", "loop")
    fleet = start_fleet(
        [{"name": name, "profile": "dell_idrac9", "username": USERNAME, "password": PASSWORD} for name in names]
    )
    simulator = fleet.simulator
    simulator.set_state("wrong", password="another")
    simulator.set_state("full", auth={"sessions": 0})
    simulator.fault("html", "not_json", uri="/Systems", count=None)
    simulator.fault("cut", "drop_after", method="POST")
    simulator.fault("refused", "status", method="POST", status=400, body={"error": {"message": PASSWORD}})
    simulator.fault("slow", "latency", seconds=0.5, uri="/Systems/")
    return fleet


@pytest.fixture(scope="module")
def traces(fleet: Fleet, controller: Controller) -> Traces:
    """Successes, every kind of failure and a crash, at -vvvv with everything kept."""
    site = controller.folder / "site"
    keep_everything(controller)
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE_CUSTOMIZE, encoding="utf-8")
    crashing = {"PYTHONPATH": str(site), "CRASH_AT": fleet.addresses["crash"].partition(":")[0]}
    controller.environment.update(crashing)
    special: dict[str, Mapping[str, Any]] = {
        "session": {"bmc_auth": "session"},
        "full": {"bmc_auth": "session"},
        "token": {"bmc_token": TOKEN},
        "odd": {"bmc_timeout": "{{ bmc_password }}", "bmc_auth": "{{ bmc_password }}"},
    }
    hosts = {
        name: fleet.variables(name, **{"bmc_password": {"__ansible_unsafe": PASSWORD}, **special.get(name, {})})
        for name in fleet.addresses
    }
    hosts["absent"] = {**hosts["fine"], "bmc_address": ABSENT}
    playing = controller.start(hosts, _tasks(), arguments=["-vvvv", "--diff"], environment=crashing)
    return Traces(*watched(playing), controller)


def _tasks() -> list[dict[str, Any]]:
    power = {"state": "off", "wait_timeout": 5, "poll_interval": 0.1}
    explicit = {"bmc_password": "{{ bmc_password }}", "bmc_username": USERNAME}
    return [
        {"name": "info", INFO: {}, "register": "facts"},
        {"name": "explicit", INFO: explicit},
        {"name": "typo", INFO: {**explicit, "bmc_passwrd": "{{ bmc_password }}"}},
        {"name": "check", POWER: power, "check_mode": True},
        {"name": "submit", POWER: {**power, "wait": False}, "register": "submitted"},
        {
            "name": "remember",
            "ansible.builtin.set_fact": {"handle": "{{ submitted }}", "bmc_facts": "{{ facts }}", "cacheable": True},
        },
        {
            "name": "settle",
            POWER: {**power, "handle": "{{ submitted.handle | default(omit, true) }}"},
            "loop": ["{{ inventory_hostname }}"],
        },
    ]


def test_every_fate_was_met(traces: Traces) -> None:
    """The search below is worth only what there was to be leaked."""
    kinds = {name: traces.run.of(name, "info").kind for name in ("wrong", "full", "html", "absent", "token", "odd")}
    assert kinds == {
        "wrong": "LoginRefused",
        "full": "RefusedByBmc",
        "html": "BadAnswer",
        "absent": "Unreachable",
        "token": "LoginRefused",
        "odd": "InvalidRequest",
    }
    assert traces.run.of("fine", "info").status == traces.run.of("session", "info").status == "ok"
    assert traces.run.of("cut", "submit").kind == "MayHaveHappened"
    assert traces.run.of("refused", "submit").kind == "RefusedByBmc"
    crash = traces.run.of("crash", "info")
    assert "a defect in openchami.bmc: RuntimeError" in crash.msg
    assert "in the middle of" in crash.msg
    assert (traces.controller.state / "audit.jsonl").exists()
    assert any((traces.controller.folder / "facts").iterdir())


def test_what_is_on_the_screen_holds_no_secret(traces: Traces) -> None:
    assert leaks(traces.run.stdout.encode()) == []
    assert leaks(traces.run.stderr.encode()) == []


def test_no_file_holds_a_secret(traces: Traces) -> None:
    """The log, the journal of results, the fact cache, the audit log, locks, temporary files."""
    assert leaking_files(traces.controller.folder, {"inventory.json"}) == {}


def test_no_process_shows_a_secret(traces: Traces) -> None:
    assert len(traces.processes) > 2
    assert [found for shown in traces.processes for found in leaks(shown)] == []


def test_the_search_finds_what_is_leaked_on_purpose(own_controller: Controller) -> None:
    controller = own_controller
    keep_everything(controller)
    controller.environment["CARELESS"] = TOKEN
    hosts = {"fine": {"word": {"__ansible_unsafe": PASSWORD}}}
    tasks = [
        {"name": "say", "ansible.builtin.debug": {"msg": "{{ word }}"}},
        {"name": "keep", "ansible.builtin.set_fact": {"kept": "{{ word }}", "cacheable": True}},
    ]
    run, processes = watched(controller.start(hosts, tasks, arguments=["-vvvv", "-e", f"other={HEART}"]))
    assert leaks(run.stdout.encode())
    assert {"log", "facts/s1_fine", "run0/journal", "run0/stdout"} <= set(
        leaking_files(controller.folder, {"inventory.json"})
    )
    shown = [found for content in processes for found in leaks(content)]
    assert any(HEART.encode() in found for found in shown)
    assert any(TOKEN_HEART.encode() in found for found in shown)
    basic = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode())
    assert leaks(b"Authorization: Basic " + basic)
