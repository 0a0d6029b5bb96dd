# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The broker of a run: one login for all workers, and gone with the run, however that ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest, LocalFailure
from ansible_collections.openchami.bmc.plugins.module_utils._credentials.broker import Broker
from tests.vault.processes import PATIENCE, marked, shown, wait_for_end
from tests.vault.stage import reference
from tests.vault.stand_in import StandIn

ROOT = Path(__file__).resolve().parents[3]
CANARY = "canary-6b1e"


@dataclass
class Run:
    """A run of tests.vault.run: ask() forks a worker for each chain of references."""

    folder: Path
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __post_init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.vault.run", str(self.folder)],
            cwd=ROOT,
            env={**os.environ, "MARK": self.mark},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def begin(self, chains: list[Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(chains) + "\n")
        self.process.stdin.flush()

    def answers(self) -> list[Any]:
        assert self.process.stdout is not None
        answers: list[Any] = json.loads(self.process.stdout.readline())
        return answers

    def ask(self, chains: list[Any]) -> list[Any]:
        self.begin(chains)
        return self.answers()

    def brokers(self) -> list[int]:
        """The processes of the run that are in a session of their own: workers are in that of the program."""
        return [pid for pid in marked(f"MARK={self.mark}") if _session(pid) != os.getsid(0)]

    def end(self) -> None:
        """The end of its input, and of its output: a broker that kept it open would be waited for."""
        self.process.communicate(timeout=PATIENCE)


@pytest.fixture
def run(short_path: Path) -> Iterator[Run]:
    run = Run(short_path)
    yield run
    run.process.kill()
    run.process.communicate(timeout=PATIENCE)
    for pid in run.brokers():
        wait_for_end(pid)


@pytest.fixture
def short_path() -> Iterator[Path]:
    """The path of a socket has room for 108 bytes; tmp_path alone may have more."""
    with tempfile.TemporaryDirectory(prefix="run-") as folder:
        yield Path(folder)


def _session(pid: int) -> int:
    """The session of a process; one that ended meanwhile counts as of ours."""
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return os.getsid(0)


def chains(vault: StandIn, *paths: str) -> list[list[dict[str, Any]]]:
    for path in paths:
        vault.store("secret", path, {"username": "root", "password": f"{CANARY}-{path}"})
    return [[reference(vault, path)] for path in paths]


def accounts(*paths: str) -> list[list[str]]:
    return [["root", f"{CANARY}-{path}"] for path in paths]


def test_first_use_by_many_at_once_starts_one_broker_with_one_login(vault: StandIn, run: Run) -> None:
    paths = [f"x{number}" for number in range(20)]
    assert run.ask(chains(vault, *paths)) == accounts(*paths)
    assert run.ask(chains(vault, *paths)) == accounts(*paths)
    assert len(run.brokers()) == 1
    assert (vault.logins, len(vault.requests)) == (1, 21)


def test_broker_ends_with_the_run_and_gives_the_token_back(vault: StandIn, run: Run) -> None:
    run.ask(chains(vault, "x1"))
    (broker,) = run.brokers()
    run.end()
    wait_for_end(broker)
    assert list(run.folder.iterdir()) == []
    assert vault.known_tokens() == 0


def test_broker_ends_with_a_run_that_is_killed(vault: StandIn, run: Run) -> None:
    run.ask(chains(vault, "x1"))
    (broker,) = run.brokers()
    run.process.kill()
    wait_for_end(broker)
    assert list(run.folder.iterdir()) == []
    assert vault.known_tokens() == 0


def test_run_that_asks_nothing_starts_nothing(run: Run) -> None:
    run.ask([])
    assert run.brokers() == []
    assert list(run.folder.iterdir()) == []


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_broker_that_was_killed_is_replaced(vault: StandIn, run: Run, how: signal.Signals) -> None:
    run.ask(chains(vault, "x1"))
    (first,) = run.brokers()
    os.kill(first, how)
    wait_for_end(first)
    assert run.ask(chains(vault, "x2", "x3", "x4")) == accounts("x2", "x3", "x4")
    (second,) = run.brokers()
    assert second != first
    assert vault.logins == 2


def test_question_whose_broker_is_killed_is_asked_again(vault: StandIn, run: Run) -> None:
    arrived, killed = threading.Event(), threading.Event()

    def wait(path: str) -> None:
        if path.endswith("x1"):
            arrived.set()
            killed.wait(PATIENCE)

    vault.answer_first = wait
    run.begin(chains(vault, "x1"))
    assert arrived.wait(PATIENCE)
    (first,) = run.brokers()
    os.kill(first, signal.SIGKILL)
    wait_for_end(first)
    killed.set()
    assert run.answers() == accounts("x1")


def test_slow_answer_holds_up_no_other(vault: StandIn, run: Run) -> None:
    """Nor may it: here the slow one is answered only once all others were asked for."""
    others = [f"fast{number}" for number in range(8)]
    came = threading.Semaphore(0)

    def wait(path: str) -> None:
        if path.endswith("slow"):
            assert all(came.acquire(timeout=PATIENCE) for _other in others)
        elif "fast" in path:
            came.release()

    vault.answer_first = wait
    assert run.ask(chains(vault, "slow", *others)) == accounts("slow", *others)


def test_errors_arrive_as_they_were_raised(vault: StandIn, run: Run) -> None:
    wrong = {"type": "hashi_vault", "engine_version": 1, "path": "x", "pth": 1}
    answers = run.ask([[wrong], [reference(vault, "nowhere")], [], [reference(vault, "x", url="https://127.0.0.1:1")]])
    assert [kind for kind, _text in answers] == ["InvalidRequest", "NoCredential", "InvalidRequest", "NoCredential"]
    assert "has no option 'pth'. Known: type, auth_method" in answers[0][1]
    assert "asked: entry secret/nowhere of the Vault" in answers[1][1]
    assert "Connection refused. Check url" in answers[3][1]


def test_secrets_are_in_no_file_argument_or_environment(vault: StandIn, run: Run) -> None:
    run.ask(chains(vault, "x1"))
    (broker,) = run.brokers()
    assert [CANARY.encode() in shown(broker, name) for name in ("cmdline", "environ")] == [False, False]
    (folder,) = run.folder.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {entry.name: entry.stat().st_size for entry in folder.iterdir()} == {"lock": 0, "socket": 0}


def test_folder_that_cannot_be_is_a_local_failure(short_path: Path) -> None:
    broker = Broker(short_path / "nowhere")
    with pytest.raises(LocalFailure, match="No such file or directory"):
        broker.account([])
    broker.close()


def test_folder_with_a_longer_path_than_a_socket_may_have_serves(short_path: Path) -> None:
    long = short_path / ("x" * 100)
    long.mkdir()
    broker = Broker(long)
    with pytest.raises(InvalidRequest):
        broker.account([])
    broker.close()
