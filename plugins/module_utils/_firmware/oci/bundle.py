# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A firmware bundle, read and understood, or refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..._core.errors import BadArtifact, BundleRefused
from .content import MANIFEST, Descriptor, Manifest, Source, json_object
from .media_types import (
    BUNDLE,
    COMPATIBLE,
    COMPONENT,
    HW_REVISION,
    METADATA,
    PAYLOAD,
    PLATFORM,
    RFD_VERSION,
    TITLE,
    VERSION,
)
from .metadata import LARGEST, Component, Metadata, metadata_of
from .reference import Reference

_SEPARATORS = re.compile(r"[,;\n\r\t]")
_UNSAFE = re.compile(r"[^A-Za-z0-9._+-]")
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Bundle:
    """A bundle of one digest.

    reference: as it was asked for, with the digest. version: of the bundle. payload: what a BMC gets. file_name: safe
    in a path and in a URL; with the ending that BMCs look at.
    """

    reference: Reference
    manifest: Manifest
    version: str
    payload: Descriptor
    file_name: str
    components: tuple[Component, ...]

    def for_hardware(self, names: Iterable[str]) -> list[Component]:
        """The components for hardware that goes by any of these names (model, part number, software id).

        Raises BundleRefused where it is for none of them.
        """
        known = [name for name in names if name.strip()]
        found = [component for component in self.components if any(map(component.fits, known))]
        if not found:
            made_for = sorted({name for component in self.components for name in component.compatible_hardware})
            raise BundleRefused(
                f"{self.reference} is not for this hardware",
                why=f"it is for {', '.join(made_for)}; this is {', '.join(known) or 'of no known name'}",
                way_out="Take the bundle of this hardware; if it is right for it, publish it with its name.",
            )
        return found


def read_bundle(source: Source, reference: Reference) -> Bundle:
    """The bundle that a reference names now; its payload is not read.

    Raises RegistryFailure, LocalFailure; BadArtifact for what is no bundle, or does not say whom it is for.
    """
    manifest = source.manifest(source.resolve(reference).digest)
    pinned = reference.pinned(manifest.digest)
    if manifest.artifact_type != BUNDLE or manifest.media_type != MANIFEST:
        kind = manifest.artifact_type or manifest.media_type or "of no type"
        raise BadArtifact(f"{pinned} is no firmware bundle", why=f"it is {kind}, not {BUNDLE}")
    payload = _payload(manifest, pinned)
    metadata = _metadata(source, manifest) or _annotated(manifest, pinned)
    _require_agreement(manifest, metadata, pinned)
    name = file_name(payload.annotations.get(TITLE, ""), payload.digest)
    return Bundle(pinned, manifest, metadata.version, payload, name, metadata.components)


def file_name(title: str, digest: str) -> str:
    """The payload's name on this machine's disk and in a URL. title: as published, "" where there is none.

    Raises BadArtifact for a title that tries to be a path.
    """
    if not title:
        return f"{digest.removeprefix('sha256:')[:12]}.bin"
    if "/" in title or "\\" in title or title.startswith((".", "-")) or not title.isprintable():
        raise BadArtifact(
            "the title of the payload is no file name",
            why=ascii(title[:100]),
            way_out="Publish it with the plain name of its file: a path in its place is an attack, or a slip.",
        )
    if len(title) > _LONGEST_NAME:
        raise BadArtifact(
            "the title of the payload is too long", why=f"{len(title)} characters, at most {_LONGEST_NAME}"
        )
    return _UNSAFE.sub("_", title)


def compatible_words(annotation: str) -> tuple[str, ...]:
    """The hardware in an annotation, split as firmware-updater splits it."""
    return tuple(word for part in _SEPARATORS.split(annotation) if (word := part.strip()))


def _payload(manifest: Manifest, pinned: Reference) -> Descriptor:
    layers = manifest.layers
    payloads = [layer for layer in layers if layer.media_type == PAYLOAD] or (layers if len(layers) == 1 else [])
    if len(payloads) != 1:
        why = f"{len(layers)} layers, {len(payloads)} of them {PAYLOAD}"
        raise BadArtifact(f"{pinned} does not say which layer is the payload", why=why)
    if not payloads[0].size:
        raise BadArtifact(f"the payload of {pinned} is empty")
    return payloads[0]


def _metadata(source: Source, manifest: Manifest) -> Metadata | None:
    found = [layer for layer in manifest.layers if layer.media_type == METADATA]
    if not found:
        return None
    if len(found) > 1:
        raise BadArtifact("the bundle has metadata twice", why=manifest.digest)
    return metadata_of(json_object(source.blob(found[0], LARGEST), "the metadata of the bundle"))


def _annotated(manifest: Manifest, pinned: Reference) -> Metadata:
    """What a bundle says that firmware-updater's publishers or the RFD's made, without a metadata layer.

    What its inventory will show and how it restarts is not in annotations: version and reboot stay unknown.
    """
    annotations = manifest.annotations
    hardware = compatible_words(annotations.get(COMPATIBLE, ""))
    if not hardware and annotations.get(PLATFORM):
        # The RFD's pair names one revision of one platform; without a revision, all of them.
        hardware = (" ".join(filter(None, (annotations[PLATFORM], annotations.get(HW_REVISION)))),)
    if not hardware:
        raise BadArtifact(
            f"{pinned} does not say which hardware it is for",
            why=f"it has neither a layer {METADATA} nor the annotations {COMPATIBLE} or {PLATFORM}",
            way_out="Publish it with bmc_firmware_bundle. What is for unknown hardware is never flashed.",
        )
    version = annotations.get(VERSION) or annotations.get(RFD_VERSION, "")
    names = compatible_words(annotations.get(COMPONENT, "")) or ("",)
    return Metadata(version, tuple(Component(name, "", hardware) for name in names))


def _require_agreement(manifest: Manifest, metadata: Metadata, pinned: Reference) -> None:
    """What other tools read in the annotations must be what the metadata says. Raises BadArtifact."""
    annotations = manifest.annotations
    told = {annotations[name] for name in (VERSION, RFD_VERSION) if name in annotations}
    if told - {metadata.version}:
        why = f"annotations {', '.join(sorted(told))}, metadata {metadata.version}"
        raise BadArtifact(f"{pinned} says two things about its version", why=why)
    allowed = {word.casefold() for word in compatible_words(annotations.get(COMPATIBLE, ""))}
    named = {word for component in metadata.components for word in component.compatible_hardware}
    beyond = sorted(word for word in named if word.casefold() not in allowed)
    if COMPATIBLE in annotations and beyond:
        why = f"{', '.join(beyond)} stands in its metadata, but not in {COMPATIBLE}"
        raise BadArtifact(f"{pinned} says two things about its hardware", why=why)
