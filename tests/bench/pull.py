# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a payload from a registry costs, when one process wants it, and when fifty do at once.

The registry is Debian's; how often it was asked and how many bytes it sent is what its own log says.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.openchami.bmc.plugins.module_utils._core.clock import SystemClock
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.access import Access
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.cache import Cache
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.content import Descriptor
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.opening import (
    opened_repository,
    opened_source,
)
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.publish import blob_of_file
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.reference import parse_reference
from tests.bench.run import markdown
from tests.registry.debian import PROGRAM, DebianRegistry, debian_registry

_SIZE = 256 << 20
_CHUNK = 1 << 20
_OPEN = Access(plain_http=True)


@dataclass(frozen=True)
class _Row:
    what: str
    wall: float
    cpu: float
    memory: int
    asked: int
    sent: int

    def cells(self) -> list[str]:
        ratio = self.sent / _SIZE
        figures = [f"{self.wall:.1f}", f"{self.cpu:.2f}", f"{self.memory >> 20}", str(self.asked), f"{ratio:.3f}"]
        return [self.what, *figures]


def table() -> str:
    """Measure, and show it as Markdown."""
    if not PROGRAM:
        return "pull: docker-registry is not installed"
    with tempfile.TemporaryDirectory(prefix="bmc-bench-") as name, debian_registry(Path(name) / "registry") as registry:
        folder = Path(name)
        payload = _published(registry, folder)
        rows = [
            _measured("one process", 1, registry, payload, folder / "one"),
            _measured("it is there already", 1, registry, payload, folder / "one"),
            _measured("50 processes", 50, registry, payload, folder / "many"),
        ]
    print(f"A payload of {_SIZE >> 20} MiB:", flush=True)
    columns = [
        "who",
        "wall s",
        "CPU s of all",
        "largest process MiB",
        "times asked for",
        "bytes sent, times the payload",
    ]
    return markdown(columns, [row.cells() for row in rows])


def _published(registry: DebianRegistry, folder: Path) -> Descriptor:
    file = folder / "payload"
    with file.open("wb") as out:
        for _chunk in range(_SIZE // _CHUNK):
            out.write(os.urandom(_CHUNK))
    blob, clock = blob_of_file(file, "application/octet-stream"), SystemClock()
    reference = parse_reference(f"{registry.address}/bench:1")
    with opened_repository(reference, _OPEN, Cache(folder / "unused", clock), clock) as repository:
        repository.push_blob(blob)
    return blob.descriptor


def _measured(what: str, count: int, registry: DebianRegistry, payload: Descriptor, cache: Path) -> _Row:
    before, begun = registry.log(), time.monotonic()
    context = multiprocessing.get_context("spawn")
    used: multiprocessing.Queue[tuple[float, int]] = context.Queue()
    processes = [context.Process(target=_fetch, args=(registry.address, payload, cache, used)) for _n in range(count)]
    for process in processes:
        process.start()
    usages = [used.get() for _process in processes]
    for process in processes:
        process.join()
    log = registry.log()[len(before) :]
    sent, asked = sent_of(log, payload.digest), len(_answers(log, payload.digest))
    wall = time.monotonic() - begun
    return _Row(what, wall, sum(cpu for cpu, _m in usages), max(memory for _cpu, memory in usages), asked, sent)


def sent_of(log: str, digest: str) -> int:
    """The bytes of a blob that a registry sent, by its log."""
    return sum(_answers(log, digest))


def _answers(log: str, digest: str) -> list[int]:
    """The bytes of each of its answers."""
    lines = [line for line in log.splitlines() if f"/blobs/{digest}" in line]
    written = [re.search(r"HTTP/1\.1\" [0-9]+ ([0-9]+)", line) for line in lines]
    return [int(found[1]) for found in written if found]


def _fetch(address: str, payload: Descriptor, cache: Path, used: multiprocessing.Queue[tuple[float, int]]) -> None:
    clock = SystemClock()
    before = time.process_time()
    reference = parse_reference(f"{address}/bench:1")
    with opened_source(reference, _OPEN, Cache(cache, clock), clock) as source:
        source.fetch(payload)
    used.put((time.process_time() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10))
