# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that others read at any moment: whole at any moment, whoever is killed and whoever else writes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .errors import LocalFailure

_LOCK = ".lock"
_PART = ".part"


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Make a folder and be its only writer. Raises LocalFailure, also for what is written inside the block.

    The kernel frees the lock when this process ends, however it ends. It is held for the milliseconds of a few writes.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / _LOCK).open("a", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise LocalFailure(
            "the result could not be written",
            why=f"{error.filename or folder}: {error.strerror or error}",
            way_out="Name a folder that you may write, and that has room.",
        ) from error


def write_all(folder: Path, contents: Mapping[str, str]) -> None:
    """Put files into a folder that the caller is alone in: each is the old one or the new one, never a part.

    One temporary name serves the folder, so that what a killed writer left is used up by the next. Raises OSError.
    """
    part = folder / _PART
    for name, content in contents.items():
        with part.open("wb") as file:
            file.write(content.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / name)


def keep_newest(folder: Path, pattern: str, count: int) -> None:
    """Remove all files of a pattern but the last ones by name. Raises OSError."""
    names = sorted(folder.glob(pattern))
    for path in names[: max(0, len(names) - count)]:
        path.unlink(missing_ok=True)
