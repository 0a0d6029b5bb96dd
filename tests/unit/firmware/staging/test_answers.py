# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests as they come from BMCs and from elsewhere, and what they are answered with."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.addresses import networks
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.answers import (
    Malformed,
    Request,
    answered,
    parse,
)
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.offers import Offer, offer
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.payload import Payload
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.spans import Span
from tests.unit.fake_clock import FakeClock

CONTENT = b"0123456789"


@pytest.fixture
def staged(tmp_path: Path) -> Offer:
    (tmp_path / "bios.bin").write_bytes(CONTENT)
    return offer("node1", Payload(tmp_path / "bios.bin"), "bios.bin", networks(["10.0.0.1"]), FakeClock())


def get(**headers: str) -> Request:
    return Request("GET", "/", {name.replace("_", "-"): text for name, text in headers.items()})


def test_whole_file(staged: Offer) -> None:
    found = answered(get(), staged)
    assert (found.status, found.span) == (HTTPStatus.OK, Span(0, 10))
    assert found.headers["Content-Length"] == "10"
    assert found.headers["Accept-Ranges"] == "bytes"


def test_a_part(staged: Offer) -> None:
    found = answered(get(range="bytes=2-4"), staged)
    assert (found.status, found.span) == (HTTPStatus.PARTIAL_CONTENT, Span(2, 5))
    assert (found.headers["Content-Range"], found.headers["Content-Length"]) == ("bytes 2-4/10", "3")


def test_nothing_that_is_there(staged: Offer) -> None:
    found = answered(get(range="bytes=10-"), staged)
    assert (found.status, found.span) == (HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, None)
    assert found.headers["Content-Range"] == "bytes */10"


def test_several_parts_are_the_whole(staged: Offer) -> None:
    assert answered(get(range="bytes=0-1,4-5"), staged).status == HTTPStatus.OK


def test_head_says_the_whole_size_whatever_the_range(staged: Offer) -> None:
    found = answered(Request("HEAD", "/", {"range": "bytes=2-4"}), staged)
    assert (found.status, found.headers["Content-Length"]) == (HTTPStatus.OK, "10")


def test_if_range_decides_whether_the_range_counts(staged: Offer) -> None:
    headers = answered(get(), staged).headers
    for known in (headers["ETag"], headers["Last-Modified"]):
        assert answered(get(range="bytes=2-4", if_range=known), staged).status == HTTPStatus.PARTIAL_CONTENT
    for other in ('"other"', f"W/{headers['ETag']}", "Thu, 01 Jan 1970 00:00:00 GMT"):
        assert answered(get(range="bytes=2-4", if_range=other), staged).status == HTTPStatus.OK


def test_other_methods_are_not_allowed(staged: Offer) -> None:
    found = answered(Request("POST", "/"), staged)
    assert (found.status, found.headers["Allow"]) == (HTTPStatus.METHOD_NOT_ALLOWED, "GET, HEAD")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_whoever_may_fetch_nothing_hears_the_same(method: str) -> None:
    assert answered(Request(method, "/x", {"range": "bytes=1-"}), None) == answered(get(), None)


@pytest.mark.parametrize("damage", [b"01234567", b"0123456789ab", b"9876543210"])
def test_file_that_was_written_to_is_not_given_out(staged: Offer, damage: bytes) -> None:
    staged.payload.path.write_bytes(damage)
    assert answered(get(), staged).status == HTTPStatus.INTERNAL_SERVER_ERROR
    assert staged.tally.fetched().changed


def test_file_that_was_replaced_is_given_out_as_it_was(staged: Offer) -> None:
    other = staged.payload.path.with_name("other")
    other.write_bytes(b"x" * 99)
    other.replace(staged.payload.path)
    assert answered(get(), staged).span == Span(0, 10)


@pytest.mark.parametrize(
    ("head", "path", "stays"),
    [
        (b"GET /a HTTP/1.1\r\n\r\n", "/a", True),
        (b"GET /a HTTP/1.1\r\nConnection: Close\r\n\r\n", "/a", False),
        (b"GET /a HTTP/1.0\r\n\r\n", "/a", False),
        (b"GET /a HTTP/1.0\nConnection: keep-alive\n\n", "/a", True),
        (b"GET http://10.1.1.1:8080/a%2db?q=1 HTTP/1.1\r\n\r\n", "/a-b", True),
        (b"GET /a HTTP/1.1\r\nContent-Length: 3\r\n\r\n", "/a", False),
        (b"GET /a HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "/a", True),
        (b"GET /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "/a", False),
    ],
)
def test_request_is_read_as_the_standard_says(head: bytes, path: str, stays: bool) -> None:
    request = parse(head)
    assert (request.method, request.path, request.stays) == ("GET", path, stays)


def test_headers_have_one_name_and_no_outer_blanks() -> None:
    assert parse(b"GET / HTTP/1.1\r\nRANGE: \t bytes=0-1 \t\r\nX:\r\nx: 2\r\n\r\n").headers == {
        "range": "bytes=0-1",
        "x": ", 2",
    }


@pytest.mark.parametrize(
    "head",
    [
        b"\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: a\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nBad Name: x\r\n\r\n",
        b"GET http://[::1 HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
def test_what_is_no_request_is_malformed(head: bytes) -> None:
    with pytest.raises(Malformed):
        parse(head)


@given(st.binary(max_size=200))
def test_whatever_comes_is_a_request_or_malformed(head: bytes) -> None:
    try:
        request = parse(head + b"\r\n\r\n")
    except Malformed:
        return
    assert answered(request, None).status == HTTPStatus.NOT_FOUND


def test_answer_has_no_line_that_its_client_wrote(staged: Offer) -> None:
    lines = answered(get(range="bytes=0-1", if_range="x\r\nSet-Cookie: y"), staged).head(stays=True).split(b"\r\n")
    assert lines[0] == b"HTTP/1.1 200 OK"
    assert b"Connection: keep-alive" in lines
    assert not [line for line in lines if b"Cookie" in line]
