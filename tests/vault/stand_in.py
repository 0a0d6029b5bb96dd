# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the HTTP API of HashiCorp Vault or OpenBao, over TLS, as strict as they are.

It knows what a client of entries needs: logins by token, approle, cert, jwt, kubernetes and userpass, both versions of
the key-value engine, namespaces, tokens that expire and can be given back. Statuses and words follow Vault's API
documentation; the contract tests (tests/unit/credentials/test_vault_contract.py) use nothing but Stage, so that a real
server can judge them.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.simulator.certificate import issue, server_context
from tests.unit.fake_clock import FakeClock

from .api import Handler

ADDRESS = "127.0.0.1"
TTL = 3600
_LOCKED_AFTER = 5


@dataclass
class Engine:
    """A key-value engine. entries: None stands for one whose latest version was deleted."""

    version: int
    entries: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)


@dataclass
class StandIn:
    """A context manager, and a Stage. folder: for the certificates.

    requests: method, path and namespace of each that arrived, in order. shown: every token that came with one.
    sealed: answers nothing else any more. default_policy: a token may look itself up. words: said in every refusal of a
    login in place of Vault's own. answer_first: called before an answer, with the path: a test may make it wait.
    """

    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)
    sealed: bool = False
    default_policy: bool = True
    words: str = ""
    redirect_to: str = ""
    answer_first: Callable[[str], None] = lambda _path: None
    logins: int = 0
    failed_logins: int = 0

    def __post_init__(self) -> None:
        server, self._client = issue("vault", ADDRESS), issue("client", ADDRESS)
        (self.folder / "server.pem").write_bytes(server.pem)
        (self.folder / "client.pem").write_bytes(self._client.pem)
        self.engines: dict[tuple[str, str], Engine] = {}
        self.tokens: dict[str, float] = {"given-token": float("inf")}
        self._lock = threading.Lock()
        context = server_context(server)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(self.folder / "client.pem")
        self._server = _Listener((ADDRESS, 0), Handler)
        self._server.vault = self
        self._server.context = context

    @property
    def url(self) -> str:
        return f"https://{ADDRESS}:{self._server.server_address[1]}"

    @property
    def ca_cert(self) -> str:
        return str(self.folder / "server.pem")

    def __enter__(self) -> StandIn:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """No connection is taken any more."""
        self._server.shutdown()
        self._server.server_close()

    def mount(self, mount: str, version: int, namespace: str = "") -> None:
        self.engines[namespace, mount] = Engine(version)

    def store(self, mount: str, path: str, entry: Mapping[str, Any], namespace: str = "") -> None:
        self.engines[namespace, mount].entries[path] = dict(entry)

    def delete(self, mount: str, path: str) -> None:
        engine = self.engines["", mount]
        if engine.version == 1:
            del engine.entries[path]
        else:
            engine.entries[path] = None

    def login(self, auth_method: str) -> dict[str, str]:
        options = {"auth_method": auth_method, **_LOGINS.get(auth_method, {})}
        if auth_method == "cert":
            client = str(self.folder / "client.pem")
            options |= {"cert_auth_public_key": client, "cert_auth_private_key": client}
        return options

    def expire_tokens(self) -> None:
        self.clock.advance(TTL + 1)

    def known_tokens(self) -> int:
        return sum(1 for token in self.tokens if token != "given-token" and self.serves(token))

    def serves(self, token: str) -> bool:
        """Whether a token is known and has not expired."""
        return self.tokens.get(token, 0.0) > self.clock.wall()

    def grant(self) -> str:
        """A new token, for a login that succeeded."""
        with self._lock:
            self.logins += 1
            token = f"hvs.stand-in-{self.logins}"
            self.tokens[token] = self.clock.wall() + TTL
            return token

    def refusal(self, auth_method: str, given: Mapping[str, Any], shown: Mapping[str, Any] | None) -> tuple[int, str]:
        """Why a login is refused, as status and words; status 200 when it is not. shown: the client's certificate."""
        if self.failed_logins >= _LOCKED_AFTER:
            return 403, "permission denied"
        wanted = {name: value for name, value in _LOGINS[auth_method].items() if name != "username"}
        wanted = {"role" if name == "role_id" and "jwt" in wanted else name: value for name, value in wanted.items()}
        missing = [name for name in wanted if not given.get(name)]
        right = shown is not None if auth_method == "cert" else all(given.get(name) == wanted[name] for name in wanted)
        if right:
            return 200, ""
        self.failed_logins += 1
        status, words = (400, f"missing {missing[0]}") if missing else _REFUSALS[auth_method]
        return status, self.words or words


# What each method wants, by community.hashi_vault's names of the options.
_LOGINS = {
    "approle": {"role_id": "role-1", "secret_id": "secret-id-1"},
    "cert": {},
    "jwt": {"role_id": "reader", "jwt": "header.jwt-claims.signature"},
    "kubernetes": {"role_id": "pod", "jwt": "header.service-account.signature"},
    "token": {"token": "given-token"},
    "userpass": {"username": "op/erator", "password": "pass-word-1"},
}

_REFUSALS = {
    "approle": (400, "invalid role or secret ID"),
    "cert": (400, "client certificate must be supplied"),
    "jwt": (400, "error validating token: error verifying token signature: no known key successfully validated it"),
    "kubernetes": (403, "permission denied"),
    "userpass": (400, "invalid username or password"),
}


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    vault: StandIn
    context: ssl.SSLContext

    def finish_request(self, request: Any, client_address: Any) -> None:
        try:
            with self.context.wrap_socket(request, server_side=True) as secure:
                Handler(secure, client_address, self)
        except OSError:
            # The client did not like the certificate, or its own was not liked: both are what a test wanted.
            return
