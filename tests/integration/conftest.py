# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fleets and controllers for the integration tests, and the two ways in which their tasks run."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, ShippingController
from tests.integration.ways import NEVER_SHIPPED, SHIPPED_IN_SOAK
from tests.simulator.control import Simulator

StartFleet = Callable[[Sequence[Mapping[str, Any]]], Fleet]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--soak", action="store_true", help="also what takes too long for every change: each test both ways, all faults"
    )


class ByFileAndWay(LoadScopeScheduling):
    """All tests of a file and way in one worker of pytest-xdist: they judge the same few runs."""

    def _split_scope(self, nodeid: str) -> str:
        return f"{nodeid.partition('::')[0]} {'shipped' if '[shipped' in nodeid else 'worker'}"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFileAndWay:
    return ByFileAndWay(config, log)


def pytest_report_header(config: pytest.Config) -> str:
    if config.getoption("--soak", default=False):
        return "ways: in the worker and shipped"
    return f"ways: in the worker and shipped; shipped only with --soak: {', '.join(SHIPPED_IN_SOAK)}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What plays runs both ways, and is to give the same results."""
    if {"controller", "own_controller"}.isdisjoint(metafunc.fixturenames):
        return
    file = f"{metafunc.module.__name__.rpartition('.')[2]}.py"
    test = f"{file}::{metafunc.function.__name__}"
    reason = NEVER_SHIPPED.get(test)
    ways: list[Any] = [pytest.param(Controller, id="worker")]
    if reason:
        ways.append(pytest.param(ShippingController, id="shipped", marks=pytest.mark.skip(reason=reason)))
    elif {file, test}.isdisjoint(SHIPPED_IN_SOAK) or metafunc.config.getoption("--soak", default=False):
        ways.append(pytest.param(ShippingController, id="shipped"))
    metafunc.parametrize("way", ways, indirect=True, scope="module")


@pytest.fixture(scope="module")
def way(request: pytest.FixtureRequest) -> type[Controller]:
    """Where tasks run: in the worker, or shipped."""
    found: type[Controller] = getattr(request, "param", Controller)
    return found


@pytest.fixture(scope="module")
def start_fleet(tmp_path_factory: pytest.TempPathFactory, way: type[Controller]) -> Iterator[StartFleet]:
    """Starts a fleet of simulated BMCs, on addresses of this worker alone, for the tests of a module, for each way."""
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
def controller(tmp_path_factory: pytest.TempPathFactory, way: type[Controller]) -> Controller:
    """One controller for the tests of a module."""
    return way(tmp_path_factory.mktemp("controller"))


@pytest.fixture
def own_controller(tmp_path: Path, way: type[Controller]) -> Controller:
    """A controller that no other test has used."""
    return way(tmp_path / "controller")


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
