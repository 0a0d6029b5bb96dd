# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each keyword of a task and play means the same in both ways, as docs/keywords.md says; judged by the BMCs."""

from __future__ import annotations

import json
import ssl
import time
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, ShippingController

INFO = "openchami.bmc.bmc_info"
POWER = "openchami.bmc.bmc_power"
QUICK = {"wait_timeout": 20, "poll_interval": 0.1}
ABSENT = "127.99.99.99:8443"
PAIR = ("ilo0", "ilo1")


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    timing = {"on": 0.1, "graceful": 0.1, "force": 0.1}
    return start_fleet(
        [
            *({"name": name, "profile": "hpe_ilo5", "timing": timing} for name in PAIR),
            {"name": "blade", "profile": "cray_ex_nc", "nodes": 2, "timing": timing},
        ]
    )


@pytest.fixture(autouse=True)
def _from_the_factory(fleet: Fleet) -> None:
    fleet.simulator.reset()


def pair(fleet: Fleet, **others: Any) -> dict[str, dict[str, Any]]:
    """Two hosts, each with its BMC."""
    return {name: fleet.variables(name, **others) for name in PAIR}


def power(state: str = "off", name: str = "power", **keywords: Any) -> dict[str, Any]:
    """A task with keywords."""
    return {"name": name, POWER: {"state": state, **QUICK}, **keywords}


def is_off(fleet: Fleet) -> list[bool]:
    """Of each of the pair, whether it is off."""
    return [set(fleet.power(name).values()) == {"Off"} for name in PAIR]


def audited(folder: Path) -> list[dict[str, Any]]:
    """The lines of the audit log in a state folder."""
    log = folder / "audit.jsonl"
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []


@pytest.mark.parametrize("keywords", [{"async": 60}, {"async": 60, "poll": 0}], ids=["polled", "poll-0"])
def test_async_is_refused_before_anything_is_sent(
    fleet: Fleet, own_controller: Controller, keywords: dict[str, Any]
) -> None:
    run = own_controller.run({"ilo0": fleet.variables("ilo0")}, [power(**keywords)])
    outcome = run.of("ilo0", "power")
    assert (outcome.status, outcome.kind) == ("failed", "InvalidRequest")
    assert "wait: false" in outcome.msg
    assert fleet.simulator.requests("ilo0") == []


def test_environment_counts_for_each_task(fleet: Fleet, own_controller: Controller, tmp_path: Path) -> None:
    """Each turn of a loop has its own; the next task has none of it."""
    folders = [str(tmp_path / name) for name in ("first", "second")]
    turn = {"state": "{{ 'off' if item == folders[0] else 'on' }}", **QUICK}
    tasks = [
        {
            "name": "loop",
            POWER: turn,
            "loop": "{{ folders }}",
            "environment": {"OPENCHAMI_BMC_STATE_DIR": "{{ item }}"},
        },
        power(name="plain"),
    ]
    run = own_controller.run({"ilo0": fleet.variables("ilo0", folders=folders)}, tasks)
    assert [outcome.status for outcome in run.outcomes] == ["ok", "ok"]
    told = [{line["operation"] for line in audited(folder)} for folder in (*map(Path, folders), own_controller.state)]
    assert told == [{"bmc_power off"}, {"bmc_power on"}, {"bmc_power off"}]


def test_environment_names_the_systems_authorities(fleet: Fleet, own_controller: Controller, tmp_path: Path) -> None:
    address, _separator, port = fleet.addresses["ilo0"].partition(":")
    (tmp_path / "ca.pem").write_text(ssl.get_server_certificate((address, int(port))), encoding="ascii")
    named = {"name": "named", INFO: {}, "environment": {"SSL_CERT_FILE": str(tmp_path / "ca.pem")}}
    host = {"ilo0": fleet.variables("ilo0", bmc_validate_certs=True)}
    run = own_controller.run(host, [named, {"name": "unnamed", INFO: {}}])
    assert run.of("ilo0", "named").msg == ""
    assert run.of("ilo0", "unnamed").kind == "Untrusted"


def test_no_log_hides_the_result_and_not_what_is_registered(fleet: Fleet, own_controller: Controller) -> None:
    tasks = [
        power(no_log=True, register="powered"),
        {"name": "say", "ansible.builtin.debug": {"msg": "{{ powered.power_state }}"}},
    ]
    run = own_controller.run({"ilo0": fleet.variables("ilo0")}, tasks, arguments=["-vvvv", "--diff"])
    assert is_off(fleet)[0]
    assert run.of("ilo0", "power").result.keys() & {"plan", "targets", "diff"} == set()
    assert "GracefulShutdown" not in run.stdout
    assert run.of("ilo0", "say").msg == "Off"


def test_a_loop_acts_on_each_item_and_returns_each_result(fleet: Fleet, own_controller: Controller) -> None:
    turn = {"state": "off", "bmc_system": "{{ node }}", **QUICK}
    loop = {"name": "loop", POWER: turn, "loop": ["Node0", "Node1"], "loop_control": {"loop_var": "node"}}
    result = own_controller.run({"blade": fleet.variables("blade")}, [loop]).of("blade", "loop").result
    assert [(turn["node"], turn["targets"][0]["id"]) for turn in result["results"]] == [
        ("Node0", "Node0"),
        ("Node1", "Node1"),
    ]
    assert fleet.power("blade") == {"Node0": "Off", "Node1": "Off"}


def test_vars_of_a_task_come_before_those_of_the_host(fleet: Fleet, own_controller: Controller) -> None:
    host = {"blade": fleet.variables("blade", bmc_system="Node0")}
    own_controller.run(host, [power(vars={"bmc_system": "Node1"})])
    assert fleet.power("blade") == {"Node0": "On", "Node1": "Off"}


def test_run_once_acts_for_one_host(fleet: Fleet, own_controller: Controller) -> None:
    own_controller.run(pair(fleet), [power(run_once=True)])
    assert is_off(fleet) == [True, False]


def test_delegate_facts_changes_nothing(fleet: Fleet, own_controller: Controller) -> None:
    tasks = [power(delegate_facts=True), {"name": "facts", "ansible.builtin.debug": {"var": "ansible_facts"}}]
    run = own_controller.run({"ilo0": fleet.variables("ilo0")}, tasks)
    assert is_off(fleet)[0]
    assert run.of("ilo0", "facts").result["ansible_facts"] == {}


def test_throttle_lets_one_host_after_the_other(fleet: Fleet, own_controller: Controller) -> None:
    own_controller.run(pair(fleet), [power(throttle=1)])
    first, second = sorted([request["time"] for request in fleet.simulator.requests(name)] for name in PAIR)
    assert first
    assert max(first) < min(second)


def test_serial_ends_the_play_of_one_host_before_the_next(fleet: Fleet, own_controller: Controller) -> None:
    own_controller.run(pair(fleet), [power(name="off"), power("on", name="on")], serial=1)
    assert [fleet.sent(name) for name in PAIR] == [["GracefulShutdown", "On"]] * 2
    first, second = ([request["time"] for request in fleet.simulator.requests(name)] for name in PAIR)
    assert max(first) < min(second)


@pytest.mark.parametrize("strategy", ["linear", "free", "host_pinned"])
def test_every_strategy_plays_all_tasks(fleet: Fleet, own_controller: Controller, strategy: str) -> None:
    run = own_controller.run(pair(fleet), [power(name="off"), power("on", name="on")], strategy=strategy)
    assert {outcome.status for outcome in run.outcomes} == {"ok"}
    assert [fleet.sent(name) for name in PAIR] == [["GracefulShutdown", "On"]] * 2


@pytest.mark.parametrize("ignored", [True, False])
def test_an_unreachable_bmc_is_unreachable_and_not_failed(
    fleet: Fleet, own_controller: Controller, ignored: bool
) -> None:
    """Ignored, its host goes on; else it leaves the play, and the other host goes on."""
    hosts = pair(fleet)
    hosts["ilo0"]["bmc_address"] = ABSENT
    then = {"name": "then", "ansible.builtin.debug": {"msg": "still here"}}
    run = own_controller.run(hosts, [power(), then], ignore_unreachable=ignored)
    assert (run.of("ilo0", "power").status, run.of("ilo0", "power").kind) == ("unreachable", "Unreachable")
    assert is_off(fleet) == [False, True]
    assert {outcome.host for outcome in run.outcomes if outcome.task == "then"} == set(PAIR if ignored else PAIR[1:])
    assert run.status == (0 if ignored else 4)


def test_ignore_errors_goes_on_and_without_it_the_host_stops(fleet: Fleet, own_controller: Controller) -> None:
    hosts = pair(fleet)
    for name in PAIR:
        hosts[name]["bmc_password"] = "not-it"
    tasks = [
        power(ignore_errors="{{ inventory_hostname == 'ilo0' }}"),
        {"name": "then", "ansible.builtin.debug": {"msg": "still here"}},
    ]
    run = own_controller.run(hosts, tasks, ignore_errors=False)
    assert [outcome.host for outcome in run.outcomes if outcome.task == "then"] == ["ilo0"]
    assert run.status == 2


@pytest.mark.parametrize("trouble", [{"bmc_address": ABSENT}, {"bmc_system": "9"}], ids=["unreachable", "failed"])
def test_any_errors_fatal_stops_the_play_for_all(
    fleet: Fleet, own_controller: Controller, trouble: dict[str, str]
) -> None:
    hosts = pair(fleet)
    hosts["ilo1"] |= trouble
    stop: dict[str, Any] = {"any_errors_fatal": True, "ignore_errors": False, "ignore_unreachable": False}
    run = own_controller.run(hosts, [power(name="off"), power("on", name="on")], **stop)
    assert {outcome.task for outcome in run.outcomes} == {"off"}
    assert fleet.sent("ilo0") == ["GracefulShutdown"]
    assert run.status != 0


def test_check_mode_and_diff_of_a_task_override_the_run(fleet: Fleet, own_controller: Controller) -> None:
    host = {"ilo0": fleet.variables("ilo0")}
    predicted = own_controller.run(host, [power(check_mode=True, diff=True)])
    assert fleet.sent("ilo0") == []
    assert '"PowerState": "Off"' in predicted.stdout
    done = own_controller.run(host, [power(check_mode=False, diff=False)], arguments=["--check", "--diff"])
    assert fleet.sent("ilo0") == ["GracefulShutdown"]
    assert '"PowerState": "Off"' not in done.stdout


def test_until_asks_again(fleet: Fleet, own_controller: Controller) -> None:
    """The first answer fails the task; the second does not."""
    fleet.simulator.fault("ilo0", "status", method="POST", status=500)
    again: dict[str, Any] = {"until": "powered is succeeded", "retries": 2, "delay": 0}
    outcome = own_controller.run({"ilo0": fleet.variables("ilo0")}, [power(register="powered", **again)])
    assert outcome.of("ilo0", "power").result["attempts"] == 2
    assert [write["status"] for write in fleet.simulator.writes("ilo0")] == [500, 200]


def test_a_timeout_of_the_task_leaves_no_session_and_tells_the_audit_log(
    fleet: Fleet, own_controller: Controller
) -> None:
    """In the worker at once; on a delegate the module goes on to its own end, which bmc_timeout brings."""
    fleet.simulator.fault("ilo0", "hold", method="POST", uri="Reset", seconds=600)
    host = {"ilo0": fleet.variables("ilo0", bmc_auth="session", bmc_timeout=6)}
    outcome = own_controller.run(host, [power(timeout=3)]).of("ilo0", "power")
    assert outcome.status == "failed"
    assert outcome.result["timedout"]["period"] == 3
    deadline = time.monotonic() + (60 if isinstance(own_controller, ShippingController) else 0)
    while len(audited(own_controller.state)) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    lines = audited(own_controller.state)
    assert [line["phase"] for line in lines] == ["intent", "outcome"]
    assert "may have happened" in lines[1]["detail"]["msg"]
    assert fleet.sent("ilo0") == ["GracefulShutdown"]
    assert fleet.simulator.state("ilo0")["sessions"] == 0
