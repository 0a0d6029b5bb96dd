# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The asynchronous client: one connection, the same bounds, trust and errors as its sibling, nothing from outside."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    BadAnswer,
    BmcError,
    CutOff,
    ForeignLink,
    InvalidRequest,
    LocalFailure,
    MayHaveHappened,
    PinMismatch,
    Unreachable,
    Untrusted,
)
from ansible_collections.openchami.bmc.plugins.module_utils._transport import async_connection
from ansible_collections.openchami.bmc.plugins.module_utils._transport.async_http import AsyncHttpClient
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import Limits, Response, Retry
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin
from ansible_collections.openchami.bmc.plugins.module_utils._transport.tls import Trust

from .floods import CHUNKED, FLOODS, MIB, OK
from .scripted_server import Answer, ScriptedServer, Wire, certificate, document, raw, reply, silence

SECRET = MappingProxyType({"Authorization": "Basic canary"})
PINNED = Trust(fingerprint=certificate().sha256)
LIMITS = Limits(connect=5.0, read=5.0, body=MIB)
SHORT = Limits(connect=0.3, read=0.3, body=MIB)
AT_ONCE = Retry(pause=0.0)


def get(
    origin: Origin,
    *paths: str,
    trust: Trust = PINNED,
    limits: Limits = LIMITS,
    method: str = "GET",
    headers: Mapping[str, str] = SECRET,
) -> tuple[list[Response], str]:
    """The answers to requests on one client, and the fingerprint that it saw."""

    async def ask() -> tuple[list[Response], str]:
        async with AsyncHttpClient(origin, trust, limits, AT_ONCE) as client:
            return [await client.request(method, path, headers=headers) for path in paths], client.fingerprint

    return asyncio.run(ask())


def trickling(part: bytes) -> Answer:
    """An answer that begins and then comes byte by byte, for as long as the client listens."""

    def answer(wire: Wire) -> None:
        wire.close()
        try:
            wire.send(part)
            while not wire.closing.wait(0.02):
                wire.send(b"x")
        except OSError:
            return

    return answer


def trusts(folder: Path) -> list[Trust]:
    """Every decision that trusts the scripted server."""
    file = folder / "ca.pem"
    file.write_bytes(certificate().pem)
    return [PINNED, Trust(ca_path=str(file)), Trust(validate=False)]


def test_one_handshake_and_its_fingerprint_whatever_the_trust(tmp_path: Path) -> None:
    for trust in trusts(tmp_path):
        with ScriptedServer() as server:
            for path in ("/a", "/b", "/c"):
                server.expect("GET", path, document({"Id": path}))
            answers, fingerprint = get(server.origin, "/a", "/b", "/c", trust=trust)
            assert [answer.document()["Id"] for answer in answers] == ["/a", "/b", "/c"]
            assert (server.connections, fingerprint) == (1, certificate().sha256)


def test_another_pin_is_refused_before_anything_is_sent(server: ScriptedServer) -> None:
    with pytest.raises(PinMismatch) as refusal:
        get(server.origin, "/x", trust=Trust(fingerprint="ab" * 32))
    assert f"pinned SHA256:{'ab' * 32}, it shows SHA256:{certificate().sha256}" in str(refusal.value)
    assert (server.requests, server.connections) == ([], 1)


def test_certificate_that_no_ca_knows_is_refused_and_shown(server: ScriptedServer) -> None:
    with pytest.raises(Untrusted, match=f"it shows SHA256:{certificate().sha256}"):
        get(server.origin, "/x", trust=Trust())
    assert not server.requests


def test_certificate_of_the_ca_for_another_name_is_refused(server: ScriptedServer, tmp_path: Path) -> None:
    origin = Origin("https", "localhost", server.origin.port)
    with pytest.raises(Untrusted):
        get(origin, "/x", trust=trusts(tmp_path)[1])
    assert not server.requests


def test_another_certificate_on_a_later_connection_is_refused() -> None:
    with ScriptedServer(choose=lambda number: certificate("first" if number == 1 else "second")) as server:
        server.expect("GET", "/a", raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"))
        with pytest.raises(PinMismatch, match=certificate("first").sha256):
            get(server.origin, "/a", "/b", trust=Trust(validate=False))
        assert [request.path for request in server.requests] == ["/a"]


@pytest.mark.parametrize("kind", [kind for kind in FLOODS if kind != "trailers"])
def test_flood_is_given_up_in_bounded_memory(server: ScriptedServer, kind: str) -> None:
    server.expect("GET", "/x", FLOODS[kind])
    tracemalloc.start()
    try:
        with pytest.raises(BadAnswer, match=r"GET /x .*more (than 1 MiB|bytes than)"):
            get(server.origin, "/x", limits=Limits(read=60.0, body=MIB))
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * MIB
    assert len(server.requests) == 1


@pytest.mark.parametrize("answer", [raw(OK + b"X-More: 1\r\n" * 1000 + b"\r\n"), FLOODS["trailers"]])
def test_flood_of_headers_or_trailers_is_cut_off(server: ScriptedServer, answer: Answer) -> None:
    for _attempt in range(3):
        server.expect("GET", "/x", answer)
    with pytest.raises(CutOff):
        get(server.origin, "/x")


@pytest.mark.parametrize("begin", [OK, OK + b"Content-Length: 1000000\r\n\r\n"], ids=["head", "body"])
def test_answer_that_trickles_is_given_up(server: ScriptedServer, begin: bytes) -> None:
    server.expect("GET", "/x", trickling(begin))
    with pytest.raises(Unreachable, match=r"no answer in time: GET /x within 0.3 s"):
        get(server.origin, "/x", limits=SHORT)


def test_silence_is_given_up(server: ScriptedServer) -> None:
    server.expect("GET", "/x", silence)
    with pytest.raises(Unreachable, match="no answer in time"):
        get(server.origin, "/x", limits=SHORT)


def test_body_that_came_packed_is_unpacked(server: ScriptedServer) -> None:
    server.expect("GET", "/x", reply(body=gzip.compress(b'{"Id": "1"}'), content_encoding="gzip"))
    assert get(server.origin, "/x")[0][0].document() == {"Id": "1"}


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("br", b"{}"), ("gzip", b"no gzip"), ("gzip", gzip.compress(b" " * 2 * MIB))],
    ids=["brotli", "broken", "bomb"],
)
def test_body_that_cannot_be_unpacked_is_refused(server: ScriptedServer, encoding: str, body: bytes) -> None:
    server.expect("GET", "/x", reply(body=body, content_encoding=encoding))
    with pytest.raises(BadAnswer, match="GET /x was answered in a way that cannot be used"):
        get(server.origin, "/x")


def test_redirect_on_the_same_origin_is_followed(server: ScriptedServer) -> None:
    server.expect("GET", "/a", reply(308, location="/a/"))
    server.expect("GET", "/a/", document({"Id": "1"}))
    assert get(server.origin, "/a")[0][0].document() == {"Id": "1"}


def test_redirect_elsewhere_is_refused(server: ScriptedServer) -> None:
    with ScriptedServer() as other:
        server.expect("GET", "/a", reply(302, location=f"{other.origin}/a"))
        with pytest.raises(ForeignLink):
            get(server.origin, "/a")
        assert other.connections == 0


def test_redirects_in_a_circle_end(server: ScriptedServer) -> None:
    for _time in range(4):
        server.expect("GET", "/a", reply(302, location="/a"))
    with pytest.raises(BadAnswer, match="more than 3 times"):
        get(server.origin, "/a")


def test_busy_bmc_is_asked_again(server: ScriptedServer) -> None:
    server.expect("GET", "/x", reply(503, retry_after="0"))
    server.expect("GET", "/x", document({}))
    assert get(server.origin, "/x")[0][0].status == 200


@pytest.mark.parametrize("answer", [raw(b""), raw(OK + b"Content-Length: 9\r\n\r\n{}")], ids=["dropped", "truncated"])
def test_read_that_breaks_is_sent_as_often_as_retry_says(server: ScriptedServer, answer: Answer) -> None:
    for _attempt in range(3):
        server.expect("GET", "/x", answer)
    with pytest.raises(CutOff, match="GET /x was answered in part only or not at all"):
        get(server.origin, "/x")
    assert len(server.requests) == 3


@pytest.mark.parametrize("answer", [raw(b""), FLOODS["announced"]], ids=["dropped", "flood"])
def test_write_that_breaks_is_sent_once(server: ScriptedServer, answer: Answer) -> None:
    server.expect("POST", "/x", answer)
    with pytest.raises(MayHaveHappened):
        get(server.origin, "/x", method="POST")
    assert len(server.requests) == 1


def test_kept_connection_that_the_bmc_closed_is_replaced(server: ScriptedServer) -> None:
    server.expect("GET", "/a", document({}))
    server.expect("GET", "/b", raw(b""))
    server.expect("GET", "/b", document({}))
    assert [answer.status for answer in get(server.origin, "/a", "/b")[0]] == [200, 200]


def test_nothing_comes_from_the_environment(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login admin password canary-7f3a\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.expect("GET", "/x", document({}))
    get(server.origin, "/x", headers={})
    assert "authorization" not in server.requests[0].headers


def test_cookies_are_not_kept(server: ScriptedServer) -> None:
    server.expect("GET", "/a", reply(body=b"{}", set_cookie="id=1; Path=/"))
    server.expect("GET", "/b", document({}))
    get(server.origin, "/a", "/b")
    assert "cookie" not in server.requests[1].headers


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/x?$expand=.($levels=1)&a=%20b", "/x?$expand=.($levels=1)&a=%20b"),
        ("/a%2Fb/../%41", "/%41"),
        ("/a b\r\nX: 1", "/a%20bX:%201"),
        ("/\u00e4", "/%C3%A4"),
        ("/\ud800", "/%ED%A0%80"),
    ],
)
def test_path_is_sent_as_the_bmc_wrote_it(server: ScriptedServer, path: str, sent: str) -> None:
    server.expect("GET", sent, document({}))
    get(server.origin, path)


def test_header_of_two_lines_is_not_sent(server: ScriptedServer) -> None:
    with pytest.raises(InvalidRequest, match="a token is one line"):
        get(server.origin, "/x", headers={"X-Auth-Token": "canary\r\nX-Other: 1"})
    assert not server.requests


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\nX-Late: 1\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}<html>",
    ],
    ids=["interim", "chunked", "http 1.0", "until the end", "one too many", "rubbish behind it"],
)
def test_answer_ends_where_http_says_and_nothing_else_is_taken_for_the_next(
    server: ScriptedServer, answer: bytes
) -> None:
    server.expect("GET", "/a", raw(answer))
    server.expect("GET", "/b", document({"Id": "b"}))
    first, second = get(server.origin, "/a", "/b")[0]
    assert (first.status, first.body, "x-early" in first.headers) == (200, b"{}", False)
    assert second.document() == {"Id": "b"}


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-dropbear_2022.83\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        CHUNKED + b"zz\r\n",
    ],
    ids=["other protocol", "upgrade", "two lengths", "no chunk"],
)
def test_what_is_not_http_is_asked_for_again_and_given_up(server: ScriptedServer, answer: bytes) -> None:
    for _attempt in range(3):
        server.expect("GET", "/x", raw(answer))
    with pytest.raises(CutOff, match="the answer is not HTTP"):
        get(server.origin, "/x")


def test_listeners_that_are_no_https_servers(
    plain_listener: Origin, dropping_listener: Origin, silent_listener: Origin
) -> None:
    for origin, words in (
        (plain_listener, "no TLS connection"),
        (dropping_listener, "no (TLS )?connection"),
        (silent_listener, "no connection: .*timed out"),
    ):
        with pytest.raises(Unreachable, match=words):
            get(origin, "/x", trust=Trust(validate=False), limits=SHORT)


def test_port_that_nobody_listens_on(silent_listener: Origin) -> None:
    with pytest.raises(Unreachable, match=r"no connection: .*refused"):
        get(Origin("https", "127.0.0.1", 1), "/x")


def test_name_that_does_not_exist() -> None:
    with pytest.raises(Unreachable, match="no connection"):
        get(Origin("https", "bmc.invalid", 443), "/x")


def test_bmc_is_never_reached_without_tls() -> None:
    with pytest.raises(InvalidRequest, match="HTTPS only"):
        get(Origin("http", "127.0.0.1", 80), "/x")


def test_missing_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(async_connection, "HAS_HTTPTOOLS", False)
    with pytest.raises(LocalFailure, match="pip install httptools"):
        get(Origin("https", "127.0.0.1", 1), "/x")


def test_ca_that_cannot_be_read_is_a_local_failure(tmp_path: Path) -> None:
    with pytest.raises(BmcError, match=r"none\.pem"):
        get(Origin("https", "127.0.0.1", 1), "/x", trust=Trust(ca_path=str(tmp_path / "none.pem")))
