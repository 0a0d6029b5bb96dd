# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading one document, whatever it holds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BadAnswer
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.resource import (
    id_of,
    link,
    links,
    member,
    same_resource,
    strings,
    text,
    uri_of,
)
from tests.unit.json_documents import json_values, quick

KEYS = ("@odata.id", "Id", "Links", "Members", "Status", "Health")
PATHS = st.lists(st.sampled_from(KEYS), max_size=3)


@pytest.mark.parametrize(
    ("value", "read"),
    [("OK", "OK"), (" padded  ", "padded"), ("", None), ("  ", None), (None, None), (7, None), ([], None)],
)
def test_text_is_a_string_with_something_in_it(value: Any, read: str | None) -> None:
    assert text({"Status": {"Health": value}}, "Status", "Health") == read


@pytest.mark.parametrize("status", [None, "OK", [], 7])
def test_path_through_something_else_than_an_object_leads_nowhere(status: Any) -> None:
    assert member({"Status": status}, "Status", "Health") is None


def test_links_are_told_once_in_the_order_given_without_what_is_none() -> None:
    members = [{"@odata.id": "/b"}, {"@odata.id": "/a"}, {"@odata.id": "/b"}, {}, None, "/c", {"@odata.id": 7}]
    assert links({"Members": members}, "Members") == ("/b", "/a")


def test_strings_are_told_without_what_is_none() -> None:
    assert strings({"Values": ["On", None, 7, "Off"]}, "Values") == ("On", "Off")


@pytest.mark.parametrize("value", [None, "text", 7, {}])
def test_list_that_is_none_holds_nothing(value: Any) -> None:
    assert links({"Members": value}, "Members") == ()
    assert strings({"Members": value}, "Members") == ()


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [("/a/1", "/a/1/", True), ("/A/1", "/a/1", True), ("/a/1", "/a/2", False), ("/a/1", "/a/11", False)],
)
def test_case_and_slash_at_the_end_make_no_other_resource(left: str, right: str, same: bool) -> None:
    assert same_resource(left, right) is same


def test_id_is_the_end_of_the_uri_where_it_is_not_told() -> None:
    assert id_of({"Id": "Node0", "@odata.id": "/redfish/v1/Systems/0"}) == "Node0"
    assert id_of({"@odata.id": "/redfish/v1/Systems/Node0/"}) == "Node0"


def test_resource_without_a_uri_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswer, match=r"@odata\.id.*'Node0'"):
        uri_of({"Id": "Node0"})


@quick
@given(json_values(*KEYS), PATHS)
def test_no_document_breaks_the_reading(document: Any, path: list[str]) -> None:
    assert isinstance(text(document, *path), str | None)
    assert isinstance(link(document, *path), str | None)
    assert all(isinstance(uri, str) for uri in links(document, *path))
    assert all(isinstance(value, str) for value in strings(document, *path))


@quick
@given(json_values(*KEYS))
def test_uri_and_id_are_texts_or_a_bad_answer(document: Any) -> None:
    for read in (uri_of, id_of):
        try:
            assert read(document)
        except BadAnswer:
            assert link(document) is None
