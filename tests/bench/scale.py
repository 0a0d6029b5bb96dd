# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the cost grows with the number of hosts and of forks."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.run import DEBUG, FORKS, INFO, Bench, Row, Task, fleet, markdown, power
from tests.simulator.control import Simulator

# Hosts and forks.
GROWTH = tuple((hosts, FORKS) for hosts in (10, 100, 1000, 5000))
FORKED = ((2000, 50), (2000, 200))
TASKS: tuple[tuple[str, Task, str], ...] = (
    ("debug", DEBUG, ""),
    ("bmc_info", INFO, ""),
    ("bmc_power force_off, cold", power("force_off"), "On"),
)


def table(sizes: Sequence[tuple[int, int]]) -> str:
    """Measure each number of hosts with each number of forks, and show it as Markdown."""
    rows = [measured for hosts, forks in sizes for measured in _measured(hosts, forks)]
    columns = ["hosts", "forks", "task", "wall s", "CPU s", "CPU s a host", "memory MiB", "requests a host"]
    return markdown(columns, [_line(forks, row) for forks, row in rows])


def _measured(hosts: int, forks: int) -> list[tuple[int, Row]]:
    print(f"{hosts} simulated BMCs, forks {forks}:", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="bmc-bench-") as folder,
        Simulator.start(fleet(hosts), Path(folder)) as simulator,
    ):
        bench = Bench(simulator, Path(folder), hosts)
        bench.write_inventory({})
        # A small run is over in seconds and takes what noise there is: the median of more of them.
        runs = 5 if hosts <= 100 else 1
        return [
            (forks, bench.measure(name, task, power_state, forks=forks, runs=runs)) for name, task, power_state in TASKS
        ]


def _line(forks: int, row: Row) -> list[str]:
    told = [f"{row.wall:.1f}", f"{row.cpu:.1f}", f"{row.cpu / row.hosts:.4f}", f"{row.memory:.0f}"]
    return [str(row.hosts), str(forks), row.name, *told, f"{row.requests / row.hosts:.2f}"]
