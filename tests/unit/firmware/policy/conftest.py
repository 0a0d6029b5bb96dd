# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A bundle in a repository, and what the policies under test say of it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.clock import Clock
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.content import Descriptor, Source
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.publish import (
    Publication,
    Repository,
    blob_of,
    image_manifest,
    publish,
)
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.reference import parse_reference
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy.document import policies
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy.judge import judge
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy.verdict import Verdict
from tests.unit.fake_clock import FakeClock

from .memory import MemoryRepository
from .signers import Signer, signer

NAME = "registry.example:5000/firmware/cray/nc"
NOW = 1_790_000_000.0


def a_bundle(repository: Repository, version: str = "1.9.7") -> Descriptor:
    """Publish one."""
    payload = blob_of(b"firmware", "application/vnd.openchami.firmware.payload.v1")
    manifest = image_manifest(
        [payload.descriptor],
        artifact_type="application/vnd.openchami.firmware.bundle.v1+json",
        annotations={"org.opencontainers.image.version": version, "org.openchami.firmware.compatibility": "certified"},
    )
    publish(repository, Publication(manifest, (payload,), version))
    return manifest.descriptor()


def authority(by: Signer) -> dict[str, Any]:
    """As it stands in a policy."""
    return {"name": by.name, "key": {"data": by.public}}


def a_policy(*trusted: Signer, **other: Any) -> dict[str, Any]:
    """A policy for all bundles under firmware/, of signers that are trusted."""
    images = [{"glob": "registry.example:5000/firmware/**"}]
    return {"name": "vendor", "images": images, "authorities": [authority(by) for by in trusted], **other}


def verdict(
    source: Source, digest: str, *given: dict[str, Any], clock: Clock | None = None, name: str = NAME
) -> Verdict:
    """What policies say of a bundle."""
    reference = parse_reference(f"{name}@{digest}")
    return judge(source, reference, digest, policies(list(given)), clock or FakeClock(NOW))


@pytest.fixture
def repository() -> MemoryRepository:
    return MemoryRepository()


@pytest.fixture
def subject(repository: MemoryRepository) -> Descriptor:
    return a_bundle(repository)


@pytest.fixture
def vendor() -> Signer:
    return signer("vendor")


@pytest.fixture
def site() -> Signer:
    return signer("site")


@pytest.fixture
def stranger() -> Signer:
    return signer("stranger")
