# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recorded trees of real BMCs: found through BMC_TREES, read without the collection.

BMC_TREES names a folder of NAME.tar.xz, each a tree in the layout of the DMTF mockup server below NAME/, and facts.json
with what a correct reader finds in them. Nothing of them is part of this repository.
"""

from __future__ import annotations

import functools
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

VARIABLE = "BMC_TREES"
_ENDING = ".tar.xz"
_DOCUMENT = "/index.json"

Document = dict[str, Any]


@dataclass(frozen=True)
class Reset:
    """A reset action as recorded. values: None where the BMC does not tell them."""

    target: str
    values: list[str] | None


@dataclass(frozen=True)
class Tree:
    """One tree. documents: the recorded answers by path. facts: what facts.json says of it, None for nothing."""

    name: str
    documents: Mapping[str, bytes]
    facts: Document | None

    def document(self, uri: str) -> Document | None:
        """What the BMC answered; None where nothing was recorded."""
        body = self.documents.get(uri.rstrip("/"))
        return dict(json.loads(body)) if body is not None else None

    def collection(self, name: str) -> list[Document]:
        """The members of one of the root's collections, by URI."""
        return sorted(self._members(name), key=lambda document: str(document["@odata.id"]))

    def _members(self, name: str) -> Iterator[Document]:
        root = self.document("/redfish/v1") or {}
        collection = self.document(root.get(name, {}).get("@odata.id", "/none")) or {}
        for uri in {member["@odata.id"] for member in collection.get("Members") or ()}:
            document = self.document(uri)
            if document is not None:
                yield document

    def systems_in(self, chassis: Document) -> set[str]:
        """Every system that a link places in a chassis, or in what a link places in that; as one writes URIs here."""

        def linked(document: Document, name: str) -> set[str]:
            found = (document.get("Links") or {}).get(name) or []
            return {one_form(entry["@odata.id"]) for entry in (found if isinstance(found, list) else [found])}

        every, inside = self.collection("Chassis"), {one_form(chassis["@odata.id"])}
        while True:
            held = [document for document in every if one_form(document["@odata.id"]) in inside]
            more = {uri for document in held for uri in linked(document, "Contains")}
            more |= {one_form(other["@odata.id"]) for other in every if linked(other, "ContainedBy") & inside}
            if more <= inside:
                break
            inside |= more
        named = {uri for document in held for uri in linked(document, "ComputerSystems")}
        own = {one_form(item["@odata.id"]) for item in self.collection("Systems") if linked(item, "Chassis") & inside}
        return named | own

    def reset(self, document: Document) -> Reset | None:
        """The reset action of a system, manager or chassis."""
        for name, action in (document.get("Actions") or {}).items():
            if name in ("#ComputerSystem.Reset", "#Manager.Reset", "#Chassis.Reset") and action.get("target"):
                return Reset(action["target"], self._values(action))
        return None

    def _values(self, action: Document) -> list[str] | None:
        inline = action.get("ResetType@Redfish.AllowableValues")
        if inline:
            return list(inline)
        info = self.document(action.get("@Redfish.ActionInfo", "/none")) or {}
        told = [entry for entry in info.get("Parameters") or () if entry.get("Name") == "ResetType"]
        return list(told[0].get("AllowableValues") or ()) or None if told else None


def one_form(uri: str) -> str:
    """A URI without what BMCs mix within one service: case, and the slash at the end."""
    return uri.rstrip("/").lower()


def each(*names: str) -> list[Any]:
    """Parameters for a test: the names of the trees, all without an argument. One skipped entry without BMC_TREES."""
    if not os.environ.get(VARIABLE):
        reason = f"{VARIABLE} names no folder of recorded trees"
        return [pytest.param("no-tree", marks=pytest.mark.skip(reason=reason))]
    return [pytest.param(name) for name in names or _recorded()]


def _folder() -> Path:
    return Path(os.environ[VARIABLE])


def _recorded() -> list[str]:
    names = sorted(file.name.removesuffix(_ENDING) for file in _folder().glob("*" + _ENDING))
    if not names:
        raise FileNotFoundError(f"{VARIABLE}: no *{_ENDING} in {_folder()}")
    return names


@functools.cache
def tree(name: str) -> Tree:
    """A tree by name, read into memory once."""
    documents = {}
    with tarfile.open(_folder() / (name + _ENDING)) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.name.endswith(_DOCUMENT) else None
            if content is not None:
                documents[member.name.removeprefix(name).removesuffix(_DOCUMENT)] = content.read()
    facts = json.loads((_folder() / "facts.json").read_bytes())
    return Tree(name, documents, facts.get(name))


def all_trees() -> list[Tree]:
    """Every tree there is."""
    return [tree(name) for name in _recorded()]
