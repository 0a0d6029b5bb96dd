# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The asynchronous sibling of http.py: one BMC, one kept connection, with the same bounds, errors and trust.

One TLS handshake a BMC: its certificate is taken from the connection that carries the requests, and is looked at
before the first of them is sent. Nothing comes from the environment: no proxy, no netrc, no cookie.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import quote

from .._core.errors import BadAnswer, CutOff, InvalidRequest
from .async_connection import Connection, connected, require_httptools
from .bounds import Content
from .failures import SAFE, cut_off, no_connection, no_tls, overdue, pin_mismatch, unusable
from .http import MOST_REDIRECTS, Limits, Response, Retry, reason_of, redirected, redirected_too_often, retry_after
from .origin import Origin, require_tls
from .tls import Trust, ssl_context, untrusted

# All that RFC 3986 lets stand in a path and a query, and what is encoded already.
_AS_IT_IS = "%/?:@!$&'()*+,;=-._~[]"


class AsyncHttpClient:
    """An asynchronous context manager. To be made in a running loop.

    fingerprint: SHA-256 of the certificate that the BMC shows; "" before the first connection. Another one on a later
    connection is refused. answered: requests so far. asked: the one that was sent last.
    """

    def __init__(self, origin: Origin, trust: Trust, limits: Limits | None = None, retry: Retry | None = None) -> None:
        require_httptools()
        require_tls(origin)
        self.origin = origin
        self.limits = limits or Limits()
        self.retry = retry or Retry()
        self.fingerprint = ""
        self.answered = 0
        self.asked = "the TLS connection"
        self._trust = trust
        self._host = _host_of(origin)
        self._connection: Connection | None = None
        self._used = 0.0

    async def __aenter__(self) -> AsyncHttpClient:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

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
        self.asked = f"{method} {path}"
        connection = await self._connected()
        try:
            async with asyncio.timeout(self.limits.read):
                answer = await connection.exchange(self._request(method, path, headers, body), self.limits.body)
            whole = Content(answer.headers.get("content-encoding", ""), self.limits.body)
            whole.add(b"".join(answer.body))
        except TimeoutError as error:
            raise overdue(method, path, self.limits.read) from error
        except OSError as error:
            raise cut_off(method, path, reason_of(error)) from error
        except (BadAnswer, zlib.error) as error:
            raise unusable(method, path, str(error)) from error
        finally:
            self._used = asyncio.get_running_loop().time()
            if not connection.usable:
                await self.close()
        self.answered += 1
        return Response(method, path, answer.status, answer.headers, whole.body())

    def _request(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
        quoted = quote(path, safe=_AS_IT_IS, errors="surrogatepass")
        lines = [f"{method} {quoted} HTTP/1.1", f"Host: {self._host}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        if any("\r" in line or "\n" in line for line in lines):
            raise InvalidRequest(
                "a request would hold a header of several lines", way_out="Look at the account: a token is one line."
            )
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")

    async def _connected(self) -> Connection:
        """The kept connection, or a new one. Raises Unreachable, Untrusted, PinMismatch, LocalFailure."""
        rested = asyncio.get_running_loop().time() - self._used
        if self._connection is not None and self._connection.usable and rested <= self.limits.idle:
            return self._connection
        await self.close()
        self._connection = connection = await self._opened()
        pinned = self._trust.fingerprint or self.fingerprint
        if pinned and connection.fingerprint != pinned:
            await self.close()
            raise pin_mismatch(pinned, connection.fingerprint)
        self.fingerprint = connection.fingerprint
        return connection

    async def _opened(self) -> Connection:
        context = ssl_context(self._trust)
        try:
            async with asyncio.timeout(self.limits.connect):
                return await connected(self.origin, context)
        except ssl.SSLCertVerificationError as error:
            raise untrusted(error, await self._shown()) from error
        except ssl.SSLError as error:
            raise no_tls(self.origin, reason_of(error)) from error
        except TimeoutError as error:
            raise no_connection(self.origin, "timed out") from error
        except OSError as error:
            raise no_connection(self.origin, reason_of(error)) from error

    async def _shown(self) -> str:
        """The fingerprint of a certificate that was refused, read again; "" where it cannot be."""
        shown = ""
        with suppress(OSError):  # TimeoutError is one
            async with asyncio.timeout(self.limits.connect):
                connection = await connected(self.origin, ssl_context(Trust(validate=False)))
                shown = connection.fingerprint
                await connection.close()
        return shown


def _host_of(origin: Origin) -> str:
    """The Host header for an origin (RFC 9110, 7.2)."""
    host = f"[{origin.host}]" if ":" in origin.host else origin.host.encode("idna").decode()
    return host if origin.port == 443 else f"{host}:{origin.port}"
