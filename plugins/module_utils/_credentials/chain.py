# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A chain of references: what may stand in it. Asks nothing, and loads no library of a source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._core.errors import InvalidRequest
from .reference import Option, Options, Reference, check
from .vault_connection import LOGIN, SERVER, plain_path

_OPTIONS: Mapping[str, Options] = {
    "environment": {"username_variable": Option(required=True), "password_variable": Option(required=True)},
    "hashi_vault": {
        **SERVER,
        **LOGIN,
        # Not guessed: an entry of version 1 asked for as one of version 2 looks as if it did not exist.
        "engine_version": Option(required=True, choices=("1", "2")),
        "engine_mount_point": Option(check=plain_path),
        "path": Option(required=True, check=plain_path),
    },
    "magellan": {"path": Option(required=True), "id": Option(required=True)},
}


def checked(references: Any) -> list[tuple[str, Reference]]:
    """The type and the typed options of each reference. Asks nothing. Raises InvalidRequest."""
    if isinstance(references, (str, Mapping)) or not isinstance(references, Sequence) or not references:
        raise InvalidRequest(
            "bmc_credentials is no list of references",
            way_out="Give a list of dicts, each with a type and what the type takes.",
        )
    return [_checked(reference, f"bmc_credentials[{index}]") for index, reference in enumerate(references)]


def secrets(references: Any) -> list[str]:
    """Every secret among references, also among malformed ones: a login's token need not be a reference itself."""
    found = []
    for reference in references if isinstance(references, (list, tuple)) else ():
        options = _OPTIONS.get(str(reference.get("type")), {}) if isinstance(reference, Mapping) else {}
        found += [str(reference[name]) for name, option in options.items() if option.secret and reference.get(name)]
    return found


def _checked(reference: Any, name: str) -> tuple[str, Reference]:
    known = f"Known types: {', '.join(_OPTIONS)}."
    if not isinstance(reference, Mapping):
        raise InvalidRequest(f"{name} is no dict", way_out=known)
    kind = reference.get("type")
    if not isinstance(kind, str) or kind not in _OPTIONS:
        raise InvalidRequest(f"{name}.type: {kind!r} is not known" if kind else f"{name} has no type", way_out=known)
    return kind, check(reference, name, _OPTIONS[kind])
