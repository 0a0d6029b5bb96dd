# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task in the controller's worker: no connection to the host, whose options count, sessions, locks, audit log."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.fleet import PASSWORD, Fleet
from tests.integration.playbook import Controller

INFO = "openchami.bmc.bmc_info"
POWER = "openchami.bmc.bmc_power"
QUICK = {"wait_timeout": 30, "poll_interval": 0.1}
OFF = {"state": "off", **QUICK}


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    """A few BMCs of each dialect, as they come from the factory before each test."""
    return start_fleet(
        [
            *({"name": f"ilo{number}", "profile": "hpe_ilo5"} for number in range(5)),
            *({"name": f"idrac{number}", "profile": "dell_idrac9"} for number in range(5)),
            *({"name": f"blade{number}", "profile": "cray_ex_nc", "nodes": 4} for number in range(7)),
        ]
    )


@pytest.fixture(autouse=True)
def _from_the_factory(fleet: Fleet) -> None:
    fleet.simulator.reset()


def _audit(controller: Controller) -> list[dict[str, Any]]:
    log = controller.state / "audit.jsonl"
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []


def _ssh_that_tells(folder: Path) -> tuple[Path, Path]:
    """A program in place of ssh, and the file in which it notes that it was called."""
    folder.mkdir(parents=True)
    program, calls = folder / "ssh", folder / "calls"
    program.write_text(f'#!/bin/sh\necho "$@" >> "{calls}"\nexit 255\n', encoding="utf-8")
    program.chmod(0o755)
    return program, calls


@pytest.mark.soak
def test_a_host_with_an_ssh_connection_gets_none(fleet: Fleet, own_controller: Controller) -> None:
    program, calls = _ssh_that_tells(own_controller.folder / "bin")
    ssh = {"ansible_connection": "ssh", "ansible_ssh_executable": str(program), "ansible_host": "127.0.0.1"}
    tasks = [{"name": "info", INFO: {}}, {"name": "off", POWER: OFF}]
    run = own_controller.run({"ilo0": fleet.variables("ilo0", **ssh)}, tasks, become=True)
    assert [outcome.status for outcome in run.outcomes] == ["ok", "ok"]
    assert fleet.power("ilo0") == {"1": "Off"}
    assert not calls.exists()
    # The same host, and a task that does connect: the program would have told.
    own_controller.run({"ilo0": fleet.variables("ilo0", **ssh)}, [{"name": "raw", "ansible.builtin.raw": "true"}])
    assert calls.exists()


def test_the_task_comes_before_module_defaults_before_the_host(fleet: Fleet, own_controller: Controller) -> None:
    """Which node of a blade goes off shows whose bmc_system counted."""
    hosts = {f"blade{number}": fleet.variables(f"blade{number}", bmc_system="Node0") for number in range(5)}
    of_module, of_group = {POWER: {"bmc_system": "Node1"}}, {"group/openchami.bmc.bmc": {"bmc_system": "Node2"}}
    ways: Sequence[Mapping[str, Any]] = (
        {POWER: OFF},
        {POWER: OFF, "module_defaults": of_module},
        {POWER: OFF, "module_defaults": of_group},
        {POWER: OFF, "module_defaults": of_group | of_module},
        {POWER: {**OFF, "bmc_system": "Node3"}, "module_defaults": of_group | of_module},
    )
    tasks = [
        {"name": f"way {number}", "when": f"inventory_hostname == 'blade{number}'", **way}
        for number, way in enumerate(ways)
    ]
    own_controller.run(hosts, tasks)
    off = [[node for node, power in fleet.power(name).items() if power == "Off"] for name in hosts]
    assert off == [["Node0"], ["Node1"], ["Node2"], ["Node1"], ["Node3"]]


def test_a_false_of_the_task_counts_like_any_other_value(fleet: Fleet, own_controller: Controller) -> None:
    hosts = {
        "ilo0": fleet.variables("ilo0", bmc_validate_certs=True, wanted=False),
        "ilo1": fleet.variables("ilo1", bmc_validate_certs=False, wanted=True),
    }
    run = own_controller.run(hosts, [{"name": "info", INFO: {"bmc_validate_certs": "{{ wanted }}"}}])
    assert run.of("ilo0", "info").status == "ok"
    assert run.of("ilo1", "info").kind == "Untrusted"


def test_host_variables_are_templates(fleet: Fleet, own_controller: Controller, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(PASSWORD, encoding="utf-8")
    host = fleet.variables(
        "ilo0",
        bmc_names={"node7-bmc": fleet.addresses["ilo0"]},
        bmc_address="{{ bmc_names[inventory_hostname ~ '-bmc'] }}",
        bmc_password="{{ lookup('ansible.builtin.file', '" + str(tmp_path / "secret") + "') }}",
        bmc_validate_certs="{{ not True }}",
        bmc_timeout="{{ 2 * 10 }}",
    )
    assert own_controller.run({"node7": host}, [{"name": "off", POWER: OFF}]).of("node7", "off").status == "ok"
    assert fleet.power("ilo0") == {"1": "Off"}


def test_a_session_is_deleted_after_success_and_after_every_failure(fleet: Fleet, own_controller: Controller) -> None:
    tasks = {
        "ilo0": OFF,
        "ilo1": {"state": "soft_off", "wait_timeout": 0.5, "poll_interval": 0.1},
        "ilo2": OFF,
        "ilo3": {"state": "off", "bmc_system": "9"},
        "idrac0": OFF,
        "idrac1": {"state": "off", "wait": False},
        "blade0": {"state": "force_off", "bmc_system": "all", **QUICK},
    }
    fleet.simulator.set_state("ilo1", graceful="ignored")
    fleet.simulator.fault("ilo2", "status", method="POST", uri="Reset", status=400)
    fleet.simulator.set_state("idrac0", session_required=True)
    hosts = {name: fleet.variables(name, bmc_auth="session", options=options) for name, options in tasks.items()}
    run = own_controller.run(
        hosts,
        [
            {"name": "power", POWER: options, "when": f"inventory_hostname == '{name}'"}
            for name, options in tasks.items()
        ],
        strategy="free",
    )
    kinds = {outcome.host: outcome.kind for outcome in run.outcomes if outcome.status != "skipped"}
    expected = {"ilo1": "NotReached", "ilo2": "RefusedByBmc", "ilo3": "TargetUnknown"}
    assert kinds == {**dict.fromkeys(tasks, ""), **expected}
    for name in tasks:
        logins = [request for request in fleet.simulator.requests(name) if request["status"] == 201]
        assert len(logins) == 1, name
        assert fleet.simulator.state(name)["sessions"] == 0, name
        assert not any("Authorization" in request["headers"] for request in fleet.simulator.requests(name)), name


@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.soak
def test_a_session_that_died_with_its_bmc_is_no_failure(fleet: Fleet, own_controller: Controller, wait: bool) -> None:
    hosts = {name: fleet.variables(name, bmc_auth="session") for name in ("ilo0", "idrac0")}
    restart = {"state": "soft_restart", "target": "manager", "wait": wait, **QUICK}
    run = own_controller.run(hosts, [{"name": "restart", POWER: restart}])
    for name in hosts:
        outcome = run.of(name, "restart")
        assert outcome.status == "ok", outcome.msg
        assert outcome.result["settled"] is wait
        assert fleet.sent(name) == ["GracefulRestart"]
        assert fleet.simulator.state(name)["manager"] == {"resets": 1}


def test_basic_opens_no_session(fleet: Fleet, own_controller: Controller) -> None:
    own_controller.run({"idrac0": fleet.variables("idrac0")}, [{"name": "off", POWER: OFF}])
    assert not any("SessionService" in request["uri"] for request in fleet.simulator.requests("idrac0"))


def test_the_audit_log_tells_intent_before_and_outcome_after(fleet: Fleet, own_controller: Controller) -> None:
    hosts = {
        "ilo0": fleet.variables("ilo0", awx_job_id=417),
        "ilo1": fleet.variables("ilo1"),
        "blade0": fleet.variables("blade0", bmc_system="all"),
    }
    fleet.simulator.fault("ilo1", "status", method="POST", status=500, body={"error": {"message": f"no {PASSWORD}"}})
    own_controller.run(hosts, [{"name": "off", POWER: OFF}])
    lines = _audit(own_controller)
    assert sorted((line["host"], line["phase"]) for line in lines) == [
        (host, phase) for host in sorted(hosts) for phase in ("intent", "outcome")
    ]
    for host in hosts:
        intent, outcome = [line for line in lines if line["host"] == host]
        writes = fleet.simulator.writes(host)
        assert intent["id"] == outcome["id"]
        assert intent["operation"] == "bmc_power off"
        assert intent["address"] == f"https://{fleet.addresses[host]}"
        assert all(write in intent["plan"] for write in fleet.plan(host))
        # The log has milliseconds, cut off.
        assert datetime.fromisoformat(intent["time"]).timestamp() <= writes[0]["time"]
        assert datetime.fromisoformat(outcome["time"]).timestamp() >= writes[-1]["time"] - 0.001
    detail = {line["host"]: line["detail"] for line in lines if line["phase"] == "outcome"}
    assert detail["ilo0"]["changed"] is True
    assert detail["ilo1"]["failed"] is True
    assert detail["blade0"]["changed"] is True
    assert {line["actor"]["job"] for line in lines if line["host"] == "ilo0"} == {"417"}
    assert PASSWORD not in (own_controller.state / "audit.jsonl").read_text(encoding="utf-8")
    assert (own_controller.state / "audit.jsonl").stat().st_mode & 0o077 == 0


def test_the_audit_log_is_silent_where_nothing_is_written(fleet: Fleet, own_controller: Controller) -> None:
    hosts = {"ilo0": fleet.variables("ilo0")}
    own_controller.run(hosts, [{"name": "off", POWER: OFF}, {"name": "info", INFO: {}}], arguments=["--check"])
    own_controller.run(hosts, [{"name": "on", POWER: {"state": "on"}}])
    assert _audit(own_controller) == []


@pytest.mark.parametrize("state", ["off", "hard_restart"])
def test_sibling_nodes_take_turns_at_their_bmc(fleet: Fleet, own_controller: Controller, state: str) -> None:
    nodes = [f"Node{number}" for number in range(4)]
    hosts = {node: fleet.variables("blade0", bmc_system=node) for node in nodes}
    power = {"name": "power", POWER: {**OFF, "state": state}}
    run = own_controller.run(hosts, [power], arguments=["--forks", "4"])
    assert {outcome.host: outcome.msg for outcome in run.outcomes} == dict.fromkeys(nodes, "")
    requests = fleet.simulator.requests("blade0")
    assert len({request["connection"] for request in requests}) == 4
    sent = {
        node: [write["body"]["ResetType"] for write in fleet.simulator.writes("blade0") if f"/{node}/" in write["uri"]]
        for node in nodes
    }
    assert sent == dict.fromkeys(nodes, ["Off"] if state == "off" else ["Off", "On"])
    # From the first reading of its node to its first write nobody else writes.
    for node in nodes:
        first = next(
            at for at, request in enumerate(requests) if request["method"] == "POST" and f"/{node}/" in request["uri"]
        )
        own = requests[first]["connection"]
        seen = min(
            at
            for at, request in enumerate(requests)
            if request["connection"] == own and request["uri"].endswith(f"/{node}")
        )
        assert [request["method"] for request in requests[seen:first]].count("POST") == 0, node


def test_a_second_task_on_a_node_is_refused_while_the_first_waits(fleet: Fleet, own_controller: Controller) -> None:
    fleet.simulator.set_state("blade0", graceful="ignored")
    first_host = {"first": fleet.variables("blade0", bmc_system="Node0")}
    others = {
        "second": fleet.variables("blade0", bmc_system="Node0"),
        "sibling": fleet.variables("blade0", bmc_system="Node1"),
    }
    first = own_controller.start(first_host, [{"name": "off", POWER: {**OFF, "wait_timeout": 200}}])
    while not fleet.simulator.writes("blade0"):
        fleet.simulator.wait_for_requests("blade0", len(fleet.simulator.requests("blade0")) + 1)
    run = own_controller.run(others, [{"name": "force", POWER: {**OFF, "state": "force_off"}}])
    fleet.simulator.set_state("blade0", systems={"Node0": {"power_state": "Off"}})
    assert first.finish().of("first", "off").status == "ok"
    refused = run.of("second", "force")
    assert refused.kind == "Busy"
    assert "bmc_power off" in refused.msg
    assert refused.msg.startswith("second: ")
    assert run.of("sibling", "force").status == "ok"
    assert fleet.sent("blade0") == ["Off", "ForceOff"]
    assert fleet.power("blade0")["Node1"] == "Off"


def test_bmc_timeout_bounds_an_answer(fleet: Fleet, own_controller: Controller) -> None:
    fleet.simulator.fault("ilo0", "latency", uri="/Systems", seconds=30, count=None)
    fleet.simulator.fault("ilo1", "hold", method="POST", seconds=30)
    hosts = {name: fleet.variables(name, bmc_timeout=0.5) for name in ("ilo0", "ilo1")}
    run = own_controller.run(hosts, [{"name": "off", POWER: {**OFF, "wait_timeout": 3}}])
    slow, cut = run.of("ilo0", "off"), run.of("ilo1", "off")
    assert (slow.status, slow.kind) == ("unreachable", "Unreachable")
    assert "bmc_timeout" in slow.msg
    assert (cut.status, cut.kind) == ("failed", "MayHaveHappened")
    assert fleet.sent("ilo1") == ["GracefulShutdown"]


@pytest.mark.parametrize("broken", ["folder", "audit log"])
def test_without_a_place_for_its_records_nothing_is_written(
    fleet: Fleet, own_controller: Controller, broken: str
) -> None:
    if broken == "folder":
        own_controller.state.parent.mkdir(parents=True)
        own_controller.state.write_text("in the way", encoding="utf-8")
    else:
        (own_controller.state / "audit.jsonl").mkdir(parents=True)
    outcome = own_controller.run({"ilo0": fleet.variables("ilo0")}, [{"name": "off", POWER: OFF}]).of("ilo0", "off")
    assert outcome.status == "failed"
    assert outcome.kind == "LocalFailure"
    assert "OPENCHAMI_BMC_STATE_DIR" in outcome.msg
    assert outcome.msg.splitlines() == [outcome.msg]
    assert fleet.simulator.writes("ilo0") == []


def test_a_task_makes_few_requests_on_one_connection(fleet: Fleet, own_controller: Controller) -> None:
    names = {"ilo0": "1", "idrac0": "System.Embedded.1", "blade0": "Node1"}
    hosts = {name: fleet.variables(name, bmc_system=system) for name, system in names.items()}

    def spent(options: Mapping[str, Any]) -> dict[str, int]:
        fleet.simulator.reset()
        run = own_controller.run(hosts, [{"name": "power", POWER: options}])
        assert [outcome.status for outcome in run.outcomes] == ["ok"] * len(hosts)
        # All connections, also those on which nothing was asked.
        assert fleet.simulator.summary()["connections"] == len(hosts)
        return {name: len(fleet.simulator.requests(name)) for name in hosts}

    cold = spent({"state": "on"})
    run = own_controller.run(hosts, [{"name": "info", INFO: {}}])
    for name in hosts:
        hosts[name]["bmc_identity"] = run.of(name, "info").result["bmc"]["identity"]
    # The root, the systems, the one system. A blade shows its dialect in its managers only, its resets in ActionInfo.
    assert (cold["ilo0"], cold["idrac0"]) == (3, 3)
    assert cold["blade0"] <= 8
    assert spent({"state": "on"}) == dict.fromkeys(hosts, 1)
    # Beside the system and the write: where the BMC tells of a firmware update that runs, and what it tells. An iLO
    # tells it in one place, the others in their tasks.
    assert spent({"state": "off", "wait": False}) == {"ilo0": 4, "idrac0": 6, "blade0": 6}
