# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Killed after any request and run again, a task ends in the same state as one that was not killed (promise 9)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Playing, Run
from tests.integration.power_cases import PROFILES


@dataclass(frozen=True)
class Way:
    """What is asked of every BMC. power: before; ends: PowerState in the end; deaf: it has to be forced."""

    state: str
    power: str
    ends: str
    deaf: bool = False


# With --soak only: what is sent in them is sent in the others, too.
REPEATED = ("off", "soft_restart")
WAYS = {
    "off": Way("off", "On", "Off"),
    "deaf": Way("off", "On", "Off", deaf=True),
    "on": Way("on", "Off", "On"),
    "soft_restart": Way("soft_restart", "On", "On"),
    "hard_restart": Way("hard_restart", "On", "On"),
}
# Slow enough that a state is looked at while it is on its way, so that a kill also comes then.
TIMING = {"on": 0.3, "graceful": 0.3, "force": 0.1, "restart": 0.3, "post": 0.6}
# Longer than any run: the answer never comes.
HELD = 600.0
MOST_REQUESTS = 26

POWER = {
    "name": "power",
    "openchami.bmc.bmc_power": {"state": "{{ state }}", "wait_timeout": "{{ wait_timeout }}", "poll_interval": 0.15},
}


@dataclass(frozen=True)
class Kills:
    """A way in all dialects: a run left alone, and for each k one that was killed at the k-th request, run again.

    killed: dialect and k by BMC, only those whose task was killed before it ended. sent: until the kill.
    intended: the addresses for which the audit log held a line of intent by then.
    """

    way: Way
    fleet: Fleet
    alone: Run
    killed: dict[str, tuple[str, int]]
    sent: dict[str, list[str]]
    intended: set[str]
    again: Run


def _hosts(fleet: Fleet, way: Way, names: list[str]) -> dict[str, dict[str, Any]]:
    # Who is deaf is waited for in vain; the others need far less, also on a busy controller.
    options = {"state": way.state, "wait_timeout": 0.6 if way.deaf else 20}
    return {name: fleet.variables(name, bmc_system="Node1" if "cray" in name else None, **options) for name in names}


@pytest.fixture(
    scope="module",
    params=[pytest.param(way, marks=pytest.mark.soak if way in REPEATED else ()) for way in WAYS],
)
def kills(request: pytest.FixtureRequest, start_fleet: StartFleet, controller: Controller) -> Kills:
    """One BMC for each dialect and k; all are held at their own k-th request, then one kill ends everything."""
    way = WAYS[request.param]
    alone = {f"{dialect}-alone": dialect for dialect in PROFILES}
    held = {f"{dialect}-{k}": (dialect, k) for dialect in PROFILES for k in range(1, MOST_REQUESTS + 1)}
    dialects = alone | {name: dialect for name, (dialect, _k) in held.items()}
    fleet = start_fleet(
        [
            {
                "name": name,
                "profile": PROFILES[dialect],
                "power": way.power,
                "timing": TIMING,
                "graceful": "ignored" if way.deaf else "honoured",
            }
            for name, dialect in dialects.items()
        ]
    )
    untouched = controller.run(_hosts(fleet, way, list(alone)), [POWER])
    requests = {dialect: len(fleet.simulator.requests(name)) for name, dialect in alone.items()}
    assert max(requests.values()) < MOST_REQUESTS
    held = {name: (dialect, k) for name, (dialect, k) in held.items() if k <= requests[dialect]}
    for name, (_dialect, k) in held.items():
        fleet.simulator.fault(name, "hold", skip=k - 1, seconds=HELD)
    # Every host is in its own worker at the same time.
    playing = controller.start(_hosts(fleet, way, list(held)), [POWER], arguments=["--forks", str(len(held))])
    killed = {name: held[name] for name in held if _is_held(fleet, playing, name, held[name][1])}
    playing.kill()
    sent = {name: fleet.sent(name) for name in killed}
    audit = (controller.state / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    intended = {line["address"] for line in map(json.loads, audit) if line["phase"] == "intent"}
    for name in held:
        fleet.simulator.clear_faults(name)
    again = controller.run(_hosts(fleet, way, list(killed)), [POWER])
    return Kills(way, fleet, untouched, killed, sent, intended, again)


def _is_held(fleet: Fleet, playing: Playing, name: str, k: int) -> bool:
    """Wait until a BMC holds the k-th request; False when its task ended with fewer."""
    while not any(outcome.host == name for outcome in playing.outcomes()):
        try:
            fleet.simulator.wait_for_requests(name, k, timeout=0.2)
        except TimeoutError:
            continue
        return True
    return False


def test_every_request_was_a_place_to_die(kills: Kills) -> None:
    """From the first on without a gap; how many looks there are before the state is seen is a matter of time."""
    for outcome in kills.alone.outcomes:
        dialect = outcome.host.partition("-")[0]
        places = sorted(k for _name, (at, k) in kills.killed.items() if at == dialect)
        assert places
        assert places == list(range(1, len(places) + 1))


def test_a_kill_was_met_before_and_after_each_write(kills: Kills) -> None:
    for outcome in kills.alone.outcomes:
        dialect = outcome.host.partition("-")[0]
        before_the_kill = {len(kills.sent[name]) for name, (at, _k) in kills.killed.items() if at == dialect}
        assert before_the_kill == set(range(len(kills.fleet.sent(outcome.host)) + 1))


def test_no_write_is_untold_also_when_its_task_was_killed(kills: Kills) -> None:
    for name in kills.killed:
        if kills.sent[name]:
            assert f"https://{kills.fleet.addresses[name]}" in kills.intended, name


def test_run_again_it_succeeds(kills: Kills) -> None:
    assert {outcome.host: outcome.msg for outcome in kills.again.outcomes if outcome.status != "ok"} == {}


def test_run_again_it_ends_as_an_unkilled_run(kills: Kills) -> None:
    for name, (dialect, _k) in kills.killed.items():
        system = "Node1" if dialect == "cray" else next(iter(kills.fleet.power(name)))
        assert kills.fleet.power(name) == kills.fleet.power(f"{dialect}-alone"), name
        assert kills.fleet.power(name)[system] == kills.way.ends
        if kills.way.state.endswith("restart"):
            assert kills.fleet.boots(name)[system] >= 1, name


def test_killed_and_run_again_nothing_harsher_is_sent(kills: Kills) -> None:
    for name, (dialect, _k) in kills.killed.items():
        gentle = set(kills.fleet.sent(f"{dialect}-alone"))
        assert set(kills.fleet.sent(name)) <= gentle, name
