# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The broker's own process: answers the workers of one run, and ends with it.

Its secrets are in its memory only: it writes no file, and leaves no core.
"""

from __future__ import annotations

import gc
import os
import resource
import selectors
import shutil
import signal
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from .._core.errors import BmcError, LocalFailure
from .._core.local_socket import is_ours
from .account import Account, Accounts
from .broker_wire import question, reply

_PATIENCE = 30.0


def fork(listener: socket.socket, lifeline: int, folder: Path) -> None:
    """Start the broker, as nobody's child. The caller keeps its descriptors."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    # Whatever happens here must not run on into the caller's code.
    try:
        os.setsid()
        if not os.fork():
            _run(listener, lifeline, folder)
    finally:
        os._exit(0)


def _run(listener: socket.socket, lifeline: int, folder: Path) -> NoReturn:
    try:
        _detach({listener.fileno(), lifeline})
        # Here only: hvac costs 0.1 s of CPU, which neither the main process nor each worker has to spend.
        from .resolver import Resolver

        resolver = Resolver()
        serve(listener, lifeline, resolver)
        resolver.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)


def _detach(kept: set[int]) -> None:
    """Leave what a worker has open: its end of Ansible's queues, the write end of the lifeline, the terminal."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What a worker's objects have open is closed below; none of them may close the same number once more, later.
    gc.freeze()
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    low = 3
    for descriptor in sorted(kept):
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))


def serve(listener: socket.socket, lifeline: int, accounts: Accounts) -> None:
    """Answer, each connection in a thread of its own, until the last process that holds the lifeline has ended."""
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(lifeline, selectors.EVENT_READ)
        while all(key.fd != lifeline for key, _events in selector.select()):
            connection, _address = listener.accept()
            threading.Thread(target=_answer, args=(connection, accounts), daemon=True).start()


def _answer(connection: socket.socket, accounts: Accounts) -> None:
    # A worker that was killed in the middle, or that sends no question, gets nothing.
    with connection, suppress(OSError, ValueError):
        if not is_ours(connection):
            return
        connection.settimeout(_PATIENCE)
        reply(connection, _account(accounts, question(connection)))


def _account(accounts: Accounts, references: object) -> Account | BmcError:
    try:
        return accounts.account(references)  # type: ignore[arg-type]
    except BmcError as error:
        return error
    except Exception as error:  # noqa: BLE001 - the last door: a worker must hear of a defect, and no secret with it
        why = f"a defect in openchami.bmc: {type(error).__name__}"
        return LocalFailure("the broker of credentials failed", why=why, way_out="Report this.")
