# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A clock for tests: time passes only when the code under test sleeps, and things can be arranged to happen then."""

from __future__ import annotations

from collections.abc import Callable

_MOST_SLEEPS = 10_000


class FakeClock:
    """Both clocks show the same seconds. Sleeping lets the appointments that fall into the sleep happen, in order."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now
        self.slept: list[float] = []
        self._appointments: list[tuple[float, Callable[[], object]]] = []

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0, f"nobody can sleep {seconds} s"
        assert len(self.slept) < _MOST_SLEEPS, "this waits for ever"
        self.slept.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass without anybody having slept."""
        until = self.now + seconds
        while due := [appointment for appointment in self._appointments if appointment[0] <= until]:
            appointment = min(due, key=lambda entry: entry[0])
            self._appointments.remove(appointment)
            self.now = max(self.now, appointment[0])
            appointment[1]()
        self.now = until

    def after(self, seconds: float, happens: Callable[[], object]) -> None:
        """Make an appointment."""
        self._appointments.append((self.now + seconds, happens))
