# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Root, resources and collections of one service."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    BadAnswer,
    ForeignLink,
    NotRedfish,
    RefusedByBmc,
)
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.service import Service
from tests.unit.json_documents import json_objects, quick

from .fake_reader import FakeReader, collection, reference, refused, service_of, tree

SYSTEMS = "/redfish/v1/Systems"


def test_root_is_read_once_and_without_a_login() -> None:
    reader = FakeReader(tree())
    service = Service(reader)
    assert service.root() is service.root()
    assert reader.reads == ["/redfish/v1"]


@pytest.mark.parametrize("root", [{}, {"RedfishVersion": None}, {"RedfishVersion": ""}, {"name": "a web shop"}])
def test_root_without_a_version_is_no_redfish(root: dict[str, Any]) -> None:
    with pytest.raises(NotRedfish, match="No password was sent"):
        service_of({"/redfish/v1": root}).root()


def test_resource_is_read_once_and_again_when_it_must_be_fresh() -> None:
    reader = FakeReader({"/x": {"PowerState": "On"}})
    service = Service(reader)
    assert service.get("/x") is service.get("/x#/Fragment")
    reader.documents["/x"] = {"PowerState": "Off"}
    assert service.get("/x")["PowerState"] == "On"
    assert service.fresh("/x")["PowerState"] == "Off"
    assert service.get("/x")["PowerState"] == "Off"
    assert reader.reads == ["/x", "/x"]


def test_resource_that_does_not_tell_its_uri_is_known_by_the_one_that_led_to_it() -> None:
    service = service_of({"/x": {}, "/y": {"@odata.id": "/Y"}})
    assert service.get("/x") == {"@odata.id": "/x"}
    assert service.get("/y") == {"@odata.id": "/Y"}


def test_resource_that_is_not_there_is_none_and_other_refusals_are_errors() -> None:
    service = service_of({"/gone": refused(404), "/broken": refused(500)})
    assert service.find("/gone") is None
    with pytest.raises(RefusedByBmc):
        service.find("/broken")


def test_collection_is_read_page_by_page_each_member_once() -> None:
    first = collection(SYSTEMS, "/s/2", "/s/1") | {"Members@odata.nextLink": f"{SYSTEMS}?$skip=2"}
    second = collection(SYSTEMS, "/s/1", "/s/3")
    service = service_of({SYSTEMS: first, f"{SYSTEMS}?$skip=2": second})
    assert service.members(SYSTEMS) == ("/s/2", "/s/1", "/s/3")


@pytest.mark.parametrize("following", [SYSTEMS, f"{SYSTEMS}?page=b"])
def test_pages_in_a_circle_end(following: str) -> None:
    pages = {SYSTEMS: collection(SYSTEMS, "/s/1") | {"Members@odata.nextLink": following}}
    pages[f"{SYSTEMS}?page=b"] = collection(SYSTEMS, "/s/2") | {"Members@odata.nextLink": SYSTEMS}
    assert service_of(pages).members(SYSTEMS)[0] == "/s/1"


def test_pages_without_an_end_are_a_bad_answer() -> None:
    class Endless(FakeReader):
        def get(self, uri: str) -> dict[str, Any]:
            self.reads.append(uri)
            return collection(SYSTEMS) | {"Members@odata.nextLink": f"{SYSTEMS}?page={len(self.reads)}"}

    with pytest.raises(BadAnswer, match="never ends"):
        Service(Endless({})).members(SYSTEMS)


@pytest.mark.parametrize(
    "page",
    [
        {"Members": None},
        {"Members": []},
        {"Members": [None]},
        {"Members": [{"@odata.id": None}]},
        {"Members@odata.count": 0},
    ],
)
def test_members_that_are_none_are_an_empty_collection(page: dict[str, Any]) -> None:
    assert service_of({SYSTEMS: page}).members(SYSTEMS) == ()


@pytest.mark.parametrize(
    "page", [{}, {"Members": "text"}, {"Members": {}}, {"Members@odata.count": 1}, {"RedfishVersion": "1.6.0"}]
)
def test_what_is_no_collection_is_not_read_as_an_empty_one(page: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer, match=f"no Members: {SYSTEMS}"):
        service_of({SYSTEMS: page}).members(SYSTEMS)


def test_member_that_is_not_there_is_left_out() -> None:
    documents = tree(Systems=[{"@odata.id": "/s/1"}])
    documents[SYSTEMS]["Members"].append(reference("/s/2"))
    documents["/s/2"] = refused(404)
    assert service_of(documents).collection("Systems") == ({"@odata.id": "/s/1"},)


def test_link_elsewhere_is_refused_with_the_resource_that_holds_it() -> None:
    documents = tree(Systems=[{"@odata.id": "/s/1"}])
    documents[SYSTEMS]["Members"].append(reference("https://elsewhere/s/2"))
    documents["https://elsewhere/s/2"] = ForeignLink("a link leads away from the BMC", why="?", way_out="Look.")
    with pytest.raises(ForeignLink) as refusal:
        service_of(documents).collection("Systems")
    assert str(refusal.value) == f"a link leads away from the BMC: {SYSTEMS} points to https://elsewhere/s/2. Look."


def test_holder_of_a_link_is_found_also_among_documents_that_are_nested_beyond_all_measure() -> None:
    deep: dict[str, Any] = {}
    for _level in range(2 * sys.getrecursionlimit()):
        deep = {"a": [deep]}
    documents = tree(Systems=[{"@odata.id": "/s/1", "Oem": deep, "Links": {"Chassis": [reference("https://else/c")]}}])
    documents["https://else/c"] = ForeignLink("a link leads away from the BMC")
    service = service_of(documents)
    service.collection("Systems")
    with pytest.raises(ForeignLink, match="/s/1 points to https://else/c"):
        service.get("https://else/c")


def test_redirect_elsewhere_keeps_its_own_words() -> None:
    documents = tree(Systems=[{"@odata.id": "/s/1"}])
    documents["/s/1"] = ForeignLink("a link leads away from the BMC", why="/s/1 points to https://elsewhere/s/1")
    with pytest.raises(ForeignLink, match=r": /s/1 points to https://elsewhere/s/1$"):
        service_of(documents).collection("Systems")


def test_collection_that_the_root_does_not_have_is_empty() -> None:
    assert service_of(tree()).collection("Systems") == ()


PAGES = ("/a", "/b", "/c")
pages_of_anything = st.dictionaries(
    st.sampled_from(PAGES), json_objects("Members", "Members@odata.nextLink", "@odata.id", texts=PAGES), min_size=3
)


@quick
@given(pages_of_anything)
def test_no_pages_break_the_reading(pages: dict[str, Any]) -> None:
    class Anything(FakeReader):
        def get(self, uri: str) -> dict[str, Any]:
            page: dict[str, Any] = pages.get(uri, {})
            return page

    try:
        found = Service(Anything({})).members("/a")
    except BadAnswer:
        return
    assert all(isinstance(uri, str) for uri in found)


def test_resource_in_two_spellings_is_read_and_listed_once() -> None:
    one = f"{SYSTEMS}/One"
    reader = FakeReader({SYSTEMS: collection(SYSTEMS, one, f"{one}/", one.upper()), one: {"@odata.id": f"{one}/"}})
    service = Service(reader)
    assert service.members(SYSTEMS) == (one,)
    assert service.get(one) is service.get(f"{one}/") is service.get(one.upper())
    assert reader.reads == [SYSTEMS, one]
    assert service.get(one)["@odata.id"] == f"{one}/"


@pytest.mark.parametrize("own", [None, 7, "", "/redfish/v1/Systems/Other"])
def test_resource_that_tells_another_uri_is_known_by_the_one_that_led_to_it(own: object) -> None:
    assert service_of({"/x": {"@odata.id": own}}).get("/x") == {"@odata.id": "/x"}
