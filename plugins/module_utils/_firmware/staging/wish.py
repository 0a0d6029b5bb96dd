# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task of the play wants to be staged, and what the play's server says of it: as data between two processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..._core.errors import BmcError, InvalidRequest, LocalFailure
from .addresses import Advertised
from .fetched import Fetched
from .place import Place

_KINDS: Mapping[str, type[BmcError]] = {kind.__name__: kind for kind in (InvalidRequest, LocalFailure)}


@dataclass(frozen=True)
class Wish:
    """A file for the BMC of one host. name: safe. clients: addresses and networks. lease: seconds without use."""

    host: str
    file: str
    name: str
    clients: tuple[str, ...]
    told: Advertised
    place: Place
    lease: float

    def as_wire(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_wire(cls, content: Mapping[str, Any]) -> Wish:
        told, place = Advertised(**content["told"]), Place(**content["place"])
        return cls(**{**content, "clients": tuple(content["clients"]), "told": told, "place": place})

    def is_like(self, other: Wish) -> bool:
        """Whether another wish is for the same, however long."""
        return replace(self, lease=other.lease) == other


@dataclass(frozen=True)
class Staged:
    """A host's file as it is staged. new: by this very question. expires: seconds since the epoch, unless it is used.

    origin: scheme, host and port of the URL. found: see Advertised. digest: of the file, as it was staged.
    """

    url: str
    origin: str
    found: bool
    name: str
    digest: str
    port: int
    pid: int
    lease: float
    expires: float
    fetched: Fetched
    new: bool = False

    def as_wire(self) -> dict[str, Any]:
        return {**asdict(self), "fetched": self.fetched.as_wire()}

    @classmethod
    def from_wire(cls, content: Mapping[str, Any]) -> Staged:
        return cls(**{**content, "fetched": Fetched.from_wire(content["fetched"])})


def error_as_wire(error: BmcError) -> dict[str, str]:
    return {"kind": error.kind, "what": error.what, "why": error.why, "way_out": error.way_out}


def error_from_wire(content: Mapping[str, str]) -> BmcError:
    return _KINDS[content["kind"]](content["what"], why=content["why"], way_out=content["way_out"])
