# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every fault, on the dialects, under bmc_info and bmc_power: a true answer or a clear error, in time, and no harm."""

from __future__ import annotations

import json
import queue
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.clock import SystemClock
from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_firmware, bmc_info, bmc_power
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import validated
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Task, answer
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import HttpClient
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import parse_address
from ansible_collections.openchami.bmc.plugins.module_utils._transport.tls import Trust
from tests.integration import fault_table
from tests.integration.conftest import StartFleet
from tests.integration.fault_cases import CUTS_LOGIN, ELSEWHERE, HAZARDS, OWN_ROOT, SENDS_IMAGE, Case, cases
from tests.integration.firmware_cases import CASES, NEW, images, options
from tests.integration.fleet import Fleet
from tests.simulator.profile import profile_names
from tests.trees.tasks import HOST, Result, assert_in_order, info, login

TIMING = {
    "on": 0.05,
    "graceful": 0.05,
    "force": 0.05,
    "restart": 0.05,
    "post": 0.05,
    "manager_reset": 0.1,
    "flash": 0.1,
}
# Most of what a run takes is waiting.
THREADS = 16
# For a busy machine: what one task may be late, and how long none of them may end.
SLACK = 30.0
PATIENCE = 60.0


class Elsewhere:
    """A host that the BMC's links lead to. met: how many connections came."""

    def __init__(self) -> None:
        self.met = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            self._listener.accept()[0].close()
            self.met += 1


@dataclass(frozen=True)
class Run:
    """A task that ended. seconds: how long it took. right: what bmc_info says without the fault."""

    result: Result
    seconds: float
    right: Result = field(default_factory=dict)


@dataclass(frozen=True)
class Matrix:
    """wanted: the cases that are possible. systems: the Id of a system that can be powered, by profile; "" without.

    folder: of the images.
    """

    fleet: Fleet
    elsewhere: Elsewhere
    systems: dict[str, str]
    wanted: list[Case]
    folder: Path
    runs: dict[Case, Run] = field(default_factory=dict)


@pytest.fixture(scope="module")
def everything(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--soak"))


@pytest.fixture(scope="module")
def matrix(start_fleet: StartFleet, everything: bool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    """All cases, each run once, many at a time."""
    profiles = profile_names()
    wanted = list(cases(profiles, everything=everything))
    fleet = start_fleet(
        [{"name": profile, "profile": profile} for profile in profiles]
        + [
            {"name": case.name, "profile": case.profile, "power": case.operation.before, "timing": TIMING}
            | dict(HAZARDS[case.hazard].bmc)
            for case in wanted
        ]
    )
    systems = {profile: system_of(fleet, profile) for profile in profiles}
    possible = [case for case in wanted if systems[case.profile] or not case.operation.state]
    folder = tmp_path_factory.mktemp("images")
    images(folder)
    matrix = Matrix(fleet, Elsewhere(), systems, possible, folder)
    roots = {profile: root_of(fleet, profile) for profile in profiles}
    for case in possible:
        inject(matrix, case, roots[case.profile])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENCHAMI_BMC_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        run_all(matrix)
        yield matrix


def system_of(fleet: Fleet, profile: str) -> str:
    """The Id of a system that can be powered; "" where the BMC has none."""
    return min(info(fleet.addresses[profile])["bmc"]["identity"]["systems"], default="")


def root_of(fleet: Fleet, profile: str) -> Any:
    """The service root of a BMC."""
    http = HttpClient(parse_address(fleet.addresses[profile]), Trust(validate=False), SystemClock())
    try:
        return http.request("GET", "/redfish/v1").document()
    finally:
        http.close()


def inject(matrix: Matrix, case: Case, root: Any) -> None:
    for fault in HAZARDS[case.hazard].faults:
        known = {ELSEWHERE: matrix.elsewhere.url, OWN_ROOT: root}
        given: dict[str, Any] = {
            key: known.get(value, value) if isinstance(value, str) else value for key, value in fault.items()
        }
        if case.operation.firmware and given.get("uri") == "/Actions/":
            given["uri"] = SENDS_IMAGE
        matrix.fleet.simulator.fault(case.name, **given)


def run_all(matrix: Matrix) -> None:
    """Run the cases on threads that end with the process: one that hangs hinders nobody but itself."""
    waiting: queue.SimpleQueue[Case | None] = queue.SimpleQueue()

    def work() -> None:
        while (case := waiting.get()) is not None:
            begun = time.monotonic()
            result = run(matrix, case)
            seconds = time.monotonic() - begun
            matrix.runs[case] = Run(result, seconds, right(matrix.fleet, case, result))

    workers = [threading.Thread(target=work, daemon=True) for _number in range(THREADS)]
    for case in matrix.wanted:
        waiting.put(case)
    for worker in workers:
        waiting.put(None)
        worker.start()
    longest = max(HAZARDS[case.hazard].bound(case.operation) for case in matrix.wanted)
    for worker in workers:
        done = -1
        while worker.is_alive() and done < len(matrix.runs):
            done = len(matrix.runs)
            worker.join(longest + PATIENCE)


def run(matrix: Matrix, case: Case) -> Result:
    """The result of one task."""
    hazard, operation = HAZARDS[case.hazard], case.operation
    given = login(matrix.fleet.addresses[case.name]) | {
        "bmc_auth": operation.auth,
        "bmc_timeout": hazard.timeout,
        "bmc_deadline": hazard.deadline,
    }
    if operation.reads:
        return answer(bmc_info.run, validated(bmc_info.ARGUMENT_SPEC, given), Task(HOST))
    if operation.firmware:
        # An update is more than a reset.
        waits = dict.fromkeys(("transfer_timeout", "apply_timeout", "return_timeout"), max(hazard.wait, 10))
        given |= options(CASES.get(case.profile, CASES["unknown_maker"])[0], matrix.folder, **waits)
        return answer(bmc_firmware.run, validated(bmc_firmware.ARGUMENT_SPEC, given), Task(HOST))
    system = matrix.systems[case.profile]
    given |= {"state": operation.state, "bmc_system": system, "wait_timeout": hazard.wait, "poll_interval": 0.05}
    return answer(bmc_power.run, validated(bmc_power.ARGUMENT_SPEC, given), Task(HOST))


def right(fleet: Fleet, case: Case, result: Result) -> Result:
    """What bmc_info says when the fault is gone; only where it said something before."""
    if not case.operation.reads or "msg" in result:
        return {}
    fleet.simulator.clear_faults(case.name)
    return info(fleet.addresses[case.name])


def outcome(case: Case, run: Run) -> str:
    """What the user gets, as the page names it."""
    if "error" in run.result:
        return str(run.result["error"]["kind"])
    in_part = case.operation.reads and facts(run.result) != facts(run.right)
    return fault_table.IN_PART if in_part else fault_table.ANSWER


def facts(result: Result) -> Result:
    """What is read of the resources, without what is concluded from it."""
    return {key: result[key] for key in ("bmc", "systems", "managers", "chassis")}


def part_of(shown: Any, whole: Any) -> bool:
    """Whether nothing is shown that is not so: what a BMC does not tell is null or left out."""
    if isinstance(shown, dict) and isinstance(whole, dict):
        # Maker and dialect are conclusions from what is told.
        return all(part_of(item, whole.get(key)) for key, item in shown.items() if key not in ("vendor", "dialect"))
    if isinstance(shown, list) and isinstance(whole, list):
        return all(any(part_of(item, other) for other in whole) for item in shown)
    return shown is None or shown == whole


def problems(matrix: Matrix, case: Case) -> Iterator[str]:
    """What is not as it should be."""
    run, simulator, name = matrix.runs.get(case), matrix.fleet.simulator, case.name
    if run is None:
        yield "it did not end"
        return
    result, state = run.result, simulator.state(name)
    if run.seconds > HAZARDS[case.hazard].bound(case.operation) + SLACK:
        yield f"it took {run.seconds:g} s"
    assert_in_order(result)
    yield from untruths(matrix, case, run, state)
    if len(simulator.writes(name)) > case.operation.writes:
        yield f"it wrote more than planned: {simulator.writes(name)}"
    untold = "could not be deleted" not in json.dumps(result.get("warnings", []))
    unknown = case.hazard in CUTS_LOGIN and outcome(case, run) == "MayHaveHappened"
    if state["sessions"] and untold and not unknown:
        yield "a session is left behind, and nobody says so"
    if state["failed_logins"] > (1 if case.hazard == "wrong-password" else 0):
        yield f"{state['failed_logins']} wrong passwords"


def untruths(matrix: Matrix, case: Case, run: Run, state: dict[str, Any]) -> Iterator[str]:
    """What the result claims and the BMC does not confirm."""
    result, operation = run.result, case.operation
    believes = operation.firmware and case.hazard == "ok-reset"
    if result.get("changed") and not believes and not matrix.fleet.simulator.history(case.name):
        yield "it claims a change that never was"
    if len(state["updates"]) > 1:
        yield "it sent an image twice"
    if "error" in result:
        return
    if operation.reads and not part_of(facts(result), facts(run.right)):
        yield f"the facts are not true: {result}"
    if outcome(case, run) == fault_table.IN_PART and not case.hazard.startswith("wrong-types"):
        yield f"facts are missing: {result}"
    if operation.firmware:
        yield from untrue_updates(result, state)
    if operation.state and not result["changed"] and matrix.fleet.simulator.history(case.name):
        yield "it claims no change, and there was one"
    if operation.state and state["systems"][matrix.systems[case.profile]]["power_state"] != operation.after:
        yield f"the system is not where it was asked to be: {result}"


def untrue_updates(result: Result, state: dict[str, Any]) -> Iterator[str]:
    """What is wrong with an update that is said to be done."""
    runs = {entry["version"] for entry in state["firmware"].values()}
    if [update["state"] for update in state["updates"]] != ["Completed"] or NEW not in runs:
        yield f"the update is not what it is said to be: {result}"


@pytest.mark.parametrize("hazard", HAZARDS)
def test_true_answer_or_clear_error_and_no_harm(matrix: Matrix, hazard: str) -> None:
    found = {
        case.name: problem for case in matrix.wanted if case.hazard == hazard for problem in problems(matrix, case)
    }
    assert found == {}


def test_nothing_arrived_elsewhere(matrix: Matrix) -> None:
    assert matrix.elsewhere.met == 0


def test_the_page_says_what_was_seen(matrix: Matrix, everything: bool) -> None:
    seen = {(case.hazard, case.operation.name, case.profile): outcome(case, run) for case, run in matrix.runs.items()}
    page = fault_table.FILE.read_text(encoding="utf-8") if fault_table.FILE.exists() else ""
    if everything:
        fault_table.FILE.write_text(fault_table.rendered(seen), encoding="utf-8")
        assert fault_table.FILE.read_text(encoding="utf-8") == page, "docs/faults.md was another; now it is this run's"
    told = {case: fault_table.expected(page, *case) for case in seen}
    assert seen == told, "docs/faults.md says otherwise: look whether that is meant, then write it with `make soak`"
