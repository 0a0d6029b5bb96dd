# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serves a recorded tree of a real BMC over TLS, read-only, and keeps account of every request."""

from __future__ import annotations

import http.server
import ipaddress
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from urllib.parse import unquote, urlsplit

from tests.simulator.certificate import issue, server_context

_HOST = "127.0.0.1"
_POLL_SECONDS = 0.01


@dataclass
class TreeServer:
    """A context manager; address holds host and port, requests the method and path of every request in order.

    documents: the recorded answers by path. refused: HTTP statuses that stand in for an answer, by path.
    """

    documents: Mapping[str, bytes]
    requests: list[tuple[str, str]] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)

    def __enter__(self) -> TreeServer:
        self._server = http.server.ThreadingHTTPServer((_HOST, 0), self._handler())
        self._server.daemon_threads = True
        context = server_context(issue("tree", str(ipaddress.ip_address(_HOST))))
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_POLL_SECONDS,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        return f"{_HOST}:{self._server.server_address[1]}"

    @property
    def writes(self) -> list[tuple[str, str]]:
        """Every request that is not a read."""
        return [request for request in self.requests if request[0] not in ("GET", "HEAD")]

    def answer(self, target: str) -> tuple[int, bytes]:
        """Status and body for a request target; 404 where nothing was recorded."""
        path = unquote(urlsplit(target).path).rstrip("/")
        body = self.documents.get(path)
        status = self.refused.get(path, 404 if body is None else 200)
        return status, body if status == 200 and body is not None else b"{}"

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        tree = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30
            # Without these, Nagle's algorithm and delayed ACKs make 40 ms of every answer.
            wbufsize = -1
            disable_nagle_algorithm = True

            def handle(self) -> None:
                try:
                    super().handle()
                except (ssl.SSLError, ConnectionError):
                    self.close_connection = True

            def log_message(self, format: str, *arguments: object) -> None:
                """Say nothing: the account is in requests."""

            def do_GET(self) -> None:
                self._answer(*tree.answer(self.path))

            def refuse(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self._answer(405, b"{}")

            do_POST = do_PATCH = do_PUT = do_DELETE = refuse

            def _answer(self, status: int, body: bytes) -> None:
                tree.requests.append((self.command, self.path))
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Handler
