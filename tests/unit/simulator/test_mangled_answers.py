# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Injected faults that mangle an answer, or never give one."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.simulator.control import Simulator, SimulatorError

from .conftest import SYSTEMS, Client

Connect = Callable[[str], Client]
Powered = Callable[[str], str]

ILO = SYSTEMS["ilo"]
ELSEWHERE = "https://127.0.0.9:1"


def test_connection_that_is_accepted_and_left_alone(simulator: Simulator, connect: Connect) -> None:
    simulator.fault("ilo", "tarpit", stage="connection")
    client = connect("ilo")
    client.connection.timeout = 0.2
    with pytest.raises(TimeoutError):
        client.ask("GET", ILO)
    assert simulator.requests("ilo") == []
    simulator.clear_faults("ilo")
    assert connect("ilo").ask("GET", ILO).status == 200


def test_request_that_is_read_and_left_alone(simulator: Simulator, connect: Connect, powered: Powered) -> None:
    simulator.fault("ilo", "tarpit", stage="request", method="POST")
    client = connect("ilo")
    assert client.ask("GET", ILO).status == 200
    client.connection.sock.settimeout(0.2)
    with pytest.raises(TimeoutError):
        client.reset(ILO, "ForceOff")
    assert simulator.requests("ilo")[-1]["status"] is None
    assert powered("ilo") == "On"
    assert simulator.history("ilo") == []


@pytest.mark.parametrize("part", ["headers", "body"])
def test_answer_that_trickles(simulator: Simulator, connect: Connect, part: str) -> None:
    simulator.fault("ilo", "trickle", part=part, interval=0.0)
    assert connect("ilo").get(ILO)["PowerState"] == "On"


def test_answer_that_trickles_slowly_does_not_end(simulator: Simulator, connect: Connect) -> None:
    simulator.fault("ilo", "trickle", part="headers", interval=600)
    client = connect("ilo")
    client.connection.connect()
    client.connection.sock.settimeout(0.2)
    with pytest.raises(TimeoutError):
        client.ask("GET", ILO)


def test_redirect_names_the_same_path_elsewhere(simulator: Simulator, connect: Connect, powered: Powered) -> None:
    simulator.fault("ilo", "redirect", location=ELSEWHERE)
    simulator.fault("ilo", "redirect", location=ELSEWHERE, status=308)
    client = connect("ilo")
    answers = [client.ask("GET", ILO), client.reset(ILO, "ForceOff")]
    assert [answer.status for answer in answers] == [302, 308]
    assert answers[0].headers["Location"] == f"{ELSEWHERE}{ILO}"
    assert simulator.history("ilo") == []


def test_links_lead_elsewhere(simulator: Simulator, connect: Connect) -> None:
    simulator.fault("ilo", "foreign_links", base=ELSEWHERE, count=None)
    client = connect("ilo")
    system = client.get(ILO)
    assert system["@odata.id"] == f"{ELSEWHERE}{ILO}"
    assert system["Actions"]["#ComputerSystem.Reset"]["target"].startswith(f"{ELSEWHERE}/redfish/v1/Systems/1/")
    assert client.get("/redfish/v1/Systems")["Members@odata.nextLink"].startswith(ELSEWHERE)
    login = {"UserName": "admin", "Password": "secret"}
    answer = client.ask("POST", "/redfish/v1/SessionService/Sessions", login, login=None)
    assert answer.headers["Location"].startswith(ELSEWHERE)


def test_wrong_types_are_the_same_for_the_same_seed(simulator: Simulator, connect: Connect) -> None:
    client = connect("ilo")
    right = client.get(ILO)
    for seed in (1, 1, 2):
        simulator.fault("ilo", "wrong_types", seed=seed)
    first, again, other = (client.get(ILO) for _time in range(3))
    assert first == again != other
    assert set(first) == set(right)
    assert not [key for key in right if isinstance(right[key], str) and isinstance(first[key], str)]


def test_text_in_place_of_the_document(simulator: Simulator, connect: Connect) -> None:
    simulator.fault("ilo", "text", text="[[]]")
    assert connect("ilo").get(ILO) == [[]]


def test_flood_of_headers(simulator: Simulator, connect: Connect) -> None:
    simulator.fault("ilo", "header_flood", lines=50)
    answer = connect("ilo").ask("GET", ILO)
    assert len([name for name in answer.headers if name.startswith("X-Flood")]) == 50
    assert answer.document["Id"] == "1"


@pytest.mark.parametrize("framing", ["length", "chunked", "gzip"])
def test_huge_body(simulator: Simulator, connect: Connect, framing: str) -> None:
    simulator.fault("ilo", "huge", mebibytes=3, framing=framing)
    answer = connect("ilo").ask("GET", ILO)
    body = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(answer.body) if framing == "gzip" else answer.body
    assert (len(body), set(body)) == (3 << 20, {ord(" ")})


def test_huge_body_that_nobody_wants_ends_with_the_connection(simulator: Simulator, connect: Connect) -> None:
    simulator.fault("ilo", "huge", mebibytes=1 << 20, framing="length")
    client = connect("ilo")
    client.connection.request("GET", ILO)
    assert client.connection.sock.recv(5)
    client.connection.close()
    assert connect("ilo").get(ILO)["Id"] == "1"


def test_logout_ends_all_sessions(simulator: Simulator, connect: Connect) -> None:
    client = connect("ilo")
    login = {"UserName": "admin", "Password": "secret"}
    token = client.ask("POST", "/redfish/v1/SessionService/Sessions", login, login=None).headers["X-Auth-Token"]
    assert client.ask("GET", ILO, login=None, X_Auth_Token=token).status == 200
    simulator.fault("ilo", "logout")
    assert client.ask("GET", ILO, login=None, X_Auth_Token=token).status == 401
    assert simulator.state("ilo")["sessions"] == 0


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"kind": "tarpit"}, "stage is missing"),
        ({"kind": "tarpit", "stage": "tea"}, "stage must be one of connection, request"),
        ({"kind": "huge", "mebibytes": 0, "framing": "length"}, "mebibytes must be"),
        ({"kind": "wrong_types", "seed": "x"}, "seed must be"),
    ],
)
def test_details_that_cannot_be_meant_are_refused(simulator: Simulator, fault: dict[str, Any], message: str) -> None:
    with pytest.raises(SimulatorError, match=message):
        simulator.fault("ilo", **fault)
