# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recorded trees, looked at as a known BMC: what must be seen is seen, with the reads that docs/discovery.md names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._operations import facts, watch
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.crawl import drive
from ansible_collections.openchami.bmc.plugins.module_utils._vendors import registry
from tests.trees.archives import Document, Tree, each, one_form, tree
from tests.trees.memory import ORIGIN, TreeReader

ROOT = "/redfish/v1"
DOCUMENTED = Path(__file__).resolve().parents[2] / "docs" / "discovery.md"
EXPANDING = ("hpe", "dell")


@pytest.fixture(scope="module", params=each())
def recorded(request: pytest.FixtureRequest) -> Tree:
    return tree(request.param)


def crawled(reader: TreeReader) -> Document:
    return drive(facts.crawl(reader.get_unauthenticated(ROOT), ORIGIN, facts.DISCOVERED), reader.get)


def looked(reader: TreeReader, dialect: str, before: Mapping[str, str]) -> dict[str, str]:
    """What a look tells. Nothing is asked for twice."""
    reader.reads.clear()
    driver = registry.known(dialect, "")
    found = drive(watch.crawl(reader.get_unauthenticated(ROOT), ORIGIN, driver, before), reader.get)
    assert len({one_form(uri) for uri in reader.reads}) == len(reader.reads)
    return found


def reads(recorded: Tree, *, expands: bool) -> tuple[int, int]:
    """GETs of a crawl, and of a look at what was looked at before."""
    reader = TreeReader(recorded, expands=expands)
    dialect = crawled(reader)["bmc"]["dialect"]
    every = len(reader.reads)
    looked(reader, dialect, looked(reader, dialect, {}))
    return every, len(reader.reads)


def documented() -> dict[str, tuple[int, int]]:
    """Both, by tree, as the table in the documentation has them."""
    text = DOCUMENTED.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|.*\| (\d+) \| (\d+) \|$", text, re.MULTILINE)
    return {name: (int(every), int(look)) for name, every, look in rows}


@pytest.mark.parametrize("name", each())
def test_the_documentation_tells_what_a_look_costs(name: str) -> None:
    counted = reads(tree(name), expands=name.startswith(EXPANDING))
    print(f"{name}: crawl {counted[0]}, look {counted[1]} GETs")
    assert documented().get(name, counted) == counted


def test_a_look_at_a_bmc_that_expands_is_six_requests() -> None:
    names = [entry.values[0] for entry in each()]
    if names == ["no-tree"]:
        pytest.skip("no recorded trees")
    for name in filter(lambda name: str(name).startswith(EXPANDING), names):
        assert reads(tree(str(name)), expands=True)[1] == 6


def changes(recorded: Tree) -> Iterator[tuple[str, str, object]]:
    """What must be seen, wherever the tree has it: URI, property, and another value."""
    members = (*recorded.collection("Systems"), *recorded.collection("Managers"))
    listed = (f"{ROOT}/UpdateService/", *(document["@odata.id"] for document in members))
    for pattern, name, value in (
        (r"/Systems/[^/]+", "PowerState", "Paused"),
        (r"/Systems/[^/]+", "BiosVersion", "other"),
        (r"/Systems/[^/]+/Memory/[^/]+", "SerialNumber", "other"),
        (r"/Systems/[^/]+/EthernetInterfaces/[^/]+", "MACAddress", "02:00:00:00:00:01"),
        (r"/UpdateService/FirmwareInventory/[^/]+", "Version", "other"),
        (r"/Managers/[^/]+", "FirmwareVersion", "other"),
        (r"/Managers/(?:[^/]+/)NetworkProtocol", "HostName", "other"),
    ):
        found = [path for path in recorded.documents if re.fullmatch(ROOT + pattern, path) and path.startswith(listed)]
        for path in found[:1] + found[len(found) // 2 : len(found) // 2 + 1]:
            # Of several managers only the NetworkProtocol of the BMC that answers is watched.
            if not path.endswith("/HGX_BMC_0/NetworkProtocol"):
                yield path, name, value


def test_every_change_is_seen(recorded: Tree) -> None:
    reader = TreeReader(recorded)
    dialect = crawled(reader)["bmc"]["dialect"]
    before = looked(reader, dialect, {})
    assert looked(reader, dialect, before) == before
    seen = 0
    for path, name, value in changes(recorded):
        document = recorded.document(path) or {}
        reader.changes = {path: {**document, name: value}}
        assert looked(reader, dialect, before) != before, (path, name)
        seen += 1
    assert seen


def test_what_moves_by_itself_is_no_change(recorded: Tree) -> None:
    """Every volatile property in the tree has another value."""
    reader = TreeReader(recorded)
    dialect = crawled(reader)["bmc"]["dialect"]
    before = looked(reader, dialect, {})

    def moved(value: Document) -> Document:
        return {name: "moved" if name in watch.VOLATILE else inner for name, inner in value.items()}

    reader.changes = {
        path: json.loads(recorded.documents[path], object_hook=moved)
        for path in {uri.rstrip("/") for uri in reader.reads}
        if path in recorded.documents
    }
    assert looked(reader, dialect, before) == before


@pytest.mark.parametrize("name", watch.VOLATILE)
def test_each_volatile_property_was_recorded(name: str) -> None:
    trees = [entry.values[0] for entry in each()]
    if trees == ["no-tree"]:
        pytest.skip("no recorded trees")
    assert any(f'"{name}"'.encode() in body for found in trees for body in tree(str(found)).documents.values())
