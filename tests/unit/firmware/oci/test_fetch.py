# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A payload is pulled once, whatever happens on the way, and is what its digest names when it is used."""

from __future__ import annotations

import fcntl
import json
import multiprocessing
import os
from pathlib import Path

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.clock import SystemClock
from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    BadArtifact,
    LocalFailure,
    RegistryFailure,
)
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.access import Access
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.cache import Cache, Keeping
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.content import Descriptor
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.oras_push import RegistryRepository
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.reference import Reference, parse_reference
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.registry import RegistrySource
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.payload import Payload
from tests.registry.stand_in import StandIn
from tests.unit.fake_clock import FakeClock

from .artifacts import CONTENT, REPOSITORY, digest_of, put_bundle
from .conftest import Open

PAYLOAD = Descriptor("", digest_of(CONTENT), len(CONTENT))
PROCESSES = 50


@pytest.fixture(autouse=True)
def bundle(registry: StandIn) -> None:
    put_bundle(registry)


def ranges(registry: StandIn) -> list[str]:
    return [request.headers.get("range", "") for request in registry.received("GET", "/blobs/")]


def left(cache: Path) -> set[str]:
    """What lies in the cache beside whole entries and locks."""
    return {path.name for path in (cache / "sha256").iterdir() if path.suffix == ".part"}


def test_a_break_is_mended_where_it_broke(registry: StandIn, source: RegistryRepository, tmp_path: Path) -> None:
    registry.manners.break_at, registry.manners.breaks = 0.6, 2
    assert source.fetch(PAYLOAD).read_bytes() == CONTENT
    first = int(len(CONTENT) * 0.6)
    second = first + int((len(CONTENT) - first) * 0.6)
    assert ranges(registry) == ["", f"bytes={first}-", f"bytes={second}-"]
    assert not left(tmp_path / "cache")


def test_also_in_another_process(registry: StandIn, opened: Open) -> None:
    """The first gives up; the next one goes on with what it left."""
    registry.manners.break_at, registry.manners.breaks = 0.6, 1
    registry.manners.busy = []
    source = opened()
    clock = source._session._clock
    assert isinstance(clock, FakeClock)
    clock.after(0, lambda: registry.manners.busy.append((404, "")))
    with pytest.raises(RegistryFailure, match="HTTP 404"):
        source.fetch(PAYLOAD)
    assert opened().fetch(PAYLOAD).read_bytes() == CONTENT
    assert ranges(registry)[-1] == f"bytes={int(len(CONTENT) * 0.6)}-"


def test_a_registry_that_cannot_begin_in_the_middle(registry: StandIn, source: RegistryRepository) -> None:
    registry.manners.break_at, registry.manners.breaks, registry.manners.ranges = 0.6, 1, False
    assert source.fetch(PAYLOAD).read_bytes() == CONTENT
    assert len(ranges(registry)) == 2


def test_one_that_breaks_without_a_byte(registry: StandIn, source: RegistryRepository, clock: FakeClock) -> None:
    registry.manners.break_at, registry.manners.breaks = 0.0, 99
    with pytest.raises(RegistryFailure, match="in part only"):
        source.fetch(PAYLOAD)
    assert len(ranges(registry)) == 3
    assert len(clock.slept) == 2


def test_one_that_stalls(registry: StandIn, opened: Open) -> None:
    """At 60 % of what is asked for it says nothing more: each time a part comes, so that it comes to an end."""
    registry.manners.stall_at = 0.6
    source = opened(timeout=0.05)
    content = CONTENT[:8]
    registry.blobs[digest_of(content)] = content
    with pytest.raises(RegistryFailure, match=r"nothing came for 0\.05 s"):
        source.fetch(Descriptor("", digest_of(content), len(content)))
    assert "bytes=7-" in ranges(registry)


def test_time_for_all_is_bounded(registry: StandIn, opened: Open, clock: FakeClock) -> None:
    registry.manners.break_at, registry.manners.breaks = 0.01, 10_000
    with pytest.raises(RegistryFailure, match="the time is used up: 20 s for all requests"):
        opened(deadline=20.0).fetch(PAYLOAD)
    assert sum(clock.slept) < 30


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (1, "the manifest lies about the size"),
        (-1, "the manifest lies about the size"),
        (-len(CONTENT) // 2, "the manifest lies about the size"),
        (-len(CONTENT) + 1, "with more bytes"),
    ],
)
def test_a_lied_size(registry: StandIn, source: RegistryRepository, tmp_path: Path, change: int, told: str) -> None:
    with pytest.raises(BadArtifact, match=told):
        source.fetch(Descriptor("", PAYLOAD.digest, PAYLOAD.size + change))
    assert not any((tmp_path / "cache/sha256" / name).stat().st_size for name in left(tmp_path / "cache"))


@pytest.mark.parametrize(("content", "told"), [(CONTENT[:-100], "cut short"), (CONTENT + b"!", "with more bytes")])
@pytest.mark.parametrize("breaks", [0, 1])
def test_a_layer_of_another_length(
    registry: StandIn, source: RegistryRepository, tmp_path: Path, content: bytes, told: str, breaks: int
) -> None:
    registry.blobs[PAYLOAD.digest] = content
    registry.manners.break_at, registry.manners.breaks = 0.6, breaks
    with pytest.raises(BadArtifact, match=told):
        source.fetch(PAYLOAD)
    assert not any((tmp_path / "cache/sha256" / name).stat().st_size for name in left(tmp_path / "cache"))


@pytest.mark.parametrize("content", [CONTENT[:-1] + b"!", b"!" + CONTENT[1:]])
def test_a_corrupted_layer(registry: StandIn, source: RegistryRepository, tmp_path: Path, content: bytes) -> None:
    registry.blobs[PAYLOAD.digest] = content
    with pytest.raises(BadArtifact, match=f"hash to {digest_of(content)}"):
        source.fetch(PAYLOAD)
    assert not left(tmp_path / "cache")
    assert not (tmp_path / "cache/sha256" / PAYLOAD.digest[7:]).exists()


@pytest.mark.parametrize("damage", [b"", CONTENT[:-1], CONTENT[:-1] + b"!", CONTENT + b"!"])
def test_a_damaged_entry_is_found_and_healed(registry: StandIn, source: RegistryRepository, damage: bytes) -> None:
    entry = source.fetch(PAYLOAD)
    status = entry.stat()
    entry.chmod(0o644)
    entry.write_bytes(damage)
    os.utime(entry, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert source.fetch(PAYLOAD).read_bytes() == CONTENT
    assert len(ranges(registry)) == 2


def test_a_whole_entry_is_not_pulled_again(registry: StandIn, source: RegistryRepository, opened: Open) -> None:
    assert source.fetch(PAYLOAD) == opened().fetch(PAYLOAD)
    assert len(ranges(registry)) == 1


def test_another_use_does_not_change_what_is_staged(source: RegistryRepository, opened: Open, clock: FakeClock) -> None:
    staged = Payload(source.fetch(PAYLOAD))
    clock.sleep(60)
    opened().fetch(PAYLOAD)
    assert staged.intact()


@pytest.mark.parametrize("rest", [b"", CONTENT[:1000], b"!" * 1000, CONTENT, CONTENT + b"more", b"!" * len(CONTENT)])
def test_what_a_killed_process_left(registry: StandIn, source: RegistryRepository, tmp_path: Path, rest: bytes) -> None:
    part = tmp_path / "cache/sha256" / f"{PAYLOAD.digest[7:]}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(rest)
    assert source.fetch(PAYLOAD).read_bytes() == CONTENT


def test_who_waits_too_long_is_told(registry: StandIn, reference: Reference, tmp_path: Path, clock: FakeClock) -> None:
    cache = Cache(tmp_path / "cache", clock, patience=60)
    source = RegistrySource(reference, Access(plain_http=True), cache, clock)
    lock = tmp_path / "cache/sha256" / f"{PAYLOAD.digest[7:]}.lock"
    lock.parent.mkdir(parents=True)
    with lock.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(LocalFailure, match="another process pulls the same"):
            source.fetch(PAYLOAD)
    assert sum(clock.slept) >= 60
    assert not registry.received("GET", "/blobs/")


def test_a_folder_that_cannot_be_written(registry: StandIn, opened: Open, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(LocalFailure, match="could not be kept"):
        opened().fetch(PAYLOAD)


def _fetch(address: str, folder: Path, answers: multiprocessing.Queue[str]) -> None:
    clock = SystemClock()
    reference = parse_reference(f"{address}/{REPOSITORY}:1.10.2")
    source = RegistrySource(reference, Access(plain_http=True), Cache(folder, clock), clock)
    answers.put(digest_of(source.fetch(PAYLOAD).read_bytes()))


def test_many_processes_pull_once(registry: StandIn, tmp_path: Path) -> None:
    registry.manners.break_at, registry.manners.breaks = 0.6, 1
    context = multiprocessing.get_context("fork")
    answers: multiprocessing.Queue[str] = context.Queue()
    processes = [
        context.Process(target=_fetch, args=(registry.address, tmp_path / "shared", answers)) for _n in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    assert [answers.get(timeout=60) for _process in processes] == [PAYLOAD.digest] * PROCESSES
    for process in processes:
        process.join()
    assert ranges(registry) == ["", f"bytes={int(len(CONTENT) * 0.6)}-"]


def test_what_stays(registry: StandIn, clock: FakeClock, tmp_path: Path) -> None:
    """Three of a KiB each, used a day after each other; what is pulled then decides which of them go."""
    blobs = [bytes([number]) * 1024 for number in range(4)]
    registry.blobs = {digest_of(blob): blob for blob in blobs}

    def fetched(keeping: Keeping, *numbers: int) -> set[int]:
        cache = Cache(tmp_path / json.dumps(str(keeping)), clock, keeping)
        reference = parse_reference(f"{registry.address}/{REPOSITORY}:1")
        source = RegistrySource(reference, Access(plain_http=True), cache, clock)
        for number in numbers:
            clock.advance(86400)
            path = source.fetch(Descriptor("", digest_of(blobs[number]), 1024))
        source.close()
        there = {entry.name for entry in path.parent.iterdir() if not entry.suffix}
        locks = {entry.stem for entry in path.parent.iterdir() if entry.suffix == ".lock"}
        assert locks == there
        return {number for number, blob in enumerate(blobs) if digest_of(blob)[7:] in there}

    assert fetched(Keeping(), 0, 1, 2, 3) == {0, 1, 2, 3}
    assert fetched(Keeping(size=2048, count=0), 0, 1, 2, 3) == {2, 3}
    assert fetched(Keeping(size=2048, count=0), 0, 1, 0, 3) == {0, 3}
    assert fetched(Keeping(age=1.5 * 86400, count=0), 0, 1, 2, 3) == {2, 3}
    assert fetched(Keeping(size=0, count=3), 0, 1, 2, 3) == {1, 2, 3}
    assert fetched(Keeping(size=0, age=0, count=0), 0, 1, 2, 3) == {3}
