# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time as the simulated BMCs see it; injected, so that their behaviour is tested without waiting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """Something that will happen later."""

    def cancel(self) -> None:
        """Make it not happen."""


class Clock(Protocol):
    """The time of day, and a way to do something later."""

    def time(self) -> float:
        """Return seconds since the epoch."""

    def later(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call `callback` after `delay` seconds."""


class LoopClock:
    """The clock of the running event loop."""

    def time(self) -> float:
        """Return seconds since the epoch."""
        return time.time()

    def later(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call `callback` after `delay` seconds."""
        return asyncio.get_running_loop().call_later(delay, callback)
