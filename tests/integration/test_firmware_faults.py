# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever goes wrong with an update, what bmc_firmware says of it is true, and never is a second image sent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Task
from tests.integration import fault_table
from tests.integration.conftest import StartFleet
from tests.integration.firmware_cases import NEW, TIMING, images, options
from tests.integration.firmware_faults import FAILED, OTHER, REFUSED, TROUBLES, UPDATED, Case, cases
from tests.integration.fleet import Fleet
from tests.trees.tasks import HOST, Result, assert_in_order, firmware

# Most of what a task takes is waiting.
THREADS = 32
# The task's clock runs so many times faster than that of its BMC: so it has its usual patience.
HASTE = 50.0
PATIENCE = {"transfer_timeout": 600, "apply_timeout": 1200, "return_timeout": 900, "reboot_timeout": 300}
LOOKS = {"poll_interval": 10, "bmc_timeout": 30, "bmc_deadline": 1e5}
RUNNING = ("Downloading", "Uploading", "Waiting", "Flashing")
OF_TROUBLES = [pytest.param(name, id=name.replace("_", "-")) for name in TROUBLES]


class Hurried:
    """A clock that runs ahead."""

    def __init__(self) -> None:
        self._begun, self._wall = time.monotonic(), time.time()

    def monotonic(self) -> float:
        return (time.monotonic() - self._begun) * HASTE

    def wall(self) -> float:
        return self._wall + self.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / HASTE)


@dataclass(frozen=True)
class Judged:
    """What the task said, and what was true when it ended."""

    case: Case
    result: Result
    state: dict[str, Any]
    sessions_told: bool

    @property
    def update(self) -> dict[str, Any]:
        return dict(self.state["updates"][-1]) if self.state["updates"] else {}

    @property
    def told(self) -> dict[str, Any]:
        (told,) = self.result["updates"]
        return dict(told)

    @property
    def end(self) -> str:
        return str(self.result["error"]["kind"]) if "error" in self.result else str(self.told["state"])


@pytest.fixture(scope="module")
def judged(
    request: pytest.FixtureRequest, start_fleet: StartFleet, tmp_path_factory: pytest.TempPathFactory
) -> list[Judged]:
    """All cases, each on a BMC of its own, many at a time."""
    folder = tmp_path_factory.mktemp("images")
    images(folder)
    wanted = list(cases(everything=request.config.getoption("--soak")))
    timing = {**TIMING, "download": 0}
    fleet = start_fleet([{"name": case.name, "profile": case.profile, "timing": timing} for case in wanted])
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(THREADS) as pool:
        patch.setenv("OPENCHAMI_BMC_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        return list(pool.map(lambda case: _judged(fleet, folder, case), wanted))


def _judged(fleet: Fleet, folder: Path, case: Case) -> Judged:
    fleet.simulator.fault(case.name, TROUBLES[case.trouble].kind, **case.fault)
    given = options(case.asked, folder, transfer=case.transfer, reboot="when_needed", bmc_auth=case.auth)
    if case.asked.system:
        given["bmc_system"] = case.asked.system
    result = firmware(fleet.addresses[case.name], task=Task(HOST, clock=Hurried()), **given | PATIENCE | LOOKS)
    return Judged(case, result, fleet.simulator.state(case.name), "could not be deleted" in str(result.get("warnings")))


def problems(judged: Judged) -> Iterator[str]:
    """What is not as it should be."""
    result, case, update = judged.result, judged.case, judged.update
    assert_in_order(result)
    if judged.end != case.end:
        yield f"it ended as {judged.end}: {result.get('msg')}"
    if len(judged.state["updates"]) > 1:
        yield "it was sent twice"
    if result.get("changed", False) is not bool(update):
        yield f"changed is {result.get('changed')}, the BMC was sent {update}"
    if judged.state["sessions"] and not judged.sessions_told:
        yield f"sessions are left: {judged.state['sessions']}"
    if judged.state["failed_logins"]:
        yield "a login was refused"
    yield from _untruths(judged)
    if "error" in result:
        yield from _unclear(judged)


def _untruths(judged: Judged) -> Iterator[str]:
    result, update = judged.result, judged.update
    if judged.end == UPDATED:
        runs = [judged.state["firmware"][image]["version"] for image in update["images"]]
        if (update["state"], set(runs), judged.told["after"]) != ("Completed", {NEW}, NEW):
            yield f"it says updated, and is not: {update}, {runs}"
    may_run = update.get("state") in (*RUNNING, "Pending")
    if "error" in result and judged.end not in (FAILED, REFUSED):
        if not result.get("handle") or result.get("settled"):
            yield "it may still run, and there is no handle"
    elif result.get("handle") or (may_run and judged.end != "pending_reboot"):
        yield f"there is a handle for {update}: {result.get('handle')}"


def _unclear(judged: Judged) -> Iterator[str]:
    """What an error does not tell, or not as it is."""
    result = judged.result
    if judged.told["state"] != "failed":
        yield f"its state is {judged.told['state']}"
    if judged.told["after"] not in _versions(judged) and judged.end != OTHER:
        yield f"{judged.told['after']} does not run"
    if not all(result["error"][part] for part in ("what", "why", "way_out")):
        yield f"it says too little: {result['error']}"
    if judged.update and "Nothing was written" in result["msg"]:
        yield f"it denies what was sent: {result['msg']}"
    if not result["msg"].startswith(f"{HOST}: "):
        yield f"it does not name the host: {result['msg']}"


def _versions(judged: Judged) -> set[str]:
    return {str(entry["version"]) for entry in judged.state["firmware"].values()}


def test_the_page_says_what_was_seen() -> None:
    assert fault_table.of_updates() in fault_table.FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("trouble", OF_TROUBLES)
def test_what_is_said_of_it_is_true_and_nothing_is_sent_again(judged: list[Judged], trouble: str) -> None:
    found = [each for each in judged if each.case.trouble == trouble]
    assert found
    assert [f"{each.case.name}: {problem}" for each in found for problem in problems(each)] == []
