# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One kept connection of the event loop, for one exchange at a time.

asyncio carries it, and httptools reads the answers: llhttp, the parser of Node.js (docs/decisions/0013-httptools.md).
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

from .._core.errors import BadAnswer, LocalFailure
from .bounds import BESIDE_THE_BODY
from .origin import Origin
from .tls import fingerprint_of

try:
    import httptools
except ImportError:
    HAS_HTTPTOOLS = False
else:
    HAS_HTTPTOOLS = True

# Between two addresses of one name (RFC 8305, 5).
_NEXT_ADDRESS = 0.25
# As http.client has it.
_MOST_FIELDS = 100


def require_httptools() -> None:
    """Raises LocalFailure where it is missing."""
    if not HAS_HTTPTOOLS:
        raise LocalFailure(
            "the Python library httptools is missing",
            way_out="Install it for the Python that runs Ansible: pip install httptools.",
        )


async def connected(origin: Origin, context: ssl.SSLContext) -> Connection:
    """A connection over TLS. Raises OSError, of which ssl.SSLError is one."""
    _transport, connection = await asyncio.get_running_loop().create_connection(
        Connection,
        origin.host,
        origin.port,
        ssl=context,
        server_hostname=origin.host.rstrip("."),
        happy_eyeballs_delay=_NEXT_ADDRESS,
    )
    return connection


class Exchange:
    """The answer to one request, as it comes. status, headers (names in lower case) and body are whole once done is.

    done fails with BadAnswer where the answer has too many bytes, with OSError where the connection is of no use.
    """

    def __init__(self, most: int) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body: list[bytes] = []
        self.keeps = False
        self._most = most
        self._left = BESIDE_THE_BODY
        self._fields = 0
        self._parser = httptools.HttpResponseParser(self)

    def receive(self, data: bytes) -> None:
        """What came next."""
        self._left -= len(data)
        if self._left < 0:
            self.fail(BadAnswer("the answer has more bytes than one may have"))
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.keeps = False
            self.fail(ConnectionError(f"the answer is not HTTP: {error}"))

    def end(self, error: Exception | None) -> None:
        """The connection ended: so does a body that nothing else ends (RFC 9112, 6.3)."""
        sized = "content-length" in self.headers or "transfer-encoding" in self.headers
        if error is None and self.status >= 200 and not sized and not self.done.done():
            self.done.set_result(None)
        self.fail(error or ConnectionError("the connection was closed"))

    def fail(self, error: Exception) -> None:
        """End it so, where it has not ended."""
        if not self.done.done():
            self.done.set_exception(error)

    def on_message_begin(self) -> None:
        # After the end of the answer: nobody asked for it.
        self.keeps = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields += 1
        if self._fields > _MOST_FIELDS:
            self.fail(ConnectionError(f"the answer has more than {_MOST_FIELDS} headers"))
        if not self.done.done():
            self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self.status = self.status if self.done.done() else self._parser.get_status_code()
        if self.status >= 200:
            self._left += self._most

    def on_body(self, body: bytes) -> None:
        if not self.done.done():
            self.body.append(body)

    def on_message_complete(self) -> None:
        if self.done.done():
            return
        if self.status < 200:
            # An interim answer (RFC 9110, 15.2): the final one follows.
            self.headers.clear()
            return
        self.keeps = self._parser.should_keep_alive()
        self.done.set_result(None)


class Connection(asyncio.Protocol):
    """See connected(). fingerprint: SHA-256 of the certificate that it shows."""

    def __init__(self) -> None:
        self.fingerprint = ""
        self._exchange: Exchange | None = None
        self._closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def usable(self) -> bool:
        """Whether another request may be sent on it."""
        return (self._exchange is None or self._exchange.keeps) and not self._transport.is_closing()

    async def exchange(self, request: bytes, most: int) -> Exchange:
        """Send a request and read its answer, with at most so many bytes of body. Raises BadAnswer, OSError."""
        self._exchange = Exchange(most)
        self._transport.write(request)
        await self._exchange.done
        return self._exchange

    async def close(self) -> None:
        """Close it without a word: nobody waits for the peer's."""
        self._transport.abort()
        await self._closed

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.fingerprint = fingerprint_of(transport.get_extra_info("ssl_object"))

    def data_received(self, data: bytes) -> None:
        if self._exchange is None or self._exchange.done.done():
            # Nobody asked for it, and it must not be taken for the answer to the next request.
            self._transport.abort()
        else:
            self._exchange.receive(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._exchange is not None:
            self._exchange.end(exc)
        self._closed.set_result(None)
