# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manifests and blobs made of files, and put where they belong; what is there already is not sent again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..._core.errors import LocalFailure
from .content import EMPTY, EMPTY_CONTENT, INDEX, MANIFEST, Descriptor, Manifest, Source, digest_of, parse_manifest
from .referrers import fallback_tag, listed

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Blob:
    """Content to be published: a small one in memory, or a file."""

    descriptor: Descriptor
    content: bytes | Path


NO_CONFIG = Blob(Descriptor(EMPTY, digest_of(EMPTY_CONTENT), len(EMPTY_CONTENT)), EMPTY_CONTENT)
"""What stands for a config in a manifest that needs none (image-spec 1.1, "Guidance for an empty descriptor")."""


@dataclass(frozen=True)
class Publication:
    """A manifest with the blobs that it names, and the tag that it gets; "" for none."""

    manifest: Manifest
    blobs: tuple[Blob, ...] = ()
    tag: str = ""


class Destination(Protocol):
    """Where something is published: RegistryFailure, LocalFailure or MayHaveHappened where that fails."""

    def has_blob(self, descriptor: Descriptor) -> bool:
        """Whether it is there, by digest."""

    def has_manifest(self, digest: str) -> bool:
        """Whether it is there."""

    def push_blob(self, blob: Blob) -> None:
        """Put it there where it is not."""

    def push_manifest(self, manifest: Manifest, tag: str = "") -> bool:
        """Put it there, byte for byte, also under a tag where one is given.

        Returns whether the place itself knows what refers to what: else an index of it must be kept there.
        """


class Repository(Source, Destination, Protocol):
    """To read from and to publish to."""


def blob_of(content: bytes, media_type: str, annotations: Mapping[str, str] | None = None) -> Blob:
    """A blob in memory."""
    return Blob(Descriptor(media_type, digest_of(content), len(content), annotations or {}), content)


def blob_of_file(path: Path, media_type: str, annotations: Mapping[str, str] | None = None) -> Blob:
    """A blob that is a file; it is read once here, for its digest. Raises LocalFailure."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks_of(path):
        digest.update(chunk)
        size += len(chunk)
    return Blob(Descriptor(media_type, f"sha256:{digest.hexdigest()}", size, annotations or {}), path)


def chunks_of(content: bytes | Path) -> Iterator[bytes]:
    """The content in parts of 1 MiB. Raises LocalFailure."""
    if isinstance(content, bytes):
        yield content
        return
    try:
        with content.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise LocalFailure("a file could not be read", why=f"{content}: {error.strerror or error}") from error


def image_manifest(
    layers: Sequence[Descriptor],
    *,
    artifact_type: str = "",
    config: Descriptor = NO_CONFIG.descriptor,
    subject: Descriptor | None = None,
    annotations: Mapping[str, str] | None = None,
) -> Manifest:
    """A manifest, the same bytes for the same content: that is what makes publishing idempotent."""
    document: dict[str, Any] = {"schemaVersion": 2, "mediaType": MANIFEST}
    if artifact_type:
        document["artifactType"] = artifact_type
    document |= {"config": config.document(), "layers": [layer.document() for layer in layers]}
    if subject is not None:
        document["subject"] = Descriptor(subject.media_type, subject.digest, subject.size).document()
    if annotations:
        document["annotations"] = dict(sorted(annotations.items()))
    return parse_manifest(json.dumps(document, separators=(",", ":")).encode(), "a new manifest")


def attachment(
    subject: Descriptor, artifact_type: str, blobs: Sequence[Blob], annotations: Mapping[str, str] | None = None
) -> Publication:
    """A manifest that refers to another: SBOM, attestation, report, approval, signature."""
    layers = [blob.descriptor for blob in blobs]
    manifest = image_manifest(layers, artifact_type=artifact_type, subject=subject, annotations=annotations)
    return Publication(manifest, (NO_CONFIG, *blobs))


def lacking(repository: Repository, publications: Iterable[Publication]) -> list[Publication]:
    """Those that are not there yet, or not all of them: by digest, tag, blobs, and as a referrer of their subject."""
    return [publication for publication in publications if not _is_there(repository, publication)]


def publish(repository: Repository, publication: Publication) -> None:
    """Put a manifest there, blobs first, so that whoever sees it finds all of it."""
    for blob in publication.blobs:
        repository.push_blob(blob)
    knows_referrers = repository.push_manifest(publication.manifest, publication.tag)
    if publication.manifest.subject is not None and not knows_referrers:
        _list_in_fallback(repository, publication.manifest, publication.manifest.subject)


def attach(
    repository: Repository,
    subject: Descriptor,
    artifact_type: str,
    blobs: Sequence[Blob],
    annotations: Mapping[str, str] | None = None,
) -> Descriptor:
    """Publish an attachment where it is not there yet."""
    publication = attachment(subject, artifact_type, blobs, annotations)
    for missing in lacking(repository, [publication]):
        publish(repository, missing)
    return publication.manifest.descriptor()


def _is_there(repository: Repository, publication: Publication) -> bool:
    manifest, subject = publication.manifest, publication.manifest.subject
    if not repository.has_manifest(manifest.digest):
        return False
    if not all(repository.has_blob(blob.descriptor) for blob in publication.blobs):
        return False
    if publication.tag:
        named = repository.tagged(publication.tag)
        if named is None or named.digest != manifest.digest:
            return False
    return subject is None or manifest.digest in {entry.digest for entry in repository.referrers(subject.digest)}


def _list_in_fallback(repository: Repository, manifest: Manifest, subject: Descriptor) -> None:
    """Add to the index under the fallback tag: distribution-spec 1.1, "Pushing Manifests with Subject".

    Two who publish at the same moment may overwrite each other's entry there; lacking() sees that at the next run.
    """
    tag = fallback_tag(subject.digest)
    before = repository.tagged(tag)
    entries = [] if before is None else listed(repository.manifest(before.digest))
    if manifest.digest in {entry.digest for entry in entries}:
        return
    listing = [entry.document() for entry in [*entries, manifest.descriptor()]]
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": listing}
    raw = json.dumps(index, separators=(",", ":")).encode()
    repository.push_manifest(parse_manifest(raw, "a new index"), tag)
