# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One kept connection of the event loop, for one exchange at a time.

asyncio carries it, and httptools reads the answers: llhttp, the parser of Node.js (docs/decisions/0013-httptools.md).
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
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


@dataclass
class Answer:
    """status, headers (names in lower case) and body of an answer."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: list[bytes] = field(default_factory=list)


class Connection(asyncio.Protocol):
    """See connected(). fingerprint: SHA-256 of the certificate that it shows."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.fingerprint = ""
        self._closed: asyncio.Future[None] = loop.create_future()
        self._parser = httptools.HttpResponseParser(self)
        self._answer = Answer()
        self._done: asyncio.Future[None] = loop.create_future()
        self._done.set_result(None)
        self._keeps = True
        self._left = self._most = self._fields = 0

    @property
    def usable(self) -> bool:
        """Whether another request may be sent on it."""
        return self._keeps and not self._transport.is_closing()

    async def exchange(self, request: bytes, most: int) -> Answer:
        """Send a request and read its answer, with at most so many bytes of body. Raises BadAnswer, OSError."""
        self._answer = Answer()
        self._done = asyncio.get_running_loop().create_future()
        self._keeps = False
        self._left, self._most, self._fields = BESIDE_THE_BODY, most, 0
        self._transport.write(request)
        await self._done
        return self._answer

    async def close(self) -> None:
        """Close it without a word: nobody waits for the peer's."""
        self._transport.abort()
        await self._closed

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.fingerprint = fingerprint_of(transport.get_extra_info("ssl_object"))

    def data_received(self, data: bytes) -> None:
        self._left -= len(data)
        if self._done.done():
            # Nobody asked for it, and it must not be taken for the answer to the next request.
            self._transport.abort()
        elif self._left < 0:
            self._fail(BadAnswer("the answer has more bytes than one may have"))
        else:
            try:
                self._parser.feed_data(data)
            except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
                self._fail(ConnectionError(f"the answer is not HTTP: {error}"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Its end is that of a body that nothing else ends (RFC 9112, 6.3)."""
        sized = "content-length" in self._answer.headers or "transfer-encoding" in self._answer.headers
        if exc is None and self._answer.status >= 200 and not sized and not self._done.done():
            self._done.set_result(None)
        self._fail(exc or ConnectionError("the connection was closed"))
        self._closed.set_result(None)

    def on_message_begin(self) -> None:
        """Called by the parser, as the others below."""
        if self._done.done():
            self._keeps = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields += 1
        if self._fields > _MOST_FIELDS:
            self._fail(ConnectionError(f"the answer has more than {_MOST_FIELDS} headers"))
        if not self._done.done():
            self._answer.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        if not self._done.done():
            self._answer.status = self._parser.get_status_code()
            # An interim answer (RFC 9110, 15.2) has no body.
            self._left += self._most if self._answer.status >= 200 else 0

    def on_body(self, body: bytes) -> None:
        if not self._done.done():
            self._answer.body.append(body)

    def on_message_complete(self) -> None:
        if self._done.done():
            return
        if self._answer.status < 200:
            self._answer.headers.clear()
            return
        self._keeps = self._parser.should_keep_alive()
        self._done.set_result(None)

    def _fail(self, error: Exception) -> None:
        self._keeps = False
        if not self._done.done():
            self._done.set_exception(error)
