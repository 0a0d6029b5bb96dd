# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An AWX 24.6.1 as far as the role openchami.bmc.awx asks it, and stricter than AWX where that finds mistakes."""

from __future__ import annotations

import base64
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any

from .api import Handler
from .controller import Controller

USERNAME = "admin"
PASSWORD = "awx-password"


@dataclass
class StandIn:
    """A context manager. repositories: the files of each git repository that it reaches, by URL.

    writes: method and path of each request that could change an object, in order; logins are no such. refusals: method,
    path and errors. granted: logins so far; tokens: those that nobody ended.
    """

    repositories: Mapping[str, Sequence[str]]
    writes: list[tuple[str, str]] = field(default_factory=list)
    refusals: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)
    tokens: dict[int, str] = field(default_factory=dict)
    granted: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.controller = Controller(self.repositories)
        self.controller.create("organizations", {"name": "Default"})
        self._server = _Listener(("127.0.0.1", 0), Handler)
        self._server.awx = self

    @property
    def environment(self) -> dict[str, str]:
        """How the modules of awx.awx find it."""
        url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return {"CONTROLLER_HOST": url, "CONTROLLER_USERNAME": USERNAME, "CONTROLLER_PASSWORD": PASSWORD}

    def __enter__(self) -> StandIn:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def knows(self, authorization: str) -> bool:
        return authorization == "Basic " + base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    awx: StandIn
