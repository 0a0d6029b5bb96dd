# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The asynchronous sibling of http.py: one BMC, one kept connection, with the same bounds, errors and trust.

One TLS handshake a BMC: its certificate is taken from the connection that carries the requests, and is looked at
before the first of them is sent.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from .._core.errors import BadAnswer, BmcError, CutOff, LocalFailure
from .bounds import BoundedTlsObject, Content
from .failures import SAFE, cut_off, no_connection, no_tls, overdue, pin_mismatch, unusable
from .http import MOST_REDIRECTS, Limits, Response, Retry, reason_of, redirected, redirected_too_often, retry_after
from .origin import Origin, require_tls
from .tls import Trust, fingerprint_of, ssl_context, untrusted

try:
    import aiohttp
    from aiohttp import ClientResponse, TCPConnector
    from yarl import URL
except ImportError:
    HAS_AIOHTTP = False
    ClientResponse = TCPConnector = object  # type: ignore[misc, assignment]
else:
    HAS_AIOHTTP = True

# All that RFC 3986 lets stand in a path and a query, and what is encoded already.
_AS_IT_IS = "%/?:@!$&'()*+,;=-._~[]"


def require_aiohttp() -> None:
    """Raises LocalFailure where it is missing."""
    if not HAS_AIOHTTP:
        raise LocalFailure(
            "the Python library aiohttp is missing",
            way_out="Install it for the Python that runs Ansible: pip install aiohttp.",
        )


class _Connector(TCPConnector):
    """Shows the TLS of the connection before a request is sent on it, to begins()."""

    def __init__(self, begins: Callable[[BoundedTlsObject], None], **named: Any) -> None:
        super().__init__(**named)
        self._begins = begins

    async def connect(self, *arguments: Any, **named: Any) -> aiohttp.connector.Connection:
        connection = await super().connect(*arguments, **named)
        try:
            if connection.transport is None:
                raise aiohttp.ServerDisconnectedError
            self._begins(connection.transport.get_extra_info("ssl_object"))
        except BaseException:
            connection.close()
            raise
        return connection


class _Answer(ClientResponse):
    """Where a kept connection broke, aiohttp sends by itself what is idempotent again: here Retry decides that."""

    async def start(self, *arguments: Any, **named: Any) -> ClientResponse:
        try:
            return await super().start(*arguments, **named)
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            raise aiohttp.ClientPayloadError(reason_of(error)) from error


class AsyncHttpClient:
    """An asynchronous context manager. To be made in a running loop.

    fingerprint: SHA-256 of the certificate that the BMC shows; "" before the first connection. Another one on a later
    connection is refused. answered: requests so far. asked: the one that was sent last.
    """

    def __init__(self, origin: Origin, trust: Trust, limits: Limits | None = None, retry: Retry | None = None) -> None:
        require_aiohttp()
        require_tls(origin)
        self.origin = origin
        self.limits = limits or Limits()
        self.retry = retry or Retry()
        self.fingerprint = ""
        self.answered = 0
        self.asked = "the TLS connection"
        self._trust = trust
        self._base = str(URL(str(origin)).origin())
        self._tls: BoundedTlsObject | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> AsyncHttpClient:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def request(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Response:
        """Send one request and read its answer, whatever its status; see HttpClient.request(), also for what it raises.

        The time for all requests together (Limits.task) is the caller's to bound: asyncio.timeout().
        """
        path = self.origin.path_of(path)
        for _hop in range(MOST_REDIRECTS + 1):
            response = await self._patiently(method, path, headers or {}, body)
            elsewhere = redirected(self.origin, response)
            if elsewhere is None:
                return response
            path = elsewhere
        raise redirected_too_often(response)

    async def _patiently(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Response:
        left = self.retry.times if method in SAFE else 0
        while True:
            try:
                response = await self._once(method, path, headers, body)
                if not left or response.status not in self.retry.statuses:
                    return response
                await asyncio.sleep(min(retry_after(response, self.retry.pause), self.retry.longest_pause))
            except CutOff:
                if not left:
                    raise
            left -= 1

    async def _once(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Response:
        session = self._session or self._opened()
        self.asked = f"{method} {path}"
        url = URL(self._base + quote(path, safe=_AS_IT_IS, errors="surrogatepass"), encoded=True)
        try:
            async with session.request(method, url, headers=headers, data=body, allow_redirects=False) as answer:
                named = {name.lower(): value for name, value in answer.headers.items()}
                self._body_begins()
                whole = Content(named.get("content-encoding", ""), self.limits.body)
                async for chunk in answer.content.iter_any():
                    whole.add(chunk)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise await self._failed(error, method, path) from error
        except (BadAnswer, zlib.error) as error:
            await self.close()
            raise unusable(method, path, str(error)) from error
        self.answered += 1
        return Response(method, path, answer.status, named, whole.body())

    def _opened(self) -> aiohttp.ClientSession:
        connector = _Connector(
            self._begins,
            ssl=ssl_context(self._trust),
            # The resolver of the operating system, as the modules use it, also where aiodns is installed.
            resolver=aiohttp.ThreadedResolver(),
            limit=1,
            keepalive_timeout=self.limits.idle,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=self.limits.read, connect=self.limits.connect),
            response_class=_Answer,
            auto_decompress=False,
            trust_env=False,
        )
        return self._session

    def _begins(self, tls: BoundedTlsObject) -> None:
        """A request is about to be sent. Raises PinMismatch."""
        if tls is not self._tls:
            shown = fingerprint_of(tls)
            pinned = self._trust.fingerprint or self.fingerprint
            if pinned and shown != pinned:
                raise pin_mismatch(pinned, shown)
            self._tls, self.fingerprint = tls, shown
        tls.begin()

    def _body_begins(self) -> None:
        if self._tls is not None:
            self._tls.allow(self.limits.body)

    async def _failed(self, error: Exception, method: str, path: str) -> BmcError:
        """The tree's error for one of aiohttp's; the connection is closed."""
        tls, self._tls = self._tls, None
        await self.close()
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            return await self._distrust(error)
        if isinstance(error, aiohttp.ClientConnectorSSLError):
            return no_tls(self.origin, reason_of(error))
        late = isinstance(error, TimeoutError)
        if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)) or tls is None:
            return no_connection(self.origin, "timed out" if late else reason_of(error))
        if late:
            return overdue(method, path, self.limits.read)
        if tls.left < 0:
            return unusable(method, path, "the answer has more bytes than one may have")
        return cut_off(method, path, reason_of(error))

    async def _distrust(self, error: aiohttp.ClientConnectorCertificateError) -> BmcError:
        cause = error.certificate_error
        if not isinstance(cause, ssl.SSLCertVerificationError):
            return no_tls(self.origin, reason_of(cause))
        return untrusted(cause, await self._shown())

    async def _shown(self) -> str:
        """The fingerprint of a certificate that was refused, read again; "" where it cannot be."""
        shown = ""
        with suppress(OSError):  # TimeoutError is one
            async with asyncio.timeout(self.limits.connect):
                transport, _protocol = await asyncio.get_running_loop().create_connection(
                    asyncio.Protocol,
                    self.origin.host,
                    self.origin.port,
                    ssl=ssl_context(Trust(validate=False)),
                    server_hostname=self.origin.host,
                )
                shown = fingerprint_of(transport.get_extra_info("ssl_object"))
                transport.abort()
        return shown
