# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A sweep over simulated BMCs and over what is none: who gets a password, and what one BMC's faults do to others.

Judged by what the listeners received.
"""

from __future__ import annotations

import os
import signal
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    BmcError,
    LocalFailure,
    NoCredential,
    PinMismatch,
    Unreachable,
    Untrusted,
)
from ansible_collections.openchami.bmc.plugins.module_utils._operations.sweep import (
    Bounds,
    Candidate,
    FirstUse,
    Outcome,
    Visit,
    sweep,
)
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.crawl import Plan
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.resource import Document, link, links
from ansible_collections.openchami.bmc.plugins.module_utils._transport.bmc import Credential
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import Limits
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import parse_address
from ansible_collections.openchami.bmc.plugins.module_utils._transport.tls import Trust
from tests.simulator.control import Simulator
from tests.unit.transport.scripted_server import ScriptedServer, document, reply

NETWORK = f"127.{64 + os.getpid() % 128}.7"
ACCOUNT = Credential("admin", "secret")
BMCS = 24
BOUNDS = Bounds(bmc=60.0, limits=Limits(connect=20.0, read=20.0, body=1 << 20))
# A BMC that never answers takes all of it, and a well one much less, also on a machine that is busy.
SHORT = Bounds(bmc=60.0, limits=Limits(connect=6.0, read=6.0, body=1 << 20))
Trusting = Callable[[Candidate], Trust | FirstUse]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    defaults = {"auth": {"sessions": 2, "lockout_after": 3}, "idle_limit": None}
    group = {"name": "ilo{:02d}", "profile": "hpe_ilo6", "address": f"{NETWORK}.1", "count": BMCS}
    with Simulator.start({"defaults": defaults, "bmcs": [group]}, tmp_path_factory.mktemp("fleet")) as simulator:
        yield simulator
        assert "Traceback" not in simulator.log.read_text()


@pytest.fixture
def simulator(running: Simulator) -> Simulator:
    running.reset()
    return running


def at(address: str) -> Candidate:
    return Candidate(address, parse_address(address))


def fleet(simulator: Simulator, count: int = BMCS) -> dict[str, Candidate]:
    """Candidates by the name of their BMC."""
    return {bmc["name"]: at(f"{bmc['address']}:{bmc['port']}") for bmc in simulator.bmcs()[:count]}


def reading(root: Document) -> Plan[dict[str, str]]:
    """The Ids of all systems, managers and chassis, and what else came in place of them, by URI."""
    found: dict[str, str] = {}
    wave = tuple(filter(None, (link(root, name) for name in ("Systems", "Managers", "Chassis"))))
    for _depth in range(2):
        answers = yield wave
        found |= {uri: _told(answer) for uri, answer in answers.items()}
        wave = tuple(
            uri for answer in answers.values() if not isinstance(answer, BmcError) for uri in links(answer, "Members")
        )
    return found


def _told(answer: Any) -> str:
    return answer.kind if isinstance(answer, BmcError) else str(answer.get("Id"))


def run(
    candidates: list[Candidate],
    trust: Trusting = lambda _candidate: Trust(validate=False),
    auth: str = "basic",
    credential: Credential = ACCOUNT,
    bounds: Bounds = BOUNDS,
) -> dict[str, Outcome[dict[str, str]]]:
    """Outcomes by address."""

    def visit(_candidate: Candidate, root: Document, _fingerprint: str) -> Visit[dict[str, str]]:
        return Visit(credential, auth, reading(root))

    return {outcome.candidate.address: outcome for outcome in sweep(candidates, trust, visit, bounds)}


def secrets(requests: list[dict[str, Any]]) -> list[str]:
    """The URIs of the requests that carried a login."""
    carried = {"authorization", "x-auth-token"}
    return [
        entry["uri"] for entry in requests if carried & {name.lower() for name in entry["headers"]} or entry["body"]
    ]


def test_whole_fleet_is_read_on_one_connection_each(simulator: Simulator) -> None:
    before = simulator.summary()["connections"]
    outcomes = run(list(fleet(simulator).values()))
    assert all(outcome.value and not outcome.error for outcome in outcomes.values())
    assert simulator.summary()["connections"] - before == BMCS
    told = {f"{bmc['address']}:{bmc['port']}": bmc["certificate_sha256"] for bmc in simulator.bmcs()}
    assert {address: outcome.fingerprint for address, outcome in outcomes.items()} == told
    uris = [entry["uri"] for entry in simulator.requests("ilo00")]
    assert len(uris) == len(set(uris))
    assert secrets(simulator.requests("ilo00")) == uris[1:]


def test_sessions_are_gone_afterwards(simulator: Simulator) -> None:
    candidates = fleet(simulator, 4)
    simulator.fault("ilo01", "drop", uri="/Managers")
    outcomes = run(list(candidates.values()), auth="session")
    assert all(outcome.value and not outcome.warnings for outcome in outcomes.values())
    for name in candidates:
        assert simulator.state(name)["sessions"] == 0
        assert [entry["method"] for entry in simulator.requests(name)].count("POST") == 1


def test_wrong_password_is_tried_once(simulator: Simulator) -> None:
    candidate = fleet(simulator, 1)["ilo00"]
    for auth in ("basic", "session"):
        outcome = run([candidate], auth=auth, credential=Credential("admin", "wrong"))[candidate.address]
        assert outcome.error is not None
        assert outcome.error.kind == "LoginRefused"
    assert simulator.state("ilo00")["failed_logins"] == 2


def test_bmc_that_no_rule_matches_gets_no_password(simulator: Simulator) -> None:
    candidate = fleet(simulator, 1)["ilo00"]
    outcome: Outcome[None]
    (outcome,) = sweep([candidate], lambda _candidate: Trust(validate=False), lambda *_met: None, BOUNDS)
    assert (outcome.value, outcome.error, len(outcome.fingerprint)) == (None, None, 64)
    assert [entry["uri"] for entry in simulator.requests("ilo00")] == ["/redfish/v1"]


@pytest.mark.parametrize("error", [NoCredential("no entry"), KeyError("rule")], ids=["error", "defect"])
def test_visit_that_fails_is_the_outcome_of_its_bmc(simulator: Simulator, error: Exception) -> None:
    candidates = fleet(simulator, 2)

    def visit(candidate: Candidate, root: Document, _fingerprint: str) -> Visit[dict[str, str]]:
        if candidate == candidates["ilo00"]:
            raise error
        return Visit(ACCOUNT, "basic", reading(root))

    trust = Trust(validate=False)
    outcomes = {o.candidate: o for o in sweep(candidates.values(), lambda _candidate: trust, visit, BOUNDS)}
    assert outcomes[candidates["ilo01"]].value
    failed = outcomes[candidates["ilo00"]].error
    assert failed is error if isinstance(error, BmcError) else "KeyError" in str(failed)
    assert secrets(simulator.requests("ilo00")) == []


def test_first_use_is_recorded_and_another_certificate_refused(simulator: Simulator, tmp_path: Path) -> None:
    candidates = fleet(simulator, 2)
    trust = FirstUse(tmp_path / "pins")
    first = run(list(candidates.values()), lambda _candidate: trust)
    assert all(outcome.value for outcome in first.values())
    simulator.set_state("ilo00", certificate="new")
    simulator.clear_requests("ilo00")
    outcomes = run(list(candidates.values()), lambda _candidate: trust)
    assert isinstance(outcomes[candidates["ilo00"].address].error, PinMismatch)
    assert outcomes[candidates["ilo01"].address].value
    assert secrets(simulator.requests("ilo00")) == []
    origin = candidates["ilo00"].origin
    recorded = (tmp_path / "pins" / f"{origin.host}_{origin.port}").read_text().strip()
    assert recorded == first[candidates["ilo00"].address].fingerprint


def test_pin_of_another_bmc_and_an_unknown_ca_are_refused(simulator: Simulator) -> None:
    candidates = fleet(simulator, 2)
    decisions = {candidates["ilo00"]: Trust(fingerprint="ab" * 32), candidates["ilo01"]: Trust()}
    outcomes = run(list(candidates.values()), decisions.__getitem__)
    assert isinstance(outcomes[candidates["ilo00"].address].error, PinMismatch)
    assert isinstance(outcomes[candidates["ilo01"].address].error, Untrusted)
    assert simulator.requests("ilo00") == simulator.requests("ilo01") == []


@contextmanager
def listener(answer: bytes | None) -> Iterator[tuple[Candidate, bytearray]]:
    """Something on a port that keeps what it hears, and answers that, or for None nothing."""
    heard = bytearray()
    closing = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            heard.extend(self.request.recv(1 << 16))
            if answer is None:
                closing.wait(10)
            else:
                self.request.sendall(answer)

    with socketserver.ThreadingTCPServer((f"{NETWORK}.200", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield at(f"{NETWORK}.200:{server.server_address[1]}"), heard
        closing.set()
        server.shutdown()


@pytest.mark.parametrize(
    "answer",
    [
        reply(404),
        reply(200, b"<html>It works!</html>"),
        document({"hello": "world"}),
        document(["RedfishVersion"]),
        document({"RedfishVersion": {"a": 1}}),
        reply(401, www_authenticate="Basic"),
        reply(407, proxy_authenticate="Basic"),
        reply(302, location="https://127.0.0.1:1/redfish/v1"),
    ],
    ids=["404", "html", "json", "list", "wrong type", "401", "407", "redirect"],
)
def test_https_server_that_is_no_bmc_gets_no_password(answer: Any) -> None:
    with ScriptedServer() as server:
        server.expect("GET", "/redfish/v1", answer)
        candidate = Candidate("web", server.origin)
        assert run([candidate])["web"].error is not None
        assert [request.path for request in server.requests] == ["/redfish/v1"]
        assert not {"authorization", "x-auth-token", "cookie"} & set(server.requests[0].headers)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\n\r\n", b"SSH-2.0-x\r\n", b"", None])
def test_what_merely_listens_hears_no_password(answer: bytes | None) -> None:
    with listener(answer) as (candidate, heard):
        bounds = Bounds(bmc=1.0, limits=Limits(connect=0.3, read=0.3))
        assert isinstance(run([candidate], bounds=bounds)[candidate.address].error, Unreachable)
    assert heard.startswith(b"\x16\x03")
    assert b"uthorization" not in heard


def test_port_that_is_closed_is_told(simulator: Simulator) -> None:
    with socket.create_server((f"{NETWORK}.201", 0)) as closed:
        candidate = at(f"{NETWORK}.201:{closed.getsockname()[1]}")
    assert "refused" in str(run([candidate])[candidate.address].error)


# By fault: its details, and the kind of the error or, where the fault is beyond the root, of what came for a URI.
AT_THE_ROOT: dict[str, tuple[dict[str, Any], str]] = {
    "connection": ({"kind": "tarpit", "stage": "connection"}, "Unreachable"),
    "request": ({"kind": "tarpit", "stage": "request"}, "Unreachable"),
    "trickle": ({"kind": "trickle", "part": "headers", "interval": 0.3}, "Unreachable"),
    "slow body": ({"kind": "trickle", "part": "body", "interval": 0.3}, "Unreachable"),
    "huge": ({"kind": "huge", "mebibytes": 8, "framing": "length"}, "BadAnswer"),
    "bomb": ({"kind": "huge", "mebibytes": 64, "framing": "gzip"}, "BadAnswer"),
    "header_flood": ({"kind": "header_flood", "lines": 50_000}, "CutOff"),
    "redirect": ({"kind": "redirect", "location": "https://127.0.0.1:1"}, "ForeignLink"),
    "deep": ({"kind": "text", "text": "[" * 200_000}, "BadAnswer"),
    "everything": ({"kind": "status", "status": 200}, "NotRedfish"),
    "truncate": ({"kind": "truncate"}, "CutOff"),
    "drop": ({"kind": "drop"}, "CutOff"),
    "busy": ({"kind": "status", "status": 503, "retry_after": 1}, "RefusedByBmc"),
    "wrong_types": ({"kind": "wrong_types", "seed": 1}, "NotRedfish"),
    "not_json": ({"kind": "not_json"}, "BadAnswer"),
}
BEYOND = ("huge", "bomb", "header_flood", "redirect", "deep", "truncate", "drop", "not_json")


def test_faults_never_spoil_the_rest(simulator: Simulator) -> None:
    """Each on a BMC of its own, all in one sweep: the rest is read, and none of the ill ones got a password."""
    candidates = fleet(simulator)
    ill = dict(zip(AT_THE_ROOT, candidates, strict=False))
    for fault, name in ill.items():
        simulator.fault(name, count=None, **AT_THE_ROOT[fault][0])
    outcomes = run(list(candidates.values()), bounds=SHORT)
    told = {fault: _kind(outcomes[candidates[name].address]) for fault, name in ill.items()}
    assert told == {fault: kind for fault, (_details, kind) in AT_THE_ROOT.items()}
    assert all(outcomes[candidates[name].address].value for name in set(candidates) - set(ill.values()))
    assert {fault: secrets(simulator.requests(name)) for fault, name in ill.items()} == {fault: [] for fault in ill}


def test_faults_of_one_resource_are_told_to_the_plan(simulator: Simulator) -> None:
    candidates = fleet(simulator)
    ill = dict(zip(BEYOND, candidates, strict=False))
    for fault, name in ill.items():
        simulator.fault(name, count=None, uri="/Managers/?$", **AT_THE_ROOT[fault][0])
    outcomes = run(list(candidates.values()))
    for fault, name in ill.items():
        value = outcomes[candidates[name].address].value or {}
        assert value["/redfish/v1/Managers"] == AT_THE_ROOT[fault][1], fault
        assert value["/redfish/v1/Systems/1"] == "1", fault


def _kind(outcome: Outcome[Any]) -> str:
    return outcome.error.kind if outcome.error else "answered"


@pytest.mark.parametrize("defect", [KeyError("Id"), RecursionError(), StopIteration("no member")])
def test_plan_that_raises_is_the_outcome_of_its_bmc(simulator: Simulator, defect: Exception) -> None:
    candidates = fleet(simulator, 3)

    def broken(root: Document) -> Plan[dict[str, str]]:
        yield (str(link(root, "Systems")),)
        raise defect

    def visit(candidate: Candidate, root: Document, _fingerprint: str) -> Visit[dict[str, str]]:
        plan = broken(root) if candidate == candidates["ilo00"] else reading(root)
        return Visit(ACCOUNT, "session", plan)

    trust = Trust(validate=False)
    outcomes = {o.candidate: o for o in sweep(candidates.values(), lambda _candidate: trust, visit, BOUNDS)}
    assert isinstance(outcomes[candidates["ilo00"]].error, LocalFailure)
    assert all(outcomes[candidates[name]].value for name in ("ilo01", "ilo02"))
    assert simulator.state("ilo00")["sessions"] == 0


def test_tarpit_after_the_login_leaves_no_session(simulator: Simulator) -> None:
    candidate = fleet(simulator, 1)["ilo00"]
    simulator.fault("ilo00", "tarpit", stage="request", uri="/Managers", method="GET")
    bounds = Bounds(bmc=1.0, limits=Limits(connect=2.0, read=30.0))
    outcome = run([candidate], auth="session", bounds=bounds)[candidate.address]
    assert "answered 3 requests in 1 s, but not GET /redfish/v1/Managers" in str(outcome.error)
    assert simulator.state("ilo00")["sessions"] == 0


def test_interrupt_keeps_what_came_and_leaves_nothing(simulator: Simulator) -> None:
    candidates = fleet(simulator)
    simulator.fault("ilo05", "latency", seconds=30, uri="/Chassis")
    outcomes: list[Outcome[dict[str, str]]] = []
    threads = set(threading.enumerate())

    def interrupted(root: Document) -> Plan[dict[str, str]]:
        for number in count():
            if len(outcomes) >= BMCS // 2:
                break
            yield (f"/redfish/v1/Systems?n={number}",)
        signal.raise_signal(signal.SIGINT)
        return (yield from reading(root))

    def collect() -> None:
        for outcome in sweep(candidates.values(), lambda _candidate: trust, visit, BOUNDS):
            outcomes.append(outcome)

    def visit(candidate: Candidate, root: Document, _fingerprint: str) -> Visit[dict[str, str]]:
        plan = interrupted(root) if candidate == candidates["ilo07"] else reading(root)
        return Visit(ACCOUNT, "session", plan)

    trust = Trust(validate=False)
    with pytest.raises(KeyboardInterrupt):
        collect()
    addresses = {outcome.candidate.address for outcome in outcomes}
    assert len(addresses) >= BMCS // 2
    assert not {candidates["ilo05"].address, candidates["ilo07"].address} & addresses
    assert {simulator.state(name)["sessions"] for name in candidates} == {0}
    assert not [thread for thread in set(threading.enumerate()) - threads if not thread.name.startswith("visit")]
