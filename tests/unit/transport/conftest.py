# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A scripted server, and a client for it whose clock stands still."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import HttpClient, Limits
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin
from ansible_collections.openchami.bmc.plugins.module_utils._transport.tls import Trust
from tests.unit.fake_clock import FakeClock

from .scripted_server import ADDRESS, ScriptedServer, certificate


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as scripted:
        yield scripted


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client(server: ScriptedServer, clock: FakeClock) -> Iterator[HttpClient]:
    """Trusts the server's certificate by its pin. It waits a short time only for what never comes."""
    limits = Limits(connect=5.0, read=0.5, body=1 << 20, idle=60.0)
    http = HttpClient(server.origin, Trust(fingerprint=certificate().sha256), clock, limits)
    yield http
    http.close()


@pytest.fixture
def plain_listener() -> Iterator[Origin]:
    """Answers whatever comes in plain text, as an HTTP port does."""
    yield from _listening(b"HTTP/1.1 400 Bad Request\r\n\r\n")


@pytest.fixture
def dropping_listener() -> Iterator[Origin]:
    """Takes a connection and drops it before TLS is spoken, as the port forwarder of a BMC that starts does."""
    yield from _listening(b"")


@pytest.fixture
def silent_listener() -> Iterator[Origin]:
    """Takes a connection and says nothing, as a BMC whose web server hangs does."""
    with socket.create_server((ADDRESS, 0)) as listener:
        yield Origin("https", ADDRESS, listener.getsockname()[1])


def _listening(answer: bytes) -> Iterator[Origin]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1 << 16)
            self.request.sendall(answer)

    with socketserver.ThreadingTCPServer((ADDRESS, 0), Handler) as listener:
        threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True).start()
        yield Origin("https", ADDRESS, listener.server_address[1])
        listener.shutdown()
