# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that every module shares, and what they mean for a connection."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from math import inf
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.validation import check_type_dict

from .._core.errors import InvalidRequest
from .._core.redact import Redactor, names_secret
from .._credentials import chain
from .._operations.bios.values import position
from .._operations.connect import Settings
from .._transport.bmc import Credential
from .._transport.http import Limits
from .._transport.origin import Origin, parse_address
from .._transport.tls import TRUST_ON_FIRST_USE, Trust, parse_fingerprint, pin_on_first_use

CONNECTION_SPEC: dict[str, dict[str, Any]] = {
    "bmc_address": {"type": "str", "required": True},
    "bmc_username": {"type": "str"},
    "bmc_password": {"type": "str", "no_log": True},
    "bmc_token": {"type": "str", "no_log": True},
    # A reference may hold what a login to a Vault consists of.
    "bmc_credentials": {"type": "list", "elements": "dict", "no_log": True},
    "bmc_auth": {"type": "str", "choices": ["basic", "session", "token"]},
    "bmc_validate_certs": {"type": "bool", "default": True},
    "bmc_ca_path": {"type": "path"},
    "bmc_fingerprint": {"type": "str"},
    "bmc_timeout": {"type": "float", "default": 30},
    "bmc_deadline": {"type": "float", "default": 300},
    "bmc_system": {"type": "str"},
    "bmc_identity": {"type": "dict"},
}
"""Each is also a host variable of its name; a task's own value comes first, then module_defaults, then the host's."""

_CONNECT_AT_MOST = 10.0
_SECRETS = ("bmc_token", "registry_identity_token", "signature_key_password")
# Options that hold values by name, where the name says what is a secret.
_ATTRIBUTES = ("attributes", "oem")


def validated(spec: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a task that speaks with a BMC, as `typed` makes them. Raises InvalidRequest."""
    if not given.get("bmc_address"):
        raise InvalidRequest(
            "bmc_address is not set", way_out="Set it as a variable of the host: the name or address of its BMC."
        )
    return typed(spec, given)


def typed(spec: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """The options, typed and with defaults, as AnsibleModule would make them. Raises InvalidRequest."""
    try:
        result = ArgumentSpecValidator(dict(spec)).validate(dict(given))  # type: ignore[no-untyped-call]
    except OverflowError as error:
        raise InvalidRequest("an option is a number beyond all measure", why=str(error)) from error
    if result.error_messages:
        problems = Redactor(secrets(given)).text("; ".join(result.error_messages))
        raise InvalidRequest(problems, way_out="See ansible-doc of the module.")
    return {name: result.validated_parameters.get(name) for name in spec}


def settings(options: Mapping[str, Any], pins: Path) -> Settings:
    """How to reach the BMC. pins: folder of recorded fingerprints, for trust on first use.

    Raises InvalidRequest before anything is sent; Unreachable or LocalFailure where a first meeting fails.
    """
    origin = parse_address(options["bmc_address"])
    require_seconds(options, "bmc_timeout", "bmc_deadline")
    timeout, deadline = options["bmc_timeout"], options["bmc_deadline"]
    limits = Limits(connect=min(_CONNECT_AT_MOST, timeout, deadline), read=timeout, task=deadline)
    credential, auth = _credential(options)
    return Settings(
        origin=origin,
        trust=_trust(options, origin, pins, limits),
        credential=credential,
        auth=auth,
        limits=limits,
        identity=options["bmc_identity"] or {},
    )


def require_seconds(options: Mapping[str, Any], *names: str) -> None:
    """Raises InvalidRequest for an option that is no finite time above zero."""
    for name in names:
        if not 0 < options[name] < inf:
            raise InvalidRequest(f"{name} {options[name]:g} is not a time", way_out="Give seconds above 0.")


def require_at_least(options: Mapping[str, Any], name: str, least: int) -> None:
    """Raises InvalidRequest for a number that is too small, or none."""
    if not options[name] >= least:
        raise InvalidRequest(f"{name} is {options[name]}", way_out=f"Give at least {least}.")


def secrets(options: Mapping[str, Any]) -> list[str]:
    """Every secret among the options, in every form in which it travels."""
    found = [str(options.get(name) or "") for name in _SECRETS]
    for who in ("bmc", "registry"):
        password = str(options.get(f"{who}_password") or "")
        pair = f"{options.get(f'{who}_username') or ''}:{password}".encode("utf-8", "surrogatepass")
        found += [password, base64.b64encode(pair).decode()] if password else []
    found += [secret for name in _ATTRIBUTES for secret in _secret_values(options.get(name))]
    return [*found, *chain.secrets(options.get("bmc_credentials"))]


def _secret_values(attributes: Any) -> list[str]:
    """Values under names of secrets. A word for a switch is none, and would be hidden all over the result."""
    try:
        given = check_type_dict(attributes) if attributes else {}  # type: ignore[no-untyped-call]
    except TypeError:
        return []
    named = [value for name, value in given.items() if names_secret(str(name)) and value not in (None, "")]
    return [str(value) for value in named if position(value) is None]


def auth_of(options: Mapping[str, Any]) -> str:
    """How to log in: basic, session or token."""
    return str(options["bmc_auth"] or ("token" if options["bmc_token"] else "basic"))


def _credential(options: Mapping[str, Any]) -> tuple[Credential, str]:
    token, username, password = (_sendable(options, key) for key in ("bmc_token", "bmc_username", "bmc_password"))
    auth = auth_of(options)
    if auth == "token" and not token:
        raise InvalidRequest("bmc_auth is token and there is no token", way_out="Set bmc_token.")
    if not (token.isascii() and token.isprintable()):
        raise InvalidRequest("bmc_token is not one line of ASCII", way_out="A block of YAML ends with a line break.")
    if auth != "token" and not (username and password):
        raise _no_account(options)
    if auth == "token":
        return Credential(token=token), auth
    return Credential(username, password), auth


def _no_account(options: Mapping[str, Any]) -> InvalidRequest:
    if options["bmc_credentials"]:
        return InvalidRequest(
            "only the controller follows bmc_credentials, and this module was not sent by it",
            way_out="Run it as a task by its full name, or set bmc_username and bmc_password.",
        )
    missing = "bmc_password" if options["bmc_username"] else "bmc_username"
    way_out = "Set it as a host variable or for the task, or a bmc_token, or bmc_credentials."
    return InvalidRequest(f"{missing} is not set", way_out=way_out)


def _sendable(options: Mapping[str, Any], name: str) -> str:
    """A text that has a form in UTF-8: bytes of the environment that are none come as half characters (PEP 383)."""
    value: str = options[name] or ""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest(f"{name} is not text in UTF-8", way_out="Look at where it comes from.") from error
    return value


def _trust(options: Mapping[str, Any], origin: Origin, pins: Path, limits: Limits) -> Trust:
    fingerprint = options["bmc_fingerprint"] or ""
    if fingerprint == TRUST_ON_FIRST_USE:
        return Trust(fingerprint=pin_on_first_use(origin, pins, limits.connect))
    if fingerprint:
        return Trust(fingerprint=parse_fingerprint(fingerprint))
    return Trust(validate=options["bmc_validate_certs"], ca_path=options["bmc_ca_path"] or "")
