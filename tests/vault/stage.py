# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the contract tests need of a Vault, whichever it is: the stand-in, or a real server with its root token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

FORBIDDEN = "forbidden"
"""The first part of every path that the policy of the logins does not allow."""


class Stage(Protocol):
    """A Vault that a test sets up. Every login gets a policy that may read all but what lies under FORBIDDEN."""

    @property
    def url(self) -> str:
        """https://..."""

    @property
    def ca_cert(self) -> str:
        """Path of its CA."""

    @property
    def logins(self) -> int:
        """How many were granted so far."""

    def mount(self, mount: str, version: int, namespace: str = "") -> None:
        """Mount a key-value engine of a version."""

    def store(self, mount: str, path: str, entry: Mapping[str, Any], namespace: str = "") -> None:
        """Write an entry."""

    def delete(self, mount: str, path: str) -> None:
        """Delete the latest version of an entry."""

    def login(self, auth_method: str) -> dict[str, str]:
        """The options of a reference that log in by a method, at its usual mount point."""

    def expire_tokens(self) -> None:
        """Let every token that a login brought come to its end."""

    def known_tokens(self) -> int:
        """How many tokens of logins still serve."""


def reference(vault: Stage, path: str, **options: Any) -> dict[str, Any]:
    """A reference to an entry of a Vault, by an approle unless told otherwise."""
    login = {} if "auth_method" in options else vault.login("approle")
    where = {"type": "hashi_vault", "url": vault.url, "ca_cert": vault.ca_cert, "engine_mount_point": "secret"}
    return {**where, "engine_version": 1, "path": path, **login, **options}
