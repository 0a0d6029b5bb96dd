# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bundles put straight into a registry of the tests, good or bad, by nothing of the collection."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.registry.stand_in import StandIn, as_json

REPOSITORY = "firmware/nc"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
BUNDLE = "application/vnd.openchami.firmware.bundle.v1+json"
PAYLOAD = "application/vnd.openchami.firmware.payload.v1"
METADATA = "application/vnd.openchami.firmware.metadata.v1+json"
TITLE = "org.opencontainers.image.title"

CONTENT = bytes(range(256)) * 4096
"""A payload of 1 MiB."""

COMPONENT = {
    "component": "bmc",
    "version": "nc.1.10.2-22",
    "compatible_hardware": ["x9000", "EX425"],
    "reboot": "manager",
    "expected_duration": 900,
}
DOCUMENT = {"version": "1.10.2", "components": [COMPONENT]}


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def layer(content: bytes, media_type: str, **annotations: str) -> dict[str, Any]:
    """Its descriptor; annotations: by their last word."""
    named = {f"org.opencontainers.image.{name}": value for name, value in annotations.items()}
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content), "annotations": named}


def manifest(*layers: dict[str, Any], **others: Any) -> dict[str, Any]:
    """An image manifest."""
    config = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest_of(b"{}"), "size": 2}
    return {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": list(layers), **others}


def put_bundle(registry: StandIn, *, tag: str = "1.10.2", content: bytes = CONTENT, **changes: Any) -> str:
    """A good bundle, but for the changes of its manifest. Its digest."""
    metadata = as_json(DOCUMENT)
    registry.blobs |= {digest_of(content): content, digest_of(metadata): metadata}
    layers = [layer(content, PAYLOAD, title="nc-1.10.2.tar.gz"), layer(metadata, METADATA)]
    document = manifest(*layers, artifactType=BUNDLE) | changes
    return registry.put(REPOSITORY, as_json(document), MANIFEST, tag)


def put_referrer(registry: StandIn, subject: str, artifact_type: str, content: bytes = b"{}") -> str:
    """Something attached to a manifest. Its digest."""
    registry.blobs[digest_of(content)] = content
    about = {"mediaType": MANIFEST, "digest": subject, "size": 1}
    document = manifest(layer(content, artifact_type), artifactType=artifact_type, subject=about)
    return registry.put(REPOSITORY, as_json(document), MANIFEST)


def put_fallback(registry: StandIn, subject: str, *entries: str) -> None:
    """The index that stands for the Referrers API."""
    listed = [{"mediaType": MANIFEST, "digest": entry, "size": 1} for entry in entries]
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": listed}
    registry.put(REPOSITORY, as_json(index), INDEX, subject.replace(":", "-"))
