# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sockets between processes of one user on one machine: where they are, who is at the other end, JSON through them."""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAME = "socket"
_CHUNK = 1 << 16
_LARGEST = 1 << 20


@contextmanager
def address(folder: Path) -> Iterator[str]:
    """The path of a folder's socket, by way of an open folder where the system has that: an address has 108 bytes only.

    Raises OSError.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        near = f"/proc/self/fd/{descriptor}"
        yield f"{near}/{NAME}" if os.path.exists(near) else str(folder / NAME)  # noqa: PTH110
    finally:
        os.close(descriptor)


def connected(folder: Path) -> socket.socket:
    """A connection to who listens in a folder. Raises OSError."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        with address(folder) as where:
            connection.connect(where)
    except OSError:
        connection.close()
        raise
    return connection


def is_ours(connection: socket.socket) -> bool:
    """Whether the other side runs as our user. The folder keeps others out already; where Linux tells, it is asked."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _pid, user, _group = struct.unpack("3i", credentials)
    return bool(user == os.geteuid())


def send(connection: socket.socket, content: Any) -> None:
    """Send JSON, and that nothing follows. Raises OSError."""
    connection.sendall(json.dumps(content).encode())
    connection.shutdown(socket.SHUT_WR)


def received(connection: socket.socket) -> Any:
    """The JSON that the other side sends before it ends. Raises OSError, ValueError."""
    content = b""
    while chunk := connection.recv(_CHUNK):
        content += chunk
        if len(content) > _LARGEST:
            raise ValueError(f"more than {_LARGEST} bytes")
    return json.loads(content)
