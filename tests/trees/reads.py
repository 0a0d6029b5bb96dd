# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records which properties an operation reads from the documents of a BMC, and of what JSON type they are."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, ValuesView
from dataclasses import dataclass
from typing import Any, NamedTuple

_JSON_TYPES = {str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}


class Read(NamedTuple):
    """One access. resource: type of the resource, without version. path: "/Links/ManagedBy/[]/@odata.id"."""

    resource: str
    path: str
    json_type: str


class Reads(set[Read]):
    """All accesses of an operation. found: those that met a value; where nothing or null is, json_type says so."""

    def wrap(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document, recording from now on."""
        return _Object(document, _Place(self, _resource_type(document), ""))

    @property
    def found(self) -> set[Read]:
        return {read for read in self if read.json_type not in ("absent", "null")}


@dataclass(frozen=True)
class _Place:
    """Where a value stands."""

    reads: Reads
    resource: str
    path: str

    def below(self, key: str) -> _Place:
        return _Place(self.reads, self.resource, f"{self.path}/{key}")

    def seen(self, value: Any) -> Any:
        """Record the value at this place and return it, recording."""
        json_type = _json_type(value)
        self.reads.add(Read(self.resource, self.path, json_type))
        if json_type == "object":
            return _Object(value, self)
        if json_type == "array":
            return [self.below("[]").seen(entry) for entry in value]
        return value


class _Object(dict[str, Any]):
    """A JSON object that records what is read from it."""

    def __init__(self, content: dict[str, Any], place: _Place) -> None:
        super().__init__(content)
        self._place = place

    def get(self, key: str, default: Any = None) -> Any:
        if key in self.keys():
            return self[key]
        self._place.reads.add(Read(self._place.resource, self._place.below(key).path, "absent"))
        return default

    def __getitem__(self, key: str) -> Any:
        return self._place.below(key).seen(super().__getitem__(key))

    def __contains__(self, key: object) -> bool:
        return self.get(str(key)) is not None or super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        for key in super().__iter__():
            self._place.below(key).seen(super().__getitem__(key))
            yield key

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]
        return ItemsView(self)

    def values(self) -> ValuesView[Any]:  # type: ignore[override]
        return ValuesView(self)


def _json_type(value: Any) -> str:
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    return _JSON_TYPES[type(value)]


def _resource_type(document: dict[str, Any]) -> str:
    """ComputerSystem of "#ComputerSystem.v1_17_0.ComputerSystem"."""
    return str(document.get("@odata.type", "#unknown")).lstrip("#").partition(".")[0]
