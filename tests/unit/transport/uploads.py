# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A TLS server that takes an upload as a test says: part by part, slowly, not at all, or with an early answer."""

from __future__ import annotations

import hashlib
import io
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin
from tests.simulator.certificate import server_context

from .scripted_server import ADDRESS, certificate

ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nLocation: /tasks/1\r\n\r\n{}"


@dataclass
class Arrival:
    """What came of one request. headers: names in lower case; body: its first megabyte; count, digest: of all of it."""

    connection: ssl.SSLSocket
    closing: threading.Event
    line: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    count: int = 0
    digest: str = ""

    def head(self) -> bytes:
        """Reads the head, and returns what came of the body with it."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.connection.recv(1 << 16)
        lines, _blank, rest = data.partition(b"\r\n\r\n")
        self.line, *named = lines.decode().split("\r\n")
        self.headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in named)}
        return rest

    def rest(self, begin: bytes, portion: int = 1 << 16) -> None:
        """Reads the body to its end, in portions."""
        digest, left = hashlib.sha256(), int(self.headers["content-length"])
        part = begin
        while True:
            digest.update(part)
            self.body += part[: (1 << 20) - len(self.body)]
            self.count += len(part)
            left -= len(part)
            if left <= 0:
                break
            part = self.connection.recv(min(portion, left))
            if not part:
                return
        self.digest = digest.hexdigest()

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)


Behaviour = Callable[[Arrival], None]


def take(arrival: Arrival) -> None:
    """Reads all, and accepts it."""
    arrival.rest(arrival.head())
    arrival.send(ACCEPTED)


@dataclass
class UploadServer:
    """A context manager. behave: what is done with each connection, which then ends. arrivals: one by connection."""

    behave: Behaviour = take
    buffer: int = 0
    arrivals: list[Arrival] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._closing = threading.Event()
        self._listener = socket.create_server((ADDRESS, 0))
        if self.buffer:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.buffer)

    @property
    def origin(self) -> Origin:
        return Origin("https", ADDRESS, self._listener.getsockname()[1])

    def __enter__(self) -> UploadServer:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                plain, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._handle, args=(plain,), daemon=True).start()

    def _handle(self, plain: socket.socket) -> None:
        try:
            with server_context(certificate()).wrap_socket(plain, server_side=True) as secure:
                arrival = Arrival(secure, self._closing)
                self.arrivals.append(arrival)
                self.behave(arrival)
        except OSError:
            # The client went away, as some tests want it.
            return


class LongFile(io.RawIOBase):
    """So many bytes that are nowhere: each block of 64 KiB is its number."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        block = (self._at >> 16).to_bytes(8, "big") * (1 << 13)
        begin = self._at & 0xFFFF
        part = block[begin : begin + min(size, self._size - self._at)]
        self._at += len(part)
        return part
