# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who knocks: Basic, token or session; one try with a password (promise 4), and a session is always deleted."""

from __future__ import annotations

import base64

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    BadAnswer,
    CutOff,
    ForeignLink,
    LoginRefused,
    MayHaveHappened,
    NotReached,
    NotRedfish,
    RefusedByBmc,
    Unreachable,
)
from ansible_collections.openchami.bmc.plugins.module_utils._transport.bmc import BmcClient, Credential
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import HttpClient
from tests.unit.fake_clock import FakeClock

from .scripted_server import Answer, ScriptedServer, document, json_of, raw, reply

SESSIONS = "/redfish/v1/SessionService/Sessions"
ACCOUNT = Credential("admin", "canary-7f3a")
BASIC = f"Basic {base64.b64encode(b'admin:canary-7f3a').decode()}"
OPENED = document({"@odata.id": f"{SESSIONS}/7"}, 201, x_auth_token="token-7", location=f"{SESSIONS}/7")


def refusal(key: str, status: int, message: str = "No.") -> Answer:
    info = [{"MessageId": f"Base.1.8.{key}", "Message": message}]
    return document({"error": {"code": "Base.1.8.GeneralError", "@Message.ExtendedInfo": info}}, status)


def test_credential_shows_no_secret() -> None:
    assert "canary" not in repr(Credential("admin", "canary-7f3a", "canary-token"))


def test_account_goes_with_each_request(server: ScriptedServer, client: HttpClient) -> None:
    server.expect("GET", "/x", document({}))
    server.expect("POST", "/y", reply(204))
    with BmcClient(client, ACCOUNT) as bmc:
        bmc.get("/x")
        bmc.post("/y", {})
    assert [request.headers["authorization"] for request in server.requests] == [BASIC, BASIC]


def test_token_goes_with_each_request_and_is_not_deleted(server: ScriptedServer, client: HttpClient) -> None:
    server.expect("GET", "/x", document({}))
    with BmcClient(client, Credential(token="token-1")) as bmc:
        bmc.get("/x")
    assert server.requests[0].headers["x-auth-token"] == "token-1"
    assert "authorization" not in server.requests[0].headers


def test_service_root_is_read_without_any_secret(server: ScriptedServer, client: HttpClient) -> None:
    server.expect("GET", "/redfish/v1", document({"RedfishVersion": "1.6.0"}))
    with BmcClient(client, Credential("admin", "canary-7f3a", "token-1")) as bmc:
        bmc.get_unauthenticated("/redfish/v1")
    assert not {"authorization", "x-auth-token", "cookie"} & set(server.requests[0].headers)


def test_service_that_is_out_of_order_is_not_called_absent(server: ScriptedServer, client: HttpClient) -> None:
    server.expect("GET", "/redfish/v1", refusal("ServiceTemporarilyUnavailable", 500))
    with pytest.raises(RefusedByBmc, match="ServiceTemporarilyUnavailable"), BmcClient(client, ACCOUNT) as bmc:
        bmc.get_unauthenticated("/redfish/v1")


@pytest.mark.parametrize("status", [404, 418, 204])
def test_what_has_no_service_root_is_no_redfish(server: ScriptedServer, client: HttpClient, status: int) -> None:
    server.expect("GET", "/redfish/v1", reply(status))
    with pytest.raises(NotRedfish, match=rf"HTTP {status}.*No password was sent"), BmcClient(client, ACCOUNT) as bmc:
        bmc.get_unauthenticated("/redfish/v1")


@pytest.mark.parametrize("status", [401, 403])
def test_service_root_that_demands_a_login_says_so(server: ScriptedServer, client: HttpClient, status: int) -> None:
    server.expect("GET", "/redfish/v1", reply(status))
    with pytest.raises(LoginRefused), BmcClient(client, ACCOUNT) as bmc:
        bmc.get_unauthenticated("/redfish/v1")


@pytest.mark.parametrize("method", ["get", "post", "patch"])
def test_wrong_password_is_tried_once(server: ScriptedServer, client: HttpClient, method: str) -> None:
    server.expect({"get": "GET", "post": "POST", "patch": "PATCH"}[method], "/x", reply(401, b"<html>login</html>"))
    arguments: tuple[dict[str, str], ...] = {"get": (), "post": ({},), "patch": ({}, {})}[method]
    with pytest.raises(LoginRefused, match=r"user 'admin'.*HTTP 401.*tried once"), BmcClient(client, ACCOUNT) as bmc:
        getattr(bmc, method)("/x", *arguments)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("credential", "status", "key", "hint"),
    [
        (ACCOUNT, 403, "InsufficientPrivilege", "lacks the privilege"),
        (ACCOUNT, 401, "PasswordChangeRequired", "wants a new password"),
        (ACCOUNT, 403, "PasswordChangeRequired", "wants a new password"),
        (Credential(), 401, "NoValidSession", "Set bmc_username"),
        (Credential(token="token-1"), 401, "NoValidSession", "the token"),
    ],
)
def test_refused_login_says_what_to_do(
    server: ScriptedServer, client: HttpClient, credential: Credential, status: int, key: str, hint: str
) -> None:
    server.expect("GET", "/x", refusal(key, status))
    with pytest.raises(LoginRefused, match=hint) as error, BmcClient(client, credential) as bmc:
        bmc.get("/x")
    assert error.value.message_id == f"Base.1.8.{key}"


def test_session_is_opened_used_and_deleted(server: ScriptedServer, client: HttpClient) -> None:
    server.expect("POST", SESSIONS, OPENED)
    server.expect("GET", "/x", document({}))
    server.expect("DELETE", f"{SESSIONS}/7", reply(204))
    with BmcClient(client, ACCOUNT) as bmc:
        bmc.open_session(SESSIONS)
        bmc.get("/x")
    login, read, logout = server.requests
    assert json_of(login) == {"UserName": "admin", "Password": "canary-7f3a"}
    assert "authorization" not in login.headers
    assert read.headers["x-auth-token"] == logout.headers["x-auth-token"] == "token-7"
    assert "authorization" not in read.headers


@pytest.mark.parametrize("second", [200, 401])
@pytest.mark.parametrize("ended", [401, 404, 204])
def test_session_that_ended_meanwhile_is_opened_once_more(
    server: ScriptedServer, client: HttpClient, ended: int, second: int
) -> None:
    """A 401 may also mean the one resource: the first session is then still there, and deleted with its own token."""
    reopened = document({}, 201, x_auth_token="token-8", location=f"{SESSIONS}/8")
    server.expect("POST", SESSIONS, OPENED)
    server.expect("POST", "/reset", reply(401))
    server.expect("DELETE", f"{SESSIONS}/7", reply(ended))
    server.expect("POST", SESSIONS, reopened)
    server.expect("POST", "/reset", reply(second))
    server.expect("DELETE", f"{SESSIONS}/8", reply(204))
    with BmcClient(client, ACCOUNT) as bmc:
        bmc.open_session(SESSIONS)
        if second == 200:
            assert bmc.post("/reset", {"ResetType": "On"}).status == 200
        else:
            with pytest.raises(LoginRefused):
                bmc.post("/reset", {"ResetType": "On"})
    assert server.requests[2].headers["x-auth-token"] == "token-7"
    assert server.requests[4].headers["x-auth-token"] == "token-8"
    assert json_of(server.requests[4]) == {"ResetType": "On"}


def test_session_that_ended_and_is_not_opened_again_is_a_refused_login(
    server: ScriptedServer, client: HttpClient
) -> None:
    server.expect("POST", SESSIONS, OPENED)
    server.expect("GET", "/x", reply(401))
    server.expect("DELETE", f"{SESSIONS}/7", reply(401))
    server.expect("POST", SESSIONS, reply(401))
    server.expect("DELETE", f"{SESSIONS}/7", reply(401))
    with BmcClient(client, ACCOUNT) as bmc:
        bmc.open_session(SESSIONS)
        with pytest.raises(LoginRefused):
            bmc.get("/x")


def test_session_may_end_again_when_a_restart_broke_the_request_after_it_was_renewed(
    server: ScriptedServer, client: HttpClient
) -> None:
    """An iDRAC that ends its sessions when it begins to write, and restarts a moment later."""
    server.expect("POST", SESSIONS, OPENED)
    server.expect("POST", "/x", reply(401))
    server.expect("DELETE", f"{SESSIONS}/7", reply(401))
    server.expect("POST", SESSIONS, document({}, 201, x_auth_token="token-8", location=f"{SESSIONS}/8"))
    server.expect("POST", "/x", raw(b""))
    server.expect("GET", "/y", reply(401))
    server.expect("DELETE", f"{SESSIONS}/8", reply(401))
    server.expect("POST", SESSIONS, document({}, 201, x_auth_token="token-9", location=f"{SESSIONS}/9"))
    server.expect("GET", "/y", document({}))
    server.expect("DELETE", f"{SESSIONS}/9", reply(204))
    with BmcClient(client, ACCOUNT) as bmc:
        bmc.open_session(SESSIONS)
        with pytest.raises(MayHaveHappened):
            bmc.post("/x", {})
        bmc.get("/y")


@pytest.mark.parametrize(
    "cut_off",
    [[("DELETE", f"{SESSIONS}/7", raw(b""))], [("DELETE", f"{SESSIONS}/7", reply(401)), ("POST", SESSIONS, raw(b""))]],
    ids=["logout", "login"],
)
def test_login_that_a_restart_cuts_off_is_no_write_and_is_tried_again(
    server: ScriptedServer, client: HttpClient, cut_off: list[tuple[str, str, Answer]]
) -> None:
    server.expect("POST", SESSIONS, OPENED)
    server.expect("GET", "/x", reply(401))
    for method, uri, answer in cut_off:
        server.expect(method, uri, answer)
    server.expect("GET", "/x", reply(401))
    server.expect("DELETE", f"{SESSIONS}/7", reply(401))
    server.expect("POST", SESSIONS, document({}, 201, x_auth_token="token-9", location=f"{SESSIONS}/9"))
    server.expect("GET", "/x", document({}))
    server.expect("DELETE", f"{SESSIONS}/9", reply(204))
    with BmcClient(client, ACCOUNT) as bmc:
        bmc.open_session(SESSIONS)
        with pytest.raises(CutOff, match="a login was cut off"):
            bmc.get("/x")
        bmc.get("/x")


@pytest.mark.parametrize("status", [403, 500])
def test_session_that_is_left_before_a_new_login_is_told(
    server: ScriptedServer, client: HttpClient, status: int
) -> None:
    server.expect("POST", SESSIONS, OPENED)
    server.expect("GET", "/x", reply(401))
    server.expect("DELETE", f"{SESSIONS}/7", reply(status))
    server.expect("POST", SESSIONS, document({}, 201, x_auth_token="token-9", location=f"{SESSIONS}/9"))
    server.expect("GET", "/x", document({}))
    server.expect("DELETE", f"{SESSIONS}/9", reply(204))
    with BmcClient(client, ACCOUNT) as bmc:
        bmc.open_session(SESSIONS)
        bmc.get("/x")
    assert f"{SESSIONS}/7 could not be deleted" in bmc.undeleted


def test_session_is_found_in_the_body_where_the_location_is_left_out(
    server: ScriptedServer, client: HttpClient
) -> None:
    server.expect("POST", SESSIONS, document({"@odata.id": f"{SESSIONS}/7"}, 201, x_auth_token="token-7"))
    server.expect("DELETE", f"{SESSIONS}/7", reply(204))
    with BmcClient(client, ACCOUNT) as bmc:
        bmc.open_session(SESSIONS)


@pytest.mark.parametrize("answer", [reply(201), document({}, 201), document({}, 201, x_auth_token="t")])
def test_login_without_a_session_is_a_bad_answer(server: ScriptedServer, client: HttpClient, answer: Answer) -> None:
    server.expect("POST", SESSIONS, answer)
    with pytest.raises(BadAnswer, match="without a session"), BmcClient(client, ACCOUNT) as bmc:
        bmc.open_session(SESSIONS)


def test_session_elsewhere_is_refused_and_deleted_here(server: ScriptedServer, client: HttpClient) -> None:
    server.expect("POST", SESSIONS, document({}, 201, x_auth_token="t", location=f"https://127.0.0.2{SESSIONS}/7"))
    server.expect("DELETE", f"{SESSIONS}/7", reply(204))
    with pytest.raises(ForeignLink), BmcClient(client, ACCOUNT) as bmc:
        bmc.open_session(SESSIONS)


@pytest.mark.parametrize(("status", "error"), [(401, LoginRefused), (503, RefusedByBmc)])
def test_refused_session_is_asked_for_once(
    server: ScriptedServer, client: HttpClient, status: int, error: type[Exception]
) -> None:
    server.expect("POST", SESSIONS, refusal("SessionLimitExceeded", status))
    with pytest.raises(error), BmcClient(client, ACCOUNT) as bmc:
        bmc.open_session(SESSIONS)


def fail_in_a_session(client: HttpClient) -> None:
    with BmcClient(client, ACCOUNT) as bmc:
        bmc.open_session(SESSIONS)
        raise NotReached("the work failed")


def read_in_a_session(client: HttpClient) -> None:
    with BmcClient(client, ACCOUNT) as bmc:
        bmc.open_session(SESSIONS)
        bmc.get("/x")


def test_session_is_deleted_also_when_the_work_fails(server: ScriptedServer, client: HttpClient) -> None:
    server.expect("POST", SESSIONS, OPENED)
    server.expect("DELETE", f"{SESSIONS}/7", reply(204))
    with pytest.raises(NotReached) as failure:
        fail_in_a_session(client)
    assert failure.value.warnings == []
    # The connection on which something went wrong is not trusted with it.
    assert server.connections == 2


def test_session_is_deleted_also_when_the_time_of_the_task_is_used_up(
    server: ScriptedServer, client: HttpClient, clock: FakeClock
) -> None:
    server.expect("POST", SESSIONS, OPENED)
    server.expect("GET", "/x", lambda _wire: clock.advance(client.limits.task))
    server.expect("DELETE", f"{SESSIONS}/7", reply(204))
    with pytest.raises(Unreachable):
        read_in_a_session(client)


@pytest.mark.parametrize("status", [401, 404])
def test_session_that_ended_by_itself_is_no_failure(server: ScriptedServer, client: HttpClient, status: int) -> None:
    server.expect("POST", SESSIONS, OPENED)
    server.expect("DELETE", f"{SESSIONS}/7", reply(status))
    with BmcClient(client, ACCOUNT) as bmc:
        bmc.open_session(SESSIONS)


@pytest.mark.parametrize("answer", [raw(b""), reply(500)], ids=["dropped", "500"])
def test_session_that_cannot_be_deleted_does_not_hide_why_the_work_failed(
    server: ScriptedServer, client: HttpClient, answer: Answer
) -> None:
    server.expect("POST", SESSIONS, OPENED)
    server.expect("DELETE", f"{SESSIONS}/7", answer)
    with pytest.raises(NotReached, match="the work failed") as failure:
        fail_in_a_session(client)
    (warning,) = failure.value.warnings
    assert f"the session {SESSIONS}/7 could not be deleted" in warning


def test_session_that_went_away_with_a_restarting_bmc_does_not_undo_what_was_done(
    server: ScriptedServer, client: HttpClient
) -> None:
    server.expect("POST", SESSIONS, OPENED)
    server.expect("POST", "/reset", reply(204))
    server.expect("DELETE", f"{SESSIONS}/7", raw(b""))
    with BmcClient(client, ACCOUNT) as bmc:
        bmc.open_session(SESSIONS)
        bmc.post("/reset", {"ResetType": "GracefulRestart"})
