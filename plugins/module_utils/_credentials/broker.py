# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The broker of a run: one process that holds the logins, for all the workers that Ansible forks.

5,000 hosts cost one login to a Vault, not 5,000. Make one Broker in Ansible's main process, before it forks; then each
worker asks it. The first that asks starts the broker's process, and whoever finds it gone starts another. It ends when
the main process and its workers have ended, however they end: they hold the write end of a pipe that it reads.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
import stat
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .._core.errors import LocalFailure
from .._core.local_socket import NAME, address, connected
from .account import Account
from .broker_process import fork
from .broker_wire import BrokerGone, ask

_PATIENCE = 300.0
"""Seconds for an answer; the sources' own limits are far below."""

_ABSENT = (FileNotFoundError, ConnectionRefusedError)


class Broker:
    """An Accounts whose logins are shared with every fork of the process that made it.

    Nothing is started, and no folder made, before the first question. The folder holds a socket and a lock, no secret.
    """

    def __init__(self, folder: Path | None = None) -> None:
        parent = folder or Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
        self._folder = parent / f"openchami.bmc-{secrets.token_hex(8)}"
        # Both ends stay open here and in every fork; no program that is executed inherits them.
        self._lifeline, self._write_end = os.pipe()

    def account(self, references: Sequence[Mapping[str, Any]]) -> Account:
        """The account. Raises InvalidRequest, LocalFailure, NoCredential."""
        try:
            try:
                return self._asked(references)
            except BrokerGone:
                return self._asked(references)
        except TimeoutError as error:
            raise self._failure(f"no answer in {_PATIENCE:g} s") from error
        except BrokerGone as error:
            raise self._failure("it was killed twice") from error
        except OSError as error:
            raise self._failure(f"{self._folder}: {error.strerror or error}") from error

    def close(self) -> None:
        """Let go: the broker ends when every other process has let go, too."""
        os.close(self._write_end)
        os.close(self._lifeline)

    def _asked(self, references: Sequence[Mapping[str, Any]]) -> Account:
        with self._connection() as connection:
            connection.settimeout(_PATIENCE)
            return ask(connection, references)

    def _connection(self) -> socket.socket:
        try:
            return connected(self._folder)
        except _ABSENT:
            return self._started()

    def _started(self) -> socket.socket:
        """A connection to a broker that was started now, by this process or by another that was faster."""
        self._make_folder()
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                return connected(self._folder)
            except _ABSENT:
                pass
            (self._folder / NAME).unlink(missing_ok=True)
            # It listens before there is a process behind it: nobody has to wait until that is ready.
            with socket.socket(socket.AF_UNIX) as listener:
                with address(self._folder) as where:
                    listener.bind(where)
                listener.listen(1024)
                fork(listener, self._lifeline, self._folder)
            return connected(self._folder)

    def _make_folder(self) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        found = self._folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise self._failure(f"{self._folder} is not this user's own")

    def _failure(self, why: str) -> LocalFailure:
        return LocalFailure(
            "the broker of credentials could not be asked",
            why=why,
            way_out="It needs a folder for its socket, that is this user's own: XDG_RUNTIME_DIR, or TMPDIR.",
        )
