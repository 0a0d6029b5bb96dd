# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading many parts of a BMC: one that cannot be read does not spoil the rest, and is never left out in silence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .._core.errors import BmcError
from .._redfish.resource import Document, link
from .._redfish.service import Service, key


@dataclass
class Parts:
    """What hangs below systems, managers and chassis. unread: the resources that could not be read, and why."""

    service: Service
    unread: dict[str, tuple[str, str]] = field(default_factory=dict)

    def find(self, uri: str | None) -> Document | None:
        """A resource; None without a link, where the BMC says 404, and where it could not be read."""
        if not uri:
            return None
        try:
            return self.service.find(uri)
        except BmcError as error:
            self.leave_out(uri, error)
            return None

    def members(self, holder: Document, *path: str) -> Iterator[Document]:
        """The members of the collection to which a link leads."""
        yield from self.collection(link(holder, *path))

    def collection(self, uri: str | None) -> Iterator[Document]:
        """The members of a collection; none without a link."""
        try:
            members = self.service.members(uri) if uri else ()
        except BmcError as error:
            self.leave_out(uri or "", error)
            members = ()
        yield from self.each(members)

    def each(self, uris: tuple[str, ...]) -> Iterator[Document]:
        """The resources of a list of links."""
        for uri in uris:
            document = self.find(uri)
            if document is not None:
                yield document

    def incomplete(self) -> list[dict[str, Any]]:
        """What could not be read, by URI: [{uri, why}]."""
        return [{"uri": uri, "why": why} for uri, why in sorted(self.unread.values())]

    def leave_out(self, uri: str, error: BmcError) -> None:
        """Note what could not be read, and why."""
        self.unread.setdefault(key(uri), (uri, f"{error.what}: {error.why}" if error.why else error.what))
