# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Canaries: a secret that the registry calls text is nowhere after a run, be it the task's or one that was there."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from tests.integration.canary import PASSWORD, keep_everything, leaking_files, leaks, watched
from tests.integration.conftest import StartFleet
from tests.integration.fleet import USERNAME, Fleet
from tests.integration.playbook import Controller
from tests.trees.tasks import bios

NAME = "IscsiDev1Con1ChapSecret"
OLD, NEW, LONG, OTHERS = "canary-old-44", "canary-new-81", "canary-long-77" * 8, "canary-his-32"
SECRETS = [OLD.encode(), NEW.encode(), b"canary-long-77", OTHERS.encode()]


def waits(fleet: Fleet, name: str) -> str:
    (state,) = fleet.bios(name).values()
    return str(state["waiting"].get(NAME))


def test_no_secret_is_left_anywhere(start_fleet: StartFleet, own_controller: Controller) -> None:
    bmc = {"profile": "dell_idrac9", "username": USERNAME, "password": PASSWORD}
    fleet = start_fleet([{"name": "fine", **bmc}])
    (system,) = fleet.bios("fine")
    fleet.simulator.set_state("fine", bios={system: {"active": {NAME: OLD}, "waiting": {NAME: OTHERS}, "job": True}})
    keep_everything(own_controller)
    module = "openchami.bmc.bmc_bios"
    tasks: list[dict[str, Any]] = [
        {"name": "long", module: {"attributes": {"CHAP Secret": LONG}}, "ignore_errors": True},
        {"name": "predict", module: {"attributes": {NAME: NEW}}, "check_mode": True, "register": "predicted"},
        {"name": "set", module: {"attributes": {"CHAP Secret": NEW}}, "register": "done"},
        {"name": "again", module: {"attributes": {NAME: NEW}}},
        {"name": "show", "ansible.builtin.debug": {"msg": "{{ predicted }} {{ done }}"}},
        {
            "name": "compare",
            "ansible.builtin.include_role": {"name": "openchami.bmc.bmc_baseline"},
            "vars": {"bmc_baseline_bios": {NAME: NEW}, "bmc_baseline_output": str(own_controller.folder / "out")},
        },
    ]
    host = fleet.variables("fine", bmc_password={"__ansible_unsafe": PASSWORD})
    run, processes = watched(own_controller.start({"fine": host}, tasks, arguments=["-vvvv", "--diff"]))
    assert "has 112 characters, at most 16 are allowed" in run.of("fine", "long").msg
    assert run.of("fine", "set").result["changed"] is True, run.of("fine", "set").msg
    assert run.of("fine", "again").result["changed"] is False
    assert waits(fleet, "fine") == NEW
    (row,) = json.loads((own_controller.folder / "out" / "drift.json").read_bytes())["drift"]
    assert (row["name"], row["class"]) == (NAME, "reboots")
    assert leaks((run.stdout + run.stderr).encode(), SECRETS) == []
    assert [found for shown in processes if (found := leaks(shown, SECRETS))] == []
    assert leaking_files(own_controller.folder, {"inventory.json", "play.json"}, SECRETS) == {}


@pytest.mark.parametrize("at", ["DELETE", "restart"])
def test_a_task_that_is_killed_leaves_no_secret(start_fleet: StartFleet, own_state: Path, at: str) -> None:
    """Between the job that it deleted and the change that it asks for anew; and after the restart."""
    fleet = start_fleet([{"name": "killed", "profile": "dell_idrac9"}])
    (system,) = fleet.bios("killed")
    wanted = {"LogicalProc": "Disabled"} if at == "DELETE" else {NAME: NEW}
    if at == "DELETE":
        fleet.simulator.set_state("killed", bios={system: {"waiting": {NAME: OTHERS}, "job": True}})
    fleet.simulator.fault("killed", "hold", method="DELETE" if at == "DELETE" else "POST", seconds=600.0)
    options = {"attributes": wanted, "reboot": "when_needed", "poll_interval": 0.1}
    child = multiprocessing.get_context("fork").Process(target=bios, args=(fleet.addresses["killed"],), kwargs=options)
    child.start()
    seen = 2 if at == "restart" else 1
    while child.is_alive() and len(fleet.simulator.writes("killed")) < seen:
        child.join(0.05)
    child.kill()
    child.join()
    fleet.simulator.clear_faults("killed")
    notes = [file.read_text(encoding="utf-8") for file in (own_state / "locks").rglob("*") if file.is_file()]
    assert [note for note in notes if NAME in note], "what is remembered names the attribute"
    assert leaking_files(own_state, set(), SECRETS) == {}
    if at == "DELETE":
        again = bios(fleet.addresses["killed"], attributes=wanted)
        assert [said for said in again["warnings"] if NAME in said and "set it again" in said]
