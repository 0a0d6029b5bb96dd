# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How to reach a Vault and as whom: community.hashi_vault's options and environment names.

What a reference does not say comes from ANSIBLE_HASHI_VAULT_<NAME>, then from VAULT_<NAME>. The second also serves AWX,
which lets a credential type set no variable whose name begins with ANSIBLE_. Empty variables count as unset: AWX sets a
field that was left out to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .._core.errors import InvalidRequest
from .._core.redact import Redactor
from .reference import Option, Reference
from .vault_login import METHODS


def plain_path(path: str, name: str) -> str:
    """The path without slashes at its ends. Raises InvalidRequest for one that could lead elsewhere in the URL."""
    plain = path.strip("/")
    if not plain or any(segment in ("", ".", "..") for segment in plain.split("/")) or set("?#%\\") & set(plain):
        raise InvalidRequest(f"{name} {path!r} is no path of a Vault", way_out="Write it as 'vault kv get' takes it.")
    return plain


def trustworthy_url(url: str, name: str) -> str:
    """The URL without a slash at its end. Raises InvalidRequest.

    Plain HTTP is for within this machine only, where an agent listens: elsewhere the login would be in the open.
    """
    parts = urlsplit(url)
    if not parts.hostname or parts.username or parts.query or parts.scheme not in ("https", "http"):
        raise InvalidRequest(f"{name} is no URL of a server", way_out="Write https://vault.example.com:8200.")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise InvalidRequest(
            f"{name} {url!r} would carry secrets in the open", way_out="Use https, or an agent on localhost."
        )
    return url.rstrip("/")


SERVER: dict[str, Option] = {
    "url": Option(check=trustworthy_url),
    "namespace": Option(),
    "ca_cert": Option(),
    "validate_certs": Option(kind=bool),
    "timeout": Option(kind=float),
    "auth_method": Option(choices=tuple(METHODS)),
    "mount_point": Option(check=plain_path),
}
LOGIN: dict[str, Option] = {
    "token": Option(secret=True),
    "token_path": Option(),
    "token_file": Option(),
    "role_id": Option(),
    "secret_id": Option(secret=True),
    "jwt": Option(secret=True),
    "username": Option(),
    "password": Option(secret=True),
    "cert_auth_public_key": Option(),
    "cert_auth_private_key": Option(),
}

# Where a name of the environment is not that of the option. The last of each is Vault's own.
_VARIABLES = {
    "url": ("ANSIBLE_HASHI_VAULT_ADDR", "VAULT_ADDR"),
    "ca_cert": ("ANSIBLE_HASHI_VAULT_CA_CERT", "VAULT_CACERT"),
    "token_path": ("ANSIBLE_HASHI_VAULT_TOKEN_PATH", "VAULT_TOKEN_PATH", "HOME"),
    "validate_certs": (),
}


@dataclass(frozen=True)
class Connection:
    """A Vault, and a login to it: references that say the same share one. Seconds.

    account: what the login consists of, by the names of the options.
    """

    url: str
    namespace: str
    ca_cert: str
    validate_certs: bool
    timeout: float
    auth_method: str
    mount_point: str
    account: tuple[tuple[str, str], ...] = field(repr=False)

    def redactor(self) -> Redactor:
        """Hides the login's secrets in whatever Vault says."""
        return Redactor(value for name, value in self.account if LOGIN[name].secret)


def connection(reference: Reference, environ: Mapping[str, str]) -> Connection:
    """The connection that a reference and the environment describe. Raises InvalidRequest."""
    found = {name: _found(name, reference, environ) for name in (*SERVER, *LOGIN)}
    method = str(found["auth_method"] or "token")
    for name in ("url", *METHODS[method].needs):
        if not found[name]:
            variables = " or ".join(_variables(name))
            raise InvalidRequest(
                f"{name} of the Vault is not set",
                why=f"auth_method is {method}" if name != "url" else "",
                way_out=f"Set it in the reference, or {variables} in the environment of ansible-playbook.",
            )
    validate = found["validate_certs"] is not False
    if method == "cert" and not validate:
        raise InvalidRequest("auth_method cert wants a verified Vault", way_out="Set ca_cert, not validate_certs.")
    return Connection(
        url=trustworthy_url(str(found["url"]), "url"),
        namespace=str(found["namespace"] or ""),
        ca_cert=str(found["ca_cert"] or ""),
        validate_certs=validate,
        timeout=float(found["timeout"] or 30),
        auth_method=method,
        mount_point=plain_path(str(found["mount_point"] or method), "mount_point"),
        account=tuple((name, str(found[name])) for name in LOGIN if found[name]),
    )


def _found(name: str, reference: Reference, environ: Mapping[str, str]) -> str | bool | float | None:
    if name in reference:
        return reference[name]
    if name == "validate_certs" and environ.get("VAULT_SKIP_VERIFY"):
        return not SERVER[name].typed(environ["VAULT_SKIP_VERIFY"], "VAULT_SKIP_VERIFY")
    option = (SERVER | LOGIN)[name]
    for variable in _variables(name):
        if environ.get(variable):
            return option.typed(environ[variable], variable)
    return None


def _variables(name: str) -> tuple[str, ...]:
    usual = (f"ANSIBLE_HASHI_VAULT_{name.upper()}", f"VAULT_{name.upper()}")
    return _VARIABLES.get(name, usual)
