# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an update costs beside the BMC's own time for it: for one host, fifty, and five hundred.

The simulated iLOs fetch from the task itself, write for a while and restart; they do so at the same time, so all beyond
that time is the controller's. What a task waits for holds a fork; submit and settle gives it back.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_firmware_bundle
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import typed
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Task as EntryTask
from tests.bench.pull import sent_of
from tests.bench.run import FORKS, LOGIN, Bench, Row, Task, markdown
from tests.registry.debian import PROGRAM, DebianRegistry, debian_registry
from tests.simulator.control import Simulator
from tests.simulator.images import build

_SIZE = 16 << 20
_FLASH, _RESTART = 60.0, 10.0
_HOSTS = (1, 50, 500)
_VERSION = "9.9.9"


def table() -> str:
    """Measure, and show it as Markdown."""
    if not PROGRAM:
        return "firmware: docker-registry is not installed"
    lines = [line for hosts in _HOSTS for line in _measured(hosts)]
    own = _FLASH + _RESTART
    print(f"An image of {_SIZE >> 20} MiB, {own:.0f} s of the BMC's own, forks {FORKS}:", flush=True)
    columns = [
        *("hosts", "tasks", "wall s", "times the BMC's own", "CPU s a host", "memory MiB", "requests a host"),
        "bytes from the registry, times the payload",
    ]
    return markdown(columns, lines)


def _measured(hosts: int) -> list[list[str]]:
    lines = []
    for name, tasks in (("one, waits", _waiting), ("submit, then settle", _submitting)):
        with (
            tempfile.TemporaryDirectory(prefix="bmc-bench-") as folder,
            debian_registry(Path(folder) / "registry") as registry,
            Simulator.start(_fleet(hosts), Path(folder)) as simulator,
        ):
            digest = _published(registry, Path(folder))
            bench = Bench(simulator, Path(folder), hosts, {"XDG_CACHE_HOME": f"{folder}/cache"})
            bench.write_inventory({})
            row = bench.measure(f"{hosts} hosts, {name}", tasks(registry))
            _require_updated(simulator)
            lines.append(_line(row, name, sent_of(registry.log(), digest)))
    return lines


def _waiting(registry: DebianRegistry) -> Task:
    return {"openchami.bmc.bmc_firmware": _options(registry)}


def _submitting(registry: DebianRegistry) -> Task:
    submit = {"openchami.bmc.bmc_firmware": {**_options(registry), "wait": False}, "register": "begun"}
    settle = {"openchami.bmc.bmc_firmware": {**_options(registry), "handle": "{{ begun.handle }}"}}
    return {"block": [{"name": "Submit", **submit}, {"name": "Settle", **settle}]}


def _options(registry: DebianRegistry) -> dict[str, Any]:
    return {
        "bundle": f"{registry.address}/firmware/ilo5:{_VERSION}",
        "registry_plain_http": True,
        "allow_bmc_reset": True,
        "poll_interval": 5,
    }


def _fleet(hosts: int) -> dict[str, Any]:
    timing = {"flash": _FLASH, "manager_reset": _RESTART}
    entry = {"name": "ilo{:04d}", "profile": "hpe_ilo5", "address": "127.20.0.1", "count": hosts}
    return {"port": 8443, "defaults": {**LOGIN, "timing": timing}, "bmcs": [entry]}


def _published(registry: DebianRegistry, folder: Path) -> str:
    """The digest of the payload."""
    image = folder / "ilo5.bin"
    image.write_bytes(build("BMC", _VERSION, _SIZE))
    component = {
        "component": "bmc",
        "version": _VERSION,
        "compatible_hardware": ["iLO 5"],
        "reboot": "manager",
    }
    options = {
        "reference": f"{registry.address}/firmware/ilo5:{_VERSION}",
        "registry_plain_http": True,
        "payload": str(image),
        "version": _VERSION,
        "components": [component],
    }
    result = bmc_firmware_bundle.run(typed(bmc_firmware_bundle.ARGUMENT_SPEC, options), EntryTask("bench"))
    return str(result["payload"]["digest"])


def _require_updated(simulator: Simulator) -> None:
    for bmc in simulator.bmcs():
        updates = simulator.state(bmc["name"])["updates"]
        if [(update["state"], update["version"]) for update in updates] != [("Completed", _VERSION)]:
            raise SystemExit(f"{bmc['name']} was not updated once: {updates}")


def _line(row: Row, name: str, sent: int) -> list[str]:
    own = _FLASH + _RESTART
    told = [f"{row.wall:.0f}", f"{row.wall / own:.2f}", f"{row.cpu / row.hosts:.3f}", f"{row.memory:.0f}"]
    return [str(row.hosts), name, *told, f"{row.requests / row.hosts:.1f}", f"{sent / _SIZE:.2f}"]
