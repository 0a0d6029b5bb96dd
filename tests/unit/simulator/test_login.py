# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may read what: Basic, sessions, wrong passwords, lock-out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.simulator.control import Simulator

from .conftest import SYSTEMS, Answer, Client

SESSIONS = "/redfish/v1/SessionService/Sessions"
LOGIN = {"UserName": "admin", "Password": "secret"}
NOT_LOGGED_IN = {
    "ilo": "Base.1.4.NoValidSession",
    "idrac": "IDRAC.2.7.SYS416",
    "blade2": "Base.1.4.0.NoValidSession",
    "smc": "Base.1.10.NoValidSession",
    "xcc": "Base.1.12.NoValidSession",
    "ami": "Security.1.0.AccessDenied",
}

Connect = Callable[[str], Client]


def log_in(client: Client) -> Answer:
    answer = client.ask("POST", SESSIONS, LOGIN, login=None)
    assert answer.status == 201
    return answer


@pytest.mark.parametrize("name", SYSTEMS)
def test_root_is_open_and_the_rest_is_not(connect: Connect, name: str) -> None:
    client = connect(name)
    for uri in ("/redfish", "/redfish/v1"):
        assert client.ask("GET", uri, login=None).status == 200
    answer = client.ask("GET", SYSTEMS[name], login=None)
    assert answer.status == 401
    assert "Basic" in answer.headers["WWW-Authenticate"]
    assert client.ask("GET", "/redfish/v1/nothing", login=None).status == 401


@pytest.mark.parametrize("name", NOT_LOGGED_IN)
def test_401_is_a_redfish_error(connect: Connect, name: str) -> None:
    assert connect(name).ask("GET", SYSTEMS[name], login=None).message_id == NOT_LOGGED_IN[name]


@pytest.mark.parametrize("name", ["openbmc", "gh200"])
def test_bmcweb_says_nothing_in_a_401_but_explains_a_failed_login(connect: Connect, name: str) -> None:
    client = connect(name)
    assert client.ask("GET", SYSTEMS[name], login=None).body == b""
    answer = client.ask("POST", SESSIONS, {"UserName": "admin", "Password": "wrong"}, login=None)
    assert (answer.status, answer.document["error"]["code"]) == (401, answer.message_id)
    assert answer.message_id.endswith(".ResourceAtUriUnauthorized")


def test_wrong_password_is_counted_and_locks_nobody_out(simulator: Simulator, connect: Connect) -> None:
    client = connect("ilo")
    for _try in range(5):
        assert client.ask("GET", SYSTEMS["ilo"], login=("admin", "wrong")).status == 401
    assert client.ask("GET", SYSTEMS["ilo"], login=("admin", "secret")).status == 200
    state = simulator.state("ilo")
    assert (state["failed_logins"], state["locked_out"]) == (5, False)


def test_lockout_refuses_the_right_password_too(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("idrac", auth={"lockout_after": 2})
    client = connect("idrac")
    token = log_in(client).headers["X-Auth-Token"]
    client.ask("GET", SYSTEMS["idrac"], login=("admin", "wrong"))
    assert client.ask("GET", SYSTEMS["idrac"]).status == 200
    client.ask("GET", SYSTEMS["idrac"], login=("admin", "wrong"))
    assert not simulator.state("idrac")["locked_out"], "a right password in between starts the count again"
    client.ask("POST", SESSIONS, {"UserName": "admin", "Password": "wrong"}, login=None)
    assert simulator.state("idrac")["locked_out"]
    assert client.ask("GET", SYSTEMS["idrac"]).status == 401
    assert client.ask("POST", SESSIONS, LOGIN, login=None).status == 401
    assert client.ask("GET", SYSTEMS["idrac"], login=None, X_Auth_Token=token).status == 200


def test_changed_password(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("ilo", password="changed")
    client = connect("ilo")
    assert client.ask("GET", SYSTEMS["ilo"]).status == 401
    assert client.ask("GET", SYSTEMS["ilo"], login=("admin", "changed")).status == 200


@pytest.mark.parametrize("header", ["Basic", "Basic !!", "Basic YWRtaW4=", "Bearer YWRtaW46c2VjcmV0"])
def test_credentials_that_are_none_are_not_counted(simulator: Simulator, connect: Connect, header: str) -> None:
    answer = connect("ilo").ask("GET", SYSTEMS["ilo"], login=None, Authorization=header)
    assert answer.status == 401
    assert simulator.state("ilo")["failed_logins"] == 0


@pytest.mark.parametrize("name", SYSTEMS)
def test_session_lives_from_login_to_logout(simulator: Simulator, connect: Connect, name: str) -> None:
    client = connect(name)
    answer = log_in(client)
    token, location = answer.headers["X-Auth-Token"], answer.headers["Location"]
    path = location.removeprefix(f"https://{client.connection.host}:{client.connection.port}")
    assert path == answer.document["@odata.id"]
    assert client.get(SYSTEMS[name], login=None, X_Auth_Token=token)["PowerState"] == "On"
    assert client.get(path, login=None, X_Auth_Token=token)["UserName"] == "admin"
    assert client.get(SESSIONS)["Members"] == [{"@odata.id": path}]
    assert simulator.state(name)["sessions"] == 1
    assert client.ask("DELETE", path, login=None, X_Auth_Token=token).status in (200, 204)
    assert client.ask("GET", SYSTEMS[name], login=None, X_Auth_Token=token).status == 401
    assert client.get(SESSIONS)["Members"] == []
    assert simulator.state(name)["sessions"] == 0


def test_only_an_ilo_gives_an_absolute_location(connect: Connect) -> None:
    assert log_in(connect("ilo")).headers["Location"].startswith("https://127.")
    assert log_in(connect("idrac")).headers["Location"].startswith(SESSIONS)


def test_session_table_fills_up(simulator: Simulator, connect: Connect) -> None:
    client = connect("idrac")
    log_in(client)
    log_in(client)
    answer = client.ask("POST", SESSIONS, LOGIN, login=None)
    assert (answer.status, answer.message_id) == (503, "IDRAC.2.7.RAC0218")
    assert simulator.state("idrac")["sessions"] == 2
    assert client.ask("GET", SYSTEMS["idrac"]).status == 200, "Basic needs no place in the table"


def test_session_needs_the_right_password(simulator: Simulator, connect: Connect) -> None:
    client = connect("ilo")
    answer = client.ask("POST", SESSIONS, {"UserName": "admin", "Password": "wrong"}, login=None)
    assert (answer.status, answer.message_id) == (401, "iLO.2.15.UnauthorizedLoginAttempt")
    assert client.ask("POST", SESSIONS, b"not JSON", login=None).status == 400
    assert simulator.state("ilo")["failed_logins"] == 1


def test_basic_may_be_switched_off(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("ilo", session_required=True)
    client = connect("ilo")
    answer = client.ask("GET", SYSTEMS["ilo"])
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] is None
    token = log_in(client).headers["X-Auth-Token"]
    assert client.ask("GET", SYSTEMS["ilo"], login=None, X_Auth_Token=token).status == 200
    assert simulator.state("ilo")["failed_logins"] == 0
