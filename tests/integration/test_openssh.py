# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shipping over a real OpenSSH server: the module arrives, works, leaves no password, and is never run again."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.canary import PASSWORD, ProcessWatch, leaking_files, leaks
from tests.integration.conftest import StartFleet
from tests.integration.fleet import USERNAME, Fleet
from tests.integration.openssh import OpenSsh, openssh
from tests.integration.playbook import Controller, Playing

INFO = "openchami.bmc.bmc_info"
POWER = "openchami.bmc.bmc_power"
OFF = {"state": "off", "wait_timeout": 20, "poll_interval": 0.1}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    with openssh(tmp_path_factory.mktemp("openssh")) as running:
        yield running


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    return start_fleet([{"name": "ilo", "profile": "hpe_ilo5", "username": USERNAME, "password": PASSWORD}])


@pytest.fixture
def head(tmp_path: Path, fleet: Fleet) -> Controller:
    """A controller for one test, whose BMC comes from the factory."""
    fleet.simulator.reset()
    return Controller(tmp_path / "controller")


def start(head: Controller, fleet: Fleet, server: OpenSsh, *tasks: dict[str, Any], **variables: Any) -> Playing:
    """Play tasks for the BMC, delegated to the server; at -vvvv, as a leak would show there."""
    hosts = {
        "ilo": fleet.variables("ilo", bmc_password={"__ansible_unsafe": PASSWORD}, **variables),
        "login1": server.variables(),
    }
    delegated = [{**task, "delegate_to": "login1"} for task in tasks]
    return head.start(hosts, delegated, arguments=["-vvvv", "--limit", "ilo"])


def audited(server: OpenSsh) -> list[dict[str, Any]]:
    log = server.elsewhere / "state" / "audit.jsonl"
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []


def test_it_works_there_and_leaves_no_password(fleet: Fleet, head: Controller, server: OpenSsh) -> None:
    playing = start(head, fleet, server, {"name": "info", INFO: {}}, {"name": "off", POWER: OFF})
    with ProcessWatch(server.process.pid) as there, ProcessWatch(playing.process.pid) as here:
        run = playing.finish()
    assert [outcome.status for outcome in run.outcomes] == ["ok", "ok"], run.stdout[-3000:]
    assert fleet.sent("ilo") == ["GracefulShutdown"]
    assert [(line["host"], line["phase"]) for line in audited(server)] == [("ilo", "intent"), ("ilo", "outcome")]
    assert not head.state.exists()
    assert any(b"OPENCHAMI_BMC_HOST=ilo" in shown for shown in there.seen), "the module was not among the processes"
    assert [found for shown in there.seen | here.seen for found in leaks(shown)] == []
    assert leaks(run.stdout.encode() + run.stderr.encode()) == []
    assert leaking_files(server.folder, set()) == {}
    assert leaking_files(head.folder, {"inventory.json"}) == {}
    assert [path for path in (server.elsewhere / "home").rglob("*") if path.is_file()] == []


@pytest.mark.soak
def test_a_connection_that_breaks_does_not_run_the_module_again(
    fleet: Fleet, head: Controller, server: OpenSsh
) -> None:
    """Ansible is told to retry; the module that was begun goes on, ends its session and tells the audit log."""
    head.environment["ANSIBLE_SSH_RETRIES"] = "3"
    fleet.simulator.fault("ilo", "hold", method="POST", uri="Reset", seconds=600)
    before = len(audited(server))
    playing = start(head, fleet, server, {"name": "off", POWER: OFF}, bmc_auth="session", bmc_timeout=5)
    fleet.await_write("ilo")
    for pid in server.sessions():
        if Path(f"/proc/{pid}/comm").read_text(encoding="ascii").startswith("sshd"):
            os.kill(pid, signal.SIGKILL)
    outcome = playing.finish().of("ilo", "off")
    assert (outcome.status, outcome.kind) == ("unreachable", "Unreachable")
    assert outcome.msg.startswith("ilo: the delegate login1 was not reached, or its connection broke")
    deadline = time.monotonic() + 60
    while len(audited(server)) < before + 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [line["phase"] for line in audited(server)[before:]] == ["intent", "outcome"]
    assert fleet.sent("ilo") == ["GracefulShutdown"]
    assert fleet.simulator.state("ilo")["sessions"] == 0
