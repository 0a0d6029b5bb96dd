# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file that is staged, held open."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path

from ..._core.errors import LocalFailure

Identity = tuple[int, int, int, int]
_CHUNK = 1 << 20


class Payload:
    """One regular file, held open: another file that is moved into its place is not served in the middle of it.

    size: bytes. etag, modified: as HTTP headers (RFC 9110, 8.8). identity: differs after any write, also one that came
    while the file was read for its digest. Raises LocalFailure.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._descriptor = _opened(path)
        found = os.fstat(self._descriptor)
        if not stat.S_ISREG(found.st_mode) or not found.st_size:
            self.close()
            raise _unusable(path, "it is empty" if stat.S_ISREG(found.st_mode) else "it is not a regular file")
        self.size = found.st_size
        self.identity = _identity(found)
        self.etag = f'"{found.st_ino:x}-{found.st_size:x}-{found.st_mtime_ns:x}"'
        self.modified = formatdate(int(found.st_mtime), usegmt=True)
        self._digest = ""

    @contextmanager
    def lent(self) -> Iterator[int]:
        """A descriptor of its own for one reader, which close() does not take away. Raises OSError once closed."""
        with self._lock:
            descriptor = os.dup(self._descriptor)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def digest(self) -> str:
        """As it stands in descriptors. The file is read once. Raises LocalFailure, OSError once closed."""
        self._digest = self._digest or self._hashed()
        return self._digest

    def _hashed(self) -> str:
        found, at = hashlib.sha256(), 0
        with self.lent() as descriptor:
            try:
                while chunk := os.pread(descriptor, _CHUNK, at):
                    found.update(chunk)
                    at += len(chunk)
            except OSError as error:
                raise _unusable(self.path, error.strerror or str(error)) from error
        return f"sha256:{found.hexdigest()}"

    def intact(self) -> bool:
        """Whether it is still what was staged: nobody wrote to it, or cut it. Raises OSError once closed."""
        with self._lock:
            return _identity(os.fstat(self._descriptor)) == self.identity

    def close(self) -> None:
        with self._lock:
            os.close(self._descriptor)
            # The number may be another file's from now on.
            self._descriptor = -1


def _identity(found: os.stat_result) -> Identity:
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def _opened(path: Path) -> int:
    try:
        # A named pipe must not be waited for.
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        raise _unusable(path, getattr(error, "strerror", None) or str(error)) from error


def _unusable(path: Path, why: str) -> LocalFailure:
    return LocalFailure(
        "the file cannot be staged",
        why=f"{path}: {why}",
        way_out="Name a file that is on the machine which serves it, and that this user may read.",
    )
