# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Repositories of every kind for the tests, each with access to its bytes behind its back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.openchami.bmc.plugins.module_utils._core.clock import SystemClock
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.access import Access
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.cache import Cache
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.content import Manifest
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.opening import opened_repository
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.publish import Blob, Repository
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.reference import parse_reference
from tests.registry.debian import DebianRegistry, debian_registry
from tests.registry.stand_in import StandIn
from tests.unit.firmware.policy.memory import MemoryRepository


@dataclass
class Stocked:
    """A repository and where it keeps its bytes. name: of the repository. store: the registry, or the folder."""

    name: str
    repository: Repository
    store: StandIn | DebianRegistry | Path

    def spoil(self, digest: str, content: bytes) -> None:
        if isinstance(self.store, StandIn):
            self.store.blobs[digest] = content
        elif isinstance(self.store, DebianRegistry):
            self.store.blob(digest).write_bytes(content)
        else:
            (self.store / "blobs" / "sha256" / digest.removeprefix("sha256:")).write_bytes(content)

    def slip_in(self, manifest: Manifest, tag: str = "") -> None:
        self.repository.push_manifest(manifest, tag)


class _Stock(MemoryRepository):
    """Puts into a stand-in what it is given, without the requests that would take."""

    def __init__(self, stand_in: StandIn) -> None:
        super().__init__()
        self._stand_in = stand_in

    def push_blob(self, blob: Blob) -> None:
        super().push_blob(blob)
        self._stand_in.blobs[blob.descriptor.digest] = self.raw[blob.descriptor.digest]

    def push_manifest(self, manifest: Manifest, tag: str = "") -> bool:
        self._stand_in.put("firmware/nc", manifest.raw, manifest.media_type, tag)
        return super().push_manifest(manifest, tag)


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[Stocked]:
    """kind: debian, layout, stand-in, or stand-in without the Referrers API."""

    def stocked(name: str, store: DebianRegistry | Path) -> Stocked:
        repository = stack.enter_context(opened_repository(parse_reference(f"{name}:1"), access, cache, clock))
        return Stocked(name, repository, store)

    access, clock = Access(plain_http=True), SystemClock()
    cache = Cache(folder / "cache", clock)
    with ExitStack() as stack:
        if kind == "layout":
            yield stocked(f"{folder}/layout", folder / "layout")
        elif kind == "debian":
            registry = stack.enter_context(debian_registry(folder / "registry"))
            yield stocked(f"{registry.address}/firmware/nc", registry)
        else:
            stand_in = stack.enter_context(StandIn())
            stand_in.manners.referrers = kind == "stand-in"
            yield Stocked(f"{stand_in.address}/firmware/nc", _Stock(stand_in), stand_in)
