# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP to services of a site that are no BMC and lead elsewhere, such as registries: several origins, bodies in parts.

Not HttpClient: that keeps to the one origin of a BMC, holds bodies in memory and bounds an exchange as a whole, which
for a payload of gigabytes would be no bound. See docs/decisions/0009-registry-reader.md.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Union
from urllib.parse import urljoin

from .._core.clock import Clock
from .._core.errors import BadAnswer, BmcError, CutOff, ForeignLink, Unreachable, Untrusted
from .bounds import Bound, Content
from .connections import pool_of_one, require_urllib3
from .failures import SAFE, cut_off, may_have_happened, no_connection, no_tls
from .http import MOST_REDIRECTS, reason_of
from .origin import Origin, split_url
from .tls import Trust

try:
    import urllib3
    from urllib3 import exceptions as urllib3_errors
except ImportError:
    # require_urllib3() says so.
    pass

__all__ = ["Answer", "Body", "Patience", "WebClient", "split_url"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 1 << 20
_UNBOUNDED = 1 << 62

Body = Union[bytes, Iterable[bytes], None]  # noqa: UP007 - evaluated when Python 3.8 imports it
"""Of a request; in parts together with a Content-Length."""


@dataclass(frozen=True)
class Patience:
    """Seconds. connect: for TCP and TLS. silence: until the next byte, in either direction. total: for all requests."""

    connect: float = 10.0
    silence: float = 30.0
    total: float = 1800.0


class _Bound(Bound):
    """Ends with the client's time, and with each silence."""

    def __init__(self, clock: Clock, end: float, silence: float) -> None:
        super().__init__(clock, end, _UNBOUNDED)
        self._silence = silence

    def seconds(self) -> float:
        return min(super().seconds(), self._silence)


@dataclass
class Answer:
    """An answer whose body has not been read. headers: names in lower case. origin: of the last redirect."""

    method: str
    url: str
    origin: Origin
    status: int
    headers: Mapping[str, str]
    _body: Any
    _failed: Callable[[BaseException, str, str], BmcError]

    def chunks(self) -> Iterator[bytes]:
        """The body as it comes, not unpacked. Raises CutOff where it breaks or stalls; Unreachable when time is up."""
        try:
            while chunk := self._body.read1(_CHUNK):
                yield chunk
        except (urllib3_errors.HTTPError, BadAnswer) as error:
            raise self._failed(error, self.method, self.url) from error

    def content(self, most: int) -> bytes:
        """The whole body, unpacked. Raises BadAnswer for more than so many bytes, else as chunks()."""
        whole = Content(self.headers.get("content-encoding", ""), most)
        for chunk in self.chunks():
            whole.add(chunk)
        return whole.body()

    def close(self) -> bool:
        """Whether the whole body was read, so that the connection can be used again."""
        whole = bool(self._body.closed)
        if whole:
            self._body.release_conn()
        else:
            self._body.close()
        return whole


class WebClient:
    """A kept connection to each origin. No proxy, no netrc, no cookies.

    ca_path: verifies every host, those that it is redirected to as well; "" for the system's CAs.
    """

    def __init__(
        self, clock: Clock, patience: Patience | None = None, *, ca_path: str = "", validate: bool = True
    ) -> None:
        require_urllib3()
        self.patience = patience or Patience()
        self._clock = clock
        self._trust = Trust(validate, ca_path)
        self._pools: dict[Origin, urllib3.HTTPConnectionPool] = {}
        self._end = 0.0
        self._begun = False
        self.renew()

    def close(self) -> None:
        """Close the connections."""
        while self._pools:
            self._pools.popitem()[1].close()

    def renew(self) -> None:
        """All the time from now on again."""
        self._end = self._clock.monotonic() + self.patience.total

    def left(self) -> float:
        """Seconds."""
        return self._end - self._clock.monotonic()

    @contextmanager
    def opened(
        self, method: str, url: str, headers: Mapping[str, str], body: Body = None, authorization: str = ""
    ) -> Iterator[Answer]:
        """Send a request once; a GET or HEAD follows redirects, any other method does not.

        authorization: goes to the origin of the url, never to where it redirects. Raises Unreachable, Untrusted,
        CutOff, BadAnswer, LocalFailure; ForeignLink for a redirect from https to http; MayHaveHappened for a write.
        """
        asked = split_url(url)[0]
        for _hop in range(MOST_REDIRECTS + 1):
            origin = split_url(url)[0]
            if (asked.scheme, origin.scheme) == ("https", "http"):
                raise ForeignLink(f"{asked} redirects to {origin}, without TLS")
            own = {"Authorization": authorization} if authorization and origin == asked else {}
            answer = self._surely_sent(method, url, {"Accept-Encoding": "identity", **headers, **own}, body)
            elsewhere = answer.headers.get("location", "") if answer.status in _REDIRECTS else ""
            if method in SAFE and elsewhere:
                answer.close()
                self._drop(origin)
                url = urljoin(url, elsewhere)
                continue
            try:
                yield answer
            finally:
                self._rest(origin, answer)
            return
        raise BadAnswer(f"{method} {url} was redirected more than {MOST_REDIRECTS} times")

    def _surely_sent(self, method: str, url: str, headers: dict[str, str], body: Body) -> Answer:
        """Once more where a read met a connection that was kept, and had been closed from the other side."""
        kept = split_url(url)[0] in self._pools
        try:
            return self._sent(method, url, headers, body)
        except CutOff:
            if not kept:
                raise
        return self._sent(method, url, headers, body)

    def _sent(self, method: str, url: str, headers: dict[str, str], body: Body) -> Answer:
        origin, path = split_url(url)
        if self.left() <= 0:
            raise self._used_up(method, url)
        if origin not in self._pools:
            self._pools[origin] = pool_of_one(origin, self._trust, self._begins)
        self._begun = False
        try:
            got = self._pools[origin].request(
                method,
                path,
                body=body,
                headers=headers,
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
                timeout=urllib3.Timeout(connect=min(self.patience.connect, self.left()), read=self.patience.silence),
            )
        except (urllib3_errors.HTTPError, BadAnswer) as error:
            self._drop(origin)
            raise self._failed(error, method, url) from error
        named = {name.lower(): value for name, value in got.headers.items()}
        return Answer(method, url, origin, got.status, named, got, self._failed)

    def _begins(self) -> Bound:
        self._begun = True
        return _Bound(self._clock, self._end, self.patience.silence)

    def _rest(self, origin: Origin, answer: Answer) -> None:
        if not answer.close():
            self._drop(origin)

    def _drop(self, origin: Origin) -> None:
        pool = self._pools.pop(origin, None)
        if pool is not None:
            pool.close()

    def _failed(self, error: BaseException, method: str, url: str) -> BmcError:
        """The tree's error for one of urllib3's."""
        origin, reason = split_url(url)[0], reason_of(error)
        if not self._begun:
            if not isinstance(error, urllib3_errors.SSLError):
                return no_connection(origin, reason)
            if isinstance(error.args[0], ssl.SSLCertVerificationError):
                return Untrusted("the certificate is not trusted", why=f"{origin}: {error.args[0].verify_message}")
            return no_tls(origin, reason)
        if self.left() <= 0:
            return self._used_up(method, url)
        if reason == "timed out":
            reason = f"nothing came for {self.patience.silence:g} s"
        return cut_off(method, url, reason)

    def _used_up(self, method: str, url: str) -> BmcError:
        why = f"{self.patience.total:g} s for all requests"
        return Unreachable("the time is used up", why=why) if method in SAFE else may_have_happened(method, url, why)
