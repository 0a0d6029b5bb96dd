# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fleets and controllers for the integration tests."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller
from tests.simulator.control import Simulator

StartFleet = Callable[[Sequence[Mapping[str, Any]]], Fleet]


def pytest_addoption(parser: pytest.Parser) -> None:
    """The full product of faults, dialects and tasks, in place of the everyday part."""
    parser.addoption("--soak", action="store_true")


def pytest_configure(config: pytest.Config) -> None:
    """All tests of a file in one worker: they judge the same few playbook runs. Without pytest-xdist all are in one."""
    if getattr(config.option, "dist", "") == "load":
        config.option.dist = "loadfile"


@pytest.fixture(scope="module")
def start_fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartFleet]:
    """Starts a fleet of simulated BMCs, on addresses of this worker alone, for the tests of a module."""
    network = _network()
    with ExitStack() as open_fleets:

        def start(entries: Sequence[Mapping[str, Any]]) -> Fleet:
            port = _free_port(f"{network}.0.1")
            placed = [
                {**entry, "address": f"{network}.{number // 250}.{number % 250 + 1}"}
                for number, entry in enumerate(entries)
            ]
            folder = tmp_path_factory.mktemp("fleet")
            simulator = open_fleets.enter_context(Simulator.start({"port": port, "bmcs": placed}, folder))
            return Fleet(simulator, {entry["name"]: f"{entry['address']}:{port}" for entry in placed})

        yield start


@pytest.fixture(scope="module")
def controller(tmp_path_factory: pytest.TempPathFactory) -> Controller:
    """One controller for the tests of a module."""
    return Controller(tmp_path_factory.mktemp("controller"))


@pytest.fixture
def own_controller(tmp_path: Path) -> Controller:
    """A controller that no other test has used."""
    return Controller(tmp_path / "controller")


@pytest.fixture
def own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of what the collection keeps between tasks, for tasks in this process: this test's own."""
    state = tmp_path / "state"
    monkeypatch.setenv("OPENCHAMI_BMC_STATE_DIR", str(state))
    return state


def _network() -> str:
    """The first two numbers of this worker's addresses; 127.0 to 127.99 are left to others."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return f"127.{100 + int(worker)}"


def _free_port(address: str) -> int:
    """A port that is free now: another run of the tests on this machine has taken another one."""
    with socket.create_server((address, 0)) as server:
        return int(server.getsockname()[1])
