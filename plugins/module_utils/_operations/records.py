# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known of each BMC of a discovery, kept from run to run: one line of JSON a BMC, appended as it is learned.

Appending makes each BMC's line safe at once: a run that is interrupted or killed keeps what it learned, and two runs at
the same time add to one file. The last line of a BMC counts. A record::

    address              as written in the targets
    given                what the targets call it, "" for nothing
    status               "answered", "silent" (no connection, or no service root in time), "refused" (trust or login),
                         "failed" (the rest)
    since                when it came into this status
    why                  the error of the last try, one line, "" where it answered
    tried, seen, crawled when it was last asked, last answered, last read whole; seconds since the epoch, or null
    fingerprint          SHA-256 of its certificate, "" where trust was by other means
    facts                what was read, {} where it never answered
    watched              digests by URI of what tells a change (see watch.py)
    incomplete           parts that could not be read: [{uri, why}]
    changed              facts that the last run found changed: [{path, from, to}]
    changed_resources    URIs of watched resources that it found changed, settings among them
    new                  whether the last run found it for the first time
    first_seen           when that was; null where an older version did not write it down
    changes              the last runs that found changes, oldest first: [{time, changed, changed_resources}]
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from .._core.errors import LocalFailure

Record = dict[str, Any]

_FORMAT = 1
_TOO_MANY_SILENT = 0.2
_FEW = 2
_MOST = 0.5


class Records:
    """The records of one discovery. Not kept in memory here: read() gives them all."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(self) -> dict[str, Record]:
        """The records by address. Raises LocalFailure.

        A last line that is not whole was cut off by a kill: what it told is lost, and nothing else.
        """
        try:
            with self.file.open("rb") as opened:
                return _last_of_each(opened)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise self._damaged(error) from error

    def add(self, record: Mapping[str, Any]) -> None:
        """Append what was learned of one BMC. Raises LocalFailure."""
        line = json.dumps({"format": _FORMAT, **record}, separators=(",", ":")).encode() + b"\n"
        try:
            with self._locked():
                self.file.touch(mode=0o600)
                with self.file.open("r+b") as opened:
                    opened.seek(_end_of_whole_lines(opened))
                    opened.truncate()
                    opened.write(line)
        except OSError as error:
            raise self._damaged(error) from error

    def compact(self, forgotten: Iterable[str]) -> None:
        """Write one line for each BMC and none for the forgotten, with what other runs added meanwhile."""
        gone = set(forgotten)
        new = self.file.with_suffix(".new")
        try:
            with self._locked():
                records = self.read()
                with new.open("wb") as opened:
                    for address, record in records.items():
                        if address not in gone:
                            opened.write(json.dumps(record, separators=(",", ":")).encode() + b"\n")
                    opened.flush()
                    os.fsync(opened.fileno())
                new.replace(self.file)
        except OSError as error:
            raise self._damaged(error) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _damaged(self, error: Exception) -> LocalFailure:
        return LocalFailure(
            "the records of the discovery cannot be used",
            why=f"{self.file}: {error}",
            way_out="Mend the folder or its permissions; a damaged file may be removed: then everything is read anew.",
        )


def to_forget(records: Mapping[str, Record], now: float, forget_after: float) -> list[str]:
    """Addresses that are silent for longer than forget_after seconds; none while much of the fleet is silent.

    A fifth of the fleet is not taken away in one day: then the network is ill, not the BMCs (promise 6). Of a small
    fleet one or two may be, unless that is most of it.
    """
    silent = [record for record in records.values() if record["status"] == "silent"]
    much = _TOO_MANY_SILENT if len(silent) > _FEW else _MOST
    if len(silent) > much * len(records):
        return []
    return [record["address"] for record in silent if now - (record["seen"] or record["since"]) > forget_after]


def _last_of_each(lines: Iterable[bytes]) -> dict[str, Record]:
    records: dict[str, Record] = {}
    for number, line in enumerate(lines, 1):
        if not line.endswith(b"\n"):
            break
        record = json.loads(line)
        if not isinstance(record, dict) or record.get("format") != _FORMAT:
            raise ValueError(f"line {number} has another format than {_FORMAT}")
        records[record["address"]] = record
    return records


def _end_of_whole_lines(opened: IO[bytes]) -> int:
    """Where the next line begins: after the last whole one, over what a killed run left of its own."""
    size = opened.seek(0, os.SEEK_END)
    if size == 0:
        return 0
    opened.seek(size - 1)
    if opened.read() == b"\n":
        return size
    opened.seek(0)
    return opened.read().rfind(b"\n") + 1
