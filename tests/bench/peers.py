# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host's task costs, ours and community.general's, in one run against one simulated fleet."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench import peer
from tests.bench.run import DEBUG, FORKS, INFO, Bench, Row, Task, fleet, markdown, power
from tests.simulator.control import Simulator

_RUNS = 5


def table(cache: Path, hosts: int) -> str:
    """Measure, and show it as Markdown."""
    collections = peer.collections_path(cache)
    with (
        tempfile.TemporaryDirectory(prefix="bmc-bench-") as folder,
        Simulator.start(fleet(hosts), Path(folder)) as simulator,
    ):
        bench = Bench(simulator, Path(folder), hosts, {"ANSIBLE_COLLECTIONS_PATH": str(collections)})
        bench.write_inventory({})
        print(
            f"{hosts} simulated BMCs, forks {FORKS}, community.general {peer.version(collections, 'general')}:",
            flush=True,
        )
        base = bench.measure("debug", DEBUG, runs=_RUNS)
        rows = [
            (bench.measure("bmc_info", INFO, runs=_RUNS), None),
            (_peer(bench, "redfish_info", "GetSystemInventory"), 0),
            (bench.measure("bmc_power on, cold", power("on"), "Off", runs=_RUNS), None),
            (_peer(bench, "redfish_command", "PowerOn", "Off"), 2),
            (bench.measure("bmc_power force_off, cold", power("force_off"), "On", runs=_RUNS), None),
            (_peer(bench, "redfish_command", "PowerForceOff", "On"), 4),
            (bench.measure("bmc_power force_off, there already, cold", power("force_off"), "Off", runs=_RUNS), None),
        ]
        bench.write_inventory(bench.identities())
        rows += [
            (bench.measure("bmc_power on, warm", power("on"), "Off", runs=_RUNS), None),
            (bench.measure("bmc_power on, there already, warm", power("on"), "On", runs=_RUNS), None),
        ]
    return _table(base, rows)


def _peer(bench: Bench, module: str, command: str, power_state: str = "") -> Row:
    """One run: it takes a minute, over which the machine's noise averages out."""
    return bench.measure(f"{module} {command}", _peer_task(module, command), power_state)


def _peer_task(module: str, command: str) -> Task:
    options = {"category": "Systems", "command": command, "baseuri": "{{ bmc_address }}"}
    login = {"username": "{{ bmc_username }}", "password": "{{ bmc_password }}"}
    return {f"community.general.{module}": options | login}


def _table(base: Row, rows: list[tuple[Row, int | None]]) -> str:
    """Figures of one host's task. The ratio stands with the peer's row: its cost over ours."""
    columns = ["task", "CPU s", "CPU s beyond debug", "wall s", "requests", "TLS connections"]
    columns += ["CPU, times ours", "wall, times ours"]
    lines = [
        ["debug (the base)", f"{base.cpu / base.hosts:.4f}", "0", f"{base.wall / base.hosts:.4f}", "0", "0", "", ""]
    ]
    for row, ours in rows:
        figures = (row.cpu, row.cpu - base.cpu, row.wall)
        counts = (row.requests, row.connections)
        ratio = ["", ""]
        if ours is not None:
            mine = rows[ours][0]
            ratio = [f"{row.cpu / mine.cpu:.1f}", f"{row.wall / mine.wall:.1f}"]
        told = [f"{figure / row.hosts:.4f}" for figure in figures] + [f"{count / row.hosts:.2f}" for count in counts]
        lines.append([row.name, *told, *ratio])
    return markdown(columns, lines)
