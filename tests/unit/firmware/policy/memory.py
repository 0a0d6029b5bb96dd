# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registry in memory: holds what it is given, digests and all, and lies where a test tells it to."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import RegistryFailure
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.content import (
    INDEX,
    Descriptor,
    Manifest,
    checked_blob,
    parse_manifest,
)
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.publish import Blob
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.reference import Reference
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.referrers import (
    confirmed,
    fallback_tag,
    listed,
)


class MemoryRepository:
    """Stands where a repository of a registry without the Referrers API stands. raw: manifests and blobs, by digest."""

    def __init__(self) -> None:
        self.raw: dict[str, bytes] = {}
        self.tags: dict[str, str] = {}

    def resolve(self, reference: Reference) -> Descriptor:
        if reference.digest:
            return self.manifest(reference.digest).descriptor()
        found = self.tagged(reference.tag)
        if found is None:
            raise RegistryFailure(f"{reference} is not there")
        return found

    def manifest(self, digest: str) -> Manifest:
        return parse_manifest(self._stored(digest), "memory", digest)

    def referrers(self, digest: str, artifact_type: str = "") -> list[Descriptor]:
        index = self.tagged(fallback_tag(digest))
        entries = [] if index is None else listed(self.manifest(index.digest))
        return confirmed(entries, digest, artifact_type, lambda entry: self.manifest(entry.digest))

    def tagged(self, tag: str) -> Descriptor | None:
        return self.manifest(self.tags[tag]).descriptor() if tag in self.tags else None

    def blob(self, descriptor: Descriptor, limit: int) -> bytes:
        return checked_blob(self._stored(descriptor.digest), descriptor, limit, "memory")

    def fetch(self, descriptor: Descriptor) -> Path:
        raise AssertionError(f"nobody needs a file of {descriptor}")

    def has_blob(self, descriptor: Descriptor) -> bool:
        return descriptor.digest in self.raw

    def has_manifest(self, digest: str) -> bool:
        return digest in self.raw

    def push_blob(self, blob: Blob) -> None:
        assert isinstance(blob.content, bytes)
        self.raw[blob.descriptor.digest] = blob.content

    def push_manifest(self, manifest: Manifest, tag: str = "") -> bool:
        assert manifest.media_type == INDEX or manifest.document["schemaVersion"] == 2
        self.raw[manifest.digest] = manifest.raw
        if tag:
            self.tags[tag] = manifest.digest
        return False

    def _stored(self, digest: str) -> bytes:
        if digest not in self.raw:
            raise RegistryFailure(f"{digest} is not there")
        return self.raw[digest]
