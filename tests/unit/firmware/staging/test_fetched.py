# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The account of a staged file: what left is not what arrived, and the last byte counts only when it surely did."""

from __future__ import annotations

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.fetched import Fetched, Tally
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.spans import Span
from tests.unit.fake_clock import FakeClock

BMC = "10.0.0.1"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def tally(clock: FakeClock) -> Tally:
    return Tally(100, clock)


def test_nothing_is_known_at_first(tally: Tally) -> None:
    assert tally.fetched() == Fetched(100)
    assert not tally.fetched().begun
    assert not tally.fetched().complete


def test_a_head_is_a_beginning_and_no_end(tally: Tally, clock: FakeClock) -> None:
    tally.request("HEAD", BMC, ranged=False)
    found = tally.fetched()
    assert (found.heads, found.gets, found.begun, found.complete) == (1, 0, True, False)
    assert found.first == found.last == clock.now


def test_what_is_on_its_way_counts_as_far_as_it_was_acknowledged(tally: Tally, clock: FakeClock) -> None:
    tally.request("GET", BMC, ranged=False)
    transfer = tally.begin(Span(0, 100))
    transfer.moved(80, lambda: 50)
    assert (tally.fetched().sent, tally.fetched().received) == (80, 30)
    clock.advance(1)
    transfer.moved(20, lambda: 0)
    assert (tally.fetched().received, tally.fetched().complete) == (99, False)
    transfer.ended()
    assert tally.fetched().complete


def test_the_kernel_is_asked_a_few_times_a_second_only(tally: Tally, clock: FakeClock) -> None:
    asked: list[float] = []

    def unacknowledged() -> int:
        asked.append(clock.now)
        return 0

    transfer = tally.begin(Span(0, 100))
    for _byte in range(90):
        clock.advance(0.01)
        transfer.moved(1, unacknowledged)
    assert len(asked) == 5
    assert tally.fetched().received < 90
    transfer.broke(unacknowledged)
    assert tally.fetched().sent == 90


def test_what_broke_keeps_what_had_arrived(tally: Tally) -> None:
    tally.request("GET", BMC, ranged=False)
    first = tally.begin(Span(0, 100))
    first.moved(100, lambda: 40)
    first.broke(lambda: 40)
    assert tally.fetched().spans == (Span(0, 60),)
    tally.request("GET", BMC, ranged=True)
    second = tally.begin(Span(60, 100))
    second.moved(40, lambda: 0)
    second.ended()
    found = tally.fetched()
    assert (found.complete, found.gets, found.ranged, found.sent) == (True, 2, 1, 140)


def test_a_reset_after_the_end_leaves_a_doubt(tally: Tally) -> None:
    tally.request("GET", BMC, ranged=False)
    transfer = tally.begin(Span(0, 100))
    transfer.ended()
    transfer.doubted()
    assert tally.fetched().spans == (Span(0, 99),)


def test_a_changed_file_is_never_complete(tally: Tally) -> None:
    tally.request("GET", BMC, ranged=False)
    tally.begin(Span(0, 100)).ended()
    tally.change()
    assert (tally.fetched().received, tally.fetched().complete) == (100, False)


def test_strangers_are_counted_and_twenty_are_named(tally: Tally) -> None:
    for number in range(50):
        tally.refuse(f"10.9.9.{number}")
        tally.refuse("10.9.9.0")
    found = tally.fetched()
    assert (found.refused, len(found.refused_from), found.begun) == (100, 20, False)


def test_use_is_told_by_the_clock_that_does_not_jump(tally: Tally, clock: FakeClock) -> None:
    begun = tally.used
    clock.advance(5)
    tally.refuse("10.9.9.9")
    assert tally.used == begun
    tally.request("GET", BMC, ranged=False)
    assert tally.used == begun + 5


def test_the_account_travels(tally: Tally) -> None:
    tally.request("GET", BMC, ranged=True)
    tally.begin(Span(10, 20)).ended()
    tally.refuse("10.9.9.9")
    found = tally.fetched()
    assert Fetched.from_wire(found.as_wire()) == found
    told = found.as_data()
    assert (told["spans"], told["received"], told["complete"]) == ([[10, 19]], 10, False)
    assert told["first"] == "2027-01-15T08:00:00.000Z"
