# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several tasks for one BMC: each waits, follows or is refused, and no BMC is ever at two updates at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.firmware_cases import CASES, NEW, TIMING, images, options
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Run
from tests.simulator.control import eventually
from tests.simulator.images import build

FIRMWARE = "openchami.bmc.bmc_firmware"
ILO, BLADE, AMI = (CASES[profile][0] for profile in ("hpe_ilo5", "cray_ex_nc", "ami_gigabyte"))
NODES = ("Node0", "Node1", "Node2", "Node3")


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet, way: type[Controller]) -> Fleet:
    """The slow ones take longer to write than what other tasks need, which are shipped slowly."""
    slow = {**TIMING, "flash": 6.0 if way is Controller else 20.0}
    return start_fleet(
        [
            {"name": "blade", "profile": "cray_ex_nc", "nodes": 4, "timing": TIMING},
            {"name": "slowblade", "profile": "cray_ex_nc", "nodes": 4, "timing": slow},
            {"name": "slowilo", "profile": "hpe_ilo5", "timing": slow},
            {"name": "awayilo", "profile": "hpe_ilo5", "timing": {**TIMING, "manager_reset": 5.0}},
            {"name": "ami", "profile": "ami_gigabyte", "timing": TIMING},
            {"name": "ilo", "profile": "hpe_ilo5", "timing": TIMING},
        ]
    )


@pytest.fixture(autouse=True)
def untouched(fleet: Fleet) -> None:
    fleet.simulator.reset()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("images")
    images(folder)
    return folder


def updates(fleet: Fleet, name: str) -> list[tuple[str, str, str]]:
    """What truly became of each update: what it was for, its version and its state."""
    told = fleet.simulator.state(name)["updates"]
    return [(update["image"], update["version"], update["state"]) for update in told]


def states(run: Run, host: str, task: str) -> list[str]:
    assert "updates" in run.of(host, task).result, run.of(host, task).msg
    return [update["state"] for update in run.of(host, task).result["updates"]]


def await_flashing(fleet: Fleet, name: str) -> None:
    eventually(lambda: [update["state"] for update in fleet.simulator.state(name)["updates"]] == ["Flashing"])


def test_nodes_of_one_bmc_update_it_once_and_their_own_firmware_one_by_one(
    own_controller: Controller, fleet: Fleet, folder: Path
) -> None:
    hosts = {f"blade{node}": fleet.variables("blade", bmc_system=node) for node in NODES}
    bios = {**options(CASES["cray_ex_nc"][1], folder), "apply_timeout": 2}
    tasks = [{"name": "bmc", FIRMWARE: options(BLADE, folder)}, {"name": "bios", FIRMWARE: bios}]
    run = own_controller.run(hosts, tasks, arguments=["--forks", "4"])
    told = sorted(states(run, host, "bmc")[0] for host in hosts)
    assert told == ["current", "current", "current", "updated"]
    assert sorted(run.of(host, "bmc").result["changed"] for host in hosts) == [False, False, False, True]
    assert [states(run, host, "bios") for host in hosts] == [["pending_reboot"]] * 4
    found = updates(fleet, "blade")
    assert found[0] == ("BMC", NEW, "Completed")
    assert sorted(image for image, _version, _state in found[1:]) == [f"{node}.BIOS" for node in NODES]


@pytest.mark.soak
def test_machine_in_two_names_is_updated_once(own_controller: Controller, fleet: Fleet, folder: Path) -> None:
    hosts = {name: fleet.variables("blade", bmc_system="Node0") for name in ("one", "other")}
    run = own_controller.run(hosts, [{"name": "bmc", FIRMWARE: options(BLADE, folder)}])
    assert sorted(states(run, host, "bmc")[0] for host in hosts) == ["current", "updated"]
    assert updates(fleet, "blade") == [("BMC", NEW, "Completed")]


def test_second_run_for_the_same_image_follows_the_first_and_another_image_is_refused(
    own_controller: Controller, fleet: Fleet, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "BMC.bin").write_bytes(build("BMC", "8.8.8"))
    hosts = {"slowilo": fleet.variables("slowilo")}
    same = {"name": "update", FIRMWARE: options(ILO, folder)}
    other = {"name": "update", FIRMWARE: {**options(ILO, tmp_path), "version": "8.8.8"}}
    first = own_controller.start(hosts, [same])
    await_flashing(fleet, "slowilo")
    refused = own_controller.run(hosts, [other])
    second = own_controller.run(hosts, [same])
    assert states(first.finish(), "slowilo", "update") == ["updated"]
    assert refused.of("slowilo", "update").kind == "Busy"
    assert states(second, "slowilo", "update") == ["current"]
    assert updates(fleet, "slowilo") == [("1", NEW, "Completed")]


@pytest.mark.soak
def test_second_run_that_comes_while_the_bmc_restarts_waits_for_it(
    own_controller: Controller, fleet: Fleet, folder: Path
) -> None:
    hosts = {"awayilo": fleet.variables("awayilo")}
    task = {"name": "update", FIRMWARE: options(ILO, folder)}
    first = own_controller.start(hosts, [task])
    eventually(lambda: fleet.simulator.state("awayilo")["manager"]["resets"] == 1, 60)
    second = own_controller.run(hosts, [task])
    assert states(first.finish(), "awayilo", "update") == ["updated"]
    assert states(second, "awayilo", "update") == ["current"]
    assert updates(fleet, "awayilo") == [("1", NEW, "Completed")]


def test_nothing_takes_a_bmc_away_from_its_update(own_controller: Controller, fleet: Fleet, folder: Path) -> None:
    """Neither one that tells of it nor one that tells nothing; what takes nothing away goes on."""
    hosts = {
        "slowilo": fleet.variables("slowilo", asked=options(ILO, folder, wait=False)),
        "slowblade": fleet.variables("slowblade", asked=options(BLADE, folder, wait=False), bmc_system="Node0"),
    }
    tasks: list[dict[str, Any]] = [
        {"name": "submit", FIRMWARE: "{{ asked }}"},
        {"name": "off", "openchami.bmc.bmc_power": {"state": "force_off"}},
        {"name": "reset", "openchami.bmc.bmc_power": {"state": "hard_restart", "target": "manager"}},
        {"name": "on", "openchami.bmc.bmc_power": {"state": "on"}},
        {"name": "bios", "openchami.bmc.bmc_bios": {"reboot": "always", "reboot_type": "hard_restart"}},
    ]
    run = own_controller.run(hosts, tasks)
    for host in hosts:
        assert states(run, host, "submit") == ["submitted"], run.of(host, "submit").msg
        assert [run.of(host, task).kind for task in ("off", "reset", "bios")] == ["Busy"] * 3
        assert run.of(host, "on").result["changed"] is False
    assert [write["uri"] for write in fleet.plan("slowilo") if "Reset" in write["uri"]] == []
    assert [write["uri"] for write in fleet.plan("slowblade") if "Reset" in write["uri"]] == []


@pytest.mark.soak
def test_what_a_killed_task_has_sent_is_not_taken_away(own_controller: Controller, fleet: Fleet, folder: Path) -> None:
    """Nobody holds it any more, and one of the two tells nothing of it."""
    asked = {"slowilo": ILO, "slowblade": BLADE}
    hosts = {
        name: fleet.variables(name, asked=options(each, folder), bmc_system="Node0" if each is BLADE else None)
        for name, each in asked.items()
    }
    playing = own_controller.start(hosts, [{"name": "update", FIRMWARE: "{{ asked }}"}])
    for host in hosts:
        await_flashing(fleet, host)
    playing.kill()
    run = own_controller.run(hosts, [{"name": "off", "openchami.bmc.bmc_power": {"state": "force_off"}}])
    for host in hosts:
        assert run.of(host, "off").kind == "Busy", run.of(host, "off").msg
        assert fleet.simulator.state(host)["updates"][0]["state"] == "Flashing"


def test_another_controller_is_refused_by_the_word_of_the_bmc(
    own_controller: Controller, fleet: Fleet, folder: Path, tmp_path: Path
) -> None:
    other = Controller(tmp_path / "other", own_controller.environment)
    hosts = {"slowilo": fleet.variables("slowilo")}
    task = {"name": "update", FIRMWARE: options(ILO, folder)}
    first = own_controller.start(hosts, [task])
    await_flashing(fleet, "slowilo")
    refused = other.run(hosts, [task]).of("slowilo", "update")
    assert states(first.finish(), "slowilo", "update") == ["updated"]
    assert (refused.kind, refused.result["changed"]) == ("Busy", False)
    assert "another firmware update runs" in refused.msg
    assert updates(fleet, "slowilo") == [("1", NEW, "Completed")]


def test_handle_settles_and_may_be_given_twice(own_controller: Controller, fleet: Fleet, folder: Path) -> None:
    """Also from the server of the play, which outlives the task, and in a loop of tasks that do not wait."""
    hosts = {
        name: fleet.variables(
            name, asked=options(asked, folder), image=str(folder / "BMC.bin"), other=str(folder / "BIOS.bin")
        )
        for name, asked in (("ilo", ILO), ("ami", AMI))
    }
    whole = "{{ asked | combine(more) }}"
    tasks: list[dict[str, Any]] = [
        {"name": "stage", "openchami.bmc.bmc_staging": {"path": "{{ image }}"}, "register": "staged"},
        {
            "name": "submit",
            FIRMWARE: whole,
            "vars": {"more": {"wait": False, "transfer": "pull", "stage": "{{ staged.stage }}"}},
            "register": "begun",
        },
        {
            "name": "look",
            FIRMWARE: whole,
            "vars": {"more": {"wait": False, "handle": "{{ begun.handle }}"}},
            "register": "looked",
            "until": "looked.settled | default(false)",
            "retries": 60,
            "delay": 0.2,
        },
        {"name": "again", FIRMWARE: whole, "vars": {"more": {"handle": "{{ begun.handle }}"}}},
        {
            "name": "other image",
            FIRMWARE: whole,
            "vars": {"more": {"handle": "{{ begun.handle }}", "image_path": "{{ other }}"}},
        },
    ]
    run = own_controller.run(hosts, tasks)
    for host in hosts:
        assert states(run, host, "submit") == ["submitted"], run.of(host, "submit").msg
        looked, again = run.of(host, "look"), run.of(host, "again")
        assert states(run, host, "look") == states(run, host, "again") == ["updated"], looked.msg
        assert (again.result["changed"], again.result["plan"]) == (False, [])
        assert "update to another image" in run.of(host, "other image").msg
        assert [state for _image, _version, state in updates(fleet, host)] == ["Completed"]


@pytest.mark.soak
def test_handle_of_another_bmc_and_a_damaged_one_are_refused(
    own_controller: Controller, fleet: Fleet, folder: Path
) -> None:
    begun = own_controller.run(
        {"ilo": fleet.variables("ilo")}, [{"name": "submit", FIRMWARE: options(ILO, folder, wait=False)}]
    )
    handle = begun.of("ilo", "submit").result["handle"]
    damaged = {**handle, "submission": {**handle["submission"], "phase": "done"}}
    tasks = [
        {"name": name, FIRMWARE: options(AMI, folder, handle=given)}
        for name, given in (("other", handle), ("damaged", {**damaged, "origin": f"https://{fleet.addresses['ami']}"}))
    ]
    run = own_controller.run({"ami": fleet.variables("ami")}, tasks)
    assert "does not belong to this task" in run.of("ami", "other").msg
    assert "the handle is damaged" in run.of("ami", "damaged").msg
    assert updates(fleet, "ami") == []
