# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pieces that the documents of every dialect are made of."""

from __future__ import annotations

import datetime
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .profile import Builder, Document

if TYPE_CHECKING:
    from .bmc import Bmc


# How an address that nobody set is shown.
NO_ADDRESS = "0.0.0.0"  # noqa: S104


def link(uri: str) -> Document:
    """Return a reference to a resource."""
    return {"@odata.id": uri}


def links(*uris: str) -> list[Document]:
    """Return references to resources."""
    return [link(uri) for uri in uris]


def resource(uri: str, odata_type: str, name: str, **properties: object) -> Document:
    """Return a resource; `odata_type` such as "Manager.v1_5_1.Manager". Its Id is the last part of its URI."""
    identifier = uri.rstrip("/").rpartition("/")[2]
    return {"@odata.id": uri, "@odata.type": f"#{odata_type}", "Id": identifier, "Name": name, **properties}


def collection(uri: str, kind: str, name: str, members: Iterable[str]) -> Document:
    """Return a collection; `kind` such as "Manager", members as ids or as whole URIs."""
    uris = [member if member.startswith("/") else f"{uri}/{member}" for member in members]
    return {
        "@odata.id": uri,
        "@odata.type": f"#{kind}Collection.{kind}Collection",
        "Name": name,
        "Members": links(*uris),
        "Members@odata.count": len(uris),
    }


def without(document: Document, *names: str) -> Document:
    """Return a document without properties that it has. Raise KeyError for one that it does not have."""
    rest = dict(document)
    for name in names:
        del rest[name]
    return rest


def status() -> Document:
    """Return the Status of a healthy part."""
    return {"Health": "OK", "State": "Enabled"}


def rolled_up() -> Document:
    """Return the Status of a healthy part whose own parts are healthy too."""
    return {**status(), "HealthRollup": "OK"}


def timestamp(seconds: float) -> str:
    """Return a time since the epoch as Redfish writes it, to the second, in UTC."""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


@dataclass(frozen=True, slots=True)
class Fixed:
    """A builder of a resource that never changes."""

    document: Document

    def __call__(self, bmc: Bmc) -> Document:
        """Return the resource."""
        return self.document


def fixed(*documents: Document) -> dict[str, Builder]:
    """Return the builders of resources that never change, by URI."""
    return {document["@odata.id"]: Fixed(document) for document in documents}


def state_number(uri: str, bmc: Bmc) -> int:
    """Return a number of 32 bits of which ETags are made: another for each resource and after each change."""
    return zlib.crc32(f"{bmc.spec.name} {uri} {bmc.revision} {bmc.hardware.touched.get(uri, 0)}".encode())
