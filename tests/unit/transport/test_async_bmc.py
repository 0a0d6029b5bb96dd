# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins of the asynchronous client: no secret before its time, and a session is deleted whatever happens."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Awaitable, Callable

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    BadAnswer,
    BmcError,
    ForeignLink,
    LoginRefused,
    NotRedfish,
)
from ansible_collections.openchami.bmc.plugins.module_utils._transport.async_bmc import AsyncBmcClient
from ansible_collections.openchami.bmc.plugins.module_utils._transport.async_http import AsyncHttpClient
from ansible_collections.openchami.bmc.plugins.module_utils._transport.bmc import Credential
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import Limits, Retry
from ansible_collections.openchami.bmc.plugins.module_utils._transport.tls import Trust

from .scripted_server import Answer, ScriptedServer, Wire, certificate, document, json_of, raw, reply

SESSIONS = "/redfish/v1/SessionService/Sessions"
SESSION = f"{SESSIONS}/7"
ACCOUNT = Credential("admin", "canary-7f3a")
BASIC = f"Basic {base64.b64encode(b'admin:canary-7f3a').decode()}"
OPENED = document({"@odata.id": SESSION}, 201, x_auth_token="token-7", location=SESSION)


def talk(server: ScriptedServer, words: Callable[[AsyncBmcClient], Awaitable[object]]) -> AsyncBmcClient:
    """Say something to the server."""

    async def said() -> AsyncBmcClient:
        trust = Trust(fingerprint=certificate().sha256)
        client = AsyncBmcClient(AsyncHttpClient(server.origin, trust, Limits(read=5.0), Retry(pause=0.0)))
        async with client:
            await words(client)
        return client

    return asyncio.run(said())


async def with_session(client: AsyncBmcClient) -> None:
    await client.log_in(ACCOUNT, SESSIONS)
    await client.get("/x")


def secrets(server: ScriptedServer) -> list[str]:
    """What each request carried of a login."""
    return [
        request.headers.get("authorization") or request.headers.get("x-auth-token", "") for request in server.requests
    ]


def test_root_is_read_without_a_secret_and_the_login_comes_with_the_next(server: ScriptedServer) -> None:
    async def words(client: AsyncBmcClient) -> None:
        await client.get_unauthenticated("/redfish/v1")
        await client.log_in(ACCOUNT)
        await client.get("/x")

    server.expect("GET", "/redfish/v1", document({}))
    server.expect("GET", "/x", document({}))
    talk(server, words)
    assert secrets(server) == ["", BASIC]
    assert server.connections == 1


def test_token_is_sent_and_its_session_stays(server: ScriptedServer) -> None:
    async def words(client: AsyncBmcClient) -> None:
        await client.log_in(Credential(token="token-1"))
        await client.get("/x")

    server.expect("GET", "/x", document({}))
    talk(server, words)
    assert secrets(server) == ["token-1"]


def test_etag_of_the_header_is_the_documents(server: ScriptedServer) -> None:
    found: list[object] = []

    async def words(client: AsyncBmcClient) -> None:
        found.append(await client.get("/x"))

    server.expect("GET", "/x", document({"Id": "1"}, etag='"7"'))
    talk(server, words)
    assert found == [{"Id": "1", "@odata.etag": '"7"'}]


@pytest.mark.parametrize(("status", "error"), [(401, LoginRefused), (403, LoginRefused), (404, NotRedfish)])
def test_what_shows_no_root_is_no_bmc(server: ScriptedServer, status: int, error: type[BmcError]) -> None:
    server.expect("GET", "/redfish/v1", reply(status))
    with pytest.raises(error, match="No password was sent"):
        talk(server, lambda client: client.get_unauthenticated("/redfish/v1"))


def test_session_is_opened_and_deleted(server: ScriptedServer) -> None:
    server.expect("POST", SESSIONS, OPENED)
    server.expect("GET", "/x", document({}))
    server.expect("DELETE", SESSION, reply(204))
    assert talk(server, with_session).undeleted == ""
    assert json_of(server.requests[0]) == {"UserName": "admin", "Password": "canary-7f3a"}
    assert secrets(server) == ["", "token-7", "token-7"]


def test_session_is_deleted_after_a_broken_connection(server: ScriptedServer) -> None:
    server.expect("POST", SESSIONS, OPENED)
    for _attempt in range(3):
        server.expect("GET", "/x", raw(b""))
    server.expect("DELETE", SESSION, reply(204))
    with pytest.raises(BadAnswer):
        talk(server, with_session)


@pytest.mark.parametrize("status", [401, 404])
def test_session_that_ended_already_is_no_leak(server: ScriptedServer, status: int) -> None:
    server.expect("POST", SESSIONS, OPENED)
    server.expect("GET", "/x", document({}))
    server.expect("DELETE", SESSION, reply(status))
    assert talk(server, with_session).undeleted == ""


def test_session_that_cannot_be_deleted_is_told(server: ScriptedServer) -> None:
    server.expect("POST", SESSIONS, OPENED)
    server.expect("GET", "/x", document({}))
    server.expect("DELETE", SESSION, reply(500))
    assert f"the session {SESSION} could not be deleted" in talk(server, with_session).undeleted


def test_session_elsewhere_is_deleted_at_its_path(server: ScriptedServer) -> None:
    location = f"https://elsewhere.example{SESSION}"
    server.expect("POST", SESSIONS, document({}, 201, x_auth_token="token-7", location=location))
    server.expect("DELETE", SESSION, reply(204))
    with pytest.raises(ForeignLink):
        talk(server, with_session)


def test_password_that_is_wrong_is_tried_once(server: ScriptedServer) -> None:
    server.expect("POST", SESSIONS, reply(401))
    with pytest.raises(LoginRefused):
        talk(server, with_session)


@pytest.mark.parametrize("stage", ["login", "read"])
def test_session_is_deleted_when_the_task_is_cancelled(server: ScriptedServer, stage: str) -> None:
    arrived, cancelled_already = threading.Event(), threading.Event()

    def late(answer: Answer) -> Answer:
        def wait(wire: Wire) -> None:
            arrived.set()
            assert cancelled_already.wait(10)
            answer(wire)

        return wait

    server.expect("POST", SESSIONS, late(OPENED) if stage == "login" else OPENED)
    if stage == "read":
        server.expect("GET", "/x", late(raw(b"")))
    server.expect("DELETE", SESSION, reply(204))

    async def words(client: AsyncBmcClient) -> None:
        task = asyncio.ensure_future(with_session(client))
        await asyncio.to_thread(arrived.wait, 10)
        task.cancel()
        await asyncio.sleep(0)
        cancelled_already.set()
        await task

    with pytest.raises(asyncio.CancelledError):
        talk(server, words)
    assert [request.method for request in server.requests][-1] == "DELETE"
