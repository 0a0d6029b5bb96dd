# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real OpenBao as the Stage of the contract tests: in memory, over TLS, on the loopback."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hvac
import requests
from hvac.exceptions import InvalidRequest, VaultError

from ansible_collections.openchami.bmc.plugins.module_utils._core.clock import Clock, SystemClock
from tests.interop.tokens import PUBLIC_KEY, TokenReview, service_account, token
from tests.simulator.certificate import issue
from tests.simulator.control import eventually
from tests.vault.stage import FORBIDDEN

ADDRESS = "127.0.0.1"
POLICY = f'path "*" {{ capabilities = ["read"] }}\npath "secret/{FORBIDDEN}/*" {{ capabilities = ["deny"] }}'
METHODS = ("approle", "cert", "jwt", "kubernetes", "userpass")
OF_LOGINS = {"token_policies": ["reader"], "token_ttl": "1h"}
_OWN = ("cubbyhole/", "identity/", "sys/")


@dataclass
class OpenBao:
    """A context manager, and a Stage. program: that of OpenBao. folder: for certificates and its log."""

    program: Path
    folder: Path
    clock: Clock = field(default_factory=SystemClock)

    def __enter__(self) -> OpenBao:
        for name in ("server", "client"):
            (self.folder / f"{name}.pem").write_bytes(issue(name, ADDRESS).pem)
        with socket.create_server((ADDRESS, 0)) as free:
            self.url = f"https://{ADDRESS}:{free.getsockname()[1]}"
        self.ca_cert = str(self.folder / "server.pem")
        listener = {"address": self.url.partition("//")[2], "tls_cert_file": self.ca_cert, "tls_key_file": self.ca_cert}
        config = {"storage": {"inmem": {}}, "listener": {"tcp": listener}, "api_addr": self.url, "log_level": "warn"}
        (self.folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        with (self.folder / "log").open("wb") as log:
            command = [str(self.program), "server", f"-config={self.folder / 'config.json'}"]
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        self._reviews = TokenReview(ADDRESS)
        self._root = self._opened()
        self._ended = 0
        self._root.sys.create_or_update_policy("reader", POLICY)
        self._root.auth.token.create(id="given-token", policies=["reader"], ttl="1h", no_parent=True)
        self._not_of_logins = self._accessors()
        return self

    def __exit__(self, *exception: object) -> None:
        self._reviews.close()
        self._process.kill()
        self._process.wait()

    def clear(self) -> None:
        """Forget what a test before has mounted and logged in."""
        for mount in set(self._root.sys.list_mounted_secrets_engines()["data"]) - set(_OWN):
            self._root.sys.disable_secrets_engine(mount)
        self.expire_tokens()
        self._ended = 0
        for method in METHODS:
            self._enable(self._root, method)

    @property
    def logins(self) -> int:
        return self._ended + self.known_tokens()

    def mount(self, mount: str, version: int, namespace: str = "") -> None:
        client = self._in(namespace)
        client.sys.enable_secrets_engine("kv", path=mount, options={"version": str(version)})

    def store(self, mount: str, path: str, entry: Mapping[str, Any], namespace: str = "") -> None:
        client = self._in(namespace, create=False)
        engine = client.sys.list_mounted_secrets_engines()["data"][f"{mount}/"]
        versioned = engine["options"]["version"] == "2"
        where, data = (f"{mount}/data/{path}", {"data": dict(entry)}) if versioned else (f"{mount}/{path}", dict(entry))
        eventually(lambda: _written(client, where, data))

    def delete(self, mount: str, path: str) -> None:
        self._root.delete(f"{mount}/data/{path}")

    def login(self, auth_method: str) -> dict[str, str]:
        client = str(self.folder / "client.pem")
        options = {
            "approle": {"role_id": "role-1", "secret_id": "secret-id-1"},
            "cert": {"cert_auth_public_key": client, "cert_auth_private_key": client},
            "jwt": {"role_id": "reader", "jwt": token(sub="ansible")},
            "kubernetes": {"role_id": "reader", "jwt": service_account()},
            "token": {"token": "given-token"},
            "userpass": {"username": "operator", "password": "pass-word-1"},
        }
        return {"auth_method": auth_method, **options[auth_method]}

    def expire_tokens(self) -> None:
        for accessor in self._accessors() - self._not_of_logins:
            self._root.auth.token.revoke_accessor(accessor)
            self._ended += 1

    def known_tokens(self) -> int:
        return len(self._accessors() - self._not_of_logins)

    def _accessors(self) -> set[str]:
        return set(self._root.auth.token.list_accessors()["data"]["keys"])

    def _client(self, token: str = "", namespace: str = "") -> Any:
        return hvac.Client(url=self.url, token=token, verify=self.ca_cert, namespace=namespace or None)  # type: ignore[no-untyped-call]

    def _opened(self) -> Any:
        """Initialize and unseal; a client with the root token."""
        client = self._client()
        eventually(lambda: self._answers(client))
        keys = client.sys.initialize(secret_shares=1, secret_threshold=1)
        client.sys.submit_unseal_key(keys["keys"][0])
        client.token = keys["root_token"]
        eventually(lambda: not client.sys.read_health_status(method="GET").get("standby", True))
        return client

    def _answers(self, client: Any) -> bool:
        if self._process.poll() is not None:
            raise AssertionError((self.folder / "log").read_text(encoding="utf-8"))
        try:
            return not client.sys.is_initialized()
        except (requests.RequestException, VaultError):
            return False

    def _in(self, namespace: str, create: bool = True) -> Any:
        """A client in a namespace, which is made with all above it, and has the login by approle."""
        if not namespace or not create:
            return self._client(self._root.token, namespace) if namespace else self._root
        above = ""
        for name in namespace.split("/"):
            self._client(self._root.token, above).write_data(f"sys/namespaces/{name}", data={})
            above = f"{above}/{name}".strip("/")
        client = self._client(self._root.token, namespace)
        client.sys.create_or_update_policy("reader", POLICY)
        self._enable(client, "approle")
        return client

    def _enable(self, client: Any, method: str) -> None:
        if f"{method}/" in client.sys.list_auth_methods()["data"]:
            return
        client.sys.enable_auth_method(method)
        pem = (self.folder / "client.pem").read_text(encoding="ascii")
        certificate = pem[pem.index("-----BEGIN CERTIFICATE") :]
        writes: dict[str, list[tuple[str, dict[str, Any]]]] = {
            "approle": [
                ("role/reader", OF_LOGINS),
                ("role/reader/role-id", {"role_id": "role-1"}),
                ("role/reader/custom-secret-id", {"secret_id": "secret-id-1"}),
            ],
            "cert": [("certs/reader", {**OF_LOGINS, "certificate": certificate})],
            "jwt": [
                ("config", {"jwt_validation_pubkeys": [PUBLIC_KEY]}),
                ("role/reader", {**OF_LOGINS, "role_type": "jwt", "user_claim": "sub", "bound_subject": "ansible"}),
            ],
            "kubernetes": [
                (
                    "config",
                    {
                        "kubernetes_host": self._reviews.url,
                        "kubernetes_ca_cert": certificate,
                        "disable_local_ca_jwt": True,
                    },
                ),
                (
                    "role/reader",
                    {**OF_LOGINS, "bound_service_account_names": "ansible", "bound_service_account_namespaces": "hpc"},
                ),
            ],
            "userpass": [("users/operator", {**OF_LOGINS, "password": "pass-word-1"})],
        }
        for path, data in writes[method]:
            client.write_data(f"auth/{method}/{path}", data=data)


def _written(client: Any, path: str, data: Mapping[str, Any]) -> bool:
    """Whether it was written; False while a new engine of version 2 is not ready."""
    try:
        client.write_data(path, data=data)
    except InvalidRequest as error:
        if "pgrading" in str(error):
            return False
        raise
    return True
