# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One exchange, bounded in time and bytes beneath HTTP, whatever the peer sends, or does not send, or does not read.

A timeout of a socket bounds one operation only: a header that trickles byte by byte goes on for hours, and http.client
and urllib3 read headers, chunk extensions and trailers as long as they come.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from .._core.clock import Clock
from .._core.errors import BadAnswer

_CHUNK = 1 << 16
BESIDE_THE_BODY = 1 << 20
"""Bytes for status line, headers, framing and the records of an encoding."""

# Enough to tell an interim answer (RFC 9110, 15.2) from a final one: "HTTP/1.1 100".
_BEGIN_OF_AN_ANSWER = 12
# Seconds after which an upload that does not move looks whether it was answered meanwhile.
_LOOK_AGAIN = 1.0


@dataclass
class Bound:
    """What is left of one exchange. end: by the clock's monotonic(). most: bytes of the body; allowed: of all.

    stall: for an upload, the seconds in which a part of it must be taken; 0 for any other exchange.
    """

    clock: Clock
    end: float
    most: int
    stall: float = 0.0

    def __post_init__(self) -> None:
        self.allowed = self.most + BESIDE_THE_BODY

    def seconds(self) -> float:
        """Raises TimeoutError when nothing is left."""
        left = self.end - self.clock.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left

    def received(self, count: int) -> None:
        """Raises BadAnswer when that was too much."""
        self.allowed -= count
        if self.allowed < 0:
            raise too_much(self.most)


class BoundedSocket(socket.socket):
    """A connection whose every operation has what is left of the exchange."""

    bound: Bound | None = None
    ahead: bytes = b""
    """What was read of an answer while an upload was still sent."""

    def recv_into(self, buffer: Any, nbytes: int | None = 0, flags: int = 0) -> int:
        if self.bound is None:
            return super().recv_into(buffer, nbytes or 0, flags)
        if self.ahead:
            count = min(len(self.ahead), nbytes or len(buffer))
            buffer[:count] = self.ahead[:count]
            self.ahead = self.ahead[count:]
        else:
            self.settimeout(self.bound.seconds())
            count = super().recv_into(buffer, nbytes or 0, flags)
        self.bound.received(count)
        return count

    def send(self, data: Any, flags: int = 0) -> int:
        """Also what sendall() consists of."""
        if self.bound is None:
            return super().send(data, flags)
        if self.bound.stall:
            return self._upload(self.bound, data, flags)
        self.settimeout(self.bound.seconds())
        return super().send(data, flags)

    def _upload(self, bound: Bound, data: Any, flags: int) -> int:
        """Sends a part of an upload, if the peer has not answered yet.

        A BMC that refuses an image answers at once, and does not read the rest. BrokenPipeError says so: urllib3 takes
        it for what it is and reads the answer. Raises TimeoutError when the part is not taken in time.
        """
        waited = 0.0
        while True:
            if self._answered():
                raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
            patience = min(bound.seconds(), bound.stall - waited, _LOOK_AGAIN)
            self.settimeout(patience)
            try:
                return super().send(data, flags)
            except TimeoutError:
                waited += patience
                if waited >= bound.stall:
                    raise
            except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
                raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)) from error

    def _answered(self) -> bool:
        """Whether a final answer, or the end of the connection, is there to be read."""
        self.settimeout(0.0)
        try:
            while len(self.ahead) < _BEGIN_OF_AN_ANSWER:
                got = super().recv(_BEGIN_OF_AN_ANSWER - len(self.ahead))
                if not got:
                    return True
                self.ahead += got
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return False
        except OSError:
            # Reading the answer will meet it again, and say it.
            return True
        return self.ahead.split(b" ", 1)[-1][:1] != b"1"


class BoundedTlsSocket(BoundedSocket, ssl.SSLSocket):
    """The same with TLS. The handshake needs no bound: the ssl module counts its timeout once for all of it."""


def dial(host: str, port: int, seconds: float) -> BoundedSocket:
    """A TCP connection, made in so many seconds for all addresses of a name together; the rest is its timeout.

    Only the resolver's own patience comes on top. Raises OSError.
    """
    deadline = time.monotonic() + seconds
    addresses = [entry[4] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    while True:
        left = max(deadline - time.monotonic(), 0.001)
        address = addresses.pop(0)
        try:
            plain = socket.create_connection((str(address[0]), port), left / (len(addresses) + 1))
        except OSError:
            if not addresses:
                raise
        else:
            # A request is sent in two parts: the second must not wait for the acknowledgement of the first (Nagle).
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            bounded = BoundedSocket(fileno=plain.detach())
            bounded.settimeout(max(deadline - time.monotonic(), 0.001))
            return bounded


class Body(Protocol):
    """The body of an answer, as urllib3 gives it."""

    headers: Any

    def read1(self, amt: int) -> bytes:
        """What is there, at most so many bytes; b"" at the end."""


def content(answer: Body, most: int) -> bytes:
    """The whole body; see Content."""
    whole = Content(answer.headers.get("content-encoding", ""), most)
    while chunk := answer.read1(_CHUNK):
        whole.add(chunk)
    return whole.body()


class Content:
    """A body that comes in parts, unpacked where the BMC packed it unasked (iLO has its registries in gzip only).

    Raises BadAnswer when it has more than `most` bytes, as sent or unpacked, or when it cannot be unpacked.
    """

    def __init__(self, encoding: str, most: int) -> None:
        self._unpack = _unpacker(encoding)
        self._most = most
        self._left = most
        self._chunks: list[bytes] = []

    def add(self, chunk: bytes) -> None:
        """The next part, as sent."""
        unpacked = self._unpack(chunk, self._left + 1)
        self._left -= len(unpacked)
        if self._left < 0:
            raise too_much(self._most)
        self._chunks.append(unpacked)

    def body(self) -> bytes:
        """All of it."""
        return b"".join(self._chunks)


def too_much(most: int) -> BadAnswer:
    return BadAnswer(f"the answer has more than {most >> 20} MiB")


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes]:
    """Unpacks the next part of a body, to at most so many bytes. Raises BadAnswer for an encoding nobody asked for."""
    match encoding.strip().lower():
        case "" | "identity":
            return lambda chunk, _most: chunk
        case "gzip" | "x-gzip" | "deflate":
            # 32 beside the window's size: the header tells whether it is gzip or zlib.
            return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress
        case other:
            raise BadAnswer("the answer came in an encoding that was not asked for", why=other)
