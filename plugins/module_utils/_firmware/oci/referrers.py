# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What refers to a manifest, believed only as far as the referring manifests say so themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..._core.errors import BadArtifact
from .content import INDEX, Descriptor, Manifest

MOST = 1000
"""Referrers of one manifest. More are an attack on the time and memory of who reads them."""

Read = Callable[[Descriptor], "Manifest | None"]
"""Reads the manifest of an entry; None where it is no longer there."""


def fallback_tag(digest: str) -> str:
    """Where the referrers of a manifest are listed by registries without the Referrers API (distribution-spec 1.1)."""
    return digest.replace(":", "-", 1)


def confirmed(entries: Iterable[Descriptor], digest: str, artifact_type: str, read: Read) -> list[Descriptor]:
    """The entries of an index of referrers, each as its own manifest has it; all, or those of one artifact type.

    An entry's own artifact type and annotations are hints that anyone may have written; they are not used. One whose
    manifest was deleted is left out. Raises BadArtifact for too many, and for one whose manifest refers elsewhere.
    """
    unique = {entry.digest: entry for entry in entries}
    if len(unique) > MOST:
        raise BadArtifact(f"more than {MOST} manifests refer to {digest}")
    found = []
    for manifest in filter(None, map(read, unique.values())):
        if manifest.subject is None or manifest.subject.digest != digest:
            refers = "nothing" if manifest.subject is None else manifest.subject.digest
            raise BadArtifact(
                f"the index of what refers to {digest} is forged",
                why=f"{manifest.digest} stands in it, and refers to {refers}",
                way_out="Find out who may write to this repository, then publish the bundle again.",
            )
        found.append(manifest.descriptor())
    return [entry for entry in found if artifact_type in ("", entry.artifact_type)]


def listed(index: Manifest) -> list[Descriptor]:
    """The entries of what is tagged as an index of referrers. Raises BadArtifact."""
    if index.media_type != INDEX:
        raise BadArtifact("the index of referrers is none", why=f"{index.digest} is {index.media_type or 'of no type'}")
    return index.manifests
