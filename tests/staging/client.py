# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a BMC does that fetches a file: small clients, each from an address of its own."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

PATIENCE = 30.0


@dataclass(frozen=True)
class Got:
    status: int
    headers: Mapping[str, str]
    body: bytes


@contextmanager
def connected(url: str, source: str, context: ssl.SSLContext | None = None) -> Iterator[http.client.HTTPConnection]:
    """A connection of http.client to where a URL leads."""
    parts = urlsplit(url)
    host, local = parts.hostname or "", (source, 0)
    connection = (
        http.client.HTTPSConnection(host, parts.port, timeout=PATIENCE, source_address=local, context=context)
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, parts.port, timeout=PATIENCE, source_address=local)
    )
    try:
        yield connection
    finally:
        connection.close()


def exchange(connection: http.client.HTTPConnection, url: str, method: str = "GET", **headers: str) -> Got:
    """One request on a connection."""
    connection.request(method, urlsplit(url).path, headers={key.replace("_", "-"): to for key, to in headers.items()})
    answer = connection.getresponse()
    return Got(answer.status, dict(answer.getheaders()), answer.read())


def fetch(url: str, source: str, method: str = "GET", context: ssl.SSLContext | None = None, **headers: str) -> Got:
    """One request on a connection of its own."""
    with connected(url, source, context) as connection:
        return exchange(connection, url, method, **headers)


def dialled(url: str, source: str) -> socket.socket:
    """A bare connection."""
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), PATIENCE, (source, 0))


def spoken(connection: socket.socket, request: bytes) -> bytes:
    """What comes back for some bytes until the server ends the connection."""
    connection.sendall(request)
    return rest(connection)


def rest(connection: socket.socket) -> bytes:
    content = b""
    while chunk := connection.recv(1 << 16):
        content += chunk
    return content
