# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of bmc_settings that name settings. What cannot be meant is refused before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any

from .._core.errors import InvalidRequest
from .._operations.settings.names import SERVICES
from .._redfish.plain import filled, key_identity
from ..vendor_api.v1 import Keys

_PROTOCOLS = ("ssh", "ipmi", "https", "snmp", "kvm")

SETTINGS_SPEC: dict[str, dict[str, Any]] = {
    "ntp": {
        "type": "dict",
        "options": {"enabled": {"type": "bool"}, "servers": {"type": "list", "elements": "str"}},
    },
    "syslog": {
        "type": "dict",
        "options": {
            "enabled": {"type": "bool"},
            "servers": {"type": "list", "elements": "str"},
            "port": {"type": "int"},
            "transport": {"type": "str", "choices": ["udp", "tcp"]},
        },
    },
    "ssh_keys": {
        "type": "list",
        "elements": "dict",
        # Without this Ansible would take them for secrets by their name.
        "no_log": False,
        "mutually_exclusive": [("account", "service")],
        "required_one_of": [("account", "service")],
        "options": {
            "account": {"type": "str"},
            "service": {"type": "str", "choices": list(SERVICES)},
            "keys": {"type": "list", "elements": "str", "required": True, "no_log": False},
            "exclusive": {"type": "bool", "default": False},
        },
    },
    "dns": {
        "type": "dict",
        "options": {
            "servers": {"type": "list", "elements": "str"},
            "search": {"type": "list", "elements": "str"},
        },
    },
    "hostname": {"type": "str"},
    "protocols": {"type": "dict", "options": {name: {"type": "bool"} for name in _PROTOCOLS}},
    "timezone": {"type": "str"},
    "oem": {"type": "dict"},
}

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
# RFC 1123: an address is no name.
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def wanted(options: Mapping[str, Any]) -> dict[str, Any]:
    """The values that a task names, by name of the setting. Raises InvalidRequest, with all that is wrong."""
    named = dict(_named(options))
    if not named:
        raise InvalidRequest(
            "no setting is named", way_out="Name at least one of ntp, syslog, ssh_keys, dns, hostname, protocols, ..."
        )
    problems = [f"{name} {why}" for name, value in named.items() if (why := _wrong(name, value))]
    problems += _doubled(options["ssh_keys"] or ())
    if problems:
        raise InvalidRequest("the options cannot be meant", why="; ".join(problems), way_out="Nothing was sent.")
    return named


def _named(options: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for group in ("ntp", "syslog", "dns", "protocols"):
        given = options[group] or {}
        for name in SETTINGS_SPEC[group]["options"]:
            value = given.get(name)
            if value is not None:
                yield f"{group}.{name}", tuple(value) if isinstance(value, list) else value
    for name in ("hostname", "timezone"):
        if options[name] is not None:
            yield name, options[name]
    for entry in options["ssh_keys"] or ():
        yield _holder(entry), Keys(tuple(entry["keys"]), entry["exclusive"])
    for name, value in (options["oem"] or {}).items():
        yield f"oem.{name}", value


def _holder(entry: Mapping[str, Any]) -> str:
    return f"ssh_keys.{entry['service'] or 'account ' + (entry['account'] or '')}"


def _doubled(entries: Any) -> Iterator[str]:
    holders = [_holder(entry) for entry in entries]
    yield from (f"{holder} is named twice" for holder in dict.fromkeys(holders) if holders.count(holder) > 1)


def _wrong(name: str, value: Any) -> str:
    """What is wrong with a value, whatever the BMC; "" for nothing."""
    if isinstance(value, Keys):
        return _wrong_keys(value)
    if name == "dns.servers":
        return next((f"holds {server!r}, which is no address" for server in value if not _is_address(server)), "")
    if isinstance(value, tuple):
        strange = next((entry for entry in value if not _NAME.fullmatch(entry) and not _is_address(entry)), None)
        if strange is not None:
            return f"holds {strange!r}, which is neither a name nor an address"
        return f"names {len(value) - len(filled(value))} twice or not at all" if len(filled(value)) < len(value) else ""
    if name == "syslog.port":
        return "" if 0 < value < 1 << 16 else f"is no port: {value}"
    if name == "hostname":
        return "" if _HOST.fullmatch(value) else f"is no host name without a domain: {value!r}"
    if name.startswith("oem."):
        return "has no value" if value is None else ""
    return "is empty" if isinstance(value, str) and not value.strip() else ""


def _wrong_keys(value: Keys) -> str:
    """Nothing of a key is repeated: somebody may have taken the private one."""
    for number, key in enumerate(value.keys, 1):
        try:
            key_identity(key)
        except ValueError as error:
            return f"holds no public key at place {number}: {error}"
    return ""


def _is_address(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return True
