# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Payloads on this machine's disk, by digest: pulled once, whoever asks, and found damaged before they are used."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from ..._core.clock import Clock
from ..._core.errors import BadArtifact, CutOff, LocalFailure
from .content import Descriptor, is_whole, wrong_size
from .reference import checked_digest

Chunks = tuple[int, Iterator[bytes]]
"""The byte that the answer begins at (0 where a source cannot go on in the middle), and what follows."""

Pull = Callable[[int], AbstractContextManager[Chunks]]
"""Opens a blob at a byte. Where it raises CutOff, also while it is read, it is opened again where it broke."""

_CHUNK = 1 << 20
_PART = ".part"
_LOCK = ".lock"
_LOOK_AGAIN = 0.2
"""Seconds after which a process that waits for another's pull looks whether it is done."""

_FRUITLESS = 3
"""So many tries in a row may break without one new byte."""

_IN_USE = 3600.0
"""Seconds. An entry used later than that is not removed: its user may still open it."""


@dataclass(frozen=True)
class Keeping:
    """What stays.

    size: bytes of all entries together. age: seconds since the last use. count: so many of those used last stay anyway.
    """

    size: int = 20 << 30
    age: float = 90 * 86400.0
    count: int = 2


class Cache:
    """A folder that the processes of one controller share.

    patience: seconds for which a process waits for another one's pull of the same blob.
    """

    def __init__(self, folder: Path, clock: Clock, keeping: Keeping | None = None, patience: float = 3600.0) -> None:
        self._folder = folder / "sha256"
        self._clock = clock
        self._keeping = keeping or Keeping()
        self._patience = patience

    def fetch(self, descriptor: Descriptor, where: str, pull: Pull) -> Path:
        """The blob as a file, its size and digest verified now; pulled where it is not there, or is damaged.

        where: the place it comes from, for errors. Raises BadArtifact, LocalFailure, and what pull raises.
        """
        entry = self._folder / checked_digest(descriptor.digest).removeprefix("sha256:")
        with _written(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Before it is read, too: what is in use, no other process removes.
            self._touch(entry)
            if not is_whole(entry, descriptor):
                with self._alone(entry):
                    # Another one may have pulled it meanwhile.
                    if not is_whole(entry, descriptor):
                        entry.unlink(missing_ok=True)
                        _enough_room(self._folder, entry, descriptor)
                        self._pulled(entry, descriptor, where, pull)
            self._touch(entry)
            self._prune()
        return entry

    def _touch(self, entry: Path) -> None:
        """Tell of a use, by the time of its lock file: with a time of its own changed a payload is staged no more."""
        now = self._clock.wall()
        if entry.exists():
            lock = entry.with_suffix(_LOCK)
            lock.touch()
            os.utime(lock, (now, now))

    def _pulled(self, entry: Path, descriptor: Descriptor, where: str, pull: Pull) -> None:
        part = entry.with_suffix(_PART)
        for resumes in (True, False):
            with part.open("r+b" if resumes and part.exists() else "w+b") as file:
                download = _Download(file, descriptor, where)
                begun = download.have
                self._patiently(download, pull)
                file.flush()
                os.fsync(file.fileno())
            if download.digest == descriptor.digest:
                part.chmod(0o444)
                part.replace(entry)
                return
            part.unlink()
            if not begun:
                break
            # What an earlier process left may be what is wrong: once more, from the first byte.
        raise BadArtifact(
            f"{where} holds something else as {descriptor.digest}",
            why=f"its {descriptor.size} bytes hash to {download.digest}",
            way_out="Its disk or someone changed it: delete it there, then publish the bundle again.",
        )

    def _patiently(self, download: _Download, pull: Pull) -> None:
        fruitless = 0
        while download.have < download.size:
            before = download.have
            try:
                with pull(before) as (begin, chunks):
                    download.take(begin, chunks)
            except CutOff:
                fruitless = 0 if download.have > before else fruitless + 1
                if fruitless == _FRUITLESS:
                    raise
                self._clock.sleep(float(2**fruitless))

    @contextmanager
    def _alone(self, entry: Path) -> Iterator[None]:
        """Be the only one that writes an entry; the kernel ends that with the process. Raises LocalFailure, OSError."""
        end = self._clock.monotonic() + self._patience
        while (lock := _locked(entry.with_suffix(_LOCK))) is None:
            if self._clock.monotonic() >= end:
                raise LocalFailure(
                    "another process pulls the same firmware and does not come to an end",
                    why=f"{entry.with_suffix(_LOCK)} was locked for {self._patience:g} s",
                    way_out="Look at what runs on this machine (fuser names it), end it, and run the task again.",
                )
            self._clock.sleep(_LOOK_AGAIN)
        with lock:
            yield

    def _prune(self) -> None:
        """Remove what need not stay. Raises OSError."""
        now = self._clock.wall()
        files = list(_statuses(self._folder))
        for path, status in files:
            if path.suffix == _PART and status.st_mtime < now - self._keeping.age:
                self._remove(path, path, status.st_mtime)
        used = {path.with_suffix(""): status.st_mtime for path, status in files if path.suffix == _LOCK}
        entries = [(used.get(path, status.st_mtime), status.st_size, path) for path, status in files if not path.suffix]
        total = 0
        for number, (last_used, size, path) in enumerate(sorted(entries, reverse=True)):
            total += size
            over = total > self._keeping.size or last_used < now - self._keeping.age
            if number >= self._keeping.count and over and last_used < now - _IN_USE:
                self._remove(path, path.with_suffix(_LOCK), last_used)

    def _remove(self, path: Path, marked: Path, last_used: float) -> None:
        """Unless someone pulls it, or used it meanwhile. marked: the file whose time says when it was used."""
        name = path.with_suffix(_LOCK)
        lock = _locked(name)
        if lock is None:
            return
        with lock, suppress(FileNotFoundError):
            if marked.stat().st_mtime == last_used:
                path.unlink()
                name.unlink()


class _Download:
    """A part file that grows. have: its bytes so far; they are hashed as they come."""

    def __init__(self, file: BinaryIO, descriptor: Descriptor, where: str) -> None:
        self._file = file
        self._where = where
        self._hash = hashlib.sha256()
        self._descriptor = descriptor
        self.size = descriptor.size
        self.have = 0
        while chunk := file.read(_CHUNK):
            self._hash.update(chunk)
            self.have += len(chunk)
        if self.have > self.size:
            self._begin_anew()

    @property
    def digest(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"

    def take(self, begin: int, chunks: Iterator[bytes]) -> None:
        """What follows a byte. Raises BadArtifact for more, or for an end before there is enough."""
        if begin != self.have:
            self._begin_anew()
        for chunk in chunks:
            if self.have + len(chunk) > self.size:
                raise self._too_long(chain([chunk], chunks))
            self._file.write(chunk)
            self._hash.update(chunk)
            self.have += len(chunk)
        if self.have < self.size:
            raise self._wrong_size(self.have, self.digest)

    def _too_long(self, chunks: Iterator[bytes]) -> BadArtifact:
        """Hashed to its end, and not kept, to tell whose mistake it is; but no further than twice what was told."""
        whole, got = self._hash.copy(), self.have
        for chunk in chunks:
            whole.update(chunk)
            got += len(chunk)
            if got > 2 * self.size:
                break
        return self._wrong_size(got, f"sha256:{whole.hexdigest()}")

    def _wrong_size(self, got: int, digest: str) -> BadArtifact:
        self._begin_anew()
        return wrong_size(self._where, self._descriptor, got, digest)

    def _begin_anew(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._hash = hashlib.sha256()
        self.have = 0


def _statuses(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Of what is there; others come and go meanwhile."""
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            yield path, path.stat()


def _enough_room(folder: Path, entry: Path, descriptor: Descriptor) -> None:
    part = entry.with_suffix(_PART)
    needed = descriptor.size - (part.stat().st_size if part.exists() else 0)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise LocalFailure(
            "there is no room for the firmware",
            why=f"{folder} has {free >> 20} MiB left, {needed >> 20} MiB are needed",
            way_out="Make room there, or name another folder for the cache.",
        )


def _locked(path: Path) -> BinaryIO | None:
    """The locked file, to be closed; None where another one has it. Raises OSError."""
    file = path.open("ab")
    with suppress(BlockingIOError, FileNotFoundError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever removes an entry removes its lock file, too: a lock on a file without a name excludes nobody.
        if path.stat().st_ino == os.fstat(file.fileno()).st_ino:
            return file
    file.close()
    return None


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LocalFailure(
            "the firmware could not be kept",
            why=f"{error.filename or folder}: {error.strerror or error}",
            way_out="Name a folder for the cache that you may write, and that has room.",
        ) from error
