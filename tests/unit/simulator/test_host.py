# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a reset does to a host, and when: with a clock that the test moves."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from tests.simulator.host import Host
from tests.simulator.settings import Settings, Timing

TIMING = Timing(on=3, graceful=10, force=1, restart=5, post=20)


@dataclass
class ManualTimer:
    callback: Callable[[], None] | None

    def cancel(self) -> None:
        self.callback = None


class ManualClock:
    """Time that passes only in `advance`."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self._order = itertools.count()
        self._timers: list[tuple[float, int, ManualTimer]] = []

    def time(self) -> float:
        return self.now

    def later(self, delay: float, callback: Callable[[], None]) -> ManualTimer:
        timer = ManualTimer(callback)
        heapq.heappush(self._timers, (self.now + delay, next(self._order), timer))
        return timer

    def advance(self, seconds: float) -> None:
        end = self.now + seconds
        while self._timers and self._timers[0][0] <= end:
            self.now, _order, timer = heapq.heappop(self._timers)
            if timer.callback is not None:
                timer.callback()
        self.now = end


class Bmc:
    """What a host needs of its BMC."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.settings = Settings(timing=TIMING)
        self.firmware: list[str] = []
        self.changes: list[tuple[str, object, object, str]] = []

    def record(self, resource: str, name: str, before: object, after: object, cause: str) -> None:
        self.changes.append((name, before, after, cause))

    def booting(self, system: str) -> None:
        self.firmware.append(f"{system} begins")

    def booted(self, system: str) -> None:
        self.firmware.append(f"{system} is through")


@pytest.fixture
def bmc() -> Bmc:
    return Bmc()


def test_power_on_takes_its_time_and_ends_in_post(bmc: Bmc) -> None:
    host = Host(bmc, "1", "Off")
    host.reset("On")
    bmc.clock.advance(2.9)
    assert (host.power_state, host.boots) == ("Off", 0)
    bmc.clock.advance(0.2)
    assert (host.power_state, host.boots, host.in_post) == ("On", 1, True)
    bmc.clock.advance(20)
    assert not host.in_post
    assert bmc.changes == [("PowerState", "Off", "On", "On"), ("Boots", 0, 1, "On")]
    assert bmc.firmware == ["1 begins", "1 is through"]


@pytest.mark.parametrize(("reset_type", "seconds"), [("ForceOff", 1), ("GracefulShutdown", 10), ("Off", 10)])
def test_power_off_takes_its_time(bmc: Bmc, reset_type: str, seconds: float) -> None:
    host = Host(bmc, "1", "On")
    host.reset(reset_type)
    bmc.clock.advance(seconds - 0.1)
    assert host.power_state == "On"
    bmc.clock.advance(0.2)
    assert host.power_state == "Off"
    assert bmc.changes == [("PowerState", "On", "Off", reset_type)]


@pytest.mark.parametrize(("reset_type", "seconds"), [("ForceRestart", 5), ("GracefulRestart", 15)])
def test_restart_boots_without_a_power_change(bmc: Bmc, reset_type: str, seconds: float) -> None:
    host = Host(bmc, "1", "On")
    host.reset(reset_type)
    bmc.clock.advance(seconds - 0.1)
    assert host.boots == 0
    bmc.clock.advance(0.2)
    assert bmc.changes == [("Boots", 0, 1, reset_type)]


@pytest.mark.parametrize("reset_type", ["GracefulShutdown", "Off", "GracefulRestart", "PushPowerButton"])
def test_host_may_ignore_what_is_graceful(bmc: Bmc, reset_type: str) -> None:
    bmc.settings = replace(bmc.settings, graceful="ignored")
    host = Host(bmc, "1", "On")
    host.reset(reset_type)
    bmc.clock.advance(1000)
    assert bmc.changes == []


def test_power_cycle_goes_through_off(bmc: Bmc) -> None:
    host = Host(bmc, "1", "On")
    host.reset("PowerCycle")
    bmc.clock.advance(1.5)
    assert host.power_state == "Off"
    bmc.clock.advance(3)
    assert (host.power_state, host.boots) == ("On", 1)


def test_power_button_switches_over(bmc: Bmc) -> None:
    host = Host(bmc, "1", "On")
    host.reset("PushPowerButton")
    bmc.clock.advance(11)
    assert host.power_state == "Off"
    host.reset("PushPowerButton")
    bmc.clock.advance(11)
    assert host.power_state == "On"


def test_nmi_changes_nothing_but_is_told(bmc: Bmc) -> None:
    Host(bmc, "1", "On").reset("Nmi")
    bmc.clock.advance(1000)
    assert bmc.changes == [("Nmi", 0, 1, "Nmi")]


def test_later_reset_takes_the_place_of_an_earlier_one(bmc: Bmc) -> None:
    host = Host(bmc, "1", "On")
    host.reset("ForceRestart")
    bmc.clock.advance(3)
    host.reset("ForceOff")
    bmc.clock.advance(1000)
    assert bmc.changes == [("PowerState", "On", "Off", "ForceOff")]


@pytest.mark.parametrize("reset_type", ["ForceOff", "Off"])
def test_off_stops_a_power_on_that_is_under_way(bmc: Bmc, reset_type: str) -> None:
    host = Host(bmc, "1", "Off")
    host.reset("On")
    host.reset(reset_type)
    bmc.clock.advance(1000)
    assert (host.power_state, bmc.changes) == ("Off", [])


@pytest.mark.parametrize(
    ("state", "reset_type"), [("On", "On"), ("Off", "Off"), ("Off", "ForceRestart"), ("Off", "Nmi")]
)
def test_what_makes_no_sense_has_no_effect(bmc: Bmc, state: str, reset_type: str) -> None:
    Host(bmc, "1", state).reset(reset_type)
    bmc.clock.advance(1000)
    assert bmc.changes == []


def test_two_boots_within_one_second_differ_in_whole_seconds(bmc: Bmc) -> None:
    bmc.settings = replace(bmc.settings, timing=Timing(restart=0.1, post=0.1))
    host = Host(bmc, "1", "On")
    booted = []
    for _boot in range(3):
        host.reset("ForceRestart")
        bmc.clock.advance(0.2)
        booted.append(int(host.booted_at))
    assert len(set(booted)) == 3


def test_power_rests_for_a_while_after_it_went_off_not_from_the_start(bmc: Bmc) -> None:
    bmc.settings = replace(bmc.settings, timing=replace(TIMING, rest=30))
    assert not Host(bmc, "1", "Off").rests
    host = Host(bmc, "1", "On")
    host.reset("ForceOff")
    bmc.clock.advance(1)
    assert host.rests
    bmc.clock.advance(29.9)
    assert host.rests
    bmc.clock.advance(0.2)
    assert not host.rests
