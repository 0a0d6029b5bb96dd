# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways to log in to a Vault, by the names of community.hashi_vault, and kubernetes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .._core.errors import NoCredential

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")
"""Where a pod finds its token (kubernetes.io, "Configure Service Accounts for Pods"); it is renewed there."""


def _approle(client: Any, mount_point: str, account: Mapping[str, str]) -> None:
    client.auth.approle.login(account["role_id"], account.get("secret_id"), mount_point=mount_point)


def _cert(client: Any, mount_point: str, account: Mapping[str, str]) -> None:
    client.auth.cert.login(
        name=account.get("role_id", ""),
        cert_pem=account["cert_auth_public_key"],
        key_pem=account["cert_auth_private_key"],
        mount_point=mount_point,
    )


def _jwt(client: Any, mount_point: str, account: Mapping[str, str]) -> None:
    client.auth.jwt.jwt_login(account["role_id"], account["jwt"], path=mount_point)


def _kubernetes(client: Any, mount_point: str, account: Mapping[str, str]) -> None:
    token = account.get("jwt") or _content(SERVICE_ACCOUNT, "Set jwt: this is no pod with a service account.")
    client.auth.kubernetes.login(account["role_id"], token, mount_point=mount_point)


def _token(client: Any, mount_point: str, account: Mapping[str, str]) -> None:
    """Nothing is sent: whether the token is good shows at the first read. An agent may renew the file meanwhile."""
    file = Path(account.get("token_path", "")) / account.get("token_file", ".vault-token")
    client.token = account.get("token") or _content(file, "Set token or VAULT_TOKEN, or log in with 'vault login'.")


def _userpass(client: Any, mount_point: str, account: Mapping[str, str]) -> None:
    # hvac puts the name into the URL as it is.
    name = quote(account["username"], safe="")
    client.auth.userpass.login(name, account["password"], mount_point=mount_point)


@dataclass(frozen=True)
class AuthMethod:
    """One way to log in.

    needs: the options without which there is no login. login: given an hvac client, the mount point and the options.
    Raises what hvac raises; NoCredential for a file that cannot be read.
    """

    needs: tuple[str, ...]
    login: Callable[[Any, str, Mapping[str, str]], None]


# In alphabetical order.
METHODS: Mapping[str, AuthMethod] = {
    "approle": AuthMethod(("role_id",), _approle),
    "cert": AuthMethod(("cert_auth_public_key", "cert_auth_private_key"), _cert),
    "jwt": AuthMethod(("role_id", "jwt"), _jwt),
    "kubernetes": AuthMethod(("role_id",), _kubernetes),
    "token": AuthMethod((), _token),
    "userpass": AuthMethod(("username", "password"), _userpass),
}


def _content(file: Path, way_out: str) -> str:
    try:
        content = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or "it is no text"
        raise NoCredential("there is no token for the Vault", why=f"{file}: {why}", way_out=way_out) from error
    if not content:
        raise NoCredential("there is no token for the Vault", why=f"{file} is empty", way_out=way_out)
    return content
