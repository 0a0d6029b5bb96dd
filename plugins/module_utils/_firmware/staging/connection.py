# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One connection of one client: its requests in, their answers out, bounded in time and size."""

from __future__ import annotations

import fcntl
import os
import select
import socket
import ssl
import struct
import termios
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

from .answers import Answer, Malformed, Request, answered, parse, plain
from .fetched import Transfer
from .offers import Offer, Offers
from .spans import Span

_LARGEST_HEAD = 16 << 10
_ENDS = (b"\r\n\r\n", b"\n\n")
_MOST_AT_ONCE = 16 << 20
_LONGEST_PAUSE = 0.05
_COUNTED = (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)


@dataclass(frozen=True)
class Patience:
    """Seconds. head: for the TLS handshake, and for a request from its first byte to its last. idle: between two
    requests. stall: for a reader that takes nothing. end: for the client to close after the last answer.
    """

    head: float = 10.0
    idle: float = 60.0
    stall: float = 60.0
    end: float = 5.0


class Connection:
    """What goes on over one socket, in a thread of its own. serve() returns when it is over, and raises nothing.

    copies: bytes that one copy may hold, asked before each; for TLS, where the kernel cannot send a file itself.
    """

    def __init__(
        self,
        plain: socket.socket,
        address: str,
        offers: Offers,
        patience: Patience,
        context: ssl.SSLContext | None,
        copies: Callable[[], int],
    ) -> None:
        self._socket = plain
        self._address = address
        self._offers = offers
        self._patience = patience
        self._context = context
        self._copies = copies
        self._rest = b""
        self._last: Transfer | None = None

    def serve(self) -> None:
        try:
            # ssl.SSLError and TimeoutError are OSErrors, too.
            with suppress(OSError, Malformed):
                self._secure()
                while self._exchange():
                    pass
                self._part()
        finally:
            self._socket.close()

    def abort(self) -> None:
        """End it from another thread: whatever waits on the socket returns."""
        with suppress(OSError):
            # Not SSLSocket's own, which takes the TLS object away from the thread that uses it.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _secure(self) -> None:
        """Here and not where connections are accepted: a client that says nothing then holds up itself alone."""
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._context:
            self._socket.settimeout(self._patience.head)
            secure = self._context.wrap_socket(self._socket, server_side=True, do_handshake_on_connect=False)
            self._socket = secure
            secure.do_handshake()

    def _exchange(self) -> bool:
        """One request and its answer; whether another may follow."""
        try:
            head = self._head()
            if not head:
                self._last = None
                return False
            request = parse(head)
        except Malformed:
            self._say(plain(HTTPStatus.BAD_REQUEST), stays=False)
            return False
        self._last = None
        offer = self._offers.find(request.path, self._address)
        answer = answered(request, offer)
        if offer and answer.status in _COUNTED:
            offer.tally.request(request.method, self._address, ranged=answer.status == HTTPStatus.PARTIAL_CONTENT)
        stays = request.stays and offer is not None
        self._answer(request, answer, offer, stays=stays)
        return stays

    def _head(self) -> bytes:
        """The bytes of the next request up to its empty line; b"" where the client has ended. Raises Malformed."""
        content, self._rest = self._rest.lstrip(b"\r\n"), b""
        if not content:
            self._socket.settimeout(self._patience.idle)
            content = self._received()
        deadline = time.monotonic() + self._patience.head
        while content and not (ends := [at + len(end) for end in _ENDS if (at := content.find(end)) >= 0]):
            left = deadline - time.monotonic()
            if len(content) > _LARGEST_HEAD or left <= 0:
                raise Malformed
            self._socket.settimeout(left)
            more = self._received()
            if not more:
                return b""
            content = (content + more).lstrip(b"\r\n")
        if not content:
            return b""
        end = min(ends)
        self._rest = content[end:]
        return content[:end]

    def _received(self) -> bytes:
        try:
            return self._socket.recv(_LARGEST_HEAD)
        except ConnectionResetError:
            if self._last:
                self._last.doubted()
            raise

    def _say(self, answer: Answer, *, stays: bool) -> None:
        self._socket.settimeout(self._patience.stall)
        self._socket.sendall(answer.head(stays=stays) + answer.body)

    def _answer(self, request: Request, answer: Answer, offer: Offer | None, *, stays: bool) -> None:
        self._socket.settimeout(self._patience.stall)
        head = answer.head(stays=stays)
        if request.method == "HEAD":
            self._socket.sendall(head)
        elif offer is None or answer.span is None:
            self._socket.sendall(head + answer.body)
        else:
            self._file(head, offer, answer.span)

    def _file(self, head: bytes, offer: Offer, span: Span) -> None:
        """A part of the file. What is cut short ends the connection, so that the client sees that it is not whole."""
        transfer = offer.tally.begin(span)
        try:
            with offer.payload.lent() as file:
                self._socket.sendall(head)
                send = self._copy if self._context else self._sendfile
                send(file, transfer)
            self._drain()
            if not offer.payload.intact():
                offer.tally.change()
                raise ConnectionAbortedError
        except BaseException:
            transfer.broke(self._unacknowledged)
            raise
        transfer.ended()
        self._last = transfer

    def _sendfile(self, file: int, transfer: Transfer) -> None:
        """By the kernel, which waits until there is room for a good part of its buffer."""
        writable = select.poll()
        writable.register(self._socket, select.POLLOUT)
        at, end = transfer.span.start, transfer.span.end
        while at < end:
            if not writable.poll(self._patience.stall * 1000):
                raise TimeoutError
            sent = os.sendfile(self._socket.fileno(), file, at, min(end - at, _MOST_AT_ONCE))
            at += self._moved(transfer, sent)

    def _copy(self, file: int, transfer: Transfer) -> None:
        """Through this process, as TLS needs it."""
        buffer = memoryview(bytearray(self._copies()))
        at, end = transfer.span.start, transfer.span.end
        while at < end:
            read = os.preadv(file, [buffer[: min(len(buffer), end - at)]], at)
            self._socket.sendall(buffer[:read])
            at += self._moved(transfer, read)

    def _moved(self, transfer: Transfer, sent: int) -> int:
        if not sent:
            # The file is shorter than it was.
            raise ConnectionAbortedError
        transfer.moved(sent, self._unacknowledged)
        return sent

    def _unacknowledged(self) -> int:
        """Bytes that the kernel holds for the client (Linux: SIOCOUTQ, by the name of a terminal's TIOCOUTQ)."""
        with suppress(OSError):
            return int(struct.unpack("i", fcntl.ioctl(self._socket, termios.TIOCOUTQ, b"\0" * 4))[0])
        return 0

    def _drain(self) -> None:
        """Wait until the client has acknowledged everything. Raises OSError where the connection is broken."""
        broken = select.poll()
        broken.register(self._socket, 0)
        pause, left = 0.001, self._unacknowledged()
        deadline = time.monotonic() + self._patience.stall
        while left:
            if broken.poll(pause * 1000):
                raise ConnectionResetError
            now, before = time.monotonic(), left
            left = self._unacknowledged()
            if left < before:
                deadline = now + self._patience.stall
            elif now > deadline:
                raise TimeoutError
            pause = min(pause * 2, _LONGEST_PAUSE)
        if broken.poll(0):
            raise ConnectionResetError

    def _part(self) -> None:
        """End in such a way that the last answer arrives whole: the client closes first, or has had its time."""
        deadline = time.monotonic() + self._patience.end
        self._socket.settimeout(self._patience.end)
        if isinstance(self._socket, ssl.SSLSocket):
            # A client that has read all and closed resets the connection at this farewell: no reason for doubt.
            self._last = None
            with suppress(OSError):
                self._socket = self._socket.unwrap()
        self._socket.shutdown(socket.SHUT_WR)
        while (left := deadline - time.monotonic()) > 0:
            self._socket.settimeout(left)
            if not self._received():
                return
