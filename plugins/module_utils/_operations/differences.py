# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What changed between two readings of the facts of one BMC, in words of the facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# Derived from other facts, and recorded beside them: a change would be told twice.
_DERIVED = frozenset({"identity", "capabilities"})
_NAMING = ("id", "uri")


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each difference as {path, from, to}: "systems/1/power_state". A part that came or went is null on one side.

    Entries of lists are compared by their id, so that a new one in front is one change.
    """
    return [{"path": "/".join(path), "from": old, "to": new} for path, old, new in _different(before, now, ())]


def _different(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    left, right = _by_name(old), _by_name(new)
    if left is None or right is None:
        if old != new:
            yield path, _brief(old), _brief(new)
        return
    for name in sorted(left.keys() | right.keys()):
        if name not in _DERIVED and left.get(name) != right.get(name):
            yield from _different(left.get(name), right.get(name), (*path, name))


def _by_name(value: Any) -> Mapping[str, Any] | None:
    """The parts of a mapping, or of a list whose entries have names; None for anything else."""
    if isinstance(value, Mapping):
        return value
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        return None
    for key in _NAMING:
        named = {str(entry[key]): entry for entry in value if entry.get(key)}
        if len(named) == len(value):
            return named
    return None


def _brief(value: Any) -> Any:
    """A part that came or went whole is told by what a person knows it by."""
    if not isinstance(value, Mapping):
        return value
    told = (
        value.get(key) for key in ("manufacturer", "model", "part_number", "serial_number", "version", "mac_address")
    )
    return " ".join(str(entry) for entry in told if entry) or value.get("name") or value.get("id")
