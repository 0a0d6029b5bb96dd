# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file on its way to a BMC: whole, in little memory, once, and with an end that is told."""

from __future__ import annotations

import email
import hashlib
import io
import json
import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from typing import BinaryIO, cast

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    LocalFailure,
    LoginRefused,
    MayHaveHappened,
    RefusedByBmc,
    Unreachable,
)
from ansible_collections.openchami.bmc.plugins.module_utils._transport import bounds
from ansible_collections.openchami.bmc.plugins.module_utils._transport.bmc import BmcClient, Credential
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import HttpClient, Limits
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin
from ansible_collections.openchami.bmc.plugins.module_utils._transport.tls import Trust
from ansible_collections.openchami.bmc.plugins.module_utils._transport.upload import FormField, Upload
from tests.unit.fake_clock import FakeClock

from .scripted_server import ADDRESS, ScriptedServer, certificate, document, reply
from .uploads import ACCEPTED, Arrival, LongFile, UploadServer

PARAMETERS = FormField("UpdateParameters", '{"Targets": []}', "application/json")
FORM = Upload("/update", "image.bin", "UpdateFile", (PARAMETERS,))
BARE = Upload("/update", "image.bin")
CONTENT = bytes(range(256)) * 1000
MUCH = 32 << 20
"""More bytes than the buffers of a connection hold."""


@contextmanager
def client_of(origin: Origin, stall: float = 5.0, auth: Credential | None = None) -> Iterator[BmcClient]:
    limits = Limits(connect=5.0, read=5.0, stall=stall)
    http = HttpClient(origin, Trust(fingerprint=certificate().sha256), FakeClock(), limits)
    with BmcClient(http, auth or Credential("admin", "secret")) as opened:
        yield opened


def ignored(_sent: int) -> None:
    """For tests that look at something else."""


def long_file(size: int) -> BinaryIO:
    return cast(BinaryIO, LongFile(size))


def parts_of(arrival: Arrival) -> list[Message[str, str]]:
    """The parts of the form that arrived, as an independent parser reads them."""
    head = f"Content-Type: {arrival.headers['content-type']}\r\n\r\n".encode()
    parsed = email.message_from_bytes(head + arrival.body)
    assert parsed.is_multipart()
    return cast("list[Message[str, str]]", parsed.get_payload())


def test_a_form_arrives_whole_with_its_parameters_before_the_file() -> None:
    seen: list[int] = []
    with UploadServer() as server, client_of(server.origin) as bmc:
        response = bmc.upload(FORM, io.BytesIO(CONTENT), len(CONTENT), seen.append)
    assert (response.status, response.headers["location"]) == (202, "/tasks/1")
    (arrival,) = server.arrivals
    assert arrival.line == "POST /update HTTP/1.1"
    assert arrival.count == int(arrival.headers["content-length"])
    assert "transfer-encoding" not in arrival.headers
    assert arrival.headers["authorization"].startswith("Basic ")
    parameters, file = parts_of(arrival)
    assert parameters.get_param("name", header="content-disposition") == "UpdateParameters"
    assert (parameters.get_content_type(), parameters.get_payload()) == ("application/json", '{"Targets": []}')
    assert file.get_param("name", header="content-disposition") == "UpdateFile"
    assert (file.get_filename(), file.get_content_type()) == ("image.bin", "application/octet-stream")
    assert file.get_payload(decode=True) == CONTENT
    assert seen == sorted(seen)
    assert seen[-1] == len(CONTENT)


def test_a_bare_file_is_the_body_from_where_it_stands() -> None:
    file = io.BytesIO(b"skipped" + CONTENT + b"and more")
    file.seek(7)
    with UploadServer() as server, client_of(server.origin) as bmc:
        bmc.upload(BARE, file, len(CONTENT), ignored)
    (arrival,) = server.arrivals
    assert arrival.headers["content-type"] == "application/octet-stream"
    assert arrival.digest == hashlib.sha256(CONTENT).hexdigest()


def test_names_in_a_form_cannot_leave_their_quotes() -> None:
    upload = Upload(
        "/update", 'a"\r\nX: 1.bin', "file", (FormField("sessionKey", "abc"),), {"Cookie": "sessionKey=abc"}
    )
    with UploadServer() as server, client_of(server.origin) as bmc:
        bmc.upload(upload, io.BytesIO(b"x"), 1, ignored)
    key, file = parts_of(server.arrivals[0])
    assert (key.get_payload(), key.get("content-type")) == ("abc", None)
    assert file.get_filename() == "a%22%0D%0AX: 1.bin"
    assert server.arrivals[0].headers["cookie"] == "sessionKey=abc"


def test_no_message_shows_what_a_form_holds() -> None:
    upload = Upload(
        "/update", "image.bin", "file", (FormField("sessionKey", "canary"),), {"Cookie": "sessionKey=canary"}
    )
    assert "canary" not in repr(upload)


def test_an_image_is_never_whole_in_memory() -> None:
    size = 64 << 20
    with UploadServer() as server, client_of(server.origin, stall=60.0) as bmc:
        tracemalloc.start()
        bmc.upload(FORM, long_file(size), size, ignored)
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert server.arrivals[0].count > size
    # Both ends of the connection are in this process: its first megabyte is kept by the server.
    assert most < 8 << 20


def test_a_bmc_that_pauses_while_it_reads_gets_every_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "_LOOK_AGAIN", 0.02)
    size = 8 << 20

    def pausing(arrival: Arrival) -> None:
        begin = arrival.head()
        threading.Event().wait(0.3)
        arrival.rest(begin)
        arrival.send(ACCEPTED)

    expected = hashlib.sha256()
    file = long_file(size)
    while part := file.read(1 << 16):
        expected.update(part)
    with UploadServer(pausing, buffer=1 << 16) as server, client_of(server.origin) as bmc:
        bmc.upload(BARE, long_file(size), size, ignored)
    assert server.arrivals[0].digest == expected.hexdigest()


def refusal(status: int, close: bool) -> bytes:
    told = {"error": {"@Message.ExtendedInfo": [{"MessageId": "Base.1.8.PayloadTooLarge", "Message": "Too large."}]}}
    body = json.dumps(told).encode()
    end = "Connection: close\r\n" if close else ""
    return f"HTTP/1.1 {status} No\r\nContent-Length: {len(body)}\r\n{end}\r\n".encode() + body


@pytest.mark.parametrize("close", [False, True], ids=["keeps the connection", "closes it"])
def test_a_refusal_before_the_end_is_read(close: bool) -> None:
    def refuse(arrival: Arrival) -> None:
        arrival.head()
        arrival.send(refusal(413, close))
        if close:
            # As web servers close (lingering): with a reset at once the answer may get lost on its way.
            arrival.connection.shutdown(socket.SHUT_WR)
            while arrival.connection.recv(1 << 16):
                pass
        else:
            arrival.closing.wait()

    seen: list[int] = []
    with (
        UploadServer(refuse) as server,
        client_of(server.origin, stall=60.0) as bmc,
        pytest.raises(RefusedByBmc, match="Too large") as refused,
    ):
        bmc.upload(FORM, long_file(MUCH), MUCH, seen.append)
    assert (refused.value.status, refused.value.message_ids) == (413, ("Base.1.8.PayloadTooLarge",))
    assert not seen or seen[-1] < MUCH
    assert len(server.arrivals) == 1


def test_a_login_that_is_refused_before_the_end_is_said_and_not_tried_again() -> None:
    def refuse(arrival: Arrival) -> None:
        begin = arrival.head()
        arrival.connection.recv(1 << 20)
        arrival.send(refusal(401, close=True))
        arrival.rest(begin)

    with UploadServer(refuse) as server, client_of(server.origin) as bmc, pytest.raises(LoginRefused):
        bmc.upload(FORM, long_file(MUCH), MUCH, ignored)
    assert len(server.arrivals) == 1


def test_an_interim_answer_is_none() -> None:
    def encourage(arrival: Arrival) -> None:
        begin = arrival.head()
        arrival.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        arrival.rest(begin)
        arrival.send(ACCEPTED)

    with UploadServer(encourage) as server, client_of(server.origin) as bmc:
        assert bmc.upload(BARE, long_file(MUCH), MUCH, ignored).status == 202
    assert server.arrivals[0].count == MUCH


def test_a_success_before_the_end_is_no_success() -> None:
    def hasty(arrival: Arrival) -> None:
        arrival.head()
        arrival.send(ACCEPTED)
        arrival.closing.wait()

    with (
        UploadServer(hasty) as server,
        client_of(server.origin, stall=60.0) as bmc,
        pytest.raises(MayHaveHappened, match=f"of {MUCH} bytes"),
    ):
        bmc.upload(BARE, long_file(MUCH), MUCH, ignored)
    assert len(server.arrivals) == 1


def drop(arrival: Arrival) -> None:
    arrival.head()


def drop_at_the_end(arrival: Arrival) -> None:
    arrival.rest(arrival.head())


def stall(arrival: Arrival) -> None:
    arrival.head()
    arrival.closing.wait()


def never_answer(arrival: Arrival) -> None:
    arrival.rest(arrival.head())
    arrival.closing.wait()


@pytest.mark.parametrize("behave", [drop, drop_at_the_end, stall, never_answer])
def test_what_was_cut_off_may_have_happened_and_is_not_sent_again(behave: Callable[[Arrival], None]) -> None:
    with UploadServer(behave) as server, client_of(server.origin, stall=0.3) as bmc, pytest.raises(MayHaveHappened):
        bmc.upload(FORM, long_file(MUCH), MUCH, ignored, seconds=1.5)
    assert len(server.arrivals) == 1


def test_an_upload_has_its_own_time_beside_that_of_the_task() -> None:
    clock = FakeClock()
    http_limits = Limits(connect=5.0, read=5.0, task=10.0)

    def slowly(_sent: int) -> None:
        clock.sleep(5.0)

    with UploadServer() as server:
        http = HttpClient(server.origin, Trust(fingerprint=certificate().sha256), clock, http_limits)
        with BmcClient(http, Credential("admin", "secret")) as bmc:
            size = 8 << 16
            assert bmc.upload(BARE, long_file(size), size, slowly, seconds=100.0).status == 202
            with pytest.raises(MayHaveHappened, match="timed out"):
                bmc.upload(BARE, long_file(size), size, slowly, seconds=20.0)


def test_a_file_that_became_shorter_is_not_waited_for() -> None:
    with (
        UploadServer() as server,
        client_of(server.origin) as bmc,
        pytest.raises(LocalFailure, match="3 of 10 bytes"),
    ):
        bmc.upload(FORM, io.BytesIO(b"abc"), 10, ignored)


def test_no_connection_is_no_upload() -> None:
    with socket.create_server((ADDRESS, 0)) as listener:
        origin = Origin("https", ADDRESS, listener.getsockname()[1])
    with client_of(origin) as bmc, pytest.raises(Unreachable):
        bmc.upload(BARE, io.BytesIO(CONTENT), len(CONTENT), ignored)


@pytest.mark.parametrize("status", [301, 307, 308])
def test_an_upload_goes_nowhere_else(status: int) -> None:
    def elsewhere(arrival: Arrival) -> None:
        arrival.rest(arrival.head())
        arrival.send(f"HTTP/1.1 {status} There\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n".encode())

    with UploadServer(elsewhere) as server, client_of(server.origin) as bmc, pytest.raises(RefusedByBmc) as refused:
        bmc.upload(BARE, io.BytesIO(CONTENT), len(CONTENT), ignored)
    assert refused.value.status == status
    assert len(server.arrivals) == 1


SESSION = {"x_auth_token": "first", "location": "/sessions/1"}


def test_a_token_opens_one_session_which_ends_with_the_conversation(server: ScriptedServer) -> None:
    server.expect("POST", "/sessions", document({}, 201, **SESSION))
    server.expect("GET", "/x", document({}))
    server.expect("DELETE", "/sessions/1", reply(204))
    with client_of(server.origin) as bmc:
        assert bmc.token("/sessions") == "first"
        bmc.get("/x")
        assert bmc.token("/sessions") == "first"
    assert server.requests[1].headers["x-auth-token"] == "first"
    assert "authorization" not in server.requests[1].headers


def test_a_token_that_was_given_is_the_token(server: ScriptedServer) -> None:
    with client_of(server.origin, auth=Credential(token="given")) as bmc:
        assert bmc.token("/sessions") == "given"


@pytest.mark.parametrize(
    ("upload", "again"), [(FORM, True), (Upload("/update", "i", "f", (), {"Cookie": "a=b"}), False)]
)
def test_a_session_that_ended_is_opened_again_before_anything_of_the_file_was_sent(
    server: ScriptedServer, upload: Upload, again: bool
) -> None:
    server.expect("POST", "/sessions", document({}, 201, **SESSION))
    server.expect("POST", "/update", reply(401))
    if again:
        server.expect("DELETE", "/sessions/1", reply(401))
        server.expect("POST", "/sessions", document({}, 201, x_auth_token="second", location="/sessions/2"))
        server.expect("POST", "/update", reply(202, b"{}"))
    server.expect("DELETE", "/sessions/2" if again else "/sessions/1", reply(204))
    with client_of(server.origin) as bmc:
        bmc.token("/sessions")
        if again:
            assert bmc.upload(upload, io.BytesIO(), 0, ignored).status == 202
            assert server.requests[4].headers["x-auth-token"] == "second"
            return
        with pytest.raises(LoginRefused):
            bmc.upload(upload, io.BytesIO(), 0, ignored)


def test_a_session_that_ended_is_not_opened_again_once_the_file_is_on_its_way(server: ScriptedServer) -> None:
    server.expect("POST", "/sessions", document({}, 201, **SESSION))
    server.expect("POST", "/update", reply(401))
    server.expect("DELETE", "/sessions/1", reply(401))
    with client_of(server.origin) as bmc:
        bmc.token("/sessions")
        with pytest.raises(LoginRefused):
            bmc.upload(FORM, io.BytesIO(CONTENT), len(CONTENT), ignored)
