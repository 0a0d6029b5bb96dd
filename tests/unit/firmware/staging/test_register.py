# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The leases of a play's server, on a clock of the test."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest, LocalFailure
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.addresses import Advertised
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.offers import Offers
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.place import Place
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.register import Register
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.wish import Staged, Wish
from tests.unit.fake_clock import FakeClock

LEASE = 100.0


class Play:
    """A register and a file, and how its tasks ask."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.offers = Offers()
        self.register = Register(self.offers, Place("8080"), 8080, self.clock)
        self.file = folder / "bios.bin"
        self.file.write_bytes(b"firmware")

    def wish(self, number: int = 1, **other: Any) -> Wish:
        address = f"10.0.0.{number}"
        wish = Wish(
            f"node{number}", str(self.file), "bios.bin", (address,), Advertised("10.1.1.1"), Place("8080"), LEASE
        )
        return Wish(**{**wish.__dict__, **other})

    def ask(self, **question: Any) -> Staged | None:
        answer = self.register.answer(question)
        return Staged.from_wire(answer) if answer else None

    def stage(self, number: int = 1, **other: Any) -> Staged:
        found = self.ask(ask="stage", wish=self.wish(number, **other).as_wire())
        assert found
        return found

    def urls(self) -> set[str]:
        return {f"http://10.1.1.1:8080{offer.path}" for offer in self.offers.all()}


@pytest.fixture
def play(tmp_path: Path) -> Play:
    return Play(tmp_path)


def test_each_host_has_a_url_of_its_own(play: Play) -> None:
    one, other = play.stage(1), play.stage(2)
    assert play.urls() == {one.url, other.url}
    assert one.new
    assert one.expires == play.clock.now + LEASE
    assert len({id(offer.payload) for offer in play.offers.all()}) == 1


def test_the_same_wish_again_is_nothing_new(play: Play) -> None:
    one = play.stage()
    play.clock.advance(60)
    again = play.stage(lease=LEASE * 2)
    assert (again.url, again.new, again.expires) == (one.url, False, play.clock.now + LEASE * 2)


@pytest.mark.parametrize(
    "other", [{"name": "x.bin"}, {"clients": ("10.0.0.9",)}, {"told": Advertised("10.2.2.2", 80)}], ids=str
)
def test_another_wish_takes_the_place_of_the_first(play: Play, other: dict[str, Any]) -> None:
    first = play.stage()
    second = play.stage(**other)
    assert second.new
    assert second.url != first.url
    assert len(play.offers.all()) == 1


def test_a_file_with_other_bytes_is_another(play: Play) -> None:
    first = play.stage()
    play.file.write_bytes(b"firmware of tomorrow")
    second = play.stage()
    assert (second.new, second.fetched.size) == (True, 20)
    assert second.url != first.url


def test_a_lease_ends_where_nobody_uses_it(play: Play) -> None:
    play.stage(1)
    other = play.stage(2)
    play.clock.advance(LEASE - 1)
    assert play.ask(ask="show", host="node2")
    assert play.register.next_end() == 1
    play.clock.advance(1)
    assert not play.register.over()
    assert play.urls() == {other.url}
    assert play.ask(ask="show", host="node1") is None
    play.clock.advance(LEASE)
    assert play.register.over()


def test_what_the_bmc_does_is_use(play: Play) -> None:
    play.stage()
    (offer,) = play.offers.all()
    for _minute in range(10):
        play.clock.advance(LEASE - 1)
        offer.tally.request("GET", "10.0.0.1", ranged=False)
    assert not play.register.over()
    play.clock.advance(LEASE - 1)
    offer.tally.refuse("10.9.9.9")
    play.clock.advance(1)
    assert play.register.over()


def test_the_end_of_the_last_is_the_end(play: Play) -> None:
    play.stage(1)
    play.stage(2)
    assert play.ask(ask="end", host="node1")
    assert play.ask(ask="end", host="node1") is None
    assert not play.register.over()
    assert play.ask(ask="end", host="node2")
    assert play.register.over()


def test_a_server_that_nobody_wants_ends_by_itself(play: Play) -> None:
    assert not play.register.over()
    play.clock.advance(play.register.next_end())
    assert play.register.over()


@pytest.mark.parametrize("place", [Place("9090"), Place("8080", certificate="/c", key="/k")], ids=str)
def test_the_server_is_one_for_all_hosts(play: Play, place: Place) -> None:
    play.stage(1)
    with pytest.raises(InvalidRequest, match="port 8080, certificate none"):
        play.stage(2, place=place)
    assert play.stage(2, place=Place("8080", advertise="10.2.2.2")).new


def test_a_file_that_cannot_be_read_leaves_what_is_staged(play: Play) -> None:
    one = play.stage()
    with pytest.raises(LocalFailure):
        play.stage(file="/nowhere")
    assert play.urls() == {one.url}


def test_what_is_staged_has_the_digest_of_its_bytes(play: Play) -> None:
    one = play.stage()
    assert one.digest == f"sha256:{hashlib.sha256(b'firmware').hexdigest()}"
    play.file.write_bytes(b"erawmrif")
    other = play.stage()
    assert (other.digest != one.digest, other.new) == (True, True)
    assert play.stage(2).digest == other.digest
