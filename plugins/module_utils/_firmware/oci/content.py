# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What registries and layouts hold (OCI image-spec 1.1), and the one way to read either.

Nothing here trusts what it reads: a manifest is known by the hash of its own bytes, a referrer by the subject that
stands in its manifest, whatever an index, a header or a registry says about them.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ..._core.errors import BadArtifact
from .reference import Reference, checked_digest

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
EMPTY_CONTENT = b"{}"

LARGEST_MANIFEST = 4 << 20
"""Bytes: what distribution-spec 1.1 asks registries to accept at least, and nearly all accept at most."""

_LARGEST_BLOB = 1 << 50
"""Bytes. Larger sizes are nonsense, and would overflow what they are compared with."""


@dataclass(frozen=True)
class Descriptor:
    """Content by its digest (image-spec, descriptor.md). digest: "sha256:...". size: bytes."""

    media_type: str
    digest: str
    size: int
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)
    artifact_type: str = ""

    def document(self) -> dict[str, Any]:
        """As it stands in manifests."""
        plain: dict[str, Any] = {"mediaType": self.media_type, "digest": self.digest, "size": self.size}
        if self.artifact_type:
            plain["artifactType"] = self.artifact_type
        if self.annotations:
            plain["annotations"] = dict(self.annotations)
        return plain


@dataclass(frozen=True)
class Manifest:
    """An image manifest or index. raw: its bytes, of which digest is the hash. media_type: its own word for itself."""

    raw: bytes
    document: Mapping[str, Any] = field(hash=False)
    digest: str
    media_type: str
    size: int

    @property
    def artifact_type(self) -> str:
        """As image-spec 1.1 derives it: artifactType, else the config's media type."""
        own = self.document.get("artifactType")
        if isinstance(own, str) and own:
            return own
        return "" if self.config is None else self.config.media_type

    @property
    def annotations(self) -> dict[str, str]:
        """Raises BadArtifact."""
        return _annotations(self.document)

    @property
    def config(self) -> Descriptor | None:
        """Raises BadArtifact."""
        return _one(self.document, "config")

    @property
    def subject(self) -> Descriptor | None:
        """What it refers to. Raises BadArtifact."""
        return _one(self.document, "subject")

    @property
    def layers(self) -> list[Descriptor]:
        """Of an image manifest. Raises BadArtifact."""
        return _many(self.document, "layers")

    @property
    def manifests(self) -> list[Descriptor]:
        """Of an index. Raises BadArtifact."""
        return _many(self.document, "manifests")

    def descriptor(self) -> Descriptor:
        """Of itself, with annotations and artifact type as they stand in it."""
        return Descriptor(self.media_type, self.digest, self.size, self.annotations, self.artifact_type)


class Source(Protocol):
    """A repository of a registry, or a layout, to read from.

    All methods raise RegistryFailure where it does not answer, refuses, or lacks what was asked for; LocalFailure where
    a local folder cannot be read; BadArtifact where what it holds is not what was asked for.
    """

    def resolve(self, reference: Reference) -> Descriptor:
        """What a tag or digest names now, pinned: the digest is the hash of the bytes that were read."""

    def manifest(self, digest: str) -> Manifest:
        """The manifest or index of a digest: its bytes hashed, at most LARGEST_MANIFEST of them."""

    def referrers(self, digest: str, artifact_type: str = "") -> list[Descriptor]:
        """What refers to a manifest, all or of one artifact type; each with what stands in its own manifest.

        Raises BadArtifact for an entry whose manifest has another subject: the index was forged.
        """

    def tagged(self, tag: str) -> Descriptor | None:
        """What a tag names now; None where there is no such tag."""

    def blob(self, descriptor: Descriptor, limit: int) -> bytes:
        """A small blob, whole and verified. limit: bytes; BadArtifact for more."""

    def fetch(self, descriptor: Descriptor) -> Path:
        """A large blob, verified, as a file on this machine that nobody changes."""


def digest_of(content: bytes) -> str:
    """As it stands in descriptors."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def digest_of_file(path: Path) -> str:
    """The same of a file, which is read in pieces. Raises OSError."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def is_whole(path: Path, descriptor: Descriptor) -> bool:
    """Whether a file is the blob of a descriptor; False where there is none. Raises OSError."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size != descriptor.size:
                return False
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}" == descriptor.digest
    except FileNotFoundError:
        return False


def checked_blob(content: bytes, descriptor: Descriptor, limit: int, where: str) -> bytes:
    """A small blob that was read, verified. limit: bytes. where: for errors. Raises BadArtifact."""
    if descriptor.size > limit or len(content) > limit:
        size = max(descriptor.size, len(content))
        raise BadArtifact(f"{descriptor.digest} is too large", why=f"{size} bytes in {where}, at most {limit} are read")
    if len(content) != descriptor.size:
        raise wrong_size(where, descriptor, len(content), digest_of(content))
    if digest_of(content) != descriptor.digest:
        raise BadArtifact(f"{where} holds something else as {descriptor.digest}", why=f"it is {digest_of(content)}")
    return content


def wrong_size(where: str, descriptor: Descriptor, size: int, digest: str) -> BadArtifact:
    """For a blob that has another size than its descriptor says. where: for errors. size, digest: of what is there.

    Where that has the digest all the same, it is the descriptor that is wrong.
    """
    why = f"{descriptor.size} bytes by the manifest, {size} in {where}"
    if digest == descriptor.digest:
        return BadArtifact(
            f"the manifest lies about the size of {digest}", why=why, way_out="The bundle was made wrong: make it anew."
        )
    how = "cut short" if size < descriptor.size else "with more bytes than it has"
    return BadArtifact(
        f"{where} holds {descriptor.digest} {how}",
        why=why,
        way_out="Its disk or someone changed it: delete it there, then publish the bundle again.",
    )


def parse_manifest(raw: bytes, where: str, digest: str = "", told: str = "") -> Manifest:
    """The manifest or index that some bytes are. Raises BadArtifact.

    where: for errors. digest: what they must hash to, "" where they were named by a tag. told: the media type that the
    registry told; the one in the document must be the same, or one reader takes it for this and another for that
    (CVE-2021-41190).
    """
    if len(raw) > LARGEST_MANIFEST:
        raise BadArtifact(f"the manifest of {where} is too large", why=f"more than {LARGEST_MANIFEST >> 20} MiB")
    found = digest_of(raw)
    if digest and found != checked_digest(digest):
        raise BadArtifact(
            f"the manifest of {where} is not what its digest names",
            why=f"asked for {digest}, got {found}",
            way_out="Its disk or someone changed it: delete it there, then publish the bundle again.",
        )
    document = json_object(raw, f"the manifest of {where}")
    own, told = document.get("mediaType", ""), told.partition(";")[0].strip()
    media_type = own or told
    if not isinstance(own, str) or (own and told and own != told):
        raise BadArtifact(f"the manifest of {where} says of itself {own!r}, the registry {told!r}")
    if "layers" in document and "manifests" in document:
        raise BadArtifact(f"the manifest of {where} is an image manifest and an index at once")
    return Manifest(raw, document, found, media_type, len(raw))


def json_object(raw: bytes, what: str) -> dict[str, Any]:
    """Raises BadArtifact for what is no JSON object in UTF-8, and for a name that stands in one object twice."""
    try:
        document = json.loads(raw.decode("utf-8"), object_pairs_hook=_without_twins)
    except (ValueError, RecursionError) as error:
        raise BadArtifact(f"{what} is not JSON", why=str(error)) from error
    if not isinstance(document, dict):
        raise BadArtifact(f"{what} is not a JSON object")
    return document


def descriptor_of(document: Any) -> Descriptor:
    """The descriptor that stands in a document. Raises BadArtifact."""
    if not isinstance(document, Mapping):
        raise BadArtifact("what should be a descriptor is no JSON object")
    media_type, size, artifact_type = (document.get(key, "") for key in ("mediaType", "size", "artifactType"))
    if not (isinstance(media_type, str) and isinstance(artifact_type, str)):
        raise BadArtifact("a descriptor's type is no text")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size < _LARGEST_BLOB:
        raise BadArtifact("a descriptor's size is no number of bytes", why=repr(size)[:80])
    return Descriptor(media_type, checked_digest(document.get("digest")), size, _annotations(document), artifact_type)


def _one(document: Mapping[str, Any], key: str) -> Descriptor | None:
    found = document.get(key)
    return None if found is None else descriptor_of(found)


def _many(document: Mapping[str, Any], key: str) -> list[Descriptor]:
    found = document.get(key, [])
    if not isinstance(found, list):
        raise BadArtifact(f"a manifest's {key} are no list")
    return [descriptor_of(entry) for entry in found]


def _annotations(document: Mapping[str, Any]) -> dict[str, str]:
    found = document.get("annotations") or {}
    if not isinstance(found, Mapping) or not all(isinstance(value, str) for value in found.values()):
        raise BadArtifact("annotations are not texts by name")
    return dict(found)


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Parsers differ in which of two they take: what we verify must be what another tool reads.
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands in an object twice")
    return found
