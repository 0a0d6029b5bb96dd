# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An error as a result for Ansible. Also read by a Python that is too old for the rest: see shipping.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .._core.errors import BmcError, Unreachable


@contextmanager
def telling(found: Mapping[str, Any]) -> Iterator[None]:
    """Have each error of a block tell what was found until then."""
    try:
        yield
    except BmcError as error:
        error.found = {**found, **error.found}
        raise


def failure(error: BmcError, host: str) -> dict[str, Any]:
    """The result for an error: one line in msg, its parts in error."""
    error.host = error.host or host
    parts = {"kind": error.kind, "host": error.host, "what": error.what, "why": error.why, "way_out": error.way_out}
    outcome: dict[str, Any] = {"unreachable": True} if isinstance(error, Unreachable) else {"failed": True}
    if error.warnings:
        outcome["warnings"] = [*error.found.get("warnings", ()), *error.warnings]
    return {**error.found, **outcome, "msg": str(error), "error": {**parts, "message_id": error.message_id}}
