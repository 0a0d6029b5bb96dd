# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service of a few documents, strict: what a test did not provide is not there to be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import RefusedByBmc
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.service import Service


def refused(status: int, *keys: str) -> RefusedByBmc:
    """The error of an answer with this status and these messages."""
    message_ids = tuple(f"Base.1.8.{key}" for key in keys)
    return RefusedByBmc("it was refused", status=status, message_ids=message_ids, why=f"HTTP {status}")


class FakeReader:
    """documents: by URI; an error in the place of a document is raised. reads: every URI asked for, in order."""

    def __init__(self, documents: Mapping[str, Any]) -> None:
        self.documents = dict(documents)
        self.reads: list[str] = []

    def get(self, uri: str) -> dict[str, Any]:
        self.reads.append(uri)
        assert uri in self.documents, f"nobody provided {uri}"
        document = self.documents[uri]
        if isinstance(document, Exception):
            raise document
        answer: dict[str, Any] = document
        return answer

    def get_unauthenticated(self, uri: str) -> dict[str, Any]:
        assert uri == "/redfish/v1", "only the root is read without a login"
        return self.get(uri)


def reference(uri: str) -> dict[str, str]:
    return {"@odata.id": uri}


def collection(uri: str, *members: str) -> dict[str, Any]:
    """A collection of one page."""
    return {"@odata.id": uri, "Members": [reference(member) for member in members]}


def tree(**collections: list[dict[str, Any]]) -> dict[str, Any]:
    """A service whose root leads to these collections: tree(Systems=[...], Managers=[...])."""
    root: dict[str, Any] = {"@odata.id": "/redfish/v1", "RedfishVersion": "1.6.0"}
    documents: dict[str, Any] = {"/redfish/v1": root}
    for name, members in collections.items():
        uri = f"/redfish/v1/{name}"
        root[name] = reference(uri)
        documents[uri] = collection(uri, *(member["@odata.id"] for member in members))
        documents |= {member["@odata.id"]: member for member in members}
    return documents


def service_of(documents: Mapping[str, Any]) -> Service:
    return Service(FakeReader(documents))
