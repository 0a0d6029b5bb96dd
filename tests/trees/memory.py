# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A recorded tree that answers in this process, without a server: as recorded, or with whole members where asked so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import RefusedByBmc
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin
from tests.trees.archives import Document, Tree

ORIGIN = Origin("https", "bmc1", 443)


@dataclass
class TreeReader:
    """Stands where BmcClient stands. expands: it answers $expand. reads: every URI asked for, in order.

    changes: documents that stand in for recorded ones, or errors, by path.
    """

    tree: Tree
    expands: bool = False
    changes: dict[str, Document | Exception] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)

    def get(self, uri: str) -> dict[str, Any]:
        self.reads.append(uri)
        path, _mark, query = uri.partition("?")
        document = self._document(path)
        if self.expands and query.startswith("$expand="):
            members = [self._whole(member) for member in document.get("Members") or ()]
            return {**document, "Members": members}
        return document

    def get_unauthenticated(self, uri: str) -> dict[str, Any]:
        return self._document(uri)

    def _document(self, path: str) -> Document:
        document = self.changes.get(path.rstrip("/")) or self.tree.document(path)
        if document is None:
            raise RefusedByBmc(f"GET {path} was refused", status=404, why="HTTP 404")
        if isinstance(document, Exception):
            raise document
        return document

    def _whole(self, member: Document) -> Document:
        try:
            return self._document(member["@odata.id"])
        except RefusedByBmc:
            return member
