# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An HTTPS server that follows a script to the letter: the honest partner for tests of `_transport`.

A test says which requests will come, in order, and how each is answered. Another request, or one that never comes,
fails the test when the server closes.
"""

from __future__ import annotations

import json
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any

from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin
from tests.simulator.certificate import Certificate, issue, server_context

ADDRESS = "127.0.0.1"


@dataclass(frozen=True)
class Request:
    """What arrived. headers: names in lower case. connection: its number, from 1."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int


Answer = Callable[["Wire"], None]
"""Puts an answer on the wire."""


@dataclass
class Wire:
    """The way back to the client. close(): nothing comes after this answer."""

    handler: BaseHTTPRequestHandler
    closing: threading.Event

    def send(self, data: bytes) -> None:
        self.handler.wfile.write(data)

    def close(self) -> None:
        self.handler.close_connection = True


def reply(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    """A whole answer on a connection that is kept. headers: written with _ for -; content_length overrides the true."""
    named = {"content-length": str(len(body))} | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return lambda wire: wire.send(f"HTTP/1.1 {status} Scripted\r\n{head}\r\n".encode() + body)


def document(content: object, status: int = 200, **headers: str) -> Answer:
    """A whole answer in JSON."""
    return reply(status, json.dumps(content).encode(), **{"content_type": "application/json", **headers})


def raw(data: bytes) -> Answer:
    """These bytes, then the end of the connection; b"" drops it without an answer."""

    def answer(wire: Wire) -> None:
        wire.send(data)
        wire.close()

    return answer


def broken_tls(wire: Wire) -> None:
    """Bytes that are no TLS record, beneath the TLS of the connection."""
    os.write(wire.handler.connection.fileno(), b"this is no TLS record at all")
    wire.close()


def silence(wire: Wire) -> None:
    """No answer, until the test is over."""
    wire.closing.wait()
    wire.close()


@lru_cache(maxsize=4)
def certificate(name: str = "scripted") -> Certificate:
    """A certificate for ADDRESS, issued once."""
    return issue(name, ADDRESS)


@dataclass
class ScriptedServer:
    """A context manager. connections: how many were opened; closed counts those that ended. requests: what arrived.

    choose: the certificate that a connection of a number gets to see. reads: False leaves requests unread.
    """

    choose: Callable[[int], Certificate] = lambda _number: certificate()
    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    connections: int = 0
    reads: bool = True

    def __post_init__(self) -> None:
        self._script: list[tuple[str, str, Answer]] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self.closed = threading.Semaphore(0)
        self._server = _Listener(self)

    @property
    def origin(self) -> Origin:
        return Origin("https", ADDRESS, self._server.server_address[1])

    def expect(self, method: str, path: str, answer: Answer) -> None:
        """The next request."""
        self._script.append((method, path, answer))

    def __enter__(self) -> ScriptedServer:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        if error is None:
            assert not self.complaints
            assert not self._script, "these requests never came"

    def _next_connection(self) -> int:
        with self._lock:
            self.connections += 1
            return self.connections

    def _answer(self, request: Request, wire: Wire) -> None:
        with self._lock:
            self.requests.append(request)
            expected = self._script.pop(0) if self._script else ("nothing", "", raw(b""))
            if (request.method, request.path) != expected[:2]:
                wanted = " ".join(expected[:2])
                self.complaints.append(f"expected {wanted}, there came {request.method} {request.path}")
                wire.close()
                return
        expected[2](wire)


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 16

    def __init__(self, scripted: ScriptedServer) -> None:
        self.scripted = scripted
        super().__init__((ADDRESS, 0), _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        # An answer must not wait for the acknowledgement of the session tickets before it (Nagle): that takes 40 ms.
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number = self.scripted._next_connection()
        context = server_context(self.scripted.choose(number))
        try:
            with context.wrap_socket(request, server_side=True) as secure:
                if not self.scripted.reads:
                    self.scripted._closing.wait()
                    return
                _Handler(secure, (client_address[0], number), self)
        except OSError:
            # The client did not like the certificate, or went away: both are what a test wanted.
            return
        finally:
            self.scripted.closed.release()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener

    def do_GET(self) -> None:
        scripted = self.server.scripted
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body, self.client_address[1])
        scripted._answer(request, Wire(self, scripted._closing))

    do_HEAD = do_POST = do_PATCH = do_DELETE = do_GET

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: the requests are kept."""


def json_of(request: Request) -> Any:
    """The body of a request."""
    return json.loads(request.body)
