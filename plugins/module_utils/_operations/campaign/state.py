# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state file of a campaign, and the lock by which one run of Ansible alone works on it."""

from __future__ import annotations

import fcntl
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from ..._core.clock import Clock, timestamp
from ..._core.errors import Busy, InvalidRequest, LocalFailure
from ..._core.whole_file import alone_in, write_all
from .values import Campaign, as_data, from_data

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
# A run that was killed a moment ago: its keeper ends when it has seen that.
_PATIENCE = 5.0
_LOOK = 0.1

# Waits until nobody holds the other end of the pipe, and the kernel then frees the lock that it inherited.
_KEEPER = "import os, sys; os.read(int(sys.argv[1]), 1)"


@dataclass(frozen=True)
class StateFile:
    """Of the campaign of a name, in a folder that outlives runs."""

    folder: Path
    name: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise InvalidRequest(
                f"a campaign cannot be called {self.name!r}",
                why="its state file has its name",
                way_out="Use letters, digits, dots, dashes and underscores.",
            )

    @property
    def path(self) -> Path:
        return self.folder / f"{self.name}.json"

    def read(self) -> Campaign | None:
        """None where there is none. Raises LocalFailure for what cannot be read."""
        try:
            return from_data(json.loads(self.path.read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise LocalFailure(
                "the state of the campaign cannot be read",
                why=f"{self.path}: {error}",
                way_out="Move the file away to begin anew: each BMC is then looked at first.",
            ) from error

    def others(self) -> Iterator[Campaign]:
        """The campaigns of other names in the folder, without what was put aside. Raises LocalFailure."""
        for path in sorted(self.folder.glob("*.json")):
            campaign = StateFile(self.folder, path.stem).read()
            if campaign is not None and campaign.name == path.stem != self.name:
                yield campaign

    def write(self, campaign: Campaign) -> None:
        """Raises LocalFailure."""
        with alone_in(self.folder):
            write_all(self.folder, {self.path.name: f"{json.dumps(as_data(campaign), indent=1)}\n"})

    def set_aside(self, campaign: Campaign) -> Path:
        """Keep the state of an earlier campaign under the time when it began; where. Raises LocalFailure."""
        began = timestamp(campaign.started).replace(":", "")
        kept = self.folder / f"{self.name}.{began}.json"
        with alone_in(self.folder):
            self.path.replace(kept)
        return kept

    def hold(self, lifeline: int, clock: Clock) -> None:
        """Be the only run that works on this campaign, until the run ends, however it ends.

        lifeline: the read end of a pipe whose write end the run alone holds. A small process inherits the lock and ends
        with the run: the workers that do the tasks end before. Raises Busy, LocalFailure.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self.path.with_suffix(".held").open("a+", encoding="utf-8") as lock:
                if not _locked(lock, clock):
                    lock.seek(0)
                    raise Busy(
                        f"another run works on the campaign {self.name}",
                        why=lock.read().strip() or "it does not say which one",
                        way_out="Let it end, or stop it; then run this again.",
                    )
                lock.seek(0)
                lock.truncate()
                lock.write(f"process {os.getppid()} on {os.uname().nodename}, since {timestamp(clock.wall())}\n")
                lock.flush()
                # This very Python, with a line of our own.
                subprocess.Popen(  # noqa: S603 # pylint: disable=ansible-bad-function
                    [sys.executable, "-I", "-S", "-c", _KEEPER, str(lifeline)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=(lifeline, lock.fileno()),
                    env={"LC_ALL": "C.UTF-8"},
                    start_new_session=True,
                )
        except OSError as error:
            raise LocalFailure(
                "the state of the campaign cannot be kept",
                why=f"{error.filename or self.folder}: {error.strerror or error}",
                way_out="Name a folder that you may write, and that has room.",
            ) from error


def _locked(lock: TextIO, clock: Clock) -> bool:
    deadline = clock.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if clock.monotonic() >= deadline:
                return False
            clock.sleep(_LOOK)
        else:
            return True
