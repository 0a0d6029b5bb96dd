# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One measured run of ansible-playbook against a simulated fleet.

Every figure comes from the operating system (CPU time and memory of ansible-playbook and all its children) and from the
simulator's own account (requests and TLS connections), never from what a module reports.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.facts import gather
from tests.integration.playbook import processes_of
from tests.simulator.control import Simulator
from tests.vault.processes import marked

TOOLS = Path(sys.executable).parent
FORKS = 50
LOGIN = {"username": "admin", "password": "bench-secret"}
_LOOK_AT_MEMORY = 1.0
_PR_SET_CHILD_SUBREAPER = 36

Task = Mapping[str, Any]
INFO: Task = {"openchami.bmc.bmc_info": {}}
DEBUG: Task = {"ansible.builtin.debug": {"msg": ""}}


def power(state: str) -> Task:
    """The task that brings a host to a state; the fleet's hosts are there at once."""
    return {"openchami.bmc.bmc_power": {"state": state, "poll_interval": 0.1}}


@dataclass(frozen=True)
class Row:
    """One measured run. CPU and wall in seconds; memory in MiB, the most that all processes together held at one time,
    shared pages counted once (PSS, looked at each second); requests and connections of the whole fleet.
    """

    name: str
    hosts: int
    cpu: float
    wall: float
    memory: float
    requests: int
    connections: int


@dataclass(frozen=True)
class Bench:
    """A fleet and a folder to work in. environment: further variables of a run. account: host variables that log in."""

    simulator: Simulator
    folder: Path
    hosts: int
    environment: Mapping[str, str] = field(default_factory=dict)
    account: Mapping[str, Any] = field(default_factory=lambda: {f"bmc_{key}": value for key, value in LOGIN.items()})

    def measure(self, name: str, task: Task, power_state: str = "", *, forks: int = FORKS, runs: int = 1) -> Row:
        """The run with the median CPU of several. power_state: what every system is set to before each."""
        rows = []
        for _run in range(runs):
            if power_state:
                self._set_power(power_state)
            rows.append(self._run(name, task, forks))
        median = sorted(rows, key=lambda row: row.cpu)[len(rows) // 2]
        print(f"  {name}: {median.cpu:.1f} s CPU, {median.wall:.1f} s, the median of {runs}", flush=True)
        return median

    def _run(self, name: str, task: Task, forks: int) -> Row:
        playbook = self.folder / "playbook.yml"
        play = {"name": "Bench", "hosts": "all", "gather_facts": False, "tasks": [{"name": name, **task}]}
        playbook.write_text(json.dumps([play]))
        command = [str(TOOLS / "ansible-playbook"), "-i", str(self._inventory), "-f", str(forks), str(playbook)]
        before, used, started = self.simulator.summary(), _children(), time.monotonic()
        with (self.folder / "output").open("wb") as output:
            program = subprocess.Popen(
                command, cwd=self.folder, env=self._environment(), stdout=output, stderr=subprocess.STDOUT
            )
            with _most_memory(program.pid) as memory:
                program.wait()
        wall = time.monotonic() - started
        for orphan in marked(f"ANSIBLE_HOME={self._home}"):
            os.waitpid(orphan, 0)
        cpu, after = _children() - used, self.simulator.summary()
        if program.returncode:
            sys.exit(f"{name} failed:\n{(self.folder / 'output').read_text()[-5000:]}")
        requests, connections = (after[key] - before[key] for key in ("requests", "connections"))
        return Row(name, self.hosts, cpu, wall, memory(), requests, connections)

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "ANSIBLE_HOME": str(self._home),
            "OPENCHAMI_BMC_STATE_DIR": str(self.folder / "state"),
            "ANSIBLE_PIPELINING": "true",
            **self.environment,
        }

    def _set_power(self, power_state: str) -> None:
        for bmc in self.simulator.bmcs():
            systems = self.simulator.state(bmc["name"])["systems"]
            self.simulator.set_state(bmc["name"], systems={name: {"power_state": power_state} for name in systems})

    @property
    def _home(self) -> Path:
        return self.folder / "home"

    @property
    def _inventory(self) -> Path:
        return self.folder / "inventory.json"

    def write_inventory(self, identities: Mapping[str, Any]) -> None:
        """Hosts of the fleet; identities: what bmc_info recorded of each, for the warm runs."""
        hosts = {}
        for bmc in self.simulator.bmcs():
            address = f"{bmc['address']}:{bmc['port']}"
            hosts[bmc["name"]] = {"bmc_address": address, "bmc_identity": identities.get(bmc["name"], {})}
        variables = {
            **self.account,
            "bmc_validate_certs": False,
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
        }
        self._inventory.write_text(json.dumps({"all": {"hosts": hosts, "vars": variables}}))

    def identities(self) -> dict[str, Any]:
        """What bmc_info records of every BMC."""
        facts = gather(self._inventory, self.folder, self._environment(), FORKS)
        return {host: told["bmc"]["identity"] for host, told in facts.items()}


def adopt_orphans() -> None:
    """Have what a run leaves behind, such as a broker of credentials, count as a child of this process (Linux)."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def fleet(hosts: int) -> dict[str, Any]:
    """The fleet file: one half HPE iLO 5, one half Dell iDRAC9, whose power changes at once."""
    half = hosts // 2
    entries = [
        {"name": "ilo{:04d}", "profile": "hpe_ilo5", "address": "127.20.0.1", "count": hosts - half},
        {"name": "idrac{:04d}", "profile": "dell_idrac9", "address": "127.60.0.1", "count": half},
    ]
    instant = {"on": 0.0, "graceful": 0.0, "force": 0.0, "restart": 0.0, "post": 0.0}
    return {"port": 8443, "defaults": {**LOGIN, "timing": instant}, "bmcs": entries}


def markdown(columns: list[str], rows: list[list[str]]) -> str:
    """A table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def _most_memory(pid: int) -> Iterator[Callable[[], float]]:
    """Look at the memory of a process and its descendants until the block ends; the most, in MiB."""
    ended = threading.Event()
    seen = [0]

    def look() -> None:
        while not ended.wait(_LOOK_AT_MEMORY):
            seen.append(sum(map(_proportional_kib, processes_of(pid))))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield lambda: max(seen) / 1024
    finally:
        ended.set()
        watcher.join()


def _proportional_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
