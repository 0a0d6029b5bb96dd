# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make demo`: a mixed fleet of simulated BMCs, powered off, on and around by the collection's playbooks, then updated.

Each part ends with two accounts: what the playbook said, and what the simulated BMCs say.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.demo_firmware import Demo
from tests.facts import gather
from tests.simulator.control import Simulator

ROOT = Path(__file__).resolve().parents[1]
FLEET = ROOT / "tests" / "simulator" / "fleets" / "demo.yml"
TOOLS = Path(sys.executable).parent
STATES = ("off", "on", "soft_restart")


def main() -> int:
    fleet = yaml.safe_load(FLEET.read_text())
    # Host variables hold no secret: the password comes from the environment, as it would from a vault.
    environment = os.environ | {"DEMO_PASSWORD": fleet["defaults"]["password"], "ANSIBLE_FORCE_COLOR": "0"}
    with tempfile.TemporaryDirectory(prefix="bmc-demo-") as folder, Simulator.start(fleet, Path(folder)) as simulator:
        work = Path(folder)
        inventory = work / "inventory.yml"
        inventory.write_text(yaml.safe_dump(_inventory(fleet, simulator)))
        environment["OPENCHAMI_BMC_STATE_DIR"] = str(work / "state")
        print(f"{len(simulator.bmcs())} simulated BMCs are up: HPE iLO 5, Dell iDRAC9, HPE Cray EX.\n")
        facts = gather(inventory, work, environment, forks=10)
        for state in STATES:
            arguments = ["openchami.bmc.power", "-e", f"state={state}", "-l", "all"]
            print(f"$ ansible-playbook -i inventory.yml {' '.join(arguments)}")
            started = time.monotonic()
            output = _run(environment, "ansible-playbook", "-i", inventory, *arguments)
            print("\n".join(_summary(output)) + f"\n({time.monotonic() - started:.1f} s)\n")
        _print_table(facts, simulator)
        Demo(work, inventory, TOOLS, environment).run(simulator)
    return 0


def _inventory(fleet: dict[str, Any], simulator: Simulator) -> dict[str, Any]:
    hosts: dict[str, dict[str, Any]] = {}
    for bmc in simulator.bmcs():
        systems = list(simulator.state(bmc["name"])["systems"])
        for number, system in enumerate(sorted(systems)):
            name = bmc["name"] if len(systems) == 1 else f"{bmc['name']}n{number}"
            hosts[name] = {
                "bmc_address": f"{bmc['address']}:{bmc['port']}",
                "bmc_fingerprint": bmc["certificate_sha256"],
                "bmc_system": system,
            }
    login = {"bmc_username": fleet["defaults"]["username"], "bmc_password": "{{ lookup('env', 'DEMO_PASSWORD') }}"}
    return {"all": {"hosts": hosts, "vars": login}}


def _run(environment: dict[str, str], *command: str | Path) -> str:
    program = subprocess.run(
        [TOOLS / command[0], *command[1:]], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if program.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{program.stdout}{program.stderr}")
    return program.stdout


def _summary(output: str) -> Iterator[str]:
    """The lines of the playbook's own table, out of the output of ansible-playbook."""
    _before, _task, rest = output.partition("[Say what came of it]")
    message = rest[rest.index("{") : rest.index("\n}") + 2]
    yield from json.loads(message)["msg"]


def _print_table(facts: dict[str, Any], simulator: Simulator) -> None:
    rows = [("NODE", "BMC", "NOW", "BOOTS", "RESETS THAT IT WAS SENT")]
    for bmc in simulator.bmcs():
        truth = simulator.state(bmc["name"])
        writes = simulator.writes(bmc["name"])
        for number, (system, seen) in enumerate(sorted(truth["systems"].items())):
            name = bmc["name"] if len(truth["systems"]) == 1 else f"{bmc['name']}n{number}"
            told = facts[name]["bmc"]
            resets = [write["body"]["ResetType"] for write in writes if f"/{system}/" in write["uri"]]
            what = f"{told['vendor']} {told['model']}"
            rows.append((name, what, seen["power_state"], str(seen["boots"]), ", ".join(resets)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    print("The BMCs' own account:\n")
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print("\nEach node was shut down, powered on and restarted once, in the way that its dialect has for it.")


if __name__ == "__main__":
    sys.exit(main())
