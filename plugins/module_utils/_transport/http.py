# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP for every room that speaks it: one origin, bounded in time and size, retried only where that is safe.

Built on urllib3 itself: of what requests adds (proxies and netrc from the environment, cookies, redirects that keep
X-Auth-Token) a BMC client must switch off every part (docs/decisions/0002-urllib3.md).
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from .._core.clock import Clock
from .._core.errors import BadAnswer, BmcError, CutOff, Unreachable
from .bounds import Bound, content
from .connections import pool_of_one, require_urllib3
from .failures import SAFE, cut_off, may_have_happened, no_connection, no_tls, overdue, pin_mismatch, unusable, used_up
from .origin import Origin, parse_url
from .tls import Trust, observed_fingerprint, untrusted

try:
    import urllib3
    from urllib3 import exceptions as urllib3_errors
except ImportError:
    # require_urllib3() says so.
    pass

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 3


@dataclass(frozen=True)
class Limits:
    """Bounds. Seconds and bytes.

    connect: for the TCP and TLS connection. read: for one exchange, from the connection to the end of the body. task:
    for all requests together, repetitions and pauses included, but those apart(). body: the most that an answer may
    hold (the largest document of nine recorded BMCs, iDRAC's message registry, has 3 MB). idle: a kept connection that
    rested longer is not used again. stall: for a part of an upload to be taken: a BMC stops reading while it writes
    what it has to its flash.
    """

    connect: float = 10.0
    read: float = 30.0
    task: float = 300.0
    body: int = 32 << 20
    idle: float = 60.0
    stall: float = 120.0


@dataclass(frozen=True)
class Retry:
    """How often and how patiently a request that changes nothing is sent again. Seconds."""

    times: int = 2
    pause: float = 1.0
    longest_pause: float = 10.0
    statuses: frozenset[int] = frozenset({502, 503, 504})


@dataclass(frozen=True)
class Response:
    """An answer. headers: names in lower case."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def document(self) -> dict[str, Any]:
        """The body as a JSON object. Raises BadAnswer."""
        try:
            document = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            kind = self.headers.get("content-type", "no content type")
            raise BadAnswer(
                f"{self.method} {self.path} was not answered in JSON",
                why=f"HTTP {self.status}, {kind}, {len(self.body)} bytes: {error}",
                way_out="Look at the BMC's web server; a BMC reset often heals it.",
            ) from error
        if not isinstance(document, dict):
            raise BadAnswer(f"{self.method} {self.path} was not answered with a JSON object")
        return document


class HttpClient:
    """One origin, one kept connection."""

    def __init__(self, origin: Origin, trust: Trust, clock: Clock, limits: Limits | None = None) -> None:
        require_urllib3()
        self.origin = origin
        self.limits = limits or Limits()
        self.retry = Retry()
        self._trust = trust
        self._clock = clock
        self._pool: urllib3.HTTPConnectionPool | None = None
        self._used = 0.0
        self._begun = False
        self._bound = Bound(clock, 0.0, self.limits.body)
        self._left = self.limits.task
        self._end = 0.0
        self._cut_short = False
        self._apart = False
        self._answered = 0

    def close(self) -> None:
        """Close the connection."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    @contextmanager
    def apart(self) -> Iterator[None]:
        """What is asked inside does not count as Limits.task: a request has Limits.read, its repetitions included."""
        before, self._apart = self._apart, True
        try:
            yield
        finally:
            self._apart = before

    def request(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Response:
        """Send one request and read its answer, whatever its status.

        path: a path, or a link as a document holds it; one that leads to another origin is refused.
        GET and HEAD are sent again after a lost connection or a 502, 503, 504, as Retry says; nothing else ever is.
        Raises Unreachable, Untrusted, PinMismatch, BadAnswer, ForeignLink; MayHaveHappened for a write without answer.
        """
        path = self.origin.path_of(path)
        with self._counted():
            return self._followed(method, path, dict(headers or {}), body)

    def upload(self, path: str, headers: Mapping[str, str], body: Iterable[bytes], seconds: float) -> Response:
        """POST a body that is made while it is sent, and read the answer, whatever its status.

        headers: its Content-Length among them. seconds: for all of it; Limits.task does not count it, and a part must
        be taken within Limits.stall. A connection of its own: what fails before that surely did not happen. An answer
        before the body's end ends the sending. Never sent again, never redirected.
        Raises Unreachable, Untrusted, PinMismatch, ForeignLink; MayHaveHappened without an answer.
        """
        path = self.origin.path_of(path)
        self.close()
        self._begun = self._cut_short = False
        self._bound = Bound(self._clock, self._clock.monotonic() + seconds, self.limits.body, self.limits.stall)
        try:
            return self._exchanged("POST", path, dict(headers), body, seconds)
        except urllib3_errors.HTTPError as error:
            raise self._translated(error, "POST", path) from error
        finally:
            self.close()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        begun = self._clock.monotonic()
        self._end = begun + (self.limits.read if self._apart else self._left)
        try:
            yield
        finally:
            if not self._apart:
                self._left -= self._clock.monotonic() - begun

    def _followed(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Response:
        for _hop in range(MOST_REDIRECTS + 1):
            response = self._patiently(method, path, headers, body)
            elsewhere = redirected(self.origin, response)
            if elsewhere is None:
                return response
            path = elsewhere
        raise redirected_too_often(response)

    def _patiently(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Response:
        left = self.retry.times if method in SAFE else 0
        while True:
            try:
                response = self._once(method, path, headers, body)
                pause = min(retry_after(response, self.retry.pause), self.retry.longest_pause)
                again = response.status in self.retry.statuses and pause < self._end - self._clock.monotonic()
                if not left or not again:
                    return response
                self._clock.sleep(pause)
            except CutOff:
                if not left or self._clock.monotonic() >= self._end:
                    raise
            left -= 1

    def _once(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Response:
        now = self._clock.monotonic()
        if now >= self._end:
            raise self._used_up(method, path)
        self._begun = False
        # A write that is begun gets its whole time: cut short, it would be unknown whether it happened.
        self._cut_short = method in SAFE and self._end < now + self.limits.read
        end = self._end if self._cut_short else now + self.limits.read
        self._bound = Bound(self._clock, end, self.limits.body)
        try:
            return self._exchanged(method, path, headers, body, end - now)
        except urllib3_errors.HTTPError as error:
            self.close()
            raise self._translated(error, method, path) from error

    def _exchanged(
        self, method: str, path: str, headers: dict[str, str], body: bytes | Iterable[bytes] | None, seconds: float
    ) -> Response:
        """One exchange within the bound. Raises what urllib3 does; BadAnswer, MayHaveHappened."""
        pool = self._connection_pool()
        try:
            answer = pool.request(
                method,
                path,
                body=body,
                headers=headers,
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
                timeout=urllib3.Timeout(connect=min(self.limits.connect, seconds), read=self.limits.read),
            )
            whole = content(answer, self.limits.body)
            answer.release_conn()
        except (BadAnswer, zlib.error) as error:
            self.close()
            raise unusable(method, path, str(error)) from error
        self._used = self._clock.monotonic()
        self._answered += 1
        named = {name.lower(): value for name, value in answer.headers.items()}
        return Response(method, path, answer.status, named, whole)

    def _connection_pool(self) -> urllib3.HTTPConnectionPool:
        if self._pool is not None and self._clock.monotonic() - self._used > self.limits.idle:
            self.close()
        if self._pool is None:
            self._pool = pool_of_one(self.origin, self._trust, self._begins)
        return self._pool

    def _begins(self) -> Bound:
        self._begun = True
        return self._bound

    def _translated(self, error: urllib3_errors.HTTPError, method: str, path: str) -> BmcError:
        """The tree's error for one of urllib3's."""
        if not self._begun and isinstance(error, urllib3_errors.SSLError):
            return self._distrust(error)
        if not self._begun:
            return no_connection(self.origin, reason_of(error))
        if reason_of(error) != "timed out":
            return cut_off(method, path, reason_of(error))
        if self._cut_short and not self._apart:
            return self._used_up(method, path)
        return overdue(method, path, self.limits.read)

    def _used_up(self, method: str, path: str) -> Unreachable:
        return used_up(self.origin, self._answered, self.limits.task, f"{method} {path}")

    def _distrust(self, error: urllib3_errors.SSLError) -> BmcError:
        cause = error.args[0] if error.args else error
        if "ingerprint" in str(cause):
            return pin_mismatch(self._trust.fingerprint, self._shown() or "nothing now")
        if isinstance(cause, ssl.SSLCertVerificationError):
            return untrusted(cause, self._shown())
        return no_tls(self.origin, reason_of(error))

    def _shown(self) -> str:
        try:
            return observed_fingerprint(self.origin, self.limits.connect)
        except Unreachable:
            return ""


@dataclass(frozen=True)
class Service:
    """A web service of the site that is no BMC. url: https, or http where the site trusts its network.

    validate: whether its certificate is verified, against ca_path, or the system's CAs when that is empty.
    """

    url: str
    ca_path: str = ""
    validate: bool = True


def reach(service: Service, clock: Clock, limits: Limits | None = None) -> tuple[HttpClient, str]:
    """A client for a service, and the path that its URL begins with. Raises InvalidRequest."""
    origin, path = parse_url(service.url)
    return HttpClient(origin, Trust(service.validate, service.ca_path), clock, limits), path


def redirected(origin: Origin, response: Response) -> str | None:
    """The path that a redirect leads to; None for another answer. Raises ForeignLink, MayHaveHappened.

    307 and 308 keep method and body (RFC 9110, 15.4); iLO sends 308 between /x and /x/. A write that is redirected in
    another way would arrive as a GET: that is not what was asked.
    """
    if response.status not in _REDIRECTS or "location" not in response.headers:
        return None
    if response.method not in SAFE and response.status not in (307, 308):
        why = f"it was redirected with HTTP {response.status}, as if it were a read"
        raise may_have_happened(response.method, response.path, why)
    return origin.path_of(response.headers["location"], response.path)


def redirected_too_often(response: Response) -> BadAnswer:
    return BadAnswer(f"{response.method} {response.path} was redirected more than {MOST_REDIRECTS} times")


def retry_after(response: Response, otherwise: float) -> float:
    """Seconds that a Retry-After header asks for (RFC 9110, 10.2.3); its date form is not used by BMCs."""
    try:
        return max(0.0, float(response.headers["retry-after"]))
    except (KeyError, ValueError):
        return otherwise


def reason_of(error: BaseException) -> str:
    """The innermost cause, in one line: urllib3 nests the operating system's own words."""
    cause: Any = error
    for _depth in range(5):
        inner = getattr(cause, "reason", None) or cause.__cause__ or (cause.args[-1] if cause.args else None)
        if not isinstance(inner, BaseException):
            break
        cause = inner
    if isinstance(cause, (TimeoutError, socket.timeout)) or "timed out" in str(cause):
        return "timed out"
    if isinstance(cause, ConnectionError) and cause.errno:
        # asyncio has words of its own for them: "Connect call failed".
        return os.strerror(cause.errno)
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(cause) or type(cause).__name__
