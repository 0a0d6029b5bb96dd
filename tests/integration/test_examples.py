# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every example of the documentation runs, and does what it says."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Run

ROOT = Path(__file__).resolve().parents[2]
TIMING = {"on": 0.1, "graceful": 0.1, "force": 0.1, "restart": 0.1, "post": 0.1, "manager_reset": 0.5}


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    return start_fleet(
        [
            {"name": "ilo", "profile": "hpe_ilo5", "timing": TIMING},
            {"name": "blade", "profile": "cray_ex_nc", "nodes": 2, "timing": TIMING},
        ]
    )


@pytest.fixture(autouse=True)
def untouched(fleet: Fleet) -> None:
    fleet.simulator.reset()


def examples(module: str) -> list[dict[str, Any]]:
    """The tasks in a module's EXAMPLES."""
    tree = ast.parse((ROOT / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "EXAMPLES":
            tasks: list[dict[str, Any]] = yaml.safe_load(ast.literal_eval(node.value))
            return tasks
    raise AssertionError(f"{module} has no EXAMPLES")


def plays(page: str) -> list[list[dict[str, Any]]]:
    """The playbooks among the YAML blocks of a page."""
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    parsed = [yaml.safe_load(block) for block in blocks]
    return [block for block in parsed if isinstance(block, list) and "hosts" in block[0]]


def failures(run: Run) -> list[str]:
    return [f"{outcome.task}: {outcome.msg}" for outcome in run.outcomes if outcome.status in ("failed", "unreachable")]


def test_examples_of_bmc_info_run(controller: Controller, fleet: Fleet) -> None:
    tasks = examples("bmc_info")
    run = controller.run({"ilo": fleet.variables("ilo")}, tasks)
    assert not failures(run)
    assert run.of("ilo", "Say it").msg.startswith("hpe ProLiant")
    assert fleet.methods("ilo") == {"GET"}


def test_examples_of_bmc_power_run(controller: Controller, fleet: Fleet) -> None:
    """One after the other each has something to do; the BMC of a blade knows no graceful restart of its own."""
    *of_nodes, of_a_manager = examples("bmc_power")
    run = controller.run({"blade": fleet.variables("blade", bmc_system="Node0")}, of_nodes)
    assert not failures(run)
    assert [(write["uri"].split("/")[4], write["body"]["ResetType"]) for write in fleet.simulator.writes("blade")] == [
        ("Node0", "Off"),
        ("Node0", "On"),
        ("Node1", "Off"),
        ("Node1", "On"),
        ("Node0", "Off"),
    ]
    assert fleet.power("blade") == {"Node0": "Off", "Node1": "On"}
    assert not failures(controller.run({"ilo": fleet.variables("ilo")}, [of_a_manager]))
    assert fleet.simulator.state("ilo")["manager"]["resets"] == 1


@pytest.mark.parametrize("page", ["README.md", "docs/operator.md"])
def test_playbooks_of_the_documentation_run(controller: Controller, fleet: Fleet, page: str) -> None:
    found = plays(page)
    assert found, f"{page} holds no playbook"
    for number, play in enumerate(found):
        file = controller.folder / f"{Path(page).stem}{number}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(play), encoding="utf-8")
        run = controller.run_playbook({"ilo": fleet.variables("ilo")}, str(file), groups={"rack12": ["ilo"]})
        assert run.status == 0, run.stdout
    assert fleet.sent("ilo") == (["GracefulShutdown", "On"] if page == "README.md" else [])


def test_identity_is_recorded_where_ansible_finds_it(own_controller: Controller, fleet: Fleet) -> None:
    (record,) = plays("docs/operator.md")
    own_controller.folder.mkdir()
    file = own_controller.folder / "record.json"
    file.write_text(json.dumps(record), encoding="utf-8")
    run = own_controller.run_playbook({"ilo": fleet.variables("ilo")}, str(file))
    (kept,) = own_controller.folder.glob("run*/host_vars/ilo/identity.yml")
    identity = yaml.safe_load(kept.read_text(encoding="utf-8"))["bmc_identity"]
    assert identity == run.of("ilo", "Ask").result["bmc"]["identity"]
    assert identity["systems"]["1"]["uuid"]
