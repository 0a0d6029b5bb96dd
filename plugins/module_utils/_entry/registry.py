# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of what reads and publishes firmware bundles, and what they mean."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._core.clock import Clock
from .._core.errors import InvalidRequest
from .._firmware.oci.access import Access, Credential
from .._firmware.oci.cache import Cache, Keeping
from .._firmware.oci.pins import Pins
from .options import require_seconds
from .task import Task, state_folder

REGISTRY_SPEC: dict[str, dict[str, Any]] = {
    "reference": {"type": "str", "required": True},
    "registry_username": {"type": "str"},
    "registry_password": {"type": "str", "no_log": True},
    "registry_identity_token": {"type": "str", "no_log": True},
    "registry_auth_file": {"type": "path"},
    "registry_ca_path": {"type": "path"},
    "registry_validate_certs": {"type": "bool", "default": True},
    "registry_plain_http": {"type": "bool", "default": False},
    # The name of a host.
    "registry_token_server": {"type": "str", "no_log": False},
    "registry_timeout": {"type": "float", "default": 30},
    "registry_deadline": {"type": "float", "default": 1800},
}

CACHE_SPEC: dict[str, dict[str, Any]] = {
    "cache_path": {"type": "path"},
    "cache_size": {"type": "float", "default": 20},
    "cache_days": {"type": "float", "default": 90},
    "cache_keep": {"type": "int", "default": 2},
}

_DAY = 86400.0


def access_of(options: Mapping[str, Any]) -> Access:
    """Raises InvalidRequest."""
    require_seconds(options, "registry_timeout", "registry_deadline")
    username, password = options["registry_username"] or "", options["registry_password"] or ""
    token = options["registry_identity_token"] or ""
    if bool(username) != bool(password):
        missing = "registry_password" if username else "registry_username"
        raise InvalidRequest(f"{missing} is not set", way_out="Set both or none.")
    if token and password:
        raise InvalidRequest("registry_password and registry_identity_token are both set", way_out="Set one of them.")
    return Access(
        credential=Credential(username, password, token),
        auth_file=options["registry_auth_file"] or "",
        ca_path=options["registry_ca_path"] or "",
        validate=options["registry_validate_certs"],
        plain_http=options["registry_plain_http"],
        token_server=options["registry_token_server"] or "",
        timeout=options["registry_timeout"],
        deadline=options["registry_deadline"],
    )


def cache_of(options: Mapping[str, Any], clock: Clock) -> Cache:
    """The controller's cache of payloads. Raises InvalidRequest."""
    if min(options["cache_size"], options["cache_days"], options["cache_keep"]) < 0:
        raise InvalidRequest("cache_size, cache_days or cache_keep is negative", way_out="Give at least 0.")
    keeping = Keeping(int(options["cache_size"] * (1 << 30)), options["cache_days"] * _DAY, options["cache_keep"])
    return Cache(Path(options["cache_path"] or _cache_folder()), clock, keeping, options["registry_deadline"])


def default_cache(clock: Clock) -> Cache:
    """For what reads no payload."""
    return Cache(_cache_folder(), clock)


def pins_of(task: Task) -> Pins:
    """What tags mean in this run."""
    return Pins(state_folder() / "tags", task.run)


def _cache_folder() -> Path:
    named = os.environ.get("XDG_CACHE_HOME")
    return (Path(named) if named else Path.home() / ".cache") / "openchami.bmc" / "firmware"
