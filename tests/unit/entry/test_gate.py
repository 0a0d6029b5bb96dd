# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Never two hands on one BMC, never untold (promises 5 and 7)."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import Busy, InvalidRequest, LocalFailure
from ansible_collections.openchami.bmc.plugins.module_utils._core.redact import Redactor
from ansible_collections.openchami.bmc.plugins.module_utils._entry.gate import Gate, Intent
from ansible_collections.openchami.bmc.plugins.module_utils._operations.writes import Write
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin
from tests.unit.fake_clock import FakeClock
from tests.unit.json_documents import json_objects

HERE = Origin("https", "127.0.0.1", 443)
URI = "/redfish/v1/Systems/1"
PLAN = (Write("POST", f"{URI}/Actions/ComputerSystem.Reset", {"ResetType": "On"}),)
HOLDER = """
import sys, fcntl
file = open(sys.argv[1], "r+")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""

MakeGate = Callable[..., Gate]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def gate_of(tmp_path: Path, clock: FakeClock) -> MakeGate:
    """Gates of several tasks on one controller."""

    def gate(operation: str = "bmc_power off", origin: Origin = HERE, **more: Any) -> Gate:
        intent = Intent("node1", str(origin), operation, "4711", ())
        return Gate(tmp_path, origin, intent, clock, Redactor(["canary-7f3a"]), **more)

    return gate


def audit_of(folder: Path) -> list[dict[str, Any]]:
    file = folder / "audit.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


# One at a time


def test_second_task_waits_until_the_first_lets_go(gate_of: MakeGate, clock: FakeClock) -> None:
    with gate_of() as first, gate_of() as second, ExitStack() as held:
        held.enter_context(first.exclusively())
        clock.after(3, held.close)
        with second.exclusively() as waited:
            assert waited
            assert 3 <= sum(clock.slept) < 4


def test_task_that_waits_in_vain_is_busy(gate_of: MakeGate, clock: FakeClock) -> None:
    with (
        gate_of() as first,
        gate_of() as second,
        first.exclusively(),
        pytest.raises(Busy, match="another task holds this BMC"),
        second.exclusively(),
    ):
        pytest.fail("two tasks at once")
    assert sum(clock.slept) == pytest.approx(300, abs=1)


def test_lock_is_free_again_after_a_failure(gate_of: MakeGate, clock: FakeClock) -> None:
    with gate_of() as gate:
        with pytest.raises(LocalFailure), gate.exclusively():
            raise LocalFailure("the work failed")
        with gate.exclusively() as waited:
            assert not waited
            assert clock.slept == []


def test_two_bmcs_do_not_wait_for_each_other(gate_of: MakeGate, clock: FakeClock) -> None:
    other = Origin("https", "127.0.0.1", 8443)
    with gate_of() as first, gate_of(origin=other) as second, first.exclusively(), second.exclusively():
        assert clock.slept == []


def test_bmc_that_is_known_by_two_names_is_one(gate_of: MakeGate) -> None:
    by_name = Origin("https", "localhost", 443)
    with gate_of() as first, gate_of(origin=by_name) as second:
        first.claim(URI)
        with pytest.raises(Busy):
            second.claim(URI)


def test_target_that_is_claimed_is_busy_at_once_and_names_who(gate_of: MakeGate, clock: FakeClock) -> None:
    with gate_of("bmc_power off") as first, gate_of("bmc_power on") as second:
        first.claim(URI)
        with pytest.raises(Busy) as busy:
            second.claim(URI)
        assert clock.slept == []
    assert f"bmc_power off by process {os.getpid()} since 2027-01-15T08:00:00.000Z" in str(busy.value)


def test_two_targets_of_one_bmc_are_claimed_apart(gate_of: MakeGate) -> None:
    with gate_of() as first, gate_of() as second:
        first.claim(URI)
        second.claim("/redfish/v1/Systems/2")


def test_claim_ends_with_its_task(gate_of: MakeGate) -> None:
    with gate_of() as first:
        first.claim(URI)
    with gate_of() as second:
        second.claim(URI)


def test_claim_in_vain_leaves_no_file_open(gate_of: MakeGate) -> None:
    """A task for the same image waits two hours for the one that is at it, and asks each few seconds."""
    with gate_of() as first, gate_of() as second:
        first.claim(URI)
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _time in range(10):
            with pytest.raises(Busy):
                second.claim(URI)
        assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("look", ["holder", "recall"])
def test_look_at_a_target_is_in_nobodys_way(gate_of: MakeGate, look: str) -> None:
    """Neither refused for a look of another task, nor seen by one as held before it says by whom."""
    with gate_of() as gate:
        gate.claim(URI, {"image": "old"})
    ended = Event()
    seen = []

    def looking() -> None:
        with gate_of() as gate:
            while not ended.is_set():
                seen.append(getattr(gate, look)(URI))

    watcher = Thread(target=looking)
    watcher.start()
    try:
        for _time in range(500):
            with gate_of() as gate:
                gate.claim(URI, {"image": "new"})
    finally:
        ended.set()
        watcher.join()
    assert seen
    assert all(found in (None, {}, {"image": "new"}) for found in seen)
    assert look == "recall" or {} not in seen


def test_lock_of_another_process_is_respected_and_ends_with_it(gate_of: MakeGate, tmp_path: Path) -> None:
    with gate_of() as first:
        first.claim(URI)
    (file,) = (tmp_path / "locks").rglob("*Systems_1")
    command = [sys.executable, "-c", HOLDER, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with gate_of() as gate, pytest.raises(Busy):
            gate.claim(URI)
        process.kill()
    with gate_of() as gate:
        gate.claim(URI)


def test_lock_that_cannot_be_taken_is_a_local_failure(gate_of: MakeGate, tmp_path: Path) -> None:
    (tmp_path / "locks").write_text("a file where a folder should be", encoding="utf-8")
    with gate_of() as gate, pytest.raises(LocalFailure, match="OPENCHAMI_BMC_STATE_DIR"):
        gate.claim(URI)


@pytest.fixture
def full_disk() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("full_disk")
def test_lock_on_a_full_disk_is_a_local_failure_and_free_again(gate_of: MakeGate) -> None:
    with gate_of() as first, gate_of() as second:
        for gate in (first, second):
            with pytest.raises(LocalFailure, match="OPENCHAMI_BMC_STATE_DIR"):
                gate.claim(URI)
            assert gate.recall(URI) == {}
            gate.forget(URI)


def test_locks_are_for_their_owner_only(gate_of: MakeGate, tmp_path: Path) -> None:
    with gate_of() as gate:
        gate.claim(URI)
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "locks").rglob("*") if path.is_file()}
    assert modes == {0o600}


def test_state_folder_is_for_its_owner_only(clock: FakeClock, tmp_path: Path) -> None:
    state = tmp_path / "new" / "state"
    with Gate(state, HERE, Intent("node1", str(HERE), "bmc_power off", "", ()), clock, Redactor()) as gate:
        gate.claim(URI)
    assert state.stat().st_mode & 0o777 == 0o700


# Remembered

MEMORY = {"state": "soft_restart", "progress": {"position": 1}}


def remembering(gate: Gate) -> None:
    gate.claim(URI)
    gate.remember(URI, MEMORY)


def test_what_a_task_remembered_is_known_to_the_next(gate_of: MakeGate) -> None:
    with gate_of() as killed:
        remembering(killed)
    with gate_of() as again:
        assert MEMORY.items() <= again.recall(URI).items()
        assert again.recall("/redfish/v1/Systems/2") == {}


def test_claim_does_not_lose_what_was_remembered(gate_of: MakeGate) -> None:
    with gate_of() as killed:
        remembering(killed)
    with gate_of() as killed_again:
        killed_again.claim(URI)
        assert MEMORY.items() <= killed_again.recall(URI).items()
    with gate_of() as again:
        assert MEMORY.items() <= again.recall(URI).items()


def test_what_was_forgotten_is_unknown(gate_of: MakeGate) -> None:
    with gate_of() as done:
        remembering(done)
        done.forget(URI)
        assert done.recall(URI) == {}
    with gate_of() as again:
        assert again.recall(URI) == {}


def test_claim_alone_is_nothing_to_remember(gate_of: MakeGate) -> None:
    with gate_of() as first:
        first.claim(URI)
    with gate_of() as again:
        assert again.recall(URI) == {}


def test_what_was_remembered_an_hour_ago_is_history(gate_of: MakeGate, clock: FakeClock) -> None:
    with gate_of() as killed:
        remembering(killed)
    clock.advance(3599)
    with gate_of() as again:
        assert again.recall(URI)
    clock.advance(2)
    with gate_of() as again:
        assert again.recall(URI) == {}


def test_what_a_task_at_work_remembers_is_its_own(gate_of: MakeGate) -> None:
    with gate_of() as working, gate_of() as other:
        remembering(working)
        assert other.recall(URI) == {}


def test_forgetting_what_was_never_claimed_does_nothing(gate_of: MakeGate) -> None:
    with gate_of() as gate:
        gate.forget(URI)


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(json_objects("memory", "time", "who", "since"))
@example({"memory": {"time": True}})
def test_no_damaged_lock_file_breaks_the_gate(gate_of: MakeGate, tmp_path: Path, note: dict[str, Any]) -> None:
    for file in [path for path in tmp_path.rglob("*") if path.is_file()]:
        file.write_text(json.dumps(note), encoding="utf-8")
    with gate_of() as gate:
        assert isinstance(gate.recall(URI), dict)
        gate.claim(URI)


# Allowed, and told


def test_intent_is_written_before_anything_is_allowed(gate_of: MakeGate, tmp_path: Path) -> None:
    with gate_of() as gate:
        gate.allow(PLAN)
        (line,) = audit_of(tmp_path)
    assert line["phase"] == "intent"
    assert (line["host"], line["operation"], line["actor"]["job"]) == ("node1", "bmc_power off", "4711")
    assert line["plan"] == [PLAN[0].as_data()]


def test_authorizer_sees_the_plan_and_stops_everything(gate_of: MakeGate, tmp_path: Path) -> None:
    judged: list[Intent] = []

    def forbid(intent: Intent) -> None:
        judged.append(intent)
        raise InvalidRequest("not on a Friday")

    with gate_of(authorizers=[forbid]) as gate:
        with pytest.raises(InvalidRequest, match="Friday"):
            gate.allow(PLAN)
        gate.tell({"failed": True})
    assert judged[0].plan == PLAN
    assert audit_of(tmp_path) == []


def test_plan_without_a_record_is_not_allowed(gate_of: MakeGate, tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").mkdir()
    with gate_of() as gate, pytest.raises(LocalFailure, match="audit"):
        gate.allow(PLAN)


def test_outcome_is_written_and_carried_further(gate_of: MakeGate, tmp_path: Path) -> None:
    heard: list[tuple[Intent, dict[str, Any]]] = []
    with gate_of(observers=[lambda intent, outcome: heard.append((intent, outcome))]) as gate:
        gate.allow(PLAN)
        assert gate.tell({"changed": True, "msg": "canary-7f3a"}) == []
    intent, outcome = audit_of(tmp_path)
    assert outcome["phase"] == "outcome"
    assert outcome["id"] == intent["id"]
    assert outcome["detail"] == {"changed": True, "msg": "********"}
    assert heard[0][0].plan == PLAN
    assert heard[0][1]["changed"] is True


def test_outcome_without_an_intent_is_not_told(gate_of: MakeGate, tmp_path: Path) -> None:
    heard: list[object] = []
    with gate_of(observers=[lambda intent, outcome: heard.append(outcome)]) as gate:
        gate.tell({"changed": False})
    assert heard == []
    assert audit_of(tmp_path) == []


def test_outcome_that_cannot_be_written_hides_nothing(gate_of: MakeGate, tmp_path: Path) -> None:
    heard: list[object] = []
    with gate_of(observers=[lambda intent, outcome: heard.append(outcome)]) as gate:
        gate.allow(PLAN)
        (tmp_path / "audit.jsonl").unlink()
        (tmp_path / "audit.jsonl").mkdir()
        (untold,) = gate.tell({"changed": True})
    assert "the writes were done" in untold
    assert heard == [{"changed": True}]
