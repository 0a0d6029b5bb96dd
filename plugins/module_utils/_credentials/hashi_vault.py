# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entries of a key-value engine of HashiCorp Vault or OpenBao."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from .._core.clock import Clock
from .account import Account, account_in
from .reference import Reference
from .vault_client import VaultClient
from .vault_connection import Connection, connection, plain_path

# community.hashi_vault's: of vault_kv1_get and vault_kv2_get.
_MOUNTS = {"1": "kv", "2": "secret"}


class HashiVault:
    """Keeps one client, so one login, for each Vault and account."""

    def __init__(self, environ: Mapping[str, str], clock: Clock) -> None:
        self._environ = environ
        self._clock = clock
        self._clients: dict[Connection, VaultClient] = {}
        self._lock = threading.Lock()

    def find(self, reference: Reference) -> Account | None:
        how = connection(reference, self._environ)
        version, mount, path = _entry(reference)
        entry = self._client(how).read(version, mount, path)
        return None if entry is None else account_in(entry, self.place(reference))

    def place(self, reference: Reference) -> str:
        _version, mount, path = _entry(reference)
        return f"entry {mount}/{path} of the Vault"

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def _client(self, how: Connection) -> VaultClient:
        with self._lock:
            if how not in self._clients:
                self._clients[how] = VaultClient(how, self._clock)
            return self._clients[how]


def _entry(reference: Reference) -> tuple[str, str, str]:
    version = str(reference["engine_version"])
    mount = plain_path(str(reference.get("engine_mount_point", _MOUNTS[version])), "engine_mount_point")
    return version, mount, plain_path(str(reference["path"]), "path")
