# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process of a play's staging server. It is a new Python, not a fork: it holds nothing of the task that started it,
no password of any host, and little memory.

It ends when its play does (the lifeline), when the last lease has ended, when it is told to, or by SIGTERM.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import selectors
import shutil
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from ..._core.clock import SystemClock
from ..._core.errors import BmcError, LocalFailure
from ..._core.local_socket import NAME, is_ours, received, send
from .offers import Offers
from .place import Place
from .register import Register
from .server import Server
from .wish import error_as_wire

_PATIENCE = 10.0
_LONGEST_LOOK = 60.0


@dataclass(frozen=True)
class Order:
    """What the starter says on standard input. listener, control, lifeline: descriptors; lifeline -1 for none.

    folder: where the control socket is. lock: a file that starters and this process hold while they change folders.
    """

    listener: int
    control: int
    lifeline: int
    folder: str
    lock: str
    place: Place


def main() -> NoReturn:
    """Run on standard input's order. The first process ends with 0 as soon as the second serves."""
    order = _order(json.load(sys.stdin))
    context = order.place.context()
    listener, control = (socket.socket(fileno=descriptor) for descriptor in (order.listener, order.control))
    # All that is needed of the collection is imported: a module's own copy of it is gone a moment from now.
    if os.fork():
        os._exit(0)
    _detach()
    folder = Path(order.folder)
    own = _inode(folder)
    server = Server(listener, Offers(), context)
    register = Register(server.offers, order.place, server.port, SystemClock())
    try:
        server.start()
        serve(control, order.lifeline, register)
    finally:
        # First the port, which the next server of the play may want; who asks meanwhile hears that this one has gone.
        server.close()
        _leave(control, folder, own, Path(order.lock))
        os._exit(0)


def _order(content: dict[str, Any]) -> Order:
    return Order(**{**content, "place": Place(**content["place"])})


def _detach() -> None:
    os.setsid()
    os.chdir("/")
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)


def _end(_signal: int, _frame: object) -> NoReturn:
    # Once is enough: what cleans up is not to be interrupted.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit


def serve(control: socket.socket, lifeline: int, register: Register) -> None:
    """Answer the play's tasks until the play has ended, or nothing is left to serve."""
    control.setblocking(False)
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        if lifeline >= 0:
            selector.register(lifeline, selectors.EVENT_READ)
        while not register.over():
            ready = selector.select(min(_LONGEST_LOOK, register.next_end()))
            if any(key.fd == lifeline for key, _events in ready):
                return
            with suppress(BlockingIOError):
                connection, _address = control.accept()
                connection.settimeout(_PATIENCE)
                _answer(connection, register)


def _answer(connection: socket.socket, register: Register) -> None:
    with connection, suppress(OSError, ValueError):
        if is_ours(connection):
            send(connection, _said(register, received(connection)))


def _said(register: Register, question: Any) -> Any:
    try:
        return {"answer": register.answer(question)}
    except BmcError as error:
        return {"error": error_as_wire(error)}
    except Exception as error:  # noqa: BLE001 - the last door: a task must hear of a defect
        why = f"a defect in openchami.bmc: {type(error).__name__}: {error}"
        failure = LocalFailure("the staging server of the play failed", why=why, way_out="Report this.")
        return {"error": error_as_wire(failure)}


def _leave(control: socket.socket, folder: Path, own: int, lock: Path) -> None:
    """Take the folder away, unless it is another's by now: a starter holds the lock, too, while it looks."""
    with suppress(OSError), lock.open("a", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        control.close()
        if _inode(folder) == own:
            shutil.rmtree(folder, ignore_errors=True)


def _inode(folder: Path) -> int:
    with suppress(OSError):
        return (folder / NAME).stat().st_ino
    return 0
