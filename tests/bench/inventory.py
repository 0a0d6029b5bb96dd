# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What discovery costs as an inventory: 10,000 simulated BMCs, found and looked at again; 20,000 hosts from a cache."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.run import markdown
from tests.integration.site import Source
from tests.simulator import mixed
from tests.simulator.control import Simulator

BMCS = 10_000
CACHED = 20_000
_PORT = 8443
_COLUMNS = ["what", "hosts", "wall s", "CPU ms a host", "memory MiB", "requests a BMC"]


def table() -> str:
    """Measure, and show it as Markdown."""
    with tempfile.TemporaryDirectory(prefix="bmc-bench-") as name:
        source = Source(Path(name), ["127.50.0.0/17"])
        plan = mixed.fleet(BMCS)
        with Simulator.start({"port": _PORT, **plan}, source.folder) as simulator:
            rows = _discovered(source, simulator)
        return markdown(_COLUMNS, [*rows, _from_cache(source)])


def _discovered(source: Source, simulator: Simulator) -> list[list[str]]:
    """A first round, then one in which nothing has changed."""
    asked = 0
    rows = []
    for what, refresh in (("every BMC read whole", "always"), ("nothing changed since", "changed")):
        source.write(ports=[_PORT], hosts="bmcs", refresh=refresh, bmc_deadline=300, concurrency=200)
        figures = _measured(source)
        total = simulator.summary()["requests"]
        rows.append(_row(what, BMCS, figures, f"{(total - asked) / BMCS:.1f}"))
        asked = total
    return rows


def _from_cache(source: Source) -> list[str]:
    """As many nodes as wanted, made of the records of the first round; no BMC is asked."""
    (records,) = (source.folder / "state" / "discovery").glob("*.jsonl")
    found = [json.loads(line) for line in records.read_text().splitlines()]
    copies = [
        {**record, "address": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"}
        for number, record in enumerate(found * (1 + CACHED // len(found)))
    ]
    systems = 0
    kept: list[dict[str, Any]] = []
    for record in copies:
        if systems >= CACHED:
            break
        systems += sum(bool(system["reset_target"]) for system in record["facts"]["systems"])
        kept.append(record)
    cached = {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(source.folder / "cache")}
    source.write(targets=["127.0.0.1:9"], hosts="nodes", **cached)
    source.call("--list")
    (file,) = (source.folder / "cache").iterdir()
    document = json.loads(file.read_text())
    _replace(document, kept)
    file.write_text(json.dumps(document))
    return _row("from the cache", systems, _measured(source), "0")


def _replace(document: Any, records: list[dict[str, Any]]) -> None:
    """Put the records where the cache file has them: ansible-core 2.19 wraps what it keeps."""
    inner = json.loads(document["__payload__"]) if "__payload__" in document else document
    inner["records"] = records
    if "__payload__" in document:
        document["__payload__"] = json.dumps(inner)


def _measured(source: Source) -> dict[str, float]:
    begun = time.monotonic()
    program = subprocess.Popen(
        source.command("--list"), env=source.environment(), cwd=source.folder, stdout=subprocess.DEVNULL
    )
    _pid, status, used = os.wait4(program.pid, 0)
    if status:
        sys.exit("ansible-inventory failed")
    wall = time.monotonic() - begun
    return {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 1024}


def _row(what: str, hosts: int, figures: dict[str, float], requests: str) -> list[str]:
    cpu = f"{figures['cpu'] / hosts * 1000:.1f}"
    return [what, f"{hosts:,}", f"{figures['wall']:.1f}", cpu, f"{figures['memory']:.0f}", requests]
