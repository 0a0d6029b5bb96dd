# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A local folder in the OCI image layout (image-spec 1.1, image-layout.md), as `oras copy --to-oci-layout` makes it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..._core.errors import BadArtifact, LocalFailure, RegistryFailure
from ..._core.whole_file import alone_in
from .cache import Cache, Chunks
from .content import (
    INDEX,
    LARGEST_MANIFEST,
    Descriptor,
    Manifest,
    checked_blob,
    descriptor_of,
    is_whole,
    json_object,
    parse_manifest,
)
from .publish import Blob, chunks_of
from .reference import Reference, checked_digest
from .referrers import confirmed, fallback_tag, listed

_REF_NAME = "org.opencontainers.image.ref.name"
_VERSION = {"imageLayoutVersion": "1.0.0"}
_CHUNK = 1 << 20


class LayoutSource:
    """Reads a layout. See content.Source."""

    def __init__(self, reference: Reference, cache: Cache) -> None:
        self._folder = Path(reference.layout)
        self._name = reference.name
        self._cache = cache

    def resolve(self, reference: Reference) -> Descriptor:
        if reference.digest:
            return self.manifest(reference.digest).descriptor()
        if reference.tag:
            found = self.tagged(reference.tag)
            if found is None:
                raise RegistryFailure(f"{reference} is not there", why=self._tags())
            return found
        there = filter(None, map(self._found, self._listed()))
        roots = [manifest.descriptor() for manifest in there if manifest.subject is None]
        if len(roots) != 1:
            raise RegistryFailure(
                f"{reference} does not say which bundle", why=self._tags(), way_out="Name a tag or a digest."
            )
        return roots[0]

    def manifest(self, digest: str) -> Manifest:
        where = f"{self._name}@{digest}"
        return parse_manifest(self._read(self._blob(digest), where, LARGEST_MANIFEST), where, digest)

    def referrers(self, digest: str, artifact_type: str = "") -> list[Descriptor]:
        index = self.tagged(fallback_tag(checked_digest(digest)))
        forgeable = [] if index is None else listed(self.manifest(index.digest))
        # The layout's own index lists everything: what refers to something else is no forgery there.
        others = filter(lambda entry: self._refers(entry, digest), self._listed())
        return confirmed([*forgeable, *others], digest, artifact_type, self._found)

    def tagged(self, tag: str) -> Descriptor | None:
        named = {entry.digest for entry in self._entries() if entry.annotations.get(_REF_NAME) == tag}
        if len(named) > 1:
            raise BadArtifact(f"{self._name} has the tag {tag} for several manifests")
        return self.manifest(named.pop()).descriptor() if named else None

    def blob(self, descriptor: Descriptor, limit: int) -> bytes:
        where = f"{self._name}@{descriptor.digest}"
        return checked_blob(self._read(self._blob(descriptor.digest), where, limit), descriptor, limit, self._name)

    def fetch(self, descriptor: Descriptor) -> Path:
        return self._cache.fetch(descriptor, self._name, lambda begin: self._from(descriptor, begin))

    @contextmanager
    def _from(self, descriptor: Descriptor, begin: int) -> Iterator[Chunks]:
        """A blob from a byte on."""
        path = self._blob(descriptor.digest)
        with self._readable(f"{self._name}@{descriptor.digest}"), path.open("rb") as file:
            file.seek(begin)
            yield begin, iter(lambda: file.read(_CHUNK), b"")

    def _listed(self) -> Iterable[Descriptor]:
        """The entries of index.json, each manifest once."""
        return {entry.digest: entry for entry in self._entries()}.values()

    def _refers(self, entry: Descriptor, digest: str) -> bool:
        """Not where it cannot be read: that of one bundle must not keep the others of the layout from being used."""
        try:
            manifest = self._found(entry)
            subject = None if manifest is None else manifest.subject
        except BadArtifact:
            return False
        return subject is not None and subject.digest == digest

    def _found(self, entry: Descriptor) -> Manifest | None:
        return self.manifest(entry.digest) if self._blob(entry.digest).exists() else None

    def _entries(self) -> list[Descriptor]:
        path = self._folder / "index.json"
        raw = self._read(path, self._name, LARGEST_MANIFEST)
        entries = json_object(raw, f"index.json of {self._name}").get("manifests", [])
        if not isinstance(entries, list):
            raise BadArtifact(f"index.json of {self._name} has no list of manifests")
        return [descriptor_of(entry) for entry in entries]

    def _tags(self) -> str:
        named = sorted({entry.annotations.get(_REF_NAME, "") for entry in self._entries()} - {""})
        return f"it has {', '.join(named[:10])}" if named else "it has no tags"

    def _blob(self, digest: str) -> Path:
        return self._folder / "blobs" / "sha256" / checked_digest(digest).removeprefix("sha256:")

    def _read(self, path: Path, where: str, limit: int) -> bytes:
        """At most one byte more than the limit."""
        with self._readable(where), path.open("rb") as file:
            return file.read(limit + 1)

    @contextmanager
    def _readable(self, where: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise RegistryFailure(
                f"{where} is not there", why=f"no {error.filename}", way_out="Is it a folder in the OCI image layout?"
            ) from error
        except OSError as error:
            why = f"{error.filename or where}: {error.strerror or error}"
            raise LocalFailure("a local bundle could not be read", why=why) from error


class LayoutRepository(LayoutSource):
    """Also writes to it; makes the folder where there is none. See publish.Destination. Raises LocalFailure."""

    def has_blob(self, descriptor: Descriptor) -> bool:
        """Not where the disk changed it: it is hashed, so that publishing again heals it."""
        with self._readable(f"{self._name}@{descriptor.digest}"):
            return is_whole(self._blob(descriptor.digest), descriptor)

    def has_manifest(self, digest: str) -> bool:
        if not self._blob(digest).exists() or digest not in {entry.digest for entry in self._entries()}:
            return False
        try:
            self.manifest(digest)
        except BadArtifact:
            return False
        return True

    def push_blob(self, blob: Blob) -> None:
        with alone_in(self._folder):
            if not self.has_blob(blob.descriptor):
                self._put(self._blob(blob.descriptor.digest), chunks_of(blob.content), blob.descriptor.digest)

    def push_manifest(self, manifest: Manifest, tag: str = "") -> bool:
        with alone_in(self._folder):
            self._put(self._blob(manifest.digest), [manifest.raw], manifest.digest)
            entries = [
                entry.document() for entry in self._entries() if not tag or entry.annotations.get(_REF_NAME) != tag
            ]
            if tag or manifest.digest not in {entry["digest"] for entry in entries}:
                own = manifest.descriptor().document()
                entries.append({**own, "annotations": {_REF_NAME: tag} if tag else {}})
            index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
            self._put(self._folder / "oci-layout", [json.dumps(_VERSION).encode()])
            self._put(self._folder / "index.json", [json.dumps(index).encode()])
        # Whoever reads it looks at every manifest: no index of referrers has to be kept.
        return True

    def _entries(self) -> list[Descriptor]:
        return super()._entries() if (self._folder / "index.json").exists() else []

    def _put(self, path: Path, chunks: Iterable[bytes], digest: str = "") -> None:
        """Alone in the folder. digest: what it must have, where it is known. Raises OSError, LocalFailure."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part, hashed = self._folder / ".part", hashlib.sha256()
        with part.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)
                hashed.update(chunk)
            file.flush()
            os.fsync(file.fileno())
        if digest and digest != f"sha256:{hashed.hexdigest()}":
            raise LocalFailure("a file changed while it was published", why=f"it no longer is {digest}")
        part.replace(path)
