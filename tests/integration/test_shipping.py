# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""delegate_to: where the task runs, what is refused before anything is sent there, and what can go wrong there."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Playing, ShippingController, processes_of

FIRMWARE = "openchami.bmc.bmc_firmware"
INFO = "openchami.bmc.bmc_info"
POWER = "openchami.bmc.bmc_power"
OFF = {"state": "off", "wait_timeout": 20, "poll_interval": 0.1}
PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
HELD = 600.0


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    timing = {"on": 0.1, "graceful": 0.1, "force": 0.1}
    return start_fleet([{"name": f"ilo{number}", "profile": "hpe_ilo5", "timing": timing} for number in range(3)])


@pytest.fixture(autouse=True)
def _from_the_factory(fleet: Fleet) -> None:
    fleet.simulator.reset()


@pytest.fixture
def shipping(tmp_path: Path) -> ShippingController:
    return ShippingController(tmp_path / "controller")


@pytest.fixture
def ssh(tmp_path: Path) -> tuple[dict[str, str], Path]:
    """Host variables of a delegate whose ssh notes that it was called, and fails; the file of the notes."""
    program, calls = tmp_path / "ssh", tmp_path / "calls"
    program.write_text(f'#!/bin/sh\necho "$@" >> "{calls}"\necho no route >&2\nexit 255\n', encoding="utf-8")
    program.chmod(0o755)
    return {"ansible_connection": "ssh", "ansible_ssh_executable": str(program), "ansible_host": "127.0.0.1"}, calls


def off(**keywords: Any) -> dict[str, Any]:
    """A task that powers off, elsewhere unless it says where."""
    return {"name": "off", POWER: OFF, "delegate_to": "elsewhere", **keywords}


def audited(state: Path) -> list[dict[str, Any]]:
    """The lines of the audit log in a state folder."""
    log = state / "audit.jsonl"
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []


def in_the_worker(controller: ShippingController) -> Path:
    """The state folder of what is not shipped."""
    return controller.folder / "unused"


def test_a_local_connection_by_any_name_is_the_worker(fleet: Fleet, shipping: ShippingController) -> None:
    hosts = {
        "ilo0": fleet.variables("ilo0", there="localhost"),
        "ilo1": fleet.variables("ilo1", there="head"),
        "head": {"ansible_connection": "local"},
    }
    run = shipping.run(hosts, [off(delegate_to="{{ there }}")], arguments=["--limit", "all:!head"])
    assert {outcome.status for outcome in run.outcomes} == {"ok"}
    assert fleet.power("ilo0") == fleet.power("ilo1") == {"1": "Off"}
    assert {line["host"] for line in audited(in_the_worker(shipping))} == {"ilo0", "ilo1"}
    assert not shipping.state.exists()


def test_another_host_gets_the_module_with_the_name_and_variables_of_the_first(
    fleet: Fleet, shipping: ShippingController
) -> None:
    """The delegate's own bmc_address does not count, and its state folder does."""
    hosts = {
        "ilo0": fleet.variables("ilo0", awx_job_id=417),
        "elsewhere": {**fleet.variables("ilo1"), "bmc_password": "not-it"},
    }
    assert shipping.run(hosts, [off()], arguments=["--limit", "ilo0"]).of("ilo0", "off").status == "ok"
    assert fleet.power("ilo0") == {"1": "Off"}
    assert fleet.simulator.requests("ilo1") == []
    intent, outcome = audited(shipping.state)
    assert (intent["host"], intent["actor"]["job"], outcome["phase"]) == ("ilo0", "417", "outcome")
    assert not in_the_worker(shipping).exists()


@pytest.mark.soak
def test_the_delegates_own_home_is_the_default_for_its_state(fleet: Fleet, shipping: ShippingController) -> None:
    shipping.run({"ilo0": fleet.variables("ilo0")}, [off()], environment={"OPENCHAMI_BMC_STATE_DIR": ""})
    assert len(audited(shipping.elsewhere / "home/.local/state/openchami.bmc")) == 2


@pytest.mark.soak
def test_an_explicit_delegation_to_the_host_itself_ships(fleet: Fleet, shipping: ShippingController) -> None:
    run = shipping.run({"ilo0": fleet.variables("ilo0")}, [off(delegate_to="{{ inventory_hostname }}")])
    assert run.of("ilo0", "off").status == "ok"
    assert len(audited(shipping.state)) == 2


REFUSED: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    "typo": ({POWER: {**OFF, "stat_e": "off"}}, {}, "stat_e"),
    "no address": ({"vars": {"bmc_address": ""}}, {}, "bmc_address is not set"),
    "async": ({"async": 60}, {}, "wait: false"),
    "async and no poll": ({"async": 60, "poll": 0}, {}, "wait: false"),
    "kept files": ({}, {"ANSIBLE_KEEP_REMOTE_FILES": "1"}, "ANSIBLE_KEEP_REMOTE_FILES is set"),
    "su": ({"become": True, "become_method": "su"}, {}, "connection ssh with become method su has no pipelining"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_before_the_delegate_is_called(
    fleet: Fleet, shipping: ShippingController, ssh: tuple[dict[str, str], Path], name: str
) -> None:
    keywords, environment, says = REFUSED[name]
    variables, calls = ssh
    shipping.environment.update(environment)
    hosts = {"ilo0": fleet.variables("ilo0"), "elsewhere": variables}
    outcome = shipping.run(hosts, [off(**keywords)], arguments=["--limit", "ilo0"]).of("ilo0", "off")
    assert (outcome.status, outcome.kind) == ("failed", "InvalidRequest")
    assert says in outcome.msg
    assert outcome.msg.splitlines() == [outcome.msg]
    assert not calls.exists()
    assert fleet.simulator.requests("ilo0") == []


def test_a_delegate_is_not_asked_what_a_tag_means(
    fleet: Fleet, shipping: ShippingController, ssh: tuple[dict[str, str], Path]
) -> None:
    """Each would ask for itself, and a tag that moves meanwhile would give the hosts of a run different firmware."""
    variables, calls = ssh
    bundles = {"ilo0": "registry.example:5000/nc:1", "ilo1": f"registry.example:5000/nc:1@sha256:{'5' * 64}"}
    hosts = {name: fleet.variables(name, bundle=bundle) for name, bundle in bundles.items()} | {"elsewhere": variables}
    task = {"name": "update", FIRMWARE: {"bundle": "{{ bundle }}"}, "delegate_to": "elsewhere"}
    run = shipping.run(hosts, [task], arguments=["--limit", "ilo0,ilo1"])
    by_tag, by_digest = run.of("ilo0", "update"), run.of("ilo1", "update")
    assert (by_tag.kind, by_digest.kind) == ("InvalidRequest", "Unreachable")
    assert "names no digest" in by_tag.msg
    assert len(calls.read_text().splitlines()) == 1


def test_a_connection_without_pipelining_is_refused(fleet: Fleet, shipping: ShippingController) -> None:
    shipping.environment["OPENCHAMI_BMC_TEST_PIPELINING"] = "0"
    outcome = shipping.run({"ilo0": fleet.variables("ilo0")}, [off()]).of("ilo0", "off")
    assert outcome.kind == "InvalidRequest"
    assert "the connection like_ssh has no pipelining" in outcome.msg
    assert {path.name for path in shipping.elsewhere.rglob("*")} == {"home", "tmp"}


def test_a_delegate_that_is_not_reached_is_unreachable_and_called_once(
    fleet: Fleet, shipping: ShippingController, ssh: tuple[dict[str, str], Path]
) -> None:
    """Ansible's ssh would begin the module again after a broken connection, and so write twice."""
    variables, calls = ssh
    shipping.environment["ANSIBLE_SSH_RETRIES"] = "3"
    hosts = {"ilo0": fleet.variables("ilo0"), "elsewhere": variables}
    outcome = shipping.run(hosts, [off()], arguments=["--limit", "ilo0"]).of("ilo0", "off")
    assert (outcome.status, outcome.kind) == ("unreachable", "Unreachable")
    assert outcome.msg.startswith("ilo0: the delegate elsewhere was not reached")
    assert "no route" in outcome.msg
    assert len(calls.read_text(encoding="utf-8").splitlines()) == 1


@pytest.mark.parametrize("version", [*(pytest.param(old, marks=pytest.mark.soak) for old in ("3.8", "3.9")), "3.10"])
def test_a_python_that_is_too_old_is_told_in_one_line(fleet: Fleet, shipping: ShippingController, version: str) -> None:
    found = sorted(PYENV.glob(f"{version}.*/bin/python"))
    if not found:
        pytest.skip(f"no Python {version} under {PYENV}")
    outcome = _with_python(fleet, shipping, found[0])
    assert f"{found[0]} is Python {version}." in outcome["msg"]
    assert "3.11 or newer is needed" in outcome["msg"]


@pytest.mark.parametrize(
    ("urllib3", "says"),
    [
        ("raise ImportError('none')", "has no urllib3"),
        pytest.param("__version__ = '1.26.5'", "urllib3 1.26.5", marks=pytest.mark.soak),
    ],
)
def test_a_missing_library_is_told_in_one_line(
    fleet: Fleet, shipping: ShippingController, tmp_path: Path, urllib3: str, says: str
) -> None:
    (tmp_path / "urllib3.py").write_text(urllib3 + "\n", encoding="utf-8")
    outcome = _with_python(fleet, shipping, Path(sys.executable), PYTHONPATH=str(tmp_path))
    assert says in outcome["msg"]
    assert "2.2 or newer is needed" in outcome["msg"]


@pytest.mark.soak
def test_a_python_that_is_not_there_is_told_in_one_line(fleet: Fleet, shipping: ShippingController) -> None:
    outcome = _with_python(fleet, shipping, Path("/nowhere/python3"))
    assert "the module could not be started on elsewhere" in outcome["msg"]
    assert "/nowhere/python3" in outcome["msg"]


def _with_python(fleet: Fleet, shipping: ShippingController, python: Path, **environment: str) -> Mapping[str, Any]:
    """The result of a task that cannot run, whose BMC heard nothing."""
    hosts = {"ilo0": fleet.variables("ilo0"), "elsewhere": {"ansible_python_interpreter": str(python)}}
    outcome = shipping.run(hosts, [off()], arguments=["--limit", "ilo0"], environment=environment).of("ilo0", "off")
    assert (outcome.status, outcome.kind) == ("failed", "LocalFailure"), outcome.result
    assert outcome.msg.startswith("ilo0: ")
    assert outcome.msg.splitlines() == [outcome.msg]
    assert "ansible_python_interpreter" in outcome.msg
    assert fleet.simulator.requests("ilo0") == []
    return outcome.result


def test_a_module_that_is_killed_may_have_written(fleet: Fleet, shipping: ShippingController) -> None:
    fleet.simulator.fault("ilo0", "hold", method="POST", seconds=HELD)
    playing = shipping.start({"ilo0": fleet.variables("ilo0")}, [off()])
    fleet.await_write("ilo0")
    (module,) = _modules(playing)
    os.kill(module, signal.SIGKILL)
    outcome = playing.finish().of("ilo0", "off")
    assert (outcome.status, outcome.kind) == ("failed", "MayHaveHappened")
    assert outcome.msg.startswith("ilo0: the module ended on elsewhere without a result")
    assert outcome.msg.splitlines() == [outcome.msg]
    assert fleet.sent("ilo0") == ["GracefulShutdown"]
    assert [line["phase"] for line in audited(shipping.state)] == ["intent"]


def _modules(playing: Playing) -> list[int]:
    """The processes of modules of a run, which know the host that they work for."""
    told = b"\0OPENCHAMI_BMC_HOST=ilo0\0"
    return [pid for pid in processes_of(playing.process.pid) if told in Path(f"/proc/{pid}/environ").read_bytes()]


def test_become_is_for_the_delegate_alone(fleet: Fleet, shipping: ShippingController, tmp_path: Path) -> None:
    """Shipped, the module runs as become says; in the worker nobody else's rights are needed."""
    sudo, calls = tmp_path / "sudo", tmp_path / "calls"
    sudo.write_text(
        f'#!/bin/sh\necho "$@" >> "{calls}"\nwhile [ "$1" != /bin/sh ]; do shift; done\nexec "$@"\n', encoding="utf-8"
    )
    sudo.chmod(0o755)
    host = {"ilo0": fleet.variables("ilo0")}
    become = {"become": True, "become_user": "operator", "vars": {"ansible_become_exe": str(sudo)}}
    assert shipping.run(host, [off(delegate_to="localhost", **become)]).of("ilo0", "off").status == "ok"
    assert not calls.exists()
    outcome = shipping.run(host, [off(**become)]).of("ilo0", "off")
    assert outcome.status == "ok", outcome.msg
    assert "-u operator" in calls.read_text(encoding="utf-8")


def test_the_results_of_both_ways_are_equal(fleet: Fleet, tmp_path: Path) -> None:
    """Each task on BMCs in the same state: what it says, but for times and Ansible's own account of a delegation."""
    absent = "127.99.99.99:8443"
    tasks: list[dict[str, Any]] = [
        {"name": "info", INFO: {}},
        {"name": "check", POWER: OFF, "check_mode": True},
        {"name": "submit", POWER: {**OFF, "wait": False}, "register": "submitted"},
        {"name": "settle", POWER: {**OFF, "handle": "{{ submitted.handle }}"}},
        {"name": "there", POWER: OFF},
        {"name": "init", POWER: {**OFF, "state": "init"}},
        {"name": "unknown", POWER: {**OFF, "bmc_system": "9"}},
        {"name": "manager", POWER: {**OFF, "target": "manager"}},
        {"name": "wrong", INFO: {"bmc_password": "not-it"}},
        {"name": "absent", INFO: {"bmc_address": absent}},
    ]
    told = []
    for way in (Controller, ShippingController):
        fleet.simulator.reset()
        run = way(tmp_path / way.__name__[:4]).run({"ilo0": fleet.variables("ilo0")}, tasks, arguments=["--diff"])
        told.append([(outcome.task, outcome.status, _compared(outcome.result)) for outcome in run.outcomes])
    assert len(told[0]) == len(tasks)
    assert told[1] == told[0]


def _compared(told: Any) -> Any:
    """Without what is of one run alone."""
    if isinstance(told, dict):
        passing = ("time", "deadline", "_ansible_delegated_vars")
        kept = {key: value for key, value in told.items() if key not in passing}
        if kept.get("warnings") == []:
            # A module of ansible-core 2.18 leaves an empty list out.
            del kept["warnings"]
        # A handle has a number of its own for each target.
        return {key: _compared(value) for key, value in kept.items() if (key, type(value)) != ("handle", str)}
    return [_compared(value) for value in told] if isinstance(told, list) else told
