# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Killed around any request and run again, a change of the BIOS ends as one that was not killed (promise 9)."""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.integration.bios_cases import ASKED, system_of
from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.trees.tasks import Result, bios

DIALECTS = ("hpe_ilo5", "dell_idrac9", "cray_ex_nc")
TIMING = {"on": 0.2, "graceful": 0.2, "force": 0.1, "restart": 0.2, "post": 0.6}
HELD = 600.0
# In a contrary value that waits there is one more write on an iDRAC.
CONTRARY = {"hpe_ilo5": {"ProcSMT": "Enabled"}, "dell_idrac9": {"AssetTag": "A1"}, "cray_ex_nc": {}}
MOST = 60


@dataclass(frozen=True)
class Kill:
    """sent: the writes before the kill. again: the result of the task that came after."""

    profile: str
    k: int
    sent: int
    again: Result


def task(fleet: Fleet, name: str, profile: str) -> Result:
    return bios(
        fleet.addresses[name],
        attributes=dict(ASKED[profile].given),
        reboot="when_needed",
        poll_interval=0.15,
        wait_timeout=30,
        reboot_timeout=30,
        bmc_system=system_of(profile),
    )


def prepare(fleet: Fleet, name: str, profile: str) -> None:
    """Something that somebody else wants waits already."""
    system = system_of(profile) or next(iter(fleet.bios(name)))
    waiting = CONTRARY[profile]
    if waiting:
        fleet.simulator.set_state(name, bios={system: {"waiting": waiting, "job": profile == "dell_idrac9"}})


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    names = [(f"{profile}-{k}", profile) for profile in DIALECTS for k in range(MOST)]
    return start_fleet([{"name": name, "profile": profile, "timing": TIMING} for name, profile in names])


@pytest.fixture(scope="module")
def kills(
    request: pytest.FixtureRequest, fleet: Fleet, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, list[Kill]]:
    """Number 0 of each dialect is left alone; the others are killed at their k-th request, all at the same time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENCHAMI_BMC_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        held: dict[str, tuple[str, int]] = {}
        for profile in DIALECTS:
            prepare(fleet, f"{profile}-0", profile)
            assert "msg" not in task(fleet, f"{profile}-0", profile)
            methods = [entry["method"] for entry in fleet.simulator.requests(f"{profile}-0")]
            writes = [number for number, method in enumerate(methods, 1) if method != "GET"]
            every = range(1, min(len(methods), MOST - 1))
            around = {1, *writes, *(number + 1 for number in writes), *(number + 3 for number in writes)}
            chosen = every if request.config.getoption("--soak", default=False) else sorted(around & set(every))
            held |= {f"{profile}-{k}": (profile, k) for k in chosen}
        sent = _killed(fleet, held)
        with ThreadPoolExecutor(8) as pool:
            again = dict(zip(held, pool.map(lambda name: task(fleet, name, held[name][0]), held), strict=True))
    return {
        profile: [Kill(profile, k, sent[name], again[name]) for name, (at, k) in held.items() if at == profile]
        for profile in DIALECTS
    }


def _killed(fleet: Fleet, held: Mapping[str, tuple[str, int]]) -> dict[str, int]:
    """Kill a task of each BMC while its k-th request is done and not answered; return how many writes it had sent."""
    children = {}
    for name, (profile, k) in held.items():
        prepare(fleet, name, profile)
        fleet.simulator.clear_requests(name)
        fleet.simulator.fault(name, "hold", skip=k - 1, seconds=HELD)
        children[name] = multiprocessing.get_context("fork").Process(target=task, args=(fleet, name, profile))
        children[name].start()
    for name, child in children.items():
        while child.is_alive() and len(fleet.simulator.requests(name)) < held[name][1]:
            child.join(0.05)
        child.kill()
        child.join()
    sent = {name: len(fleet.simulator.writes(name)) for name in held}
    for name in held:
        fleet.simulator.clear_faults(name)
    return sent


@pytest.mark.parametrize("profile", DIALECTS)
def test_a_kill_was_met_before_and_after_each_write(
    kills: Mapping[str, list[Kill]], fleet: Fleet, profile: str
) -> None:
    writes = len(fleet.simulator.writes(f"{profile}-0"))
    assert {kill.sent for kill in kills[profile]} == set(range(writes + 1))


@pytest.mark.parametrize("profile", DIALECTS)
def test_run_again_it_ends_as_an_unkilled_run(kills: Mapping[str, list[Kill]], fleet: Fleet, profile: str) -> None:
    alone = fleet.bios(f"{profile}-0")
    for kill in kills[profile]:
        assert "msg" not in kill.again, (kill.k, kill.again)
        assert kill.again["applied"] is True, kill.k
        found = fleet.bios(f"{profile}-{kill.k}")
        assert {name: state["active"] for name, state in found.items()} == {
            name: state["active"] for name, state in alone.items()
        }, kill.k
        assert set(fleet.power(f"{profile}-{kill.k}").values()) == {"On"}
