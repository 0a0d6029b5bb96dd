# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recorded trees with what other firmware was seen to do to them: bmc_info and bmc_power stay right, or say why not."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.trees.archives import Document, Tree, each, tree
from tests.trees.server import TreeServer
from tests.trees.tasks import Result, assert_in_order, info, predict

ROOT = "/redfish/v1"


@pytest.fixture(scope="module", params=each())
def recorded(request: pytest.FixtureRequest) -> Tree:
    return tree(request.param)


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENCHAMI_BMC_STATE_DIR", str(tmp_path / "state"))


def results(server: TreeServer) -> Iterator[Result]:
    """Facts, and the plans of a system and a manager: in order, without a write, nothing asked twice."""
    tasks: tuple[Callable[[], Result], ...] = (
        lambda: info(server.address),
        lambda: predict(server.address, "off", bmc_system="all"),
        lambda: predict(server.address, "hard_restart", target="manager", resource_id="all"),
    )
    for task in tasks:
        server.requests.clear()
        result = task()
        assert_in_order(result)
        assert server.writes == []
        assert len(set(server.requests)) == len(server.requests)
        yield result


@functools.cache
def paths_read(name: str) -> list[str]:
    """What bmc_info reads of a tree."""
    with TreeServer(tree(name).documents) as server:
        info(server.address)
        return [path for _method, path in server.requests]


def test_whatever_else_is_missing_the_facts_are_shown(recorded: Tree) -> None:
    """Real BMCs link to what is not there. Without the root there is no service; all else may be missing."""
    for path in paths_read(recorded.name):
        with TreeServer(recorded.documents, refused={path.rstrip("/"): 404}) as server:
            facts, *plans = (result.get("error", {}).get("kind", "") for result in results(server))
        assert facts == ("NotRedfish" if path == ROOT else ""), path
        assert "RefusedByBmc" not in plans, path


def test_an_account_that_may_read_nothing_is_told_so(recorded: Tree) -> None:
    """The root needs no login; everything else is forbidden. Each task stops at the first refusal."""
    with TreeServer(recorded.documents, refused={path: 403 for path in recorded.documents if path != ROOT}) as server:
        for result in results(server):
            assert result["error"]["kind"] == "LoginRefused"
            assert len(server.requests) == 2


def reversed_members(uri: str, document: Document) -> Document:
    """Cray EX lists the same members in another order the next time."""
    members = document.get("Members")
    return {**document, "Members": members[::-1]} if isinstance(members, list) else document


def pages_that_repeat(uri: str, document: Document) -> Document:
    """Dell and AMI were recorded with a first page that holds everything and yet leads to a next one."""
    return {**document, "Members@odata.nextLink": f"{uri}?$skip=1"} if "Members" in document else document


def links_with_a_slash(uri: str, document: Document) -> Document:
    """iLO 5 1.45 and Lenovo of 2018 end their links with a slash."""

    def slashed(link: dict[str, Any]) -> dict[str, Any]:
        uri = link.get("@odata.id")
        return {**link, "@odata.id": f"{uri.rstrip('/')}/"} if isinstance(uri, str) and "#" not in uri else link

    return dict(json.loads(json.dumps(document), object_hook=slashed))


def members_spelled_twice(uri: str, document: Document) -> Document:
    """Supermicro X13 links one chassis with and without a slash."""
    members = document.get("Members")
    if not isinstance(members, list):
        return document
    slashed = [{"@odata.id": f"{member['@odata.id'].rstrip('/')}/"} for member in members]
    return {**document, "Members": [*members, *slashed]}


def members_that_are_not_there(uri: str, document: Document) -> Document:
    """Some BMCs list what they do not have (nv-redfish bmc_quirks), or what is no link at all."""
    members = document.get("Members")
    nothing = [{"@odata.id": f"{uri}/NotThere"}, None, {}, {"@odata.id": None}]
    return {**document, "Members": [*nothing, *members]} if isinstance(members, list) else document


def without_their_own_uri(uri: str, document: Document) -> Document:
    """A collection and its members need none: the link that led there is known."""
    return {**document, "@odata.id": None} if uri != ROOT else document


def with_more_than_is_known(uri: str, document: Document) -> Document:
    """The next firmware adds properties."""
    return {**document, "Next": {"@odata.id": "/redfish/v1/Next"}, "Oem": {**(document.get("Oem") or {}), "Next": {}}}


Variation = Callable[[str, Document], Document]
VARIATIONS = (
    reversed_members,
    pages_that_repeat,
    links_with_a_slash,
    members_spelled_twice,
    members_that_are_not_there,
    without_their_own_uri,
    with_more_than_is_known,
)


def varied(recorded: Tree, variation: Variation) -> Mapping[str, bytes]:
    """All that the tasks read, changed."""
    changed = {
        path: json.dumps(variation(path, json.loads(recorded.documents[path]))).encode()
        for path in (path.rstrip("/") for path in paths_read(recorded.name))
        if path in recorded.documents
    }
    return {**recorded.documents, **changed}


@pytest.mark.parametrize("variation", VARIATIONS)
def test_a_variation_changes_no_result(recorded: Tree, variation: Variation) -> None:
    with TreeServer(varied(recorded, variation)) as server:
        other = list(results(server))
    assert without_last_slashes(other) == without_last_slashes(as_recorded(recorded.name))


@functools.cache
def as_recorded(name: str) -> list[Result]:
    """The results for a tree without a variation."""
    with TreeServer(tree(name).documents) as server:
        return list(results(server))


def without_last_slashes(results: list[Result]) -> Any:
    """How a link is written is the BMC's matter: it is shown, and followed, as it stands there."""
    return json.loads(re.sub(r'(/redfish/v1/[^\s",]*)/(?=[\s",])', r"\1", json.dumps(results)))
