# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Killed after any request and run again, settings end as those of a task that was not killed (promise 9)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Playing, Run
from tests.simulator.public_keys import public_key

# A BMC that is told twice and reset, one whose keys are one text, one that makes and removes members of a collection.
PROFILES = {"ilo": "hpe_ilo5", "blade": "cray_ex_nc", "xcc": "lenovo_xcc"}
# Each kind costs a worker for each of its requests; the others are killed without one in the unit tests.
IN_SOAK = ("xcc",)
ASKED: dict[str, dict[str, Any]] = {
    "ilo": {"ntp": {"servers": ["10.0.0.1"]}, "reset_manager": "when_needed"},
    "blade": {"ssh_keys": [{"service": "console", "keys": [public_key("site")]}], "ntp": {"servers": ["10.0.0.1"]}},
    "xcc": {"syslog": {"servers": ["10.0.0.2", "10.0.0.3"], "enabled": True}, "ntp": {"servers": ["10.0.0.1"]}},
}
OPTIONS = ("ntp", "syslog", "ssh_keys", "reset_manager")
TASK = {
    "name": "set",
    "openchami.bmc.bmc_settings": {
        **{name: f"{{{{ asked.{name} | default(omit) }}}}" for name in OPTIONS},
        "poll_interval": 0.1,
        "wait_timeout": 20,
    },
}
# Longer than any run: the answer never comes.
HELD = 600.0
MOST_REQUESTS = 26


@dataclass(frozen=True)
class Kills:
    """kinds: of PROFILES, those that were tried. alone: a run that nobody killed.

    killed: kind and k of each BMC whose task was killed at its k-th request. sent: methods of the writes until then.
    intended: the addresses that the audit log held a line of intent for.
    """

    kinds: list[str]
    fleet: Fleet
    alone: Run
    killed: dict[str, tuple[str, int]]
    sent: dict[str, list[str]]
    intended: set[str]
    again: Run


def _hosts(fleet: Fleet, names: list[str]) -> dict[str, dict[str, Any]]:
    return {name: fleet.variables(name, asked=ASKED[name.partition("-")[0]]) for name in names}


@pytest.fixture(scope="module")
def kills(request: pytest.FixtureRequest, start_fleet: StartFleet, controller: Controller) -> Kills:
    """One BMC for each kind and k; all are held at their own k-th request, then one kill ends everything."""
    soaks = request.config.getoption("--soak", default=False)
    tried = [kind for kind in PROFILES if soaks or kind not in IN_SOAK]
    held = {f"{kind}-{k}": (kind, k) for kind in tried for k in range(1, MOST_REQUESTS + 1)}
    kinds = {f"{kind}-alone": kind for kind in tried} | {name: kind for name, (kind, _k) in held.items()}
    timing = {"manager_reset": 0.4}
    fleet = start_fleet([{"name": name, "profile": PROFILES[kind], "timing": timing} for name, kind in kinds.items()])
    alone = controller.run(_hosts(fleet, [f"{kind}-alone" for kind in tried]), [TASK])
    requests = {kind: len(fleet.simulator.requests(f"{kind}-alone")) for kind in tried}
    assert max(requests.values()) <= MOST_REQUESTS, requests
    held = {name: (kind, k) for name, (kind, k) in held.items() if k <= requests[kind]}
    for name, (_kind, k) in held.items():
        fleet.simulator.fault(name, "hold", skip=k - 1, seconds=HELD)
    playing = controller.start(_hosts(fleet, list(held)), [TASK], arguments=["--forks", str(len(held))])
    killed = {name: held[name] for name in held if _is_held(fleet, playing, name, held[name][1])}
    playing.kill()
    sent = {name: [write["method"] for write in fleet.simulator.writes(name)] for name in killed}
    audit = (controller.state / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    intended = {line["address"] for line in map(json.loads, audit) if line["phase"] == "intent"}
    for name in held:
        fleet.simulator.clear_faults(name)
    again = controller.run(_hosts(fleet, list(killed)), [TASK])
    return Kills(tried, fleet, alone, killed, sent, intended, again)


def _is_held(fleet: Fleet, playing: Playing, name: str, k: int) -> bool:
    """Wait until a BMC holds the k-th request; False when its task ended with fewer."""
    while not any(outcome.host == name for outcome in playing.outcomes()):
        try:
            fleet.simulator.wait_for_requests(name, k, timeout=0.2)
        except TimeoutError:
            continue
        return True
    return False


def test_a_kill_was_met_before_and_after_each_write(kills: Kills) -> None:
    assert {outcome.status for outcome in kills.alone.outcomes} == {"ok"}
    for kind in kills.kinds:
        counts = {len(kills.sent[name]) for name, (of, _k) in kills.killed.items() if of == kind}
        assert counts == set(range(len(kills.fleet.simulator.writes(f"{kind}-alone")) + 1)), kind


def test_no_write_is_untold_also_when_its_task_was_killed(kills: Kills) -> None:
    for name, sent in kills.sent.items():
        if sent:
            assert f"https://{kills.fleet.addresses[name]}" in kills.intended, name


def test_run_again_it_succeeds_and_ends_as_an_unkilled_run(kills: Kills) -> None:
    assert {outcome.host: outcome.msg for outcome in kills.again.outcomes if outcome.status != "ok"} == {}
    for name, (kind, _k) in kills.killed.items():
        ends, expected = (_end(kills.fleet, of) for of in (name, f"{kind}-alone"))
        assert ends == expected, name
        assert kills.fleet.simulator.state(name)["manager"]["resets"] in ((1, 2) if kind == "ilo" else (0,)), name


def _end(fleet: Fleet, name: str) -> tuple[Any, list[Any], Any]:
    """What was written, what members there are, by content, and what waits."""
    configuration = fleet.simulator.state(name)["configuration"]
    members = sorted(entry["RecipientSettings"]["Address"] for entry in configuration["members"].values())
    return configuration["written"], members, configuration["pending"]
