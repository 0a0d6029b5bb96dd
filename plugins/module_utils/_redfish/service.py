# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Redfish service: its root, its resources and its collections, each read once in an operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from .._core.errors import BadAnswer, ForeignLink, NotRedfish, RefusedByBmc
from .resource import Document, link, links, same_resource, text

ROOT = "/redfish/v1"
"""The one URI that the standard fixes (DSP0266, "Resource URI patterns"); without the slash iLO answers directly."""

MOST_PAGES = 1000


class Reader(Protocol):
    """What can read a resource."""

    def get(self, uri: str) -> dict[str, object]:
        """A resource as it is now."""

    def get_unauthenticated(self, uri: str) -> dict[str, object]:
        """A resource that needs no login."""


class Service:
    """The resources of one BMC, as it told them in this operation.

    get() reads a resource once and remembers it; fresh() reads it again.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[str, Document] = {}
        self._absent: set[str] = set()
        self._members: dict[str, tuple[str, ...]] = {}

    def root(self) -> Document:
        """The service root, read without a login. Raises NotRedfish."""
        if ROOT not in self._known:
            self._known[ROOT] = service_root(self._reader.get_unauthenticated(ROOT))
        return self._known[ROOT]

    def get(self, uri: str) -> Document:
        """A resource, read once however its links are spelled. Raises what the reader raises."""
        name = key(uri)
        known = self._known.get(name)
        if known is None:
            uri = uri.partition("#")[0]
            document = self._read(uri)
            # The link that led there surely works: it stands for a URI of its own that is missing or names another.
            own = link(document) or ""
            known = {**document, "@odata.id": own if same_resource(own, uri) else uri}
            self._known[name] = known
        return known

    def _read(self, uri: str) -> dict[str, object]:
        try:
            return self._reader.get(uri)
        except ForeignLink as error:
            holders = (link(document) or ROOT for document in self._known.values() if _holds(document, uri))
            # A relative link is any document's; one that is no URL at all ("http://[::1") has its holder, too.
            holder = next(holders, "") if "//" in uri else ""
            if not holder:
                raise
            raise ForeignLink(error.what, why=f"{holder} points to {uri}", way_out=error.way_out) from error

    def fresh(self, uri: str) -> Document:
        """A resource as it is now."""
        self._known.pop(key(uri), None)
        self._absent.discard(uri)
        self._members.clear()
        return self.get(uri)

    def forget(self) -> None:
        """Read everything anew from here on."""
        self._known.clear()
        self._absent.clear()
        self._members.clear()

    def ahead(self, *uris: str | None) -> None:
        """Say what will be read next: who reads many resources at once then does (see crawl.py)."""

    def find(self, uri: str) -> Document | None:
        """A resource, or None where the BMC says 404: some list members that do not exist (nv-redfish bmc_quirks)."""
        if uri in self._absent:
            return None
        try:
            return self.get(uri)
        except RefusedByBmc as error:
            if error.status != 404:
                raise
            self._absent.add(uri)
            return None

    def members(self, collection: str) -> tuple[str, ...]:
        """The URIs of all members of a collection, all pages, each once as first spelled, in the BMC's order.

        Members repeat across pages in some services (Dell, AMI), and the order may change between readings (Cray EX).
        Raises BadAnswer when the pages never end, or when what answers is no collection.
        """
        if collection not in self._members:
            found: dict[str, str] = {}
            for page in self._pages(collection):
                for uri in links(page, "Members"):
                    found.setdefault(key(uri), uri)
            self._members[collection] = tuple(found.values())
        return self._members[collection]

    def _pages(self, collection: str) -> Iterator[Document]:
        seen: set[str] = set()
        following: str | None = collection
        while following and following not in seen:
            if len(seen) == MOST_PAGES:
                raise BadAnswer("a collection never ends", why=f"{collection} has more than {MOST_PAGES} pages")
            seen.add(following)
            page = self.find(following)
            if page is None:
                return
            _require_members(page, following)
            yield page
            following = text(page, "Members@odata.nextLink")

    def each(self, name: str) -> Iterator[Document]:
        """The member documents of one of the root's collections, one by one: "Systems", "Managers", "Chassis".

        None where the root has no such collection: a Cray chassis controller has no Systems.
        """
        uri = link(self.root(), name)
        for member in self.members(uri) if uri is not None else ():
            document = self.find(member)
            if document is not None:
                yield document

    def collection(self, name: str) -> tuple[Document, ...]:
        """All of them."""
        return tuple(self.each(name))


def service_root(document: dict[str, object]) -> dict[str, object]:
    """The document, if it is a service root. Raises NotRedfish."""
    if not text(document, "RedfishVersion"):
        raise NotRedfish(
            "there is no Redfish service",
            why=f"{ROOT} tells no RedfishVersion",
            way_out="Is bmc_address a BMC? No password was sent.",
        )
    return document


def session_collection(root: Document) -> str:
    """Where a session is opened, as the service root tells it; some roots do not."""
    return link(root, "Links", "Sessions") or "/redfish/v1/SessionService/Sessions"


def key(uri: str) -> str:
    """One name for all spellings of a URI; see same_resource()."""
    return uri.partition("#")[0].rstrip("/").lower()


def _holds(value: object, uri: str) -> bool:
    """Whether the URI is anywhere in a document, however deep: what the parser takes may be too deep for recursion."""
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, Mapping):
            left.extend(item.values())
        elif isinstance(item, list):
            left.extend(item)
        elif item == uri:
            return True
    return False


def _require_members(page: Document, uri: str) -> None:
    """Raises BadAnswer for what is no collection: read as an empty one, it would hide what is there.

    null, and no Members where the count is 0, are empty collections.
    """
    empty = page.get("Members@odata.count") == 0 if "Members" not in page else page["Members"] is None
    if not empty and not isinstance(page.get("Members"), list):
        raise BadAnswer("what a link to a collection leads to has no Members", why=uri)
