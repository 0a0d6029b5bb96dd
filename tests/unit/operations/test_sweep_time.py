# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a sweep takes, and how much goes on at once; judged by a clock that jumps, over BMCs without a network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import count, islice

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest, Unreachable
from ansible_collections.openchami.bmc.plugins.module_utils._operations import sweep as sweep_module
from ansible_collections.openchami.bmc.plugins.module_utils._operations.sweep import (
    Bounds,
    Candidate,
    Outcome,
    Visit,
    sweep,
)
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.crawl import Plan
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.resource import Document
from ansible_collections.openchami.bmc.plugins.module_utils._transport.bmc import Credential
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import Limits, Response
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin
from ansible_collections.openchami.bmc.plugins.module_utils._transport.tls import Trust

from .virtual_time import VirtualTimeLoop

READS = 20
ANSWER = 0.1
ACCOUNT = Credential("admin", "secret")


@dataclass
class Fleet:
    """What the BMCs saw. tarpits: hosts that never answer. loop: the clock."""

    tarpits: frozenset[str] = frozenset()
    loop: VirtualTimeLoop = field(default_factory=VirtualTimeLoop)
    requests: int = 0
    at_once: int = 0
    most_at_once: int = 0
    sessions: set[str] = field(default_factory=set)
    opened: int = 0


class Connection:
    """An AsyncHttpClient to one of them."""

    def __init__(self, fleet: Fleet, origin: Origin, trust: Trust, limits: Limits) -> None:
        self._fleet = fleet
        self.origin = origin
        self.fingerprint = "ab" * 32
        self.answered = 0
        self.asked = ""
        self._open = False

    async def request(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None = None
    ) -> Response:
        fleet = self._fleet
        if not self._open:
            self._open = True
            fleet.at_once += 1
            fleet.most_at_once = max(fleet.most_at_once, fleet.at_once)
        self.asked = f"{method} {path}"
        fleet.requests += 1
        if self.origin.host in fleet.tarpits:
            await asyncio.Event().wait()
        if method == "POST":
            # The BMC opens it whether or not anybody hears the answer.
            fleet.sessions.add(self.origin.host)
            fleet.opened += 1
        await asyncio.sleep(ANSWER)
        self.answered += 1
        if method == "DELETE":
            fleet.sessions.remove(self.origin.host)
        told = (
            {"x-auth-token": "token", "location": "/redfish/v1/SessionService/Sessions/1"} if method == "POST" else {}
        )
        return Response(method, path, 200, told, json.dumps({"RedfishVersion": "1.6.0"}).encode())

    async def close(self) -> None:
        if self._open:
            self._open = False
            self._fleet.at_once -= 1


def reading(reads: int = READS - 1) -> Plan[int]:
    """So many resources."""
    answers = yield tuple(f"/redfish/v1/{number}" for number in range(reads))
    return len(answers)


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch) -> Fleet:
    fleet = Fleet()
    monkeypatch.setattr(sweep_module, "AsyncHttpClient", partial(Connection, fleet))
    monkeypatch.setattr(asyncio, "Runner", partial(asyncio.Runner, loop_factory=lambda: fleet.loop))
    return fleet


def bmcs(number: int) -> list[Candidate]:
    return list(islice(endless(), number))


def endless() -> Iterator[Candidate]:
    for number in count():
        host = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        yield Candidate(host, Origin("https", host, 443))


def swept(candidates: Iterable[Candidate], bounds: Bounds, auth: str = "basic") -> Iterator[Outcome[int]]:
    def visit(_candidate: Candidate, _root: Document, _fingerprint: str) -> Visit[int]:
        return Visit(ACCOUNT, auth, reading())

    return sweep(candidates, lambda _candidate: Trust(validate=False), visit, bounds)


def test_fleet_takes_what_its_answers_take(fleet: Fleet) -> None:
    outcomes = list(swept(bmcs(1_000), Bounds(concurrency=400)))
    assert [outcome.value for outcome in outcomes] == [READS - 1] * 1_000
    assert fleet.requests == 1_000 * READS
    assert fleet.loop.now == pytest.approx(3 * READS * ANSWER)


@pytest.mark.parametrize("first", [0, pytest.param(500, marks=pytest.mark.soak), 990])
def test_one_percent_tarpits_add_at_most_one_deadline(fleet: Fleet, first: int) -> None:
    candidates = bmcs(1_000)
    fleet.tarpits = frozenset(candidate.address for candidate in candidates[first : first + 10])
    outcomes = list(swept(candidates, Bounds(concurrency=400, bmc=60.0)))
    failed = {outcome.candidate.address: outcome.error for outcome in outcomes if outcome.error}
    assert set(failed) == fleet.tarpits
    assert all("the time for this BMC is used up: " in str(error) for error in failed.values())
    assert fleet.loop.now <= 3 * READS * ANSWER + 60.0 + 1e-6


def test_overall_deadline_is_the_error_of_each_bmc_that_was_not_read(fleet: Fleet) -> None:
    outcomes = list(swept(bmcs(100), Bounds(concurrency=10, overall=2.5 * READS * ANSWER)))
    errors = [outcome.error for outcome in outcomes if outcome.error]
    assert len(outcomes) == 100
    assert [outcome.value for outcome in outcomes if not outcome.error] == [READS - 1] * 20
    assert all(isinstance(error, Unreachable) and "all BMCs together is used up: 5 s" in str(error) for error in errors)
    assert sum("was not asked" in str(error) for error in errors) == 70
    assert fleet.loop.now == pytest.approx(2.5 * READS * ANSWER)


def test_no_more_than_so_many_at_once_and_none_made_before_its_turn(fleet: Fleet) -> None:
    taken = 0

    def lazily() -> Iterator[Candidate]:
        nonlocal taken
        for candidate in endless():
            taken += 1
            yield candidate

    with_end = swept(lazily(), Bounds(concurrency=7))
    assert len(list(islice(with_end, 70))) == 70
    assert taken <= 70 + 7
    with_end.close()  # type: ignore[attr-defined]
    assert (fleet.most_at_once, fleet.at_once) == (7, 0)


@pytest.mark.parametrize("outcomes", [0, 1, 25])
def test_sessions_are_deleted_when_the_caller_stops(fleet: Fleet, outcomes: int) -> None:
    running = swept(endless(), Bounds(concurrency=20), auth="session")
    assert len(list(islice(running, outcomes or 1))) == (outcomes or 1)
    running.close()  # type: ignore[attr-defined]
    assert fleet.opened >= 20
    assert not fleet.sessions


@pytest.mark.parametrize("seconds", [0.15, 0.25, 0.95])
def test_sessions_are_deleted_when_the_time_is_used_up(fleet: Fleet, seconds: float) -> None:
    outcomes = list(swept(bmcs(30), Bounds(concurrency=30, bmc=seconds), auth="session"))
    assert all("used up" in str(outcome.error) for outcome in outcomes)
    assert fleet.opened == 30
    assert not fleet.sessions


def test_what_the_candidates_raise_comes_to_the_caller(fleet: Fleet) -> None:
    def broken() -> Iterator[Candidate]:
        yield from bmcs(3)
        raise InvalidRequest("no more")

    with pytest.raises(InvalidRequest, match="no more"):
        list(swept(broken(), Bounds(concurrency=2)))
    assert fleet.at_once == 0


def test_progress_is_told_with_each_outcome(fleet: Fleet) -> None:
    told: list[tuple[int, int, int]] = []
    candidates = bmcs(4)
    fleet.tarpits = frozenset({candidates[1].address})

    def visit(_candidate: Candidate, _root: Document, _fingerprint: str) -> Visit[int]:
        return Visit(ACCOUNT, "basic", reading())

    def trust(_candidate: Candidate) -> Trust:
        return Trust(validate=False)

    list(sweep(candidates, trust, visit, Bounds(), lambda *counts: told.append(counts)))
    assert told == [(1, 0, 4), (2, 0, 4), (3, 0, 4), (3, 1, 4)]
