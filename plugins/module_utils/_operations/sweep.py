# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many BMCs read at once, each by its own plan.

Order of trust for each: TCP and TLS, an unauthenticated look at the service root, the trust decision, and only then
the credential that visit() chose. What merely listens never gets a password.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import inf
from operator import length_hint
from pathlib import Path
from typing import Generic, TypeVar, Union

from .._core.errors import BmcError, LocalFailure, LoginRefused, Unreachable, Untrusted
from .._redfish.crawl import Answer, Plan
from .._redfish.resource import Document
from .._redfish.service import ROOT, service_root, session_collection
from .._transport.async_bmc import AsyncBmcClient
from .._transport.async_connection import require_httptools
from .._transport.async_http import AsyncHttpClient
from .._transport.bmc import Credential
from .._transport.failures import pin_mismatch, used_up
from .._transport.http import Limits
from .._transport.origin import Origin
from .._transport.tls import Trust, kept_pin

T = TypeVar("T")


_THREADS = 32


@dataclass(frozen=True)
class Candidate:
    """What may be a BMC.

    address: as it was given. name: its name or xname where one was given. named: given by itself, not as one of many
    addresses where a BMC may be.
    """

    address: str
    origin: Origin
    name: str = ""
    named: bool = False


@dataclass(frozen=True)
class FirstUse:
    """Trust on first use. pins: the folder of recorded fingerprints; see kept_pin()."""

    pins: Path


@dataclass(frozen=True)
class Visit(Generic[T]):
    """What to do with a BMC. auth: "basic", "session" or "token"."""

    credential: Credential
    auth: str
    plan: Plan[T]


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What came of one candidate: what its plan returned, or an error; neither where visit() returned None.

    asked: False where the time for all was up before it could answer: then nothing is known of it.
    fingerprint: SHA-256 of its certificate, "" where none was seen. warnings: such as a session that was left.
    """

    candidate: Candidate
    value: T | None = None
    error: BmcError | None = None
    asked: bool = True
    fingerprint: str = ""
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bounds:
    """concurrency: BMCs at once. bmc: seconds for one of them. overall: seconds for all."""

    concurrency: int = 400
    bmc: float = 120.0
    overall: float = inf
    limits: Limits = field(default_factory=lambda: Limits(connect=5.0))


Visitor = Callable[[Candidate, Document, str], Union[Visit[T], None]]  # noqa: UP007 - pylint of ansible-test
"""Chooses credential and plan by candidate, service root and fingerprint; called in a thread, so it may wait.
None where no rule matches: then no credential is sent. May raise BmcError."""

Progress = Callable[[int, int, int], None]
"""Told after each outcome: how many answered, how many failed, how many there are (0 where that is not known)."""


def sweep(
    candidates: Iterable[Candidate],
    trust: Callable[[Candidate], Trust | FirstUse],
    visit: Visitor[T],
    bounds: Bounds,
    progress: Progress = lambda _answered, _failed, _total: None,
) -> Iterator[Outcome[T]]:
    """The outcome of each candidate, as they come; every candidate has one, whatever happens to others.

    The fleet is read while the caller waits for the next outcome: what the caller does between two should be short.
    candidates: taken one by one, when there is room. When the caller stops, or is interrupted, sessions are deleted
    and nothing goes on. After an interrupt what is known already still comes, then KeyboardInterrupt.
    Raises what the candidates raise, and LocalFailure where httptools is missing.
    """
    require_httptools()
    total, answered, failed = length_hint(candidates), 0, 0
    threads = ThreadPoolExecutor(_THREADS, "visit")
    try:
        with asyncio.Runner() as runner:
            for outcome in _outcomes(_Sweep(iter(candidates), trust, visit, bounds, threads), runner):
                answered, failed = answered + (outcome.error is None), failed + (outcome.error is not None)
                progress(answered, failed, total)
                yield outcome
    finally:
        # What still waits in one, such as for a Vault, is not worth waiting for.
        threads.shutdown(wait=False, cancel_futures=True)


def _outcomes(work: _Sweep[T], runner: asyncio.Runner) -> Iterator[Outcome[T]]:
    interrupt: KeyboardInterrupt | None = None
    try:
        runner.run(work.begin())
        while runner.run(work.more()):
            while work.outcomes:
                yield work.outcomes.popleft()
    except KeyboardInterrupt as error:
        interrupt = error
    finally:
        runner.run(work.end())
    if interrupt is not None:
        while work.outcomes:
            yield work.outcomes.popleft()
        raise interrupt


class _Sweep(Generic[T]):
    """The tasks of a sweep. outcomes: what came and was not fetched yet."""

    def __init__(
        self,
        candidates: Iterator[Candidate],
        trust: Callable[[Candidate], Trust | FirstUse],
        visit: Visitor[T],
        bounds: Bounds,
        threads: ThreadPoolExecutor,
    ) -> None:
        self.outcomes: deque[Outcome[T]] = deque()
        self._candidates = candidates
        self._trust = trust
        self._visit = visit
        self._bounds = bounds
        self._threads = threads
        self._workers: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._failure: BaseException | None = None
        self._end = inf

    async def begin(self) -> None:
        self._end = _now() + self._bounds.overall
        for _number in range(self._bounds.concurrency):
            worker = asyncio.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._ended)

    async def more(self) -> bool:
        """Wait for outcomes; False when there will be none any more. Raises what the candidates raise."""
        while not self.outcomes and self._workers:
            self._news.clear()
            await self._news.wait()
        if self._failure is not None:
            raise self._failure
        return bool(self.outcomes)

    async def end(self) -> None:
        """Let nothing go on."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    def _ended(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)
        self._failure = self._failure or (None if worker.cancelled() else worker.exception())
        self._news.set()

    async def _work(self) -> None:
        for candidate in self._candidates:
            self.outcomes.append(await self._one(candidate))
            self._news.set()

    async def _one(self, candidate: Candidate) -> Outcome[T]:
        begun = _now()
        if begun >= self._end:
            await asyncio.sleep(0)
            return Outcome(candidate, error=self._over(f"{candidate.origin} was not asked"), asked=False)
        trust = self._trust(candidate)
        known = trust if isinstance(trust, Trust) else Trust(validate=False)
        bmc = AsyncBmcClient(AsyncHttpClient(candidate.origin, known, self._bounds.limits))
        value, error, asked = None, None, True
        async with bmc:
            try:
                async with asyncio.timeout_at(min(begun + self._bounds.bmc, self._end)):
                    value = await self._read(candidate, trust, bmc)
            except TimeoutError:
                error, asked = self._too_late(bmc.http, begun), _now() < self._end
            except BmcError as failure:
                error = failure
            except Exception as failure:  # noqa: BLE001  whatever a BMC answered, it must not spoil the rest
                error = _defect(failure)
        warnings = (bmc.undeleted,) if bmc.undeleted else ()
        return Outcome(candidate, value, error, asked, bmc.http.fingerprint, _now() - begun, warnings)

    async def _read(self, candidate: Candidate, trust: Trust | FirstUse, bmc: AsyncBmcClient) -> T | None:
        """What the plan returns; None where there is none. See the order of trust above."""
        root = service_root(await bmc.get_unauthenticated(ROOT))
        shown = bmc.http.fingerprint
        if isinstance(trust, FirstUse):
            pinned = kept_pin(candidate.origin, trust.pins, lambda: shown)
            if pinned != shown:
                raise pin_mismatch(pinned, shown)
        loop = asyncio.get_running_loop()
        visit = await loop.run_in_executor(self._threads, self._visit, candidate, root, shown)
        if visit is None:
            return None
        await bmc.log_in(visit.credential, session_collection(root) if visit.auth == "session" else "")
        return await _driven(visit.plan, bmc)

    def _too_late(self, http: AsyncHttpClient, begun: float) -> BmcError:
        if self._end <= begun + self._bounds.bmc:
            # A timer may come a moment early: nothing begins any more in that moment.
            self._end = min(self._end, _now())
            return self._over(f"{http.origin} answered {http.answered} requests until then, but not {http.asked}")
        return used_up(http.origin, http.answered, self._bounds.bmc, http.asked)

    def _over(self, why: str) -> BmcError:
        return Unreachable(
            f"the time for all BMCs together is used up: {self._bounds.overall:g} s",
            why=why,
            way_out="A larger overall deadline gives it longer, a higher concurrency more at once.",
        )


async def _driven(plan: Plan[T], bmc: AsyncBmcClient) -> T:
    """What the plan returns once it got all it asked for, one after the other: a BMC is a slow server."""
    try:
        wave = next(plan)
        while True:
            wave = plan.send({uri: await _answer(bmc, uri) for uri in wave})
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        plan.close()


async def _answer(bmc: AsyncBmcClient, uri: str) -> Answer:
    try:
        return await bmc.get(uri)
    except Untrusted:
        raise
    except BmcError as error:
        if isinstance(error, LoginRefused) and error.status == 401:
            # One try with a wrong password, for the next one may lock the account.
            raise
        return error


def _defect(error: Exception) -> BmcError:
    return LocalFailure(
        "what this BMC answered could not be dealt with",
        why=f"{type(error).__name__}: {error}",
        way_out="This is a defect of openchami.bmc: please report it with the BMC's model and firmware.",
    )


def _now() -> float:
    return asyncio.get_running_loop().time()
