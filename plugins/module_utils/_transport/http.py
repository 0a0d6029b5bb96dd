# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP for every room that speaks it: one origin, bounded in time and size, retried only where that is safe.

Built on urllib3 itself: of what requests adds (proxies and netrc from the environment, cookies, redirects that keep
X-Auth-Token) a BMC client must switch off every part (docs/decisions/0002-urllib3.md).
"""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._core.clock import Clock
from .._core.errors import (
    BadAnswer,
    BmcError,
    CutOff,
    LocalFailure,
    MayHaveHappened,
    PinMismatch,
    Unreachable,
)
from .origin import Origin
from .tls import Trust, observed_fingerprint, ssl_context, untrusted

try:
    import urllib3
    from urllib3 import exceptions as urllib3_errors
    from urllib3.connection import HTTPSConnection
except ImportError:
    HAS_URLLIB3 = False
    HTTPSConnection = object  # type: ignore[misc, assignment]
else:
    HAS_URLLIB3 = True

_SAFE = frozenset({"GET", "HEAD"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Limits:
    """Bounds of one exchange. Seconds and bytes.

    connect: for the TCP and TLS connection. read: for an answer, its body included. body: the most that an answer
    may hold (the largest document of nine recorded BMCs, iDRAC's message registry, has 3 MB). idle: a kept connection
    that rested longer is not used again.
    """

    connect: float = 10.0
    read: float = 30.0
    body: int = 32 << 20
    idle: float = 60.0


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


class _Connection(HTTPSConnection):
    """Tells when a request begins: what fails before, in TCP or TLS, surely did not happen."""

    def __init__(self, *arguments: Any, begins: Callable[[], None], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._begins = begins

    def request(self, *arguments: Any, **named: Any) -> None:
        self._begins()
        super().request(*arguments, **named)


class HttpClient:
    """One origin, one kept connection."""

    def __init__(self, origin: Origin, trust: Trust, clock: Clock, limits: Limits | None = None) -> None:
        if not HAS_URLLIB3:
            raise LocalFailure(
                "the Python library urllib3 is missing",
                way_out="Install it for the Python that runs Ansible: pip install 'urllib3>=2.2'.",
            )
        # Whether to verify was the user's decision. Not at import: Ansible restores the filters after loading a plugin.
        urllib3.disable_warnings(urllib3_errors.InsecureRequestWarning)
        self.origin = origin
        self.limits = limits or Limits()
        self.retry = Retry()
        self._trust = trust
        self._clock = clock
        self._pool: urllib3.HTTPSConnectionPool | None = None
        self._used = 0.0
        self._begun = False

    def close(self) -> None:
        """Close the connection."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def request(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Response:
        """Send one request and read its answer, whatever its status.

        path: a path, or a link as a document holds it; one that leads to another origin is refused.
        GET and HEAD are sent again after a lost connection or a 502, 503, 504, as Retry says; nothing else ever is.
        Raises Unreachable, Untrusted, PinMismatch, BadAnswer, ForeignLink; MayHaveHappened for a write without answer.
        """
        sent = dict(headers or {})
        path = self.origin.path_of(path)
        for _hop in range(_MOST_REDIRECTS + 1):
            response = self._patiently(method, path, sent, body)
            if response.status not in _REDIRECTS or "location" not in response.headers:
                return response
            path = self._redirected(method, path, response)
        raise BadAnswer(f"{method} {path} was redirected more than {_MOST_REDIRECTS} times")

    def _redirected(self, method: str, path: str, response: Response) -> str:
        # 307 and 308 keep method and body (RFC 9110, 15.4); iLO sends 308 between /x and /x/. A write that is
        # redirected in another way would arrive as a GET: that is not what was asked.
        if method not in _SAFE and response.status not in (307, 308):
            raise _may_have_happened(
                method, path, f"it was redirected with HTTP {response.status}, as if it were a read"
            )
        return self.origin.path_of(response.headers["location"], path)

    def _patiently(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Response:
        left = self.retry.times if method in _SAFE else 0
        while True:
            try:
                response = self._once(method, path, headers, body)
                if not left or response.status not in self.retry.statuses:
                    return response
                self._clock.sleep(min(retry_after(response, self.retry.pause), self.retry.longest_pause))
            except CutOff:
                if not left:
                    raise
            left -= 1

    def _once(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Response:
        pool = self._connection_pool()
        self._begun = False
        deadline = self._clock.monotonic() + self.limits.read
        try:
            answer = pool.request(
                method,
                path,
                body=body,
                headers=headers,
                retries=False,
                redirect=False,
                preload_content=False,
                timeout=urllib3.Timeout(connect=self.limits.connect, read=self.limits.read),
            )
            try:
                content = self._content(answer, method, path, deadline)
            except (Unreachable, BadAnswer) as error:
                self.close()
                if method not in _SAFE:
                    raise _may_have_happened(method, path, str(error)) from error
                raise
            answer.release_conn()
        except urllib3_errors.HTTPError as error:
            self.close()
            raise self._translated(error, method, path) from error
        self._used = self._clock.monotonic()
        named = {name.lower(): value for name, value in answer.headers.items()}
        return Response(method, path, answer.status, named, content)

    def _connection_pool(self) -> urllib3.HTTPSConnectionPool:
        if self._pool is not None and self._clock.monotonic() - self._used > self.limits.idle:
            self.close()
        if self._pool is None:
            self._pool = urllib3.HTTPSConnectionPool(
                self.origin.host,
                self.origin.port,
                maxsize=1,
                ssl_context=ssl_context(self._trust),
                assert_fingerprint=self._trust.fingerprint or None,
                begins=self._begins,
            )
            self._pool.ConnectionCls = _Connection
        return self._pool

    def _begins(self) -> None:
        self._begun = True

    def _content(self, answer: urllib3.BaseHTTPResponse, method: str, path: str, deadline: float) -> bytes:
        chunks: list[bytes] = []
        size = 0
        while chunk := answer.read1(_CHUNK):
            size += len(chunk)
            chunks.append(chunk)
            if size > self.limits.body:
                raise BadAnswer(f"{method} {path} was answered with more than {self.limits.body >> 20} MiB")
            if self._clock.monotonic() > deadline:
                raise Unreachable(
                    "the answer did not end in time",
                    why=f"{method} {path}: {size} bytes in {self.limits.read:g} s",
                    way_out="A BMC under load may need a larger bmc_timeout.",
                )
        return b"".join(chunks)

    def _translated(self, error: urllib3_errors.HTTPError, method: str, path: str) -> BmcError:
        """The tree's error for one of urllib3's."""
        if not self._begun and isinstance(error, urllib3_errors.SSLError):
            return self._distrust(error)
        if not self._begun:
            return Unreachable(
                "no connection",
                why=f"{self.origin}: {reason_of(error)}",
                way_out="Check bmc_address, the BMC's network and its power; a BMC that restarts needs minutes.",
            )
        if method not in _SAFE:
            return _may_have_happened(method, path, reason_of(error))
        if isinstance(error, urllib3_errors.ReadTimeoutError):
            return Unreachable(
                "no answer in time",
                why=f"{method} {path} within {self.limits.read:g} s",
                way_out="A BMC under load may need a larger bmc_timeout.",
            )
        if isinstance(error, urllib3_errors.DecodeError):
            return BadAnswer(f"{method} {path} was answered with a damaged encoding", why=reason_of(error))
        return CutOff(
            f"{method} {path} was answered in part only or not at all",
            why=reason_of(error),
            way_out="The connection broke three times in a row: look at the BMC's web server.",
        )

    def _distrust(self, error: urllib3_errors.SSLError) -> BmcError:
        cause = error.args[0] if error.args else error
        if "ingerprint" in str(cause):
            return PinMismatch(
                "the certificate is not the pinned one",
                why=f"pinned SHA256:{self._trust.fingerprint}, it shows SHA256:{self._shown()}",
                way_out="If the BMC got a new certificate, record its fingerprint anew; else someone is in between."
                " No password was sent.",
            )
        if isinstance(cause, ssl.SSLCertVerificationError):
            return untrusted(self.origin, cause.verify_message or "not verified", self.limits.connect)
        why = f"{self.origin}: {reason_of(error)}"
        return Unreachable("no TLS connection", why=why, way_out="Is it the BMC's HTTPS port?")

    def _shown(self) -> str:
        try:
            return observed_fingerprint(self.origin, self.limits.connect)
        except Unreachable:
            return "nothing now"


def _may_have_happened(method: str, path: str, why: str) -> MayHaveHappened:
    return MayHaveHappened(
        f"{method} {path} was cut off before a clear answer",
        why=why,
        way_out="It may have happened: look at the BMC with bmc_info, then run the task again.",
    )


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
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(cause) or type(cause).__name__
