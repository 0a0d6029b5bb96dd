# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded trees of real BMCs, discovered: the inventory says what they hold, and asks for nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.integration.site import Listed, Source
from tests.trees.archives import Tree, all_trees, each, one_form, tree
from tests.trees.server import TreeServer

Served = dict[str, TreeServer]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with ExitStack() as servers:
        yield {recorded.name: servers.enter_context(TreeServer(recorded.documents)) for recorded in all_trees()}


@pytest.fixture(scope="module")
def site(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Source:
    return Source(tmp_path_factory.mktemp("site"), [server.address for server in served.values()])


@pytest.fixture(scope="module")
def found(site: Source) -> Listed:
    return site.listed()


@dataclass(frozen=True)
class Again:
    """A second round, refresh: changed, and how many requests each round took of each tree."""

    listed: Listed
    whole: dict[str, int]
    reads: dict[str, int]


@pytest.fixture(scope="module")
def again(served: Served, site: Source, found: Listed) -> Again:
    assert found.status == 0
    whole = {name: len(server.requests) for name, server in served.items()}
    listed = site.listed(refresh="changed")
    return Again(listed, whole, {name: len(server.requests) - whole[name] for name, server in served.items()})


@pytest.mark.parametrize("name", each())
def test_a_recorded_bmc_becomes_its_hosts(name: str, served: Served, found: Listed) -> None:
    recorded, server = tree(name), served[name]
    host = found.bmc(server.address)
    assert host["bmc_discovery"]["status"] == "answered"
    assert server.writes == []
    asked = [one_form(uri.partition("?")[0]) for _method, uri in server.requests]
    assert len(set(asked)) == len(asked)
    nodes = [one for one in found.hostvars.values() if one["bmc_address"] == server.address and "bmc_node" in one]
    assert [node["bmc_node"]["uri"] for node in nodes] == hosts_of(recorded)
    if recorded.facts is not None:
        power = {uri: system["PowerState"] for uri, system in recorded.facts["systems"].items()}
        assert all(node["bmc_power_state"] == power[node["bmc_node"]["uri"]] for node in nodes)
        assert {entry["id"] for entry in host["bmc_firmware"]} <= set(
            recorded.facts["update"]["firmware_inventory_ids"]
        )
    print(f"{name}: {len(asked)} GETs, of which none twice")


@pytest.mark.parametrize("name", each())
def test_an_unchanged_recorded_bmc_is_only_looked_at(name: str, served: Served, found: Listed, again: Again) -> None:
    story = again.listed.bmc(served[name].address)["bmc_discovery"]
    assert story["status"] == "answered"
    assert story["crawled"] == found.bmc(served[name].address)["bmc_discovery"]["crawled"]
    print(f"{name}: {again.reads[name]} GETs in place of {again.whole[name]}")
    assert again.reads[name] < again.whole[name]


def hosts_of(recorded: Tree) -> list[str]:
    """The physical systems, those with a reset where any has one, by URI; straight from the files."""
    physical = [one for one in recorded.collection("Systems") if one.get("SystemType", "Physical") == "Physical"]
    able = [one for one in physical if recorded.reset(one)]
    return [str(one["@odata.id"]) for one in able or physical]
