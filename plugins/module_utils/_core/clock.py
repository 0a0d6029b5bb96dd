# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time, injected, so that no test has to sleep."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the collection needs of time. Seconds."""

    def monotonic(self) -> float:
        """Seconds of a clock that never jumps: for durations within one process."""

    def wall(self) -> float:
        """Seconds since the epoch: for deadlines that outlive the process (a handle) and for records."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's own clock."""

    def monotonic(self) -> float:
        return time.monotonic()

    def wall(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def timestamp(seconds: float) -> str:
    """RFC 3339 in UTC, milliseconds: "2026-11-20T03:00:00.000Z"."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
