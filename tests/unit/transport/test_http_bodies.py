# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that are not what they should be, each with an error that says so."""

from __future__ import annotations

import gzip

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    BadAnswer,
    CutOff,
    MayHaveHappened,
    Unreachable,
)
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import HttpClient, Response
from tests.unit.fake_clock import FakeClock

from .scripted_server import Answer, ScriptedServer, Wire, document, raw, reply, silence

TRUNCATED = raw(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half": ')
TRUNCATED_CHUNKS = raw(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{"half": ')
DROPPED = raw(b"")
NOT_HTTP = raw(b"SSH-2.0-OpenSSH_8.9\r\n")


def test_json_object_is_the_document(server: ScriptedServer, client: HttpClient) -> None:
    server.expect("GET", "/x", document({"Id": "1"}, x_note="yes"))
    response = client.request("GET", "/x")
    assert response.document() == {"Id": "1"}
    assert (response.status, response.headers["x-note"]) == (200, "yes")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>login</html>",
        b'{"half": ',
        b"\xff\xfe\x00",
        b'{"Name": "caf\xe9"}',
        b"[" * 100_000,
        b'{"a": ' + b"1" * 5000 + b"}",
    ],
    ids=["empty", "HTML", "cut JSON", "bytes", "Latin-1", "nested too deep", "too many digits"],
)
def test_body_that_is_no_json_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer, match=f"GET /x was not answered in JSON.*HTTP 200, text/html, {len(body)} bytes"):
        Response("GET", "/x", 200, {"content-type": "text/html"}, body).document()


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"7"])
def test_json_that_is_no_object_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer, match="JSON object"):
        Response("GET", "/x", 200, {}, body).document()


@pytest.mark.parametrize(
    ("body", "value"),
    [(b'{"a": 1, "a": "last"}', "last"), (b'{"a": "x", "b": NaN, "c": -Infinity, "d": 1e999}', "x")],
    ids=["a key twice", "numbers that are none"],
)
def test_json_that_is_not_quite_json_is_read(body: bytes, value: str) -> None:
    # Strict parsers refuse it; what is read of a resource are strings, so it does no harm.
    assert Response("GET", "/x", 200, {}, body).document()["a"] == value


@pytest.mark.parametrize("answer", [TRUNCATED, TRUNCATED_CHUNKS, DROPPED, NOT_HTTP])
def test_read_that_breaks_off_three_times_is_cut_off(
    server: ScriptedServer, client: HttpClient, answer: Answer
) -> None:
    for _attempt in range(3):
        server.expect("GET", "/x", answer)
    with pytest.raises(CutOff, match="GET /x"):
        client.request("GET", "/x")


@pytest.mark.parametrize("answer", [TRUNCATED, TRUNCATED_CHUNKS, DROPPED, NOT_HTTP, silence])
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_write_that_breaks_off_may_have_happened_and_was_sent_once(
    server: ScriptedServer, client: HttpClient, method: str, answer: Answer
) -> None:
    server.expect(method, "/x", answer)
    with pytest.raises(MayHaveHappened, match=rf"{method} /x was cut off.*It may have happened"):
        client.request(method, "/x", body=b"{}")
    assert [request.method for request in server.requests] == [method]


def test_read_without_an_answer_in_time_is_unreachable(server: ScriptedServer, client: HttpClient) -> None:
    server.expect("GET", "/x", silence)
    with pytest.raises(Unreachable, match=r"no answer in time.*bmc_timeout"):
        client.request("GET", "/x")


def trickle(clock: FakeClock, pause: float) -> Answer:
    """An answer byte by byte, each after a pause in which no read times out by itself."""

    def answer(wire: Wire) -> None:
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n")
        for _byte in range(8):
            clock.advance(pause)
            wire.send(b" ")

    return answer


def test_trickle_beyond_the_read_limit_is_given_up(
    server: ScriptedServer, client: HttpClient, clock: FakeClock
) -> None:
    server.expect("GET", "/x", trickle(clock, client.limits.read / 4))
    with pytest.raises(Unreachable, match="no answer in time"):
        client.request("GET", "/x")


def test_trickle_within_the_read_limit_is_waited_for(
    server: ScriptedServer, client: HttpClient, clock: FakeClock
) -> None:
    server.expect("GET", "/x", trickle(clock, client.limits.read / 16))
    assert client.request("GET", "/x").body == b" " * 8


def test_write_whose_answer_trickles_beyond_the_read_limit_may_have_happened(
    server: ScriptedServer, client: HttpClient, clock: FakeClock
) -> None:
    server.expect("POST", "/x", trickle(clock, client.limits.read / 4))
    with pytest.raises(MayHaveHappened):
        client.request("POST", "/x", body=b"{}")


def test_oversized_body_is_given_up_and_its_connection_not_used_again(
    server: ScriptedServer, client: HttpClient
) -> None:
    server.expect("GET", "/x", reply(body=b" " * (client.limits.body + 1)))
    server.expect("GET", "/y", document({}))
    with pytest.raises(BadAnswer, match="more than 1 MiB"):
        client.request("GET", "/x")
    assert client.request("GET", "/y").status == 200
    assert server.connections == 2


def test_body_beyond_its_content_length_never_becomes_the_next_answer(
    server: ScriptedServer, client: HttpClient
) -> None:
    server.expect(
        "GET", "/x", reply(body=b'{"a": 1}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfake', content_length="8")
    )
    server.expect("GET", "/y", document({"b": 2}))
    assert client.request("GET", "/x").document() == {"a": 1}
    assert client.request("GET", "/y").document() == {"b": 2}


def test_content_length_that_is_too_short_shows_as_cut_json(server: ScriptedServer, client: HttpClient) -> None:
    server.expect("GET", "/x", reply(body=b'{"a": 1}', content_length="5"))
    with pytest.raises(BadAnswer, match="not answered in JSON"):
        client.request("GET", "/x").document()


def test_damaged_encoding_is_a_bad_answer(server: ScriptedServer, client: HttpClient) -> None:
    server.expect("GET", "/x", reply(body=b"no gzip at all", content_encoding="gzip"))
    with pytest.raises(BadAnswer, match="cannot be used: Error -3"):
        client.request("GET", "/x")


def test_small_body_that_unpacks_to_a_large_one_is_given_up(server: ScriptedServer, client: HttpClient) -> None:
    packed = gzip.compress(b" " * (4 * client.limits.body))
    server.expect("GET", "/x", reply(body=packed, content_encoding="gzip"))
    with pytest.raises(BadAnswer, match="more than 1 MiB"):
        client.request("GET", "/x")
