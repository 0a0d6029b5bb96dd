# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input: one line that names host, cause and way out, and a BMC that received no more than it had to."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Outcome, Run
from tests.integration.power_cases import PROFILES
from tests.simulator.certificate import issue, server_context

POWER = "openchami.bmc.bmc_power"
ABSENT = "127.99.99.99:8443"


@dataclass(frozen=True)
class Case:
    """One task that cannot be carried out.

    options: of bmc_power; state is off unless it says otherwise. variables: of the host, beside the usual ones; a value
    of None takes one away. kind: of the error. says: parts of the message. requests: the most that the BMC receives.
    """

    name: str
    kind: str
    says: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    profile: str = "hpe_ilo5"
    status: str = "failed"
    requests: int | None = None


# The simulated certificates verify nowhere, so only where no decision is made is bmc_validate_certs left out.
CASES = {
    case.name: case
    for case in (
        Case(
            "unknown-state",
            "InvalidRequest",
            ("value of state must be one of", "sideways"),
            {"state": "sideways"},
            requests=0,
        ),
        Case("typo", "InvalidRequest", ("stat_e", "ansible-doc"), {"stat_e": "off"}, requests=0),
        Case("no-address", "InvalidRequest", ("bmc_address is not set",), variables={"bmc_address": None}, requests=0),
        Case("odd-address", "InvalidRequest", ("ftp://bmc1",), variables={"bmc_address": "ftp://bmc1"}, requests=0),
        Case(
            "no-password", "InvalidRequest", ("bmc_password is not set",), variables={"bmc_password": None}, requests=0
        ),
        Case(
            "unknown-system",
            "TargetUnknown",
            ("'Node9'", "Node0, Node1", "bmc_system"),
            {"bmc_system": "Node9"},
            profile="cray_ex_nc",
        ),
        Case("system-unnamed", "TargetUnknown", ("Node0, Node1", "Set bmc_system"), profile="cray_ex_nc"),
        Case(
            "unknown-manager",
            "TargetUnknown",
            ("'9'", "resource_id"),
            {"target": "manager", "resource_id": "9", "state": "soft_restart"},
        ),
        Case(
            "wrong-password",
            "LoginRefused",
            ("user 'admin'", "401", "tried once"),
            variables={"bmc_password": "not-it"},
        ),
        Case(
            "wrong-password-session",
            "LoginRefused",
            ("user 'admin'", "401", "tried once"),
            variables={"bmc_password": "not-it", "bmc_auth": "session"},
        ),
        Case(
            "asset-list",
            "WrongMachine",
            ("serial_number is sim", "recorded was other1", "Nothing is written"),
            variables={"bmc_identity": {"serial_number": "OTHER1"}},
        ),
        Case(
            "unreachable",
            "Unreachable",
            (ABSENT, "refused", "bmc_address"),
            variables={"bmc_address": ABSENT},
            status="unreachable",
        ),
        Case(
            "self-signed",
            "Untrusted",
            ("SHA256:{fingerprint}", "bmc_ca_path", "bmc_fingerprint", "No password was sent"),
            variables={"bmc_validate_certs": None},
            requests=0,
        ),
        Case(
            "changed-pin",
            "PinMismatch",
            ("0" * 64, "{fingerprint}", "No password was sent"),
            variables={"bmc_fingerprint": "0" * 64},
            requests=0,
        ),
        Case(
            "no-fingerprint",
            "InvalidRequest",
            ("'SHA1:AA:BB'", "openssl x509"),
            variables={"bmc_fingerprint": "SHA1:AA:BB"},
            requests=0,
        ),
        Case(
            "no-ca",
            "LocalFailure",
            ("/nowhere/ca.pem", "bmc_ca_path"),
            variables={"bmc_validate_certs": True, "bmc_ca_path": "/nowhere/ca.pem"},
            requests=0,
        ),
        Case("no-reset", "NotSupported", ("power control", "hpe", "iLO 5 v2.78", "Reset action")),
        Case("no-time", "InvalidRequest", ("wait_timeout 0", "above 0"), {"wait_timeout": 0}, requests=0),
        Case("no-interval", "InvalidRequest", ("poll_interval -1", "above 0"), {"poll_interval": -1}, requests=0),
        Case("misplaced-name", "InvalidRequest", ("resource_id", "bmc_system"), {"resource_id": "1"}, requests=0),
        Case("misplaced-state", "InvalidRequest", ("manager 1", "soft_restart, hard_restart"), {"target": "manager"}),
        Case("no-handle", "InvalidRequest", ("handle", "its own task"), {"handle": {"some": "thing"}}),
    )
}

REPLACED = {
    f"{target}-of-{dialect}-replaced": profile
    for target in ("system", "manager")
    for dialect, profile in PROFILES.items()
}
ANOTHER_MACHINE = {
    "uuid": "11111111-2222-4333-8444-555555555555",
    "serial_number": "ANOTHER1",
    "mac_address": "02:11:22:33:44:55",
}


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    """One BMC for each case, and one for each change that comes between two tasks."""
    names = {**{name: case.profile for name, case in CASES.items()}, "tofu": "hpe_ilo5"}
    fleet = start_fleet([{"name": name, "profile": profile} for name, profile in (names | REPLACED).items()])
    fleet.simulator.set_state("no-reset", remove_reset=True)
    return fleet


@pytest.fixture(scope="module")
def outcomes(fleet: Fleet, controller: Controller) -> Run:
    """All cases in one playbook run, each as a task of its own for its own host."""
    hosts = {}
    tasks = []
    for name, case in CASES.items():
        variables = fleet.variables(name, **case.variables)
        hosts[name] = {key: value for key, value in variables.items() if value is not None}
        options = {"state": "off", "wait_timeout": 5, **case.options}
        tasks.append({"name": name, POWER: options, "when": f"inventory_hostname == '{name}'"})
    return controller.run(hosts, tasks)


def _assert_one_line(outcome: Outcome, kind: str) -> None:
    """The message names the host first, is one line, and is made of the parts that the error gives."""
    error = outcome.result["error"]
    assert outcome.kind == kind
    assert outcome.msg.startswith(f"{outcome.host}: ")
    assert outcome.msg.splitlines() == [outcome.msg]
    assert error["host"] == outcome.host
    assert error["what"] in outcome.msg
    assert error["why"].rstrip(".") in outcome.msg
    assert error["way_out"]
    assert outcome.msg.endswith(error["way_out"])


@pytest.mark.parametrize("name", CASES)
def test_one_line_says_host_cause_and_way_out(outcomes: Run, fleet: Fleet, name: str) -> None:
    case, outcome = CASES[name], outcomes.of(name, name)
    fingerprint = next(bmc["certificate_sha256"] for bmc in fleet.simulator.bmcs() if bmc["name"] == name)
    assert outcome.status == case.status
    _assert_one_line(outcome, case.kind)
    for part in case.says:
        assert part.format(fingerprint=fingerprint) in outcome.msg


@pytest.mark.parametrize("name", CASES)
def test_the_bmc_received_no_write(outcomes: Run, fleet: Fleet, name: str) -> None:
    assert fleet.simulator.writes(name) == []
    assert fleet.simulator.history(name) == []
    if CASES[name].requests is not None:
        assert len(fleet.simulator.requests(name)) == CASES[name].requests


@pytest.mark.parametrize("name", ["wrong-password", "wrong-password-session"])
def test_a_wrong_password_is_tried_once(outcomes: Run, fleet: Fleet, name: str) -> None:
    assert [request["status"] for request in fleet.simulator.requests(name)] == [200, 401]
    assert fleet.simulator.state(name)["failed_logins"] == 1


@dataclass
class WebServer:
    """A web server with TLS that is no BMC. requests: what it was asked for, with the headers."""

    address: str
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture(params=["html", "not_found", "other_json"])
def web_server(request: pytest.FixtureRequest) -> Iterator[WebServer]:
    """It answers everything in one way."""
    status, kind, body = {
        "html": (200, "text/html", b"<html><body>It works!</body></html>"),
        "not_found": (404, "text/html", b"<html><body>Not Found</body></html>"),
        "other_json": (200, "application/json", b'{"service": "another"}'),
    }[request.param]

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found.requests.append((self.path, dict(self.headers)))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        context = server_context(issue("web", "127.0.0.1"))
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        found = WebServer(f"127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


def test_what_is_no_bmc_gets_no_password(web_server: WebServer, controller: Controller) -> None:
    hosts = {
        auth: {
            "bmc_address": web_server.address,
            "bmc_username": "admin",
            "bmc_password": "secret",
            "bmc_auth": auth,
            "bmc_validate_certs": False,
        }
        for auth in ("basic", "session")
    }
    run = controller.run(hosts, [{"name": "off", POWER: {"state": "off"}}])
    for auth in hosts:
        outcome = run.of(auth, "off")
        assert outcome.status == "failed"
        assert outcome.kind in ("NotRedfish", "BadAnswer")
        assert outcome.msg.splitlines() == [outcome.msg]
        assert outcome.msg.startswith(f"{auth}: ")
    assert web_server.requests
    assert not any("authorization" in map(str.lower, headers) for _path, headers in web_server.requests)


def test_trust_on_first_use_refuses_another_certificate_later(fleet: Fleet, controller: Controller) -> None:
    host = {"tofu": fleet.variables("tofu", bmc_validate_certs=True, bmc_fingerprint="trust-on-first-use")}
    off = {"name": "off", POWER: {"state": "off", "wait_timeout": 20, "poll_interval": 0.1}}
    on = {"name": "on", POWER: {"state": "on"}}
    assert controller.run(host, [off]).of("tofu", "off").status == "ok"
    fleet.simulator.set_state("tofu", certificate="new")
    before = len(fleet.simulator.requests("tofu"))
    outcome = controller.run(host, [on]).of("tofu", "on")
    _assert_one_line(outcome, "PinMismatch")
    assert "No password was sent" in outcome.msg
    assert len(fleet.simulator.requests("tofu")) == before


@pytest.fixture(scope="module")
def strangers(fleet: Fleet, controller: Controller) -> Run:
    """Recorded by bmc_info, replaced, then powered: system and manager of each dialect."""
    targets = {name: name.partition("-")[0] for name in fleet.addresses if name.endswith("-replaced")}
    hosts = {name: fleet.variables(name, bmc_system="Node0" if "cray" in name else None) for name in targets}
    recorded = controller.run(hosts, [{"name": "info", "openchami.bmc.bmc_info": {}}])
    for name, target in targets.items():
        fleet.simulator.set_state(name, identity=ANOTHER_MACHINE)
        hosts[name]["bmc_identity"] = recorded.of(name, "info").result["bmc"]["identity"]
        # An iDRAC restarts gracefully only, a Cray controller by force only; each is asked for what it can do.
        hosts[name]["state"] = "off" if target == "system" else "hard_restart" if "cray" in name else "soft_restart"
        hosts[name]["target"] = target
    power = {"name": "power", POWER: {"state": "{{ state }}", "target": "{{ target }}"}}
    return controller.run(hosts, [power])


@pytest.mark.parametrize("name", REPLACED)
def test_another_machine_behind_the_address_is_refused(strangers: Run, fleet: Fleet, name: str) -> None:
    outcome = strangers.of(name, "power")
    assert outcome.status == "failed"
    _assert_one_line(outcome, "WrongMachine")
    assert "Nothing is written" in outcome.msg
    assert fleet.simulator.writes(name) == []
