# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Injected faults: what the client meets, and what the BMC did nevertheless."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.simulator.control import Simulator, SimulatorError, eventually

from .conftest import SYSTEMS, Client

Connect = Callable[[str], Client]
Powered = Callable[[str], str]

ILO = SYSTEMS["ilo"]
CONNECTION_LOST = (http.client.RemoteDisconnected, ConnectionError, ssl.SSLError)


def test_latency_delays_the_answer(simulator: Simulator, connect: Connect) -> None:
    simulator.fault("ilo", "latency", seconds=0.2)
    client = connect("ilo")
    started = time.monotonic()
    assert client.ask("GET", ILO).status == 200
    assert time.monotonic() - started >= 0.2


def test_status_answers_instead(simulator: Simulator, connect: Connect, powered: Powered) -> None:
    simulator.fault("ilo", "status", status=503, retry_after=7, method="POST")
    client = connect("ilo")
    assert client.get(ILO)["PowerState"] == "On"
    answer = client.reset(ILO, "ForceOff")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "7")
    assert answer.message_id == "Base.1.4.ServiceTemporarilyUnavailable"
    assert simulator.requests("ilo")[-1]["status"] == 503
    assert client.reset(ILO, "ForceOff").status == 200
    eventually(lambda: powered("ilo") == "Off")


def test_status_with_a_body_of_its_own(simulator: Simulator, connect: Connect) -> None:
    simulator.fault("idrac", "status", status=500, body={"broken": True})
    answer = connect("idrac").ask("GET", "/redfish/v1")
    assert (answer.status, answer.document, answer.headers["Retry-After"]) == (500, {"broken": True}, None)


@pytest.mark.parametrize(("kind", "acted"), [("drop", False), ("drop_after", True)])
def test_dropped_connection(simulator: Simulator, connect: Connect, kind: str, acted: bool) -> None:
    simulator.set_state("ilo", timing={"force": 0})
    simulator.fault("ilo", kind, method="POST")
    with pytest.raises(CONNECTION_LOST):
        connect("ilo").reset(ILO, "ForceOff")
    if acted:
        eventually(lambda: bool(simulator.history("ilo")))
    assert simulator.requests("ilo")[-1]["status"] is None
    assert connect("ilo").get(ILO)["PowerState"] == ("Off" if acted else "On")


def test_status_after_it_was_done(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("ilo", timing={"force": 0})
    simulator.fault("ilo", "status_after", status=502)
    assert connect("ilo").reset(ILO, "ForceOff").status == 502
    eventually(lambda: bool(simulator.history("ilo")))


def test_truncated_answer(simulator: Simulator, connect: Connect) -> None:
    simulator.fault("ilo", "truncate")
    with pytest.raises((http.client.IncompleteRead, ssl.SSLError)):
        connect("ilo").ask("GET", ILO)


@pytest.mark.parametrize("kind", ["wrong_length", "not_json"])
def test_answer_that_is_no_json(simulator: Simulator, connect: Connect, kind: str) -> None:
    simulator.fault("ilo", kind)
    answer = connect("ilo").ask("GET", ILO)
    assert answer.status == 200
    assert answer.body
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.body)
    assert ("html" in answer.headers["Content-Type"]) == (kind == "not_json")


def test_empty_answer(simulator: Simulator, connect: Connect) -> None:
    simulator.fault("ilo", "empty")
    answer = connect("ilo").ask("GET", ILO)
    assert (answer.status, answer.body) == (200, b"")


def test_held_answer_comes_after_the_deed(simulator: Simulator, connect: Connect, powered: Powered) -> None:
    simulator.fault("ilo", "hold", seconds=600, method="POST")
    client = connect("ilo")
    client.connection.connect()
    client.connection.sock.settimeout(0.3)
    with pytest.raises(TimeoutError):
        client.reset(ILO, "ForceOff")
    eventually(lambda: powered("ilo") == "Off")
    assert simulator.requests("ilo")[-1]["status"] is None


def test_stuck_power_accepts_and_does_nothing(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("ilo", timing={"force": 0})
    simulator.fault("ilo", "stuck_power")
    client = connect("ilo")
    assert client.get(ILO)["PowerState"] == "On"
    assert client.reset(ILO, "ForceOff").status == 200
    assert client.get(ILO)["PowerState"] == "On"
    assert simulator.history("ilo") == []
    assert client.reset(ILO, "ForceOff").status == 200
    eventually(lambda: bool(simulator.history("ilo")))


def test_fault_strikes_where_it_should_and_as_often(simulator: Simulator, connect: Connect) -> None:
    simulator.fault("ilo", "status", status=500, method="GET", uri="/Systems/1$", skip=1, count=2)
    client = connect("ilo")
    assert [client.ask("GET", ILO).status for _try in range(4)] == [200, 500, 500, 200]
    assert client.ask("GET", "/redfish/v1/Systems").status == 200


def test_fault_for_ever_until_it_is_taken_away(simulator: Simulator, connect: Connect) -> None:
    simulator.fault("ilo", "status", status=500, count=None)
    client = connect("ilo")
    assert {client.ask("GET", ILO).status for _try in range(5)} == {500}
    simulator.clear_faults("ilo")
    assert client.ask("GET", ILO).status == 200


def test_faults_are_one_bmcs_own(simulator: Simulator, connect: Connect) -> None:
    assert simulator.fault("twin0", "drop") != simulator.fault("twin0", "latency", seconds=1)
    assert connect("twin1").ask("GET", "/redfish/v1").status == 200


def test_idle_connection_is_reset_when_it_is_used_again(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("ilo", idle_limit=0)
    client = connect("ilo")
    assert client.ask("GET", "/redfish/v1").status == 200
    client.connection.request("GET", "/redfish/v1")
    # Beneath TLS, because the ssl module reports a reset as an orderly end.
    with socket.socket(fileno=os.dup(client.connection.sock.fileno())) as beneath:
        beneath.settimeout(10)
        with pytest.raises(ConnectionResetError):
            beneath.recv(1)
    first, second = simulator.requests("ilo")
    assert (first["status"], second["status"]) == (200, None)
    assert connect("ilo").ask("GET", "/redfish/v1").status == 200


def test_reset_stops_what_is_under_way(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("ilo", timing={"force": 0})
    simulator.fault("ilo", "latency", seconds=0.3)
    client = connect("ilo")
    client.connection.connect()
    client.connection.sock.settimeout(0.1)
    with contextlib.suppress(TimeoutError):
        client.reset(ILO, "ForceOff")
    simulator.reset()
    with pytest.raises(TimeoutError):
        simulator.wait_for_requests("ilo", 1, timeout=0.5)
    assert simulator.history("ilo") == []


def test_client_that_goes_away_is_obeyed_nevertheless(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("ilo", timing={"manager_reset": 600})
    simulator.fault("ilo", "latency", seconds=0.3)
    client = connect("ilo")
    client.connection.connect()
    client.connection.sock.settimeout(0.05)
    with pytest.raises(TimeoutError):
        client.reset("/redfish/v1/Managers/1", "ForceRestart")
    client.connection.close()
    eventually(lambda: simulator.state("ilo")["manager"]["resets"] == 1)
    with pytest.raises(ConnectionRefusedError):
        connect("ilo").ask("GET", "/redfish/v1")
    assert simulator.requests("ilo")[-1]["status"] is None


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"kind": "explode"}, "kind must be one of latency"),
        ({"kind": "latency"}, "seconds is missing"),
        ({"kind": "drop", "seconds": 1}, "unknown key seconds"),
        ({"kind": "drop", "uri": "("}, "uri"),
        ({"kind": "drop", "method": "FETCH"}, "method must be one of GET"),
        ({"kind": "drop", "count": 0}, "count must be"),
    ],
)
def test_fault_that_cannot_be_meant_is_refused(simulator: Simulator, fault: dict[str, Any], message: str) -> None:
    with pytest.raises(SimulatorError) as refused:
        simulator.fault("ilo", **fault)
    assert "400" in str(refused.value)
    assert message in str(refused.value)
