# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One exchange ends in time and within its size, and so does all that a task asks."""

from __future__ import annotations

import gzip
import socket
import tracemalloc
from collections.abc import Iterator

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    BadAnswer,
    CutOff,
    MayHaveHappened,
    Unreachable,
)
from ansible_collections.openchami.bmc.plugins.module_utils._transport.bounds import dial
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import HttpClient, Limits
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin
from ansible_collections.openchami.bmc.plugins.module_utils._transport.tls import Trust, observed_fingerprint
from tests.unit.fake_clock import FakeClock

from .floods import CHUNKED, FLOODS, MIB, OK, flood
from .scripted_server import ADDRESS, Answer, ScriptedServer, Wire, certificate, document, raw, reply


def advancing(clock: FakeClock, seconds: float, answer: Answer) -> Answer:
    """An answer that comes so much later."""

    def late(wire: Wire) -> None:
        clock.advance(seconds)
        answer(wire)

    return late


def trickling_head(clock: FakeClock, pause: float) -> Answer:
    """A head byte by byte, each after a pause in which no read times out by itself."""

    def answer(wire: Wire) -> None:
        for byte in b"HTTP/1.1 200 OK\r\n\r\n":
            clock.advance(pause)
            wire.send(bytes([byte]))
        wire.close()

    return answer


@pytest.fixture
def patient(server: ScriptedServer, clock: FakeClock) -> Iterator[HttpClient]:
    """A client with 5 s for an exchange and 10 s for a task."""
    http = HttpClient(server.origin, Trust(fingerprint=certificate().sha256), clock, Limits(read=5.0, task=10.0))
    yield http
    http.close()


def test_head_that_trickles_is_given_up(server: ScriptedServer, client: HttpClient, clock: FakeClock) -> None:
    server.expect("GET", "/x", trickling_head(clock, client.limits.read / 4))
    with pytest.raises(Unreachable, match="no answer in time"):
        client.request("GET", "/x")


def test_write_whose_head_trickles_may_have_happened(
    server: ScriptedServer, client: HttpClient, clock: FakeClock
) -> None:
    server.expect("POST", "/x", trickling_head(clock, client.limits.read / 4))
    with pytest.raises(MayHaveHappened, match="timed out"):
        client.request("POST", "/x", body=b"{}")


def test_peer_that_does_not_read_is_given_up(clock: FakeClock) -> None:
    with ScriptedServer(reads=False) as deaf:
        http = HttpClient(deaf.origin, Trust(validate=False), clock, Limits(read=0.3))
        with pytest.raises(MayHaveHappened, match="timed out"):
            http.request("POST", "/x", body=b" " * 32 * MIB)
        http.close()


@pytest.mark.parametrize("kind", FLOODS)
def test_flood_is_given_up_in_bounded_memory(server: ScriptedServer, client: HttpClient, kind: str) -> None:
    server.expect("GET", "/x", FLOODS[kind])
    tracemalloc.start()
    try:
        with pytest.raises(BadAnswer, match=r"GET /x .*more than 1 MiB"):
            client.request("GET", "/x")
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Both sides are in this process: what is read, its parts joined, and what is about to be sent.
    assert peak < 6 * MIB


@pytest.mark.parametrize("answer", [FLOODS["announced"], flood(CHUNKED + b"1;", b"x" * 65536)], ids=["body", "chunk"])
def test_write_that_is_answered_with_a_flood_may_have_happened(
    server: ScriptedServer, client: HttpClient, answer: Answer
) -> None:
    server.expect("POST", "/x", answer)
    with pytest.raises(MayHaveHappened, match="more than"):
        client.request("POST", "/x", body=b"{}")


def test_flood_of_headers_is_cut_off(server: ScriptedServer, client: HttpClient) -> None:
    for _attempt in range(3):
        server.expect("GET", "/x", raw(OK + b"X-More: 1\r\n" * 1000 + b"\r\n"))
    with pytest.raises(CutOff, match="100 headers"):
        client.request("GET", "/x")


def test_body_that_came_packed_is_unpacked(server: ScriptedServer, client: HttpClient) -> None:
    server.expect("GET", "/x", reply(body=gzip.compress(b'{"Id": "1"}'), content_encoding="gzip"))
    assert client.request("GET", "/x").document() == {"Id": "1"}


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
def test_encoding_that_nobody_asked_for_is_refused(server: ScriptedServer, client: HttpClient, encoding: str) -> None:
    server.expect("GET", "/x", reply(body=b"{}", content_encoding=encoding))
    with pytest.raises(BadAnswer, match=f"encoding that was not asked for: {encoding}"):
        client.request("GET", "/x")


def test_task_whose_time_is_used_up_says_so_and_sends_nothing_more(
    server: ScriptedServer, patient: HttpClient, clock: FakeClock
) -> None:
    for path in ("/a", "/b"):
        server.expect("GET", path, advancing(clock, 4.0, document({})))
        patient.request("GET", path)
    server.expect("GET", "/c", trickling_head(clock, 0.7))
    with pytest.raises(Unreachable, match=r"answered 2 requests in 10 s, but not GET /c\. .*bmc_deadline"):
        patient.request("GET", "/c")
    for method in ("GET", "POST"):
        with pytest.raises(Unreachable, match=rf"not {method} /d\. .*bmc_deadline"):
            patient.request(method, "/d", body=b"{}")


def test_write_that_was_begun_has_its_whole_time(server: ScriptedServer, patient: HttpClient, clock: FakeClock) -> None:
    server.expect("GET", "/a", advancing(clock, 4.0, document({})))
    server.expect("GET", "/b", advancing(clock, 4.0, document({})))
    server.expect("POST", "/c", advancing(clock, 4.0, reply(204)))
    patient.request("GET", "/a")
    patient.request("GET", "/b")
    assert patient.request("POST", "/c", body=b"{}").status == 204


def test_time_between_requests_is_not_the_bmcs(server: ScriptedServer, patient: HttpClient, clock: FakeClock) -> None:
    for path in ("/a", "/b"):
        server.expect("GET", path, document({}))
        clock.advance(3600.0)
        assert patient.request("GET", path).status == 200


def test_what_is_asked_apart_does_not_count(server: ScriptedServer, patient: HttpClient, clock: FakeClock) -> None:
    for path in ("/a", "/b", "/c", "/d"):
        server.expect("GET", path, advancing(clock, 4.0, document({})))
    with patient.apart():
        for path in ("/a", "/b", "/c"):
            patient.request("GET", path)
    assert patient.request("GET", "/d").status == 200


def test_retries_apart_end_with_the_time_of_one_exchange(
    server: ScriptedServer, patient: HttpClient, clock: FakeClock
) -> None:
    server.expect("GET", "/x", reply(503, retry_after="4"))
    server.expect("GET", "/x", reply(503, retry_after="4"))
    with patient.apart():
        assert patient.request("GET", "/x").status == 503
    assert clock.slept == [4.0]


def test_retry_after_does_not_outlast_the_task(server: ScriptedServer, patient: HttpClient, clock: FakeClock) -> None:
    server.expect("GET", "/x", reply(503, retry_after="7"))
    server.expect("GET", "/x", reply(503, retry_after="7"))
    assert patient.request("GET", "/x").status == 503
    assert clock.slept == [7.0]


def test_broken_connection_is_not_tried_again_when_the_time_is_used_up(
    server: ScriptedServer, clock: FakeClock
) -> None:
    http = HttpClient(server.origin, Trust(validate=False), clock, Limits(read=20.0, task=10.0))
    server.expect("GET", "/x", advancing(clock, 10.0, raw(b"")))
    with pytest.raises((CutOff, Unreachable)):
        http.request("GET", "/x")
    assert len(server.requests) == 1


def test_addresses_of_a_name_share_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{last}", 443)) for last in (1, 2, 3)]
    given: list[float] = []

    def never(address: tuple[str, int], timeout: float) -> socket.socket:
        given.append(timeout)
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_named: addresses)
    monkeypatch.setattr(socket, "create_connection", never)
    with pytest.raises(TimeoutError):
        dial("bmc", 443, 6.0)
    assert [round(seconds) for seconds in given] == [2, 3, 6]


def test_next_address_is_tried(monkeypatch: pytest.MonkeyPatch, server: ScriptedServer) -> None:
    port = server.origin.port
    addresses = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in ("127.0.0.254", ADDRESS)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_named: addresses)
    assert observed_fingerprint(Origin("https", "bmc", port), 5.0) == certificate().sha256
