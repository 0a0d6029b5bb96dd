# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""openchami.bmc.reconcile: what the last round found, told, kept and handed on; whole whoever is killed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.discovered import Hosts, facts, hosts, many
from tests.integration.playbook import Controller, Playing, Run
from tests.integration.site import Site
from tests.integration.test_examples import examples

RECONCILE = "openchami.bmc.reconcile"
CHANGES = [
    {"path": "systems/1/power_state", "from": "On", "to": "Off"},
    {"path": "hardware/memory/proc1dimm1/serial_number", "from": "S1", "to": "S2"},
]


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> Controller:
    """A controller; what looks at the fleet runs on it, and is never shipped."""
    # Else Ansible reads the file once for each of its plugins.
    return Controller(tmp_path_factory.mktemp("controller"), {"ANSIBLE_INVENTORY_ENABLED": "yaml"})


@pytest.fixture(scope="module")
def inventory() -> Hosts:
    return (
        hosts("well", facts(), "10.0.0.1")
        | hosts("moved", facts(), "10.0.0.2", changed=CHANGES)
        | hosts("fresh", facts(), "10.0.0.3", new=True)
        | hosts("gone", facts(), "10.0.0.4", status="silent", since="2026-11-24T17:00:00Z", why="timed out")
        | hosts("gaps", facts(), "10.0.0.5", incomplete=[{"uri": "/redfish/v1/Chassis/1/Power", "why": "500"}])
    )


def reconciled(head: Controller, inventory: Hosts, *arguments: str) -> Run:
    return head.run_playbook(inventory, RECONCILE, arguments=arguments)


def lines(run: Run) -> list[str]:
    (said,) = [outcome for outcome in run.outcomes if outcome.task == "Say what it found"]
    told: list[str] = said.result["msg"]
    return told


def latest(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "reconcile.json").read_bytes())
    return told


def test_round_is_told_kept_and_handed_on(head: Controller, inventory: Hosts, tmp_path: Path) -> None:
    run = reconciled(head, inventory, "-e", f"output={tmp_path}")
    assert run.status == 0, run.stdout
    assert lines(run) == [
        "5 BMCs: 1 new, 1 changed, 1 silent, 1 incomplete",
        "fresh (10.0.0.3)",
        "  is new: hpe ProLiant DL385 Gen10 Plus v2",
        "gaps (10.0.0.5)",
        "  could not be read: /redfish/v1/Chassis/1/Power: 500",
        "gone (10.0.0.4)",
        "  silent since 2026-11-24T17:00:00Z: timed out",
        "moved (10.0.0.2)",
        "  power state of system 1: Off, was On",
        "  serial number of memory module proc1dimm1: S2, was S1",
    ]
    content = latest(tmp_path)
    assert content["schema"] == "openchami.bmc.reconcile/1"
    assert {bmc["name"]: bmc["changed"] for bmc in content["bmcs"]} == {
        "fresh": [],
        "gaps": [],
        "gone": [],
        "moved": CHANGES,
    }
    assert next(bmc for bmc in content["bmcs"] if bmc["name"] == "moved")["hosts"] == ["moved", "movedn0"]
    (handed,) = [outcome for outcome in run.outcomes if outcome.task == "Hand it on"]
    artifact = handed.result["ansible_stats"]["data"]["bmc_reconcile"]
    assert artifact["counts"] == content["counts"]
    assert (artifact["changed"], artifact["new"], artifact["silent"]) == (["moved"], ["fresh"], ["gone"])
    assert artifact["complete"] is True
    assert artifact["files"] == [str(tmp_path / "reconcile.json")]


@pytest.mark.parametrize(
    ("fail_on", "says"),
    [
        ("incomplete,silent", "incomplete: 1, silent: 1"),
        ("tired", "must be one or more of: silent, refused, failed, incomplete"),
    ],
)
def test_it_fails_on_what_was_asked_for_only(
    head: Controller, inventory: Hosts, tmp_path: Path, fail_on: str, says: str
) -> None:
    run = reconciled(head, inventory, "-e", f"output={tmp_path}", "-e", f"fail_on={fail_on}")
    assert (run.status == 0) == (not says)
    failed = [outcome.msg for outcome in run.outcomes if outcome.status == "failed"]
    assert len(failed) == bool(says)
    assert all(says in msg for msg in failed)
    assert (tmp_path / "reconcile.json").exists() == (fail_on != "tired")


def test_loop_sees_what_truly_changed(start_fleet: StartFleet, tmp_path: Path) -> None:
    """Round after round with the real plugin, which asks the BMCs; the playbook itself asks nothing."""
    fleet = start_fleet([{"name": "idrac", "profile": "dell_idrac9"}, {"name": "ilo", "profile": "hpe_ilo5"}])
    site = Site.of(tmp_path / "site", fleet)
    site.folder.mkdir()
    site.write(refresh="changed", id_map={address: name for name, address in fleet.addresses.items()})
    head = Controller(tmp_path / "controller", dict(site.environment()))

    def play() -> tuple[list[str], dict[str, Any]]:
        run = head.run_command(["ansible-playbook", "-i", str(site.source), RECONCILE, "-e", f"output={tmp_path}/out"])
        assert run.status == 0, run.stdout + run.stderr
        return lines(run), latest(tmp_path / "out")

    assert play()[0][0] == "2 BMCs: 2 new"
    fleet.simulator.set_state("idrac", systems={"System.Embedded.1": {"power_state": "Off"}})
    # Whoever lists the inventory makes a round of its own, and tells nobody what it found.
    graph = site.call("--graph")
    assert "|  |--idracn0" in graph.stdout, graph.stdout + graph.stderr
    told, content = play()
    assert told[0] == "2 BMCs: 1 changed"
    assert "  power state of system System.Embedded.1: Off, was On" in told
    (idrac,) = content["bmcs"]
    assert (idrac["name"], idrac["hosts"]) == ("idrac", ["idrac", "idracn0"])
    assert {"path": "systems/System.Embedded.1/power_state", "from": "On", "to": "Off"} in idrac["changed"]
    assert play()[0] == ["2 BMCs: nothing changed, nothing wrong"]
    assert {fleet.methods(name) == {"GET"} for name in fleet.addresses} == {True}
    assert len(list((tmp_path / "out" / "history").iterdir())) == 3


@pytest.mark.parametrize("module", ["fleet_changes", "fleet_report"])
def test_examples_of_the_modules_run(head: Controller, inventory: Hosts, tmp_path: Path, module: str) -> None:
    text = json.dumps(examples(module))
    assert '"/srv/fleet"' in text
    run = head.run(inventory, json.loads(text.replace("/srv/fleet", str(tmp_path))))
    assert run.status == 0, run.stdout
    (said,) = [outcome for outcome in run.outcomes if outcome.task == "Say it"]
    assert said.result["msg"][0].startswith("5 BMCs")
    assert list(tmp_path.glob("*.json"))


def test_check_mode_writes_nothing(head: Controller, inventory: Hosts, tmp_path: Path) -> None:
    run = reconciled(head, inventory, "-e", f"output={tmp_path}/out", "--check")
    assert run.status == 0, run.stdout
    assert not (tmp_path / "out").exists()


@pytest.mark.soak
def test_two_at_once_leave_whole_files(head: Controller, tmp_path: Path) -> None:
    found = many(80)
    playing = [start(head, found, tmp_path) for _twice in range(2)]
    assert [run.finish().status for run in playing] == [0, 0]
    assert latest(tmp_path)["counts"]["bmcs"] == 80
    assert all(json.loads(file.read_bytes()) for file in (tmp_path / "history").glob("*.json"))
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(lambda folder: folder.exists(), id="folder"),
        pytest.param(lambda folder: (folder / "reconcile.json").exists(), id="latest", marks=pytest.mark.soak),
    ],
)
def test_killed_in_the_middle_it_leaves_whole_files(
    head: Controller, inventory: Hosts, tmp_path: Path, moment: Callable[[Path], bool]
) -> None:
    """And the next run is not held up by what the killed one left."""
    folder = tmp_path / "out"
    playing = start(head, many(80), folder)
    while not moment(folder):
        assert playing.process.poll() is None, "it ended before the moment came"
    playing.kill()
    whole = {file: json.loads(file.read_bytes()) for file in folder.rglob("*.json")}
    assert all(found["counts"]["bmcs"] == 80 for file, found in whole.items() if file.name != "told.json")
    assert reconciled(head, inventory, "-e", f"output={folder}").status == 0
    assert latest(folder)["counts"]["bmcs"] == 5
    assert not list(folder.rglob("*.part"))


def start(head: Controller, inventory: Hosts, folder: Path) -> Playing:
    return head.start_playbook(inventory, RECONCILE, arguments=["-e", f"output={folder}"])
