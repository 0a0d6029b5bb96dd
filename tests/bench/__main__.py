# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make bench`: what a host's task costs, ours and community.general's, in one run against one simulated fleet.

Absolute figures belong to the machine; the ratios are what counts. Every figure of a row comes from the operating
system (CPU time of ansible-playbook and all its children) and from the simulator's own account (requests and TLS
connections), never from what a module reports.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import peer
from tests.facts import gather
from tests.simulator.control import Simulator

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent
FORKS = 50
RUNS = 5
LOGIN = {"username": "admin", "password": "bench-secret"}


@dataclass(frozen=True)
class Row:
    """One measured task. CPU and wall in seconds of the whole run; requests and connections of the whole fleet."""

    name: str
    hosts: int
    cpu: float
    wall: float
    requests: int
    connections: int

    def per_host(self, base: Row) -> tuple[float, float, float, float, float]:
        """CPU and wall beyond a run without the task, and as it is; requests, connections: all for one host's task."""
        return (
            (self.cpu - base.cpu) / self.hosts,
            self.cpu / self.hosts,
            self.wall / self.hosts,
            self.requests / self.hosts,
            self.connections / self.hosts,
        )


@dataclass(frozen=True)
class Bench:
    """A fleet and a folder to work in."""

    simulator: Simulator
    folder: Path
    hosts: int
    collections: Path

    def measure(self, name: str, task: dict[str, Any], power: str = "", runs: int = RUNS) -> Row:
        """The run with the median CPU of several. power: what every system is set to before each."""
        rows = []
        for _run in range(runs):
            if power:
                self._set_power(power)
            rows.append(self._run(name, task))
        median = sorted(rows, key=lambda row: row.cpu)[len(rows) // 2]
        print(f"  {name}: {median.cpu:.1f} s CPU, {median.wall:.1f} s, the median of {runs}", flush=True)
        return median

    def _run(self, name: str, task: dict[str, Any]) -> Row:
        """Run one task on every host and account for it."""
        playbook = self.folder / "playbook.yml"
        play = {"name": "Bench", "hosts": "all", "gather_facts": False, "tasks": [{"name": name, **task}]}
        playbook.write_text(json.dumps([play]))
        inventory = self.folder / "inventory.json"
        command = [str(TOOLS / "ansible-playbook"), "-i", str(inventory), "-f", str(FORKS), str(playbook)]
        environment = os.environ | {
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_HOME": str(self.folder / "home"),
            "OPENCHAMI_BMC_STATE_DIR": str(self.folder / "state"),
            "ANSIBLE_PIPELINING": "true",
        }
        before, used, started = self.simulator.summary(), _children(), time.monotonic()
        program = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        wall, cpu, after = time.monotonic() - started, _children() - used, self.simulator.summary()
        if program.returncode:
            sys.exit(f"{name} failed:\n{program.stdout[-3000:]}{program.stderr[-3000:]}")
        requests, connections = (after[key] - before[key] for key in ("requests", "connections"))
        return Row(name, self.hosts, cpu, wall, requests, connections)

    def _set_power(self, power: str) -> None:
        for bmc in self.simulator.bmcs():
            systems = self.simulator.state(bmc["name"])["systems"]
            self.simulator.set_state(bmc["name"], systems={name: {"power_state": power} for name in systems})

    def write_inventory(self, identities: dict[str, Any]) -> None:
        """Hosts of the fleet; identities: what bmc_info recorded of each, for the warm runs."""
        hosts = {}
        for bmc in self.simulator.bmcs():
            address = f"{bmc['address']}:{bmc['port']}"
            hosts[bmc["name"]] = {"bmc_address": address, "bmc_identity": identities.get(bmc["name"], {})}
        variables = {
            **{f"bmc_{key}": value for key, value in LOGIN.items()},
            "bmc_validate_certs": False,
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
        }
        self.folder.joinpath("inventory.json").write_text(json.dumps({"all": {"hosts": hosts, "vars": variables}}))

    def identities(self) -> dict[str, Any]:
        """What bmc_info records of every BMC."""
        environment = os.environ | {"OPENCHAMI_BMC_STATE_DIR": str(self.folder / "state")}
        facts = gather(self.folder / "inventory.json", self.folder, environment, FORKS)
        return {host: told["bmc"]["identity"] for host, told in facts.items()}


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _fleet(hosts: int) -> dict[str, Any]:
    half = hosts // 2
    entries = [
        {"name": "ilo{:04d}", "profile": "hpe_ilo5", "address": "127.20.0.1", "count": hosts - half},
        {"name": "idrac{:04d}", "profile": "dell_idrac9", "address": "127.21.0.1", "count": half},
    ]
    instant = {"on": 0.0, "graceful": 0.0, "force": 0.0, "restart": 0.0, "post": 0.0}
    return {"port": 8443, "defaults": {**LOGIN, "timing": instant}, "bmcs": entries}


def _peer(bench: Bench, module: str, command: str, power: str = "") -> Row:
    """One run: it takes a minute, over which the machine's noise averages out."""
    return bench.measure(f"{module} {command}", _peer_task(module, command), power, runs=1)


def _peer_task(module: str, command: str) -> dict[str, Any]:
    options = {"category": "Systems", "command": command, "baseuri": "{{ bmc_address }}"}
    login = {"username": "{{ bmc_username }}", "password": "{{ bmc_password }}"}
    return {f"community.general.{module}": options | login}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=200)
    hosts = parser.parse_args().hosts
    cache = ROOT / ".cache" / "bench"
    cache.mkdir(parents=True, exist_ok=True)
    collections = peer.collections_path(cache)
    with (
        tempfile.TemporaryDirectory(prefix="bmc-bench-") as folder,
        Simulator.start(_fleet(hosts), Path(folder)) as simulator,
    ):
        bench = Bench(simulator, Path(folder), hosts, collections)
        bench.write_inventory({})
        print(f"{hosts} simulated BMCs, forks {FORKS}, community.general {peer.version(collections)}:", flush=True)
        force_off, on = (
            {"openchami.bmc.bmc_power": {"state": state, "poll_interval": 0.1}} for state in ("force_off", "on")
        )
        info: dict[str, Any] = {"openchami.bmc.bmc_info": {}}
        base = bench.measure("debug", {"ansible.builtin.debug": {"msg": ""}})
        rows = [
            (bench.measure("bmc_info", info), None),
            (_peer(bench, "redfish_info", "GetSystemInventory"), 0),
            (bench.measure("bmc_power on, cold", on, "Off"), None),
            (_peer(bench, "redfish_command", "PowerOn", "Off"), 2),
            (bench.measure("bmc_power force_off, cold", force_off, "On"), None),
            (_peer(bench, "redfish_command", "PowerForceOff", "On"), 4),
            (bench.measure("bmc_power force_off, there already, cold", force_off, "Off"), None),
        ]
        bench.write_inventory(bench.identities())
        rows += [
            (bench.measure("bmc_power on, warm", on, "Off"), None),
            (bench.measure("bmc_power on, there already, warm", on, "On"), None),
        ]
    print(_table(base, rows))
    return 0


def _table(base: Row, rows: list[tuple[Row, int | None]]) -> str:
    """Markdown. The ratio stands with the peer's row: its cost over ours."""
    columns = ["task", "CPU s", "CPU s beyond debug", "wall s", "requests", "TLS connections"]
    columns += ["CPU, times ours", "wall, times ours"]
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    lines.append(f"| debug (the base) | {base.cpu / base.hosts:.4f} | 0 | {base.wall / base.hosts:.4f} | 0 | 0 | | |")
    for row, ours in rows:
        net, cpu, wall, requests, connections = row.per_host(base)
        ratio = "| | |"
        if ours is not None:
            mine = rows[ours][0]
            ratio = f"| {row.cpu / mine.cpu:.1f} | {row.wall / mine.wall:.1f} |"
        lines.append(f"| {row.name} | {cpu:.4f} | {net:.4f} | {wall:.4f} | {requests:.2f} | {connections:.2f} {ratio}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
