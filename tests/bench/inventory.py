# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What discovery costs as an inventory: 10,000 simulated BMCs, found and looked at again; 20,000 hosts from a cache.

--graph shows what a play pays, too: the sweep and the parsing. --list is what AWX calls, and writes all variables.

Some are slow, some are ill, one changes between the rounds: each round is compared with what the simulator knows.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path
from typing import Any

from tests.bench.run import markdown
from tests.integration.site import Source
from tests.simulator import mixed
from tests.simulator.control import Simulator

BMCS = 10_000
CACHED = 20_000
# Of so many BMCs one is ill, and one slow. Of so many the power is compared.
ILL, COMPARED = 1_000, 100
_PORT = 8443
_COLUMNS = ["what", "ansible-inventory", "hosts", "wall s", "CPU ms a host", "memory MiB", "requests a BMC"]


def table() -> str:
    """Measure, and show it as Markdown."""
    with tempfile.TemporaryDirectory(prefix="bmc-bench-") as name:
        source = Source(Path(name), ["127.50.0.0/17"])
        plan = mixed.fleet(BMCS)
        with Simulator.start({"port": _PORT, **plan}, source.folder) as simulator:
            rows = _discovered(source, simulator)
        _fill_cache(source)
        rows += [_row("from the cache", call, CACHED, _measured(source, call), "0") for call in ("--graph", "--list")]
        return markdown(_COLUMNS, rows)


def _discovered(source: Source, simulator: Simulator) -> list[list[str]]:
    """A first round, then one in which one BMC has changed."""
    bmcs = {bmc["name"]: f"{bmc['address']}:{bmc['port']}" for bmc in simulator.bmcs()}
    _spoil(simulator, list(bmcs))
    whole = _round(source, simulator, "every BMC read whole", "always")
    _judge(_records(source), simulator, bmcs, set())
    switched = next(name for name in list(bmcs)[2:] if "On" in _power(simulator, name).values())
    simulator.set_state(switched, systems={system: {"power_state": "Off"} for system in _power(simulator, switched)})
    again = _round(source, simulator, "one changed since", "changed")
    _judge(_records(source), simulator, bmcs, {bmcs[switched]})
    return [whole, again]


def _round(source: Source, simulator: Simulator, what: str, refresh: str) -> list[str]:
    before = simulator.summary()["requests"]
    source.write(ports=[_PORT], hosts="bmcs", refresh=refresh, bmc_deadline=300, concurrency=200)
    figures = _measured(source, "--graph")
    return _row(what, "--graph", BMCS, figures, f"{(simulator.summary()['requests'] - before) / BMCS:.1f}")


def _spoil(simulator: Simulator, names: list[str]) -> None:
    for name in names[::ILL]:
        simulator.fault(name, "status", status=500, uri="/Managers", count=None)
    for name in names[1::ILL]:
        simulator.fault(name, "latency", seconds=0.1, count=None)


def _judge(found: list[dict[str, Any]], simulator: Simulator, bmcs: dict[str, str], changed: set[str]) -> None:
    """End the bench where a round told anything but the truth."""
    told = {record["address"]: record for record in found}
    ill = set(list(bmcs.values())[::ILL])
    wrong = [at for at in bmcs.values() if told.get(at, {}).get("status") != ("failed" if at in ill else "answered")]
    wrong += {address for address, record in told.items() if record["changed"]} ^ changed
    for name in [name for name in list(bmcs)[::COMPARED] if bmcs[name] not in {*ill, *wrong}]:
        shown = {system["id"]: system["power_state"] for system in told[bmcs[name]]["facts"]["systems"]}
        wrong += [bmcs[name]] if _power(simulator, name).items() - shown.items() else []
    if wrong:
        sys.exit(f"of {len(wrong)} BMCs no truth was told: {', '.join(wrong[:5])}")


def _power(simulator: Simulator, name: str) -> dict[str, str]:
    return {system: state["power_state"] for system, state in simulator.state(name)["systems"].items()}


def _records(source: Source) -> list[dict[str, Any]]:
    (records,) = (source.folder / "state" / "discovery").glob("*.jsonl")
    return [json.loads(line) for line in records.read_text().splitlines()]


def _fill_cache(source: Source) -> None:
    """As many nodes as wanted, made of the records of the first round; no BMC is asked."""
    found = [record for record in _records(source) if record["facts"]]
    kept: list[dict[str, Any]] = []
    systems = 0
    for number, record in enumerate(cycle(found)):
        if systems >= CACHED:
            break
        systems += sum(bool(system["reset_target"]) for system in record["facts"]["systems"])
        kept.append({**record, "address": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"})
    cached = {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(source.folder / "cache")}
    source.write(targets=["127.0.0.1:9"], hosts="nodes", **cached)
    source.call("--list")
    (file,) = (source.folder / "cache").iterdir()
    document = json.loads(file.read_text())
    _replace(document, kept)
    file.write_text(json.dumps(document))


def _replace(document: Any, records: list[dict[str, Any]]) -> None:
    """Put the records where the cache file has them: ansible-core 2.19 wraps what it keeps."""
    inner = json.loads(document["__payload__"]) if "__payload__" in document else document
    inner["records"] = records
    if "__payload__" in document:
        document["__payload__"] = json.dumps(inner)


def _measured(source: Source, call: str) -> dict[str, float]:
    begun = time.monotonic()
    program = subprocess.Popen(
        source.command(call), env=source.environment(), cwd=source.folder, stdout=subprocess.DEVNULL
    )
    _pid, status, used = os.wait4(program.pid, 0)
    if status:
        sys.exit("ansible-inventory failed")
    wall = time.monotonic() - begun
    return {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 1024}


def _row(what: str, call: str, hosts: int, figures: dict[str, float], requests: str) -> list[str]:
    cpu = f"{figures['cpu'] / hosts * 1000:.1f}"
    return [what, call, f"{hosts:,}", f"{figures['wall']:.1f}", cpu, f"{figures['memory']:.0f}", requests]
