# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The staging server of a play, as its tasks see it: started by the first that stages, asked by all."""

from __future__ import annotations

import fcntl
import json
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..._core.errors import LocalFailure
from ..._core.local_socket import NAME, address, connected, received, send
from . import shared_process
from .addresses import listen
from .fetched import Fetched
from .place import Place
from .wish import Staged, Wish, error_from_wire

_PATIENCE = 60.0
_ABSENT = (FileNotFoundError, ConnectionRefusedError)
_LOCK = ".lock"
_ATTEMPTS = 5

# Nothing of this Python's own surroundings: another ansible_collections in site-packages would come first.
_ISOLATED = ("-I", "-S", "-c")
_PROGRAM = f"import sys; sys.path.insert(0, sys.argv[1]); from {shared_process.__name__} import main; main()"
_ROOT = Path(__file__).parents[len(__name__.split(".")) - 1]
"""Where this collection is imported from: a folder, or the archive of a module that was sent elsewhere."""


class ServerGone(Exception):
    """No server answers: none was started, its leases have ended, or it was killed."""


@dataclass(frozen=True)
class PlayServer:
    """folder: of the staging servers of all plays of this user. play: who owns this one; others never see it."""

    folder: Path
    play: str

    @property
    def control(self) -> Path:
        """The folder of the control socket."""
        return self.folder / sha256(self.play.encode()).hexdigest()[:16]

    def stage(self, wish: Wish, lifeline: int = -1) -> Staged:
        """Stage a file, and start the server where there is none.

        lifeline: the read end of a pipe whose write end the play alone holds; -1 where the play is on another machine.
        Raises InvalidRequest, LocalFailure.
        """
        question = {"ask": "stage", "wish": wish.as_wire()}
        for _attempt in range(_ATTEMPTS):
            try:
                found = ask(self.control, question)
                break
            except ServerGone:
                # It may end the moment before it is asked: its last lease has run out.
                self._start(wish.place, lifeline)
        else:
            raise _failure(f"{self.control}: it ended {_ATTEMPTS} times before it answered")
        if found is None:
            raise _failure("it staged nothing")
        return found

    def would_keep(self, wish: Wish) -> Staged | None:
        """What stage() would find to be there already; None where it would stage anew. Raises LocalFailure."""
        try:
            return ask(self.control, {"ask": "kept", "wish": wish.as_wire()})
        except ServerGone:
            return None

    def show(self, host: str) -> Staged | None:
        """What is staged for a host, whose lease is renewed; None for nothing. Raises LocalFailure."""
        return self._asked("show", host)

    def end(self, host: str) -> Staged | None:
        """Take a host's file away; the last account of it. The server ends with the last. Raises LocalFailure."""
        found = self._asked("end", host)
        with self._alone():
            self._sweep()
        return found

    def _asked(self, what: str, host: str) -> Staged | None:
        try:
            return ask(self.control, {"ask": what, "host": host})
        except ServerGone:
            return None

    def _start(self, place: Place, lifeline: int) -> None:
        ports = place.port_range()
        with self._alone() as lock, ExitStack() as open_things:
            self._sweep()
            if self.control.exists():
                return
            self.control.mkdir(mode=0o700)
            try:
                control = open_things.enter_context(_listening(self.control))
                listener = open_things.enter_context(listen("", ports))
                descriptors = (listener.fileno(), control.fileno(), lifeline)
                _run(shared_process.Order(*descriptors, str(self.control), str(lock), place))
            except BaseException:
                shutil.rmtree(self.control, ignore_errors=True)
                raise

    @contextmanager
    def _alone(self) -> Iterator[Path]:
        lock = self.folder / _LOCK
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with lock.open("a", encoding="ascii") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield lock
        except OSError as error:
            raise _failure(f"{error.filename or self.folder}: {error.strerror or error}") from error

    def _sweep(self) -> None:
        """Take away what servers that were killed have left, of whichever play."""
        for folder in self.folder.iterdir():
            if stat.S_ISDIR(folder.lstat().st_mode) and not _answers(folder):
                shutil.rmtree(folder, ignore_errors=True)


def ask(control: Path, question: Mapping[str, Any]) -> Staged | None:
    """What the server behind a control socket answers. Raises ServerGone, InvalidRequest, LocalFailure."""
    try:
        with connected(control) as connection:
            connection.settimeout(_PATIENCE)
            send(connection, question)
            said = received(connection)
    except TimeoutError as error:
        raise _failure(f"no answer in {_PATIENCE:g} s") from error
    except (*_ABSENT, ConnectionError, ValueError) as error:
        raise ServerGone from error
    except OSError as error:
        raise _failure(f"{control}: {error.strerror or error}") from error
    if "error" in said:
        raise error_from_wire(said["error"])
    return Staged.from_wire(said["answer"]) if said["answer"] else None


@dataclass(frozen=True)
class SharedStage:
    """A Stage of the play's server, by what bmc_staging returned.

    digest: of the file that was staged; another one in its place has another URL. lasts: the server does not end with
    the play, whose end it cannot see. control: folder of the server's socket; machine: where that is, by name: nothing
    is known elsewhere of what was fetched.
    """

    host: str
    url: str
    origin: str
    found: bool
    digest: str
    lasts: bool
    control: str
    machine: str

    def fetched(self) -> Fetched | None:
        """See Stage; asking renews the lease."""
        if self.machine != socket.gethostname():
            return None
        try:
            staged = ask(Path(self.control), {"ask": "show", "host": self.host})
        except ServerGone:
            staged = None
        if staged is None or staged.url != self.url:
            raise LocalFailure(
                "the file is not staged any more",
                why=f"the staging server behind {self.origin} has ended, or its lease for {self.host} has",
                way_out="Stage it again with bmc_staging; give a longer lease where tasks are far apart.",
            )
        return staged.fetched

    def close(self) -> None:
        """Nothing: it is there for the play, until bmc_staging stops it."""


def _answers(folder: Path) -> bool:
    with suppress(OSError), connected(folder):
        return True
    return False


def _listening(folder: Path) -> socket.socket:
    """The control socket, this user's alone. It listens before there is a process behind it."""
    listener = socket.socket(socket.AF_UNIX)
    try:
        with address(folder) as where:
            listener.bind(where)
        (folder / NAME).chmod(0o600)
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


def _run(order: shared_process.Order) -> None:
    """Start the process and return once it serves. Its arguments and environment hold no secret, nor does the order."""
    descriptors = [order.listener, order.control, *([order.lifeline] if order.lifeline >= 0 else [])]
    try:
        # This very Python, with a program of our own.
        started = subprocess.run(  # noqa: S603 # pylint: disable=ansible-bad-function
            [sys.executable, *_ISOLATED, _PROGRAM, str(_ROOT)],
            input=json.dumps(asdict(order)).encode(),
            capture_output=True,
            pass_fds=descriptors,
            env={"LC_ALL": "C.UTF-8"},
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _failure(f"it did not start in {_PATIENCE:g} s") from error
    if started.returncode:
        last = started.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise _failure(" ".join([*last, f"(status {started.returncode})"]))


def _failure(why: str) -> LocalFailure:
    return LocalFailure(
        "the staging server of the play cannot be used",
        why=why,
        way_out="It needs the state folder (OPENCHAMI_BMC_STATE_DIR) and a port to listen on.",
    )
