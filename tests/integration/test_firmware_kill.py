# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Killed around any request and run again, an update ends as one that was not killed (promise 9)."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.firmware_cases import CASES, NEW, TIMING, images, options
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller
from tests.simulator.control import eventually
from tests.trees.tasks import Result, firmware

# One that fetches and has a task, one that fetches and tells nothing, one that takes an upload.
DIALECTS = ("hpe_ilo5", "cray_ex_nc", "dell_idrac9")
HELD = 600.0
MOST = 120


@dataclass(frozen=True)
class Kill:
    """sent: the writes before the kill. flashing: what the BMC was at then. again: of the task that came after."""

    k: int
    sent: int
    flashing: bool
    again: Result


def task(fleet: Fleet, name: str, profile: str, folder: Path) -> Result:
    return firmware(fleet.addresses[name], **options(CASES[profile][0], folder, transfer_timeout=20))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("images")
    images(folder)
    return folder


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    names = [(f"{profile}-{k}", profile) for profile in DIALECTS for k in range(MOST)]
    return start_fleet([{"name": name, "profile": profile, "timing": TIMING} for name, profile in names])


@pytest.fixture(scope="module")
def kills(
    request: pytest.FixtureRequest, fleet: Fleet, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, list[Kill]]:
    """Number 0 of each dialect is left alone; the others are killed at their k-th request, all at the same time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENCHAMI_BMC_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        held: dict[str, tuple[str, int]] = {}
        for profile in DIALECTS:
            assert "msg" not in task(fleet, f"{profile}-0", profile, folder)
            methods = [entry["method"] for entry in fleet.simulator.requests(f"{profile}-0")]
            every = range(1, min(len(methods), MOST - 1))
            chosen = every if request.config.getoption("--soak", default=False) else sorted(_around(methods))
            held |= {f"{profile}-{k}": (profile, k) for k in chosen if k in every}
        before = _killed(fleet, held, folder)
        with ThreadPoolExecutor(12) as pool:
            results = pool.map(lambda name: task(fleet, name, held[name][0], folder), held)
            again = dict(zip(held, results, strict=True))
    return {
        profile: [Kill(k, *before[name], again[name]) for name, (at, k) in held.items() if at == profile]
        for profile in DIALECTS
    }


def _around(methods: list[str]) -> set[int]:
    """The first request, each write and what follows it, and some later looks."""
    writes = [number for number, method in enumerate(methods, 1) if method not in ("GET", "DELETE")]
    near = {number + further for number in writes for further in range(6)}
    return {1, *near, *(number - 1 for number in writes), *range(writes[-1], len(methods), 5), len(methods) - 1}


def _killed(fleet: Fleet, held: Mapping[str, tuple[str, int]], folder: Path) -> dict[str, tuple[int, bool]]:
    """Kill a task of each BMC while its k-th request is done and not answered."""
    children = {}
    for name, (profile, k) in held.items():
        fleet.simulator.fault(name, "hold", skip=k - 1, seconds=HELD)
        children[name] = multiprocessing.get_context("fork").Process(target=task, args=(fleet, name, profile, folder))
    before = {}
    for names in _groups(list(children)):
        for name in names:
            children[name].start()
        for name in names:
            child = children[name]
            while child.is_alive() and len(fleet.simulator.requests(name)) < held[name][1]:
                child.join(0.02)
            child.kill()
            child.join()
            states = [update["state"] for update in updates(fleet, name)]
            before[name] = (len(fleet.simulator.writes(name)), "Flashing" in states)
            fleet.simulator.clear_faults(name)
    return before


def _groups(names: list[str]) -> Iterator[list[str]]:
    """A few at a time: what is awaited is that of the first."""
    for start in range(0, len(names), 8):
        yield names[start : start + 8]


def updates(fleet: Fleet, name: str) -> list[dict[str, Any]]:
    return list(fleet.simulator.state(name)["updates"])


@pytest.mark.parametrize("profile", DIALECTS)
def test_a_kill_was_met_before_and_after_each_write(
    kills: Mapping[str, list[Kill]], fleet: Fleet, profile: str
) -> None:
    writes = len(fleet.simulator.writes(f"{profile}-0"))
    assert {kill.sent for kill in kills[profile]} == set(range(writes + 1))


@pytest.mark.parametrize("profile", DIALECTS)
def test_run_again_it_ends_as_an_unkilled_run(kills: Mapping[str, list[Kill]], fleet: Fleet, profile: str) -> None:
    for kill in kills[profile]:
        assert "msg" not in kill.again, (kill.k, kill.again)
        (told,) = kill.again["updates"]
        assert told["state"] in ("updated", "current"), (kill.k, told)
        versions = fleet.simulator.state(f"{profile}-{kill.k}")["firmware"]
        image = updates(fleet, f"{profile}-{kill.k}")[-1]["image"]
        assert versions[image]["version"] == NEW, kill.k


@pytest.mark.parametrize("profile", DIALECTS)
def test_a_bmc_is_flashed_once_more_at_most_and_never_twice_at_a_time(
    kills: Mapping[str, list[Kill]], fleet: Fleet, profile: str
) -> None:
    for kill in kills[profile]:
        flashed = [update for update in updates(fleet, f"{profile}-{kill.k}") if update["started"] is not None]
        assert len(flashed) <= 2, (kill.k, flashed)
        for first, second in pairwise(flashed):
            assert first["ended"] <= second["started"], (kill.k, flashed)


@pytest.fixture
def flashing(start_fleet: StartFleet, way: type[Controller]) -> Fleet:
    """BMCs that take longer to write than a second run needs to begin, which is shipped slowly."""
    timing = {**TIMING, "flash": 6.0 if way is Controller else 20.0}
    return start_fleet([{"name": name, "profile": name, "timing": timing} for name in DIALECTS])


def _following(controller: Controller) -> set[str]:
    """The hosts whose image has arrived, as the status file of the run has it."""
    files = controller.state.glob("firmware/*.jsonl")
    lines = [
        json.loads(line) for file in files for line in file.read_text().splitlines(keepends=True) if line[-1] == "\n"
    ]
    return {str(line["host"]) for line in lines if line["phase"] == "apply"}


def test_what_flashes_is_followed_by_the_task_that_comes_after(
    flashing: Fleet, own_controller: Controller, folder: Path
) -> None:
    hosts = {name: flashing.variables(name, firmware=options(CASES[name][0], folder)) for name in DIALECTS}
    tasks = [{"name": "update", "openchami.bmc.bmc_firmware": "{{ firmware }}"}]
    playing = own_controller.start(hosts, tasks)
    eventually(lambda: _following(own_controller) == set(DIALECTS), 60)
    playing.kill()
    for name in DIALECTS:
        assert [update["state"] for update in updates(flashing, name)] == ["Flashing"], name
    sent = {name: len(flashing.simulator.writes(name)) for name in DIALECTS}
    run = own_controller.run(hosts, tasks)
    for name in DIALECTS:
        outcome = run.of(name, "update")
        assert outcome.status == "ok", outcome.msg
        assert (outcome.result["attached"], outcome.result["changed"]) == (True, True), name
        assert [told["state"] for told in outcome.result["updates"]] == ["updated"]
        assert len(flashing.simulator.writes(name)) == sent[name]
        assert [update["state"] for update in updates(flashing, name)] == ["Completed"]
