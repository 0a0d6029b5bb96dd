# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP side of the stand-in: what is asked, and the answer in Vault's form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from .stage import FORBIDDEN

if TYPE_CHECKING:
    from .stand_in import StandIn

DENIED = "1 error occurred:\n\t* permission denied\n\n"
INVALID_TOKEN = "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"
UNSUPPORTED = "1 error occurred:\n\t* unsupported operation\n\n"
WRONG_ENGINE = (
    "Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use."
    " If using the Vault CLI, use 'vault kv get' for this operation."
)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        vault: StandIn = self.server.vault
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        path = urlsplit(self.path).path
        self._namespace = self.headers.get("X-Vault-Namespace", "").strip("/")
        vault.requests.append((self.command, path, self._namespace))
        vault.shown.add(self.headers.get("X-Vault-Token", ""))
        vault.answer_first(path)
        if vault.redirect_to:
            self._send(307, b"", Location=vault.redirect_to + self.path)
        elif vault.sealed:
            self._refuse(503, "Vault is sealed")
        elif not path.startswith("/v1/"):
            self._send(404, b"404 page not found\n", content_type="text/plain")
        else:
            self._route(vault, path.removeprefix("/v1/"), body)

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_LIST = do_GET

    def _route(self, vault: StandIn, path: str, body: bytes) -> None:
        parts = path.split("/")
        if parts[0] == "auth" and len(parts) >= 3 and parts[2] == "login":
            self._log_in(vault, parts[1], [unquote(part) for part in parts[3:]], body)
            return
        token = self.headers.get("X-Vault-Token", "")
        if not token:
            self._refuse(403, DENIED)
        elif not vault.serves(token):
            self._refuse(403, INVALID_TOKEN)
        elif parts[:2] == ["auth", "token"]:
            self._own_token(vault, token, "/".join(parts[2:]))
        else:
            self._read(vault, unquote(path))

    def _log_in(self, vault: StandIn, mount: str, rest: list[str], body: bytes) -> None:
        # Without such a mount the path is no login, so a token is wanted.
        if mount not in ("approle", "cert", "jwt", "kubernetes", "userpass") or self._namespace not in self._namespaces:
            self._refuse(403, DENIED)
        elif self.command not in ("POST", "PUT"):
            self._refuse(405, UNSUPPORTED)
        elif rest != (["op/erator"] if mount == "userpass" else []):
            self._refuse(400, "invalid username or password")
        else:
            given = _object(body)
            if given is None:
                self._refuse(400, "error parsing JSON")
                return
            status, words = vault.refusal(mount, given, self.connection.getpeercert())
            if status != 200:
                self._refuse(status, words)
                return
            token = vault.grant()
            auth = {"client_token": token, "policies": ["default", "reader"], "lease_duration": 3600, "renewable": True}
            self._answer(auth={**auth, "token_type": "service", "mfa_requirement": None, "num_uses": 0})

    def _own_token(self, vault: StandIn, token: str, what: str) -> None:
        if not vault.default_policy:
            self._refuse(403, DENIED)
        elif (self.command, what) == ("GET", "lookup-self"):
            self._answer(data={"id": token, "ttl": 1})
        elif (self.command, what) in (("POST", "revoke-self"), ("PUT", "revoke-self")):
            del vault.tokens[token]
            self._send(204, b"")
        else:
            self._refuse(405 if what in ("lookup-self", "revoke-self") else 404, UNSUPPORTED)

    def _read(self, vault: StandIn, path: str) -> None:
        mounts = [mount for namespace, mount in vault.engines if namespace == self._namespace]
        mount = max((mount for mount in mounts if path.startswith(f"{mount}/")), key=len, default="")
        key = path.removeprefix(f"{mount}/")
        if not mount:
            self._refuse(404, f'no handler for route "{path}". route entry not found.')
        elif key.removeprefix("data/").startswith(f"{FORBIDDEN}/"):
            self._refuse(403, DENIED)
        elif self.command != "GET":
            self._refuse(405, UNSUPPORTED)
        else:
            self._entry(vault.engines[self._namespace, mount], key)

    def _entry(self, engine: Any, key: str) -> None:
        if engine.version == 2 and not key.startswith("data/"):
            self._send(404, json.dumps({"errors": [], "warnings": [WRONG_ENGINE]}).encode())
            return
        key = key.removeprefix("data/") if engine.version == 2 else key
        entry = engine.entries.get(key)
        metadata = {"version": 1, "created_time": "2026-11-20T03:00:00Z", "deletion_time": "", "destroyed": False}
        if key not in engine.entries:
            self._send(404, json.dumps({"errors": []}).encode())
        elif entry is None:
            deleted = {"data": None, "metadata": {**metadata, "deletion_time": "2026-11-20T04:00:00Z"}}
            self._answer(status=404, data=deleted)
        else:
            self._answer(data={"data": entry, "metadata": metadata} if engine.version == 2 else entry)

    @property
    def _namespaces(self) -> set[str]:
        return {"", *(namespace for namespace, _mount in self.server.vault.engines)}

    def _answer(self, *, status: int = 200, **parts: Mapping[str, Any]) -> None:
        frame = {"request_id": "5f0c", "lease_id": "", "renewable": False, "lease_duration": 0, "data": None}
        content = {**frame, "wrap_info": None, "warnings": None, "auth": None, **parts}
        self._send(status, json.dumps(content).encode())

    def _refuse(self, status: int, words: str) -> None:
        self._send(status, json.dumps({"errors": [words]}).encode())

    def _send(self, status: int, body: bytes, content_type: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", content_type)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: the requests are kept."""


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        content = json.loads(body)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
