# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control API: what it tells, what it sets, and how the program starts and ends."""

from __future__ import annotations

import base64
import hashlib
import json
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from cryptography import x509

from tests.simulator.control import REPOSITORY, Simulator, SimulatorError

from .conftest import NETWORK, SYSTEMS, Client

Connect = Callable[[str], Client]

SECRET = "a-canary-password"


def shown_certificate(bmc: dict[str, object]) -> bytes:
    """Return the certificate that a BMC shows, in DER form."""
    return ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((str(bmc["address"]), int(str(bmc["port"])))))


def test_requests_are_told_in_order_with_connection_and_status(simulator: Simulator, connect: Connect) -> None:
    first, second = connect("ilo"), connect("ilo")
    first.ask("GET", "/redfish/v1?$expand=.", login=None, Accept="application/json")
    second.reset(SYSTEMS["ilo"], "Nmi")
    first.ask("GET", SYSTEMS["ilo"], login=None)
    requests = simulator.requests("ilo")
    assert [(request["n"], request["method"], request["status"]) for request in requests] == [
        (1, "GET", 200),
        (2, "POST", 200),
        (3, "GET", 401),
    ]
    assert requests[0]["uri"] == "/redfish/v1?$expand=."
    assert requests[0]["headers"]["Accept"] == "application/json"
    assert requests[1]["body"] == {"ResetType": "Nmi"}
    assert requests[0]["connection"] == requests[2]["connection"] != requests[1]["connection"]
    assert requests[0]["time"] < requests[1]["time"] < requests[2]["time"]
    assert [request["n"] for request in simulator.writes("ilo")] == [2]


def test_no_secret_is_told(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("ilo", password=SECRET)
    client = connect("ilo")
    sessions = "/redfish/v1/SessionService/Sessions"
    answer = client.ask("POST", sessions, {"UserName": "admin", "Password": SECRET}, login=None)
    token = answer.headers["X-Auth-Token"]
    client.ask("GET", SYSTEMS["ilo"], login=("admin", SECRET), X_Auth_Token=token, Cookie=f"sessionKey={token}")
    told = json.dumps(simulator.requests("ilo")) + simulator.log.read_text()
    basic = base64.b64encode(f"admin:{SECRET}".encode()).decode()
    assert not [secret for secret in (SECRET, token, basic) if secret in told]
    login, read = simulator.requests("ilo")
    assert login["body"] == {"UserName": "admin", "Password": "<redacted>"}
    assert read["headers"]["Authorization"] == "<redacted>"
    assert simulator.writes("ilo") == [], "a login is no write"


def test_wait_returns_with_the_request_that_was_waited_for(simulator: Simulator, connect: Connect) -> None:
    client = connect("ilo")
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(simulator.wait_for_requests, "ilo", 2, 10.0)
        client.ask("GET", "/redfish/v1")
        assert not waiting.done()
        client.ask("GET", "/redfish/v1")
        assert waiting.result() == 2
    assert simulator.wait_for_requests("ilo", 1) == 2
    with pytest.raises(TimeoutError, match="2 of 3 requests"):
        simulator.wait_for_requests("ilo", 3, timeout=0.05)


def test_connections_that_arrive_at_once_are_told_apart(simulator: Simulator) -> None:
    ilo = next(bmc for bmc in simulator.bmcs() if bmc["name"] == "ilo")
    with ExitStack() as open_sockets:
        simulator.process.send_signal(signal.SIGSTOP)
        try:
            plain = [
                open_sockets.enter_context(socket.create_connection((ilo["address"], ilo["port"]))) for _n in "abc"
            ]
        finally:
            simulator.process.send_signal(signal.SIGCONT)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        for sock in plain:
            secure = open_sockets.enter_context(context.wrap_socket(sock))
            secure.sendall(b"GET /redfish/v1 HTTP/1.1\r\nHost: ilo\r\n\r\n")
            assert secure.recv(12) == b"HTTP/1.1 200"
    assert len({request["connection"] for request in simulator.requests("ilo")}) == 3


def test_summary_counts_requests_and_connections(simulator: Simulator, connect: Connect) -> None:
    client = connect("ilo")
    client.ask("GET", "/redfish/v1")
    client.ask("GET", "/redfish/v1")
    connect("idrac").ask("GET", "/redfish/v1")
    assert simulator.summary() == {"bmcs": len(simulator.bmcs()), "requests": 3, "connections": 2}


def test_clear_requests(simulator: Simulator, connect: Connect) -> None:
    connect("ilo").ask("GET", "/redfish/v1")
    simulator.clear_requests("ilo")
    assert simulator.requests("ilo") == []


def test_certificate_is_the_bmcs_own_and_may_change(simulator: Simulator) -> None:
    bmcs = {bmc["name"]: bmc for bmc in simulator.bmcs()}
    assert bmcs["ilo"]["profile"] == "hpe_ilo5"
    assert len({bmc["certificate_sha256"] for bmc in bmcs.values()}) == len(bmcs)
    der = shown_certificate(bmcs["ilo"])
    assert hashlib.sha256(der).hexdigest() == bmcs["ilo"]["certificate_sha256"]
    certificate = x509.load_der_x509_certificate(der)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == [bmcs["ilo"]["address"]]
    assert certificate.subject.rfc4514_string() == "CN=ilo"
    simulator.set_state("ilo", certificate="new")
    assert shown_certificate(bmcs["ilo"]) != der
    changed = next(bmc for bmc in simulator.bmcs() if bmc["name"] == "ilo")
    assert hashlib.sha256(shown_certificate(changed)).hexdigest() == changed["certificate_sha256"]
    simulator.reset()
    assert shown_certificate(bmcs["ilo"]) == der


def test_certificate_is_trusted_by_who_trusts_it(simulator: Simulator) -> None:
    bmc = simulator.bmcs()[0]
    trusting = ssl.create_default_context(cadata=ssl.DER_cert_to_PEM_cert(shown_certificate(bmc)))
    trusting.verify_flags |= ssl.VERIFY_X509_STRICT
    client = Client(bmc["address"], bmc["port"])
    client.connection = type(client.connection)(bmc["address"], bmc["port"], context=trusting, timeout=10)
    assert client.ask("GET", "/redfish/v1").status == 200
    client.connection.close()


def test_reset_restores_everything(simulator: Simulator, connect: Connect) -> None:
    initial = simulator.state("ilo")
    client = connect("ilo")
    before = client.get(SYSTEMS["ilo"])
    client.ask("POST", "/redfish/v1/SessionService/Sessions", {"UserName": "admin", "Password": "secret"}, login=None)
    client.ask("GET", SYSTEMS["ilo"], login=("admin", "wrong"))
    client.ask("PATCH", SYSTEMS["ilo"], {"AssetTag": "x"})
    simulator.set_state("ilo", systems={"1": {"power_state": "Off"}}, graceful="ignored", password="new")
    simulator.set_state("ilo", identity={"serial_number": "OTHER"}, timing={"manager_reset": 600})
    simulator.fault("ilo", "drop", count=None, uri="/redfish/v1/Systems")
    client.ask("POST", "/redfish/v1/Managers/1/Actions/Manager.Reset", {"ResetType": "ForceRestart"}, ("admin", "new"))
    simulator.reset()
    assert simulator.state("ilo") == initial
    assert (simulator.requests("ilo"), simulator.history("ilo")) == ([], [])
    after = connect("ilo").get(SYSTEMS["ilo"])
    for document in (before, after):
        # The host has always been up for a day: both move with the clock.
        for name in ("CurrentPowerOnTimeSeconds", "PostDiscoveryCompleteTimeStamp"):
            document["Oem"]["Hpe"].pop(name)
    assert after == before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"power": "Off"}, "unknown key power"),
        ({"systems": {"2": {"power_state": "Off"}}}, "unknown key 2; known are 1"),
        ({"systems": {"1": {"power_state": "Sleeping"}}}, "must be one of On, Off"),
        ({"identity": {"uuid": "no uuid"}}, "identity.uuid"),
        ({"identity": {}}, "at least one of"),
        ({"certificate": "old"}, "certificate must be one of new"),
        ({"timing": {"on": "soon"}}, "timing.on must be seconds"),
    ],
)
def test_change_that_cannot_be_meant_is_refused_whole(
    simulator: Simulator, changes: dict[str, object], message: str
) -> None:
    before = simulator.state("ilo")
    with pytest.raises(SimulatorError) as refused:
        simulator.set_state("ilo", **({"systems": {"1": {"power_state": "Off"}}} | changes))
    assert message in str(refused.value)
    assert simulator.state("ilo") == before


def test_unknown_names_are_404(simulator: Simulator) -> None:
    with pytest.raises(SimulatorError, match="404 there is no BMC nobody"):
        simulator.state("nobody")


def test_bmcs_listen_on_their_own_address_only(simulator: Simulator) -> None:
    listening = Path("/proc/net/tcp").read_text().splitlines()[1:]
    port = f":{simulator.bmcs()[0]['port']:04X}"
    mine = bytes(int(part) for part in reversed(NETWORK.split("."))).hex().upper()
    local = {fields[1] for fields in map(str.split, listening) if fields[3] == "0A" and fields[1].endswith(port)}
    assert len([address for address in local if address[2:8] == mine]) == len(simulator.bmcs())
    assert not [address for address in local if address.startswith("00000000")]


# The program


def run(fleet: dict[str, object], directory: Path) -> subprocess.CompletedProcess[str]:
    """Run the program until it ends by itself."""
    (directory / "fleet.json").write_text(json.dumps(fleet))
    command = [sys.executable, "-m", "tests.simulator", "--fleet", str(directory / "fleet.json")]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=30, check=False)


def test_wrong_fleet_ends_with_one_clear_line(tmp_path: Path) -> None:
    result = run({"bmcs": [{"name": "a", "profile": "hpe_ilo5", "adress": "127.0.0.1"}]}, tmp_path)
    assert result.returncode == 2
    assert result.stderr.startswith("simulator: bmc a: unknown key adress; known are address,")
    assert result.stderr.count("\n") == 1


def test_taken_address_ends_with_one_clear_line(simulator: Simulator, tmp_path: Path) -> None:
    taken = simulator.bmcs()[0]["address"]
    result = run({"bmcs": [{"name": "a", "profile": "hpe_ilo5", "address": taken}]}, tmp_path)
    assert result.returncode == 2
    assert f"{taken}" in result.stderr
    assert "already in use" in result.stderr


def test_start_failure_shows_the_log(tmp_path: Path) -> None:
    with pytest.raises(SimulatorError, match="status 2:\nsimulator: fleet: bmcs must be a list"):
        Simulator.start({"bmcs": []}, tmp_path)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    fleet = {"bmcs": [{"name": "a", "profile": "hpe_ilo5", "address": f"{NETWORK}.200"}]}
    with Simulator.start(fleet, tmp_path) as simulator:
        ready = json.loads((tmp_path / "fleet.ready").read_text())
        assert ready == {"control": simulator.control, "pid": simulator.process.pid, "bmcs": 1}
        simulator.process.send_signal(number)
        assert simulator.process.wait(10) == 0
        assert simulator.log.read_text() == f"1 simulated BMCs are ready; control API at {simulator.control}\n"
