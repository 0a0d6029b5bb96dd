# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for a BMC that fetches, that does not, and that stops in the middle, on a clock of the test."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import NotReached
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.fetched import Fetched, Tally
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.spans import Span
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.waiting import await_fetched
from tests.unit.fake_clock import FakeClock

BMC = "10.0.0.1"
TOKEN = "c0ffee"


@dataclass
class Story:
    """A stage whose BMC does what is arranged."""

    clock: FakeClock = field(default_factory=FakeClock)
    found: bool = True
    origin: str = "http://172.17.0.2:8080"
    url: str = f"http://172.17.0.2:8080/{TOKEN}/x.bin"

    def __post_init__(self) -> None:
        self.tally = Tally(100, self.clock)

    def fetched(self) -> Fetched | None:
        return self.tally.fetched()

    def close(self) -> None:
        """Nothing is open."""

    def fetches(self, start: int, end: int) -> None:
        self.tally.request("GET", BMC, ranged=start > 0)
        self.tally.begin(Span(start, end)).ended()

    def waited(self) -> Fetched | None:
        return await_fetched(self, self.clock, begun_within=300, stalled_after=60, watch=self.seen.append)

    seen: list[Fetched] = field(default_factory=list)


def test_the_last_byte_is_waited_for() -> None:
    story = Story()
    story.clock.after(200, lambda: story.fetches(0, 50))
    story.clock.after(250, lambda: story.fetches(50, 100))
    begun = story.clock.now
    found = story.waited()
    assert found
    assert found.complete
    assert 250 <= story.clock.now - begun <= 251
    assert [now.received for now in story.seen if now.received][:1] == [50]


def test_a_bmc_that_never_comes_is_told_with_the_address_and_the_way_out() -> None:
    with pytest.raises(NotReached) as error:
        Story().waited()
    assert "never fetched" in error.value.what
    assert "from http://172.17.0.2:8080, and did not within 300 s" in error.value.why
    assert "in a container or pod" in error.value.way_out
    assert "set advertise" in error.value.way_out
    assert "firewall" in error.value.way_out
    assert TOKEN not in str(error.value)


def test_a_given_address_is_not_blamed_on_a_container() -> None:
    with pytest.raises(NotReached) as error:
        Story(found=False).waited()
    assert "container" not in str(error.value)
    assert "set with advertise" in error.value.way_out


def test_who_came_in_its_place_is_named() -> None:
    story = Story()
    story.tally.refuse("10.9.9.9")
    with pytest.raises(NotReached, match=r"1 requests were refused, from 10\.9\.9\.9.*NAT.*set clients"):
        story.waited()


def test_a_bmc_that_only_looks_or_stops_is_told_how_far_it_came() -> None:
    story = Story()
    story.clock.after(10, lambda: story.tally.request("HEAD", BMC, ranged=False))
    story.clock.after(30, lambda: story.fetches(0, 60))
    begun = story.clock.now
    with pytest.raises(NotReached, match="stopped fetching the file: 60 of 100 bytes arrived; then nothing for 60 s"):
        story.waited()
    assert 90 <= story.clock.now - begun <= 91


def test_a_changed_file_ends_the_wait() -> None:
    story = Story()
    story.fetches(0, 50)
    story.clock.after(5, story.tally.change)
    with pytest.raises(NotReached, match="written to while"):
        story.waited()


def test_where_nobody_can_know_nobody_waits() -> None:
    class Elsewhere(Story):
        def fetched(self) -> None:
            return None

    story = Elsewhere()
    assert story.waited() is None
    assert story.clock.slept == []
