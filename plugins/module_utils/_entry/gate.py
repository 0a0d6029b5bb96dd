# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Never two hands on one BMC, never untold (promises 5 and 7): the gate that every write passes."""

from __future__ import annotations

import fcntl
import json
import os
import re
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Protocol

from .._core.audit import AuditLog, AuditRecord
from .._core.clock import Clock, timestamp
from .._core.errors import Busy, LocalFailure
from .._core.redact import Redactor
from .._operations.writes import Write
from .._transport.origin import Origin

_LOOK_AGAIN = 0.05
_FREE_WITHIN = 300.0

# A restart that was cut off longer ago than this is history: what is off now was switched off by someone since.
_REMEMBERED = 3600.0


@dataclass(frozen=True)
class Intent:
    """What is about to be written: what an authorizer judges and an observer carries further.

    host: inventory name. operation: "bmc_power off". job: of the scheduler that runs the play, "" without one.
    """

    host: str
    address: str
    operation: str
    job: str
    plan: tuple[Write, ...]


Authorizer = Callable[[Intent], None]
"""Raises a BmcError to forbid an intent."""


class Observer(Protocol):
    """Carries an operation's outcome further."""

    def __call__(self, intent: Intent, outcome: dict[str, Any]) -> None:
        """Hear of the outcome of an intent, after the last write."""


class Gate:
    """Locks in the state folder of this controller. A context manager: leaving it frees every target."""

    def __init__(
        self,
        folder: Path,
        origin: Origin,
        intent: Intent,
        clock: Clock,
        redactor: Redactor,
        authorizers: Sequence[Authorizer] = (),
        observers: Sequence[Observer] = (),
    ) -> None:
        self._folder = folder
        self._origin = origin
        self._intent = intent
        self._clock = clock
        self._authorizers = authorizers
        self._observers = observers
        self._audit = AuditLog(folder / "audit.jsonl", clock, redactor)
        self._record: AuditRecord | None = None
        self._claims: dict[str, IO[str]] = {}
        self._about: dict[str, dict[str, Any]] = {}
        self._open = ExitStack()

    def __enter__(self) -> Gate:
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    @contextmanager
    def exclusively(self) -> Iterator[bool]:
        """Hold the BMC itself; sibling nodes behind one BMC take turns."""
        waited = False
        with self._opened("bmc") as file:
            deadline = self._clock.monotonic() + _FREE_WITHIN
            while not _locked(file):
                waited = True
                if self._clock.monotonic() > deadline:
                    raise Busy(
                        "another task holds this BMC",
                        why=f"it did not let go within {_FREE_WITHIN:g} s",
                        way_out="Find the other ansible-playbook on this controller, or run this one later.",
                    )
                self._clock.sleep(_LOOK_AGAIN)
            yield waited

    def claim(self, target: str, about: Mapping[str, Any] | None = None) -> None:
        with self._one_at_the_claims(), ExitStack() as opened:
            file = opened.enter_context(self._opened(target))
            if not _locked(file):
                other = _content(file)
                raise Busy(
                    f"another task is at work on {target}",
                    why=f"{other.get('operation', 'an operation')} by {other.get('who', 'someone')}"
                    f" since {other.get('since', 'a moment ago')}",
                    way_out="Wait for it to end; nothing was written.",
                )
            self._claims[target] = file
            opened.callback(self._claims.pop, target)
            self._about[target] = dict(about or {})
            self._write_note(target, self._memory(_content(file)))
            self._open.push(opened.pop_all())

    def holder(self, target: str) -> Mapping[str, Any] | None:
        if target in self._claims or not self._file(target).exists():
            return None
        with self._one_at_the_claims(), self._opened(target) as file:
            about = None if _locked(file) else _content(file).get("about", {})
        return about if isinstance(about, dict) else None

    def recall(self, target: str) -> Mapping[str, Any]:
        if target in self._claims:
            return self._memory(_content(self._claims[target]))
        if not self._file(target).exists():
            return {}
        with self._one_at_the_claims(), self._opened(target) as file:
            return self._memory(_content(file)) if _locked(file) else {}

    @contextmanager
    def _one_at_the_claims(self) -> Iterator[None]:
        """To look at a claim locks it for a moment, and a new one has no note for a moment: nobody sees either."""
        with self._opened("claims") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def remember(self, target: str, memory: Mapping[str, Any]) -> None:
        self._write_note(target, {**memory, "time": self._clock.wall()})

    def forget(self, target: str) -> None:
        if target in self._claims:
            self._write_note(target, {})

    def allow(self, plan: Sequence[Write]) -> None:
        self._intent = replace(self._intent, plan=tuple(plan))
        for authorize in self._authorizers:
            authorize(self._intent)
        intent = self._intent
        writes = [write.as_data() for write in plan]
        self._record = self._audit.intent(intent.host, intent.address, intent.operation, writes, intent.job)

    def tell(self, outcome: dict[str, Any]) -> list[str]:
        """The audit line of outcome, and the observers; nothing where there was no intent.

        Returns what could not be told: it is no reason to hide what happened.
        """
        if self._record is None:
            return []
        untold = []
        try:
            self._audit.outcome(self._record, outcome)
        except LocalFailure as error:
            untold.append(f"the writes were done, but {error}")
        for observe in self._observers:
            observe(self._intent, outcome)
        return untold

    @cached_property
    def _locks(self) -> Path:
        return self._folder / "locks" / _address(self._origin)

    def _file(self, name: str) -> Path:
        """A file of its own for each name, whatever characters a BMC's URIs have and however long they are."""
        if re.fullmatch(r"[A-Za-z0-9/-]{1,200}", name):
            return self._locks / name.replace("/", "_")
        readable = re.sub(r"[^A-Za-z0-9.-]", "_", name)[:100]
        return self._locks / f"{readable}_{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"

    @contextmanager
    def _opened(self, name: str) -> Iterator[IO[str]]:
        path = self._file(name)
        try:
            # The whole folder is its owner's alone: the audit log says who did what to which machine.
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
        except OSError as error:
            raise _unwritable(path, error) from error
        with file:
            yield file

    def _write_note(self, target: str, memory: Mapping[str, Any]) -> None:
        """Who holds the target, for the message of Busy, and the memory, for a task that comes later."""
        holder = {
            "operation": self._intent.operation,
            "who": f"process {os.getpid()}",
            "since": timestamp(self._clock.wall()),
            "about": self._about[target],
        }
        # One write, then the cut: a process killed in between leaves a whole first line, and only that is read.
        line = json.dumps({**holder, "memory": dict(memory)}).encode() + b"\n"
        descriptor = self._claims[target].fileno()
        try:
            os.pwrite(descriptor, line, 0)
            os.ftruncate(descriptor, len(line))
        except OSError as error:
            raise _unwritable(self._file(target), error) from error

    def _memory(self, note: Mapping[str, Any]) -> Mapping[str, Any]:
        memory = note.get("memory")
        if not isinstance(memory, dict) or not isinstance(memory.get("time"), (int, float)):
            return {}
        life = memory.get("life", _REMEMBERED)
        lasts = isinstance(life, (int, float)) and memory["time"] > self._clock.wall() - life
        return memory if lasts else {}


def _unwritable(path: Path, error: OSError) -> LocalFailure:
    return LocalFailure(
        "the lock file of this BMC could not be written",
        why=f"{path}: {error.strerror or error}",
        way_out="Set OPENCHAMI_BMC_STATE_DIR to a folder that you may write.",
    )


def _address(origin: Origin) -> str:
    """One name for a BMC that is known by several: its IP address and port."""
    try:
        found = socket.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
    except OSError:
        return re.sub(r"[^A-Za-z0-9.-]", "_", f"{origin.host}_{origin.port}")
    return re.sub(r"[^A-Za-z0-9.-]", "_", f"{found[0][4][0]}_{origin.port}")


def _locked(file: IO[str]) -> bool:
    """Whether the lock is ours now. The kernel frees it when this process ends, however it ends."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _content(file: IO[str]) -> dict[str, Any]:
    file.seek(0)
    try:
        note = json.loads(file.readline() or "{}")
    except (ValueError, RecursionError):
        return {}
    return note if isinstance(note, dict) else {}
