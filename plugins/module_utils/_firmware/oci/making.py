# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A bundle and what is attached to it, made of files: the same files make the same digests."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..._core.errors import BadArtifact, InvalidRequest, LocalFailure
from .bundle import file_name
from .content import Descriptor, json_object
from .media_types import (
    APPROVAL,
    BUNDLE,
    CHECKSUMS,
    COMPATIBILITY,
    COMPATIBLE,
    COMPONENT,
    CYCLONEDX,
    DSSE,
    HW_REVISION,
    IN_TOTO,
    METADATA,
    PAYLOAD,
    PLATFORM,
    RELEASE_NOTES,
    RFD_VERSION,
    SPDX,
    TEST_REPORT,
    TITLE,
    VENDOR,
    VERSION,
)
from .metadata import Metadata
from .publish import NO_CONFIG, Blob, Publication, attachment, blob_of, blob_of_file, image_manifest

_LARGEST_DOCUMENT = 64 << 20
"""Bytes of an attachment. It is read as a whole, by whoever judges the bundle as well."""

# What firmware-updater takes for a version: strict, with a v or missing parts allowed (semver.org, 2.0.0).
_SEMANTIC = re.compile(r"v?(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?", re.ASCII)


@dataclass(frozen=True)
class Files:
    """What a bundle is made of. release_notes, checksums: None where there are none."""

    payload: Path
    release_notes: Path | None = None
    checksums: Path | None = None


@dataclass(frozen=True)
class Labels:
    """Annotations beside those that the metadata implies; "" where not given. others: by their full names."""

    vendor: str = ""
    platform: str = ""
    hw_revision: str = ""
    compatibility: str = ""
    others: Mapping[str, str] = field(default_factory=dict)


def bundle_of(files: Files, metadata: Metadata, labels: Labels, tag: str) -> Publication:
    """The bundle, the payload first: firmware-updater takes the first layer. Raises InvalidRequest, LocalFailure."""
    require_semantic(metadata.version)
    title = _published_name(files.payload)
    payload = blob_of_file(files.payload, PAYLOAD, {TITLE: title})
    if not payload.descriptor.size:
        raise InvalidRequest("the payload is empty", why=str(files.payload))
    document = json.dumps(metadata.document(), indent=1, sort_keys=True).encode()
    blobs = [payload, blob_of(document, METADATA, {TITLE: "metadata.json"})]
    if files.release_notes is not None:
        blobs.append(_small(files.release_notes, RELEASE_NOTES))
    if files.checksums is not None:
        blobs.append(_small(files.checksums, CHECKSUMS))
    else:
        line = f"{payload.descriptor.digest.removeprefix('sha256:')}  {title}\n"
        blobs.append(blob_of(line.encode(), CHECKSUMS, {TITLE: "SHA256SUMS"}))
    layers = [blob.descriptor for blob in blobs]
    manifest = image_manifest(layers, artifact_type=BUNDLE, annotations=_annotations(metadata, labels))
    return Publication(manifest, (NO_CONFIG, *blobs), tag)


def sbom_of(path: Path, subject: Descriptor) -> Publication:
    """Raises InvalidRequest for what is neither SPDX nor CycloneDX in JSON; LocalFailure."""
    document, blob = _document(path)
    if isinstance(document.get("spdxVersion"), str):
        return _attached(subject, SPDX, blob, SPDX)
    if document.get("bomFormat") == "CycloneDX":
        return _attached(subject, CYCLONEDX, blob, CYCLONEDX)
    raise InvalidRequest(f"{path} is no SBOM", why="it has neither spdxVersion nor bomFormat CycloneDX")


def attestation_of(path: Path, subject: Descriptor) -> Publication:
    """An in-toto statement: DSSE, a sigstore bundle, or not signed at all. Raises InvalidRequest, LocalFailure."""
    document, blob = _document(path)
    kind = str(document.get("mediaType", ""))
    if kind.startswith("application/vnd.dev.sigstore.bundle"):
        return _attached(subject, kind, blob, kind)
    if document.get("payloadType") == IN_TOTO:
        return _attached(subject, IN_TOTO, blob, DSSE)
    if str(document.get("_type", "")).startswith("https://in-toto.io/Statement/"):
        return _attached(subject, IN_TOTO, blob, IN_TOTO)
    raise InvalidRequest(
        f"{path} is no attestation", why="it is no DSSE envelope, sigstore bundle or statement of in-toto"
    )


def test_report_of(path: Path, subject: Descriptor) -> Publication:
    """Raises InvalidRequest for what is no JSON object; LocalFailure."""
    return _attached(subject, TEST_REPORT, _document(path)[1], TEST_REPORT)


def approval_of(path: Path, subject: Descriptor) -> Publication:
    """Raises InvalidRequest for what does not say when it expires; LocalFailure."""
    document, blob = _document(path)
    if not isinstance(document.get("expires"), str):
        raise InvalidRequest(f"{path} is no approval", why='it has no "expires", a time as 2027-06-30T00:00:00Z')
    return _attached(subject, APPROVAL, blob, APPROVAL)


def require_semantic(version: str) -> None:
    """Raises InvalidRequest for a version that firmware-updater cannot compare."""
    if not _SEMANTIC.fullmatch(version):
        raise InvalidRequest(
            f"version {version!r} is not a semantic version",
            way_out="Give one such as 1.10.2; what the BMC's inventory shows goes into the components.",
        )


def _annotations(metadata: Metadata, labels: Labels) -> dict[str, str]:
    """For the RFD and for firmware-updater alike; what was not given is left out."""
    words = {word: None for component in metadata.components for word in component.compatible_hardware}
    known = {
        VERSION: metadata.version,
        RFD_VERSION: metadata.version,
        COMPATIBLE: ",".join(words),
        COMPONENT: ",".join(dict.fromkeys(component.component for component in metadata.components)),
        VENDOR: labels.vendor,
        PLATFORM: labels.platform,
        HW_REVISION: labels.hw_revision,
        COMPATIBILITY: labels.compatibility,
    }
    if twice := sorted(set(known) & set(labels.others)):
        raise InvalidRequest(f"annotations hold what has an option of its own: {', '.join(twice)}")
    return {name: value for name, value in {**known, **labels.others}.items() if value}


def _attached(subject: Descriptor, artifact_type: str, blob: Blob, media_type: str) -> Publication:
    descriptor = Descriptor(media_type, blob.descriptor.digest, blob.descriptor.size, blob.descriptor.annotations)
    return attachment(subject, artifact_type, [Blob(descriptor, blob.content)])


def _document(path: Path) -> tuple[dict[str, Any], Blob]:
    content = _content(path)
    try:
        return json_object(content, str(path)), blob_of(content, "application/json", {TITLE: _published_name(path)})
    except BadArtifact as error:
        raise InvalidRequest(error.what, why=error.why) from error


def _small(path: Path, media_type: str) -> Blob:
    return blob_of(_content(path), media_type, {TITLE: _published_name(path)})


def _content(path: Path) -> bytes:
    """Held in memory, so that what was looked at is what is published. Raises InvalidRequest, LocalFailure."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_DOCUMENT + 1)
    except OSError as error:
        raise LocalFailure("a file could not be read", why=f"{path}: {error.strerror or error}") from error
    if len(content) > _LARGEST_DOCUMENT:
        raise InvalidRequest(f"{path} is too large", why=f"at most {_LARGEST_DOCUMENT >> 20} MiB are published")
    return content


def _published_name(path: Path) -> str:
    """Raises InvalidRequest for a name that readers would refuse or change."""
    try:
        readable = file_name(path.name, "")
    except BadArtifact as error:
        raise InvalidRequest(f"{path} cannot be published under its name", why=error.what) from error
    if readable != path.name:
        raise InvalidRequest(
            f"{path} cannot be published under its name",
            why="it has other characters than letters, digits and . _ + -",
            way_out=f"Name it {readable}: BMCs get it by this name, in a URL.",
        )
    return readable
