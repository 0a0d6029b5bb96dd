# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bundles that must be refused: a good one, and one thing that is wrong with it, each with the words that tell it.

They are put into a repository as anyone who may push could put them there, or as a disk that fails would leave them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from typing import Any, Protocol

from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci import media_types
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.content import (
    INDEX,
    LARGEST_MANIFEST,
    Descriptor,
    Manifest,
    parse_manifest,
)
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.publish import (
    NO_CONFIG,
    Blob,
    Publication,
    Repository,
    attach,
    blob_of,
    image_manifest,
    publish,
)
from tests.unit.firmware.policy.signers import PROVENANCE, by_bundle, by_tag, signer

VENDOR, SITE, STRANGER = signer("vendor"), signer("site"), signer("stranger")
_NUMBERS = count()
HARDWARE = "HPE Cray EX235a"


class Shelf(Protocol):
    """Where a test's repository keeps its bytes."""

    repository: Repository

    def spoil(self, digest: str, content: bytes) -> None:
        """Let it hold other bytes as the blob of a digest."""

    def slip_in(self, manifest: Manifest, tag: str = "") -> None:
        """Put a manifest there that it would not take from a client."""


@dataclass(frozen=True)
class Bad:
    """make: puts a bundle on a shelf, and tells its digest. told: what the refusal says. kind: of the error."""

    make: Callable[[Shelf], str]
    told: str
    kind: str = "BundleRefused"
    asked: Mapping[str, Any] = field(default_factory=dict)


def payload_of(title: str = "nc-1.9.7.bin") -> Blob:
    """Another one each time: else a signature that one case makes would be there for the next, too."""
    content = b"firmware %d" % next(_NUMBERS) + b"." * 10_000
    return blob_of(content, media_types.PAYLOAD, {media_types.TITLE: title})


def published(shelf: Shelf, *payloads: Blob, **other: Any) -> Descriptor:
    """A bundle. other: of its manifest."""
    blobs = payloads or (payload_of(),)
    made: dict[str, Any] = {
        "artifact_type": media_types.BUNDLE,
        "annotations": {media_types.VERSION: "1.9.7", media_types.COMPATIBLE: HARDWARE},
    } | other
    manifest = image_manifest([blob.descriptor for blob in blobs], **made)
    publish(shelf.repository, Publication(manifest, (NO_CONFIG, *blobs)))
    return manifest.descriptor()


def attachments(shelf: Shelf, subject: Descriptor, *leave_out: str, expires: str = "2099-01-01T00:00:00Z") -> None:
    """What the policy demands besides the signature of the bundle."""
    if "sbom" not in leave_out:
        attach(shelf.repository, subject, media_types.SPDX, [blob_of(b'{"spdxVersion":"SPDX-2.3"}', media_types.SPDX)])
    document = json.dumps({"approved_by": "site", "expires": expires}).encode()
    blob = blob_of(document, media_types.APPROVAL)
    by_bundle(shelf.repository, attach(shelf.repository, subject, media_types.APPROVAL, [blob]), SITE)


def good(shelf: Shelf) -> str:
    """One that fulfils the policy."""
    subject = published(shelf)
    attachments(shelf, subject)
    by_bundle(shelf.repository, subject, VENDOR)
    return subject.digest


def policy() -> dict[str, Any]:
    """Signed by the vendor, with an SBOM, and approved by the site for a time that lasts."""
    return {
        "name": "firmware of the vendor",
        "images": [{"glob": "**"}],
        "authorities": [{"name": "vendor", "key": {"data": VENDOR.public}}],
        "attestations": [
            {"name": "sbom", "referrer": {"type": media_types.SPDX}},
            {
                "name": "approval",
                "referrer": {"type": media_types.APPROVAL},
                "authority": {"name": "site", "key": {"data": SITE.public}},
            },
        ],
    }


def _with(sign: Callable[[Repository, Descriptor], object], *leave_out: str, **other: str) -> Callable[[Shelf], str]:
    def make(shelf: Shelf) -> str:
        subject = published(shelf)
        attachments(shelf, subject, *leave_out, **other)
        sign(shelf.repository, subject)
        return subject.digest

    return make


def _signed(make: Callable[[Shelf], Descriptor]) -> Callable[[Shelf], str]:
    """Wrong is the bundle: the policy would be content."""

    def whole(shelf: Shelf) -> str:
        subject = make(shelf)
        attachments(shelf, subject)
        by_bundle(shelf.repository, subject, VENDOR)
        return subject.digest

    return whole


def _signed_elsewhere(repository: Repository, subject: Descriptor) -> None:
    other = image_manifest([payload_of().descriptor], artifact_type=media_types.BUNDLE)
    by_tag(repository, subject, VENDOR, digest=other.digest)


def _forged_index(shelf: Shelf) -> str:
    """The attachments of a good bundle, listed for one that has none."""
    theirs = shelf.repository.referrers(good(shelf))
    mine = published(shelf)
    _list(shelf, mine.digest, theirs)
    return mine.digest


def _loop(shelf: Shelf) -> str:
    """The bundle is listed as what refers to its own approval, which refers to the bundle."""
    digest = good(shelf)
    (approval,) = shelf.repository.referrers(digest, media_types.APPROVAL)
    _list(shelf, approval.digest, [shelf.repository.manifest(digest).descriptor()])
    return digest


def _list(shelf: Shelf, digest: str, entries: list[Descriptor]) -> None:
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry.document() for entry in entries]}
    shelf.slip_in(parse_manifest(json.dumps(index).encode(), "a forged index"), digest.replace(":", "-"))


def _oversized(shelf: Shelf) -> str:
    raw = json.dumps({"schemaVersion": 2, "padding": "x" * LARGEST_MANIFEST}).encode()
    digest = f"sha256:{sha256(raw).hexdigest()}"
    shelf.slip_in(Manifest(raw, {"schemaVersion": 2}, digest, "application/vnd.oci.image.manifest.v1+json", len(raw)))
    return digest


def _spoilt(spoil: Callable[[bytes], bytes]) -> Callable[[Shelf], str]:
    def make(shelf: Shelf) -> str:
        digest = good(shelf)
        payload = shelf.repository.manifest(digest).layers[0]
        shelf.spoil(payload.digest, spoil(shelf.repository.blob(payload, payload.size)))
        return digest

    return make


def _lied_size(shelf: Shelf) -> Descriptor:
    blob = payload_of()
    for content in (NO_CONFIG, blob):
        shelf.repository.push_blob(content)
    lie = Descriptor(media_types.PAYLOAD, blob.descriptor.digest, blob.descriptor.size - 3)
    manifest = image_manifest(
        [lie],
        artifact_type=media_types.BUNDLE,
        annotations={media_types.VERSION: "1.9.7", media_types.COMPATIBLE: HARDWARE},
    )
    shelf.slip_in(manifest)
    return manifest.descriptor()


BAD: dict[str, Bad] = {
    # The first: it stands in the index of a layout from then on, and is no reason to refuse the others.
    "oversized manifest": Bad(_oversized, "too large", "BadArtifact"),
    "unsigned": Bad(_with(lambda _repository, _subject: None), "there is no signature"),
    "wrong key": Bad(
        _with(lambda repository, subject: by_bundle(repository, subject, STRANGER)), "not signed with the key"
    ),
    "wrong key, as cosign 2 signs": Bad(
        _with(lambda repository, subject: by_tag(repository, subject, STRANGER)), "not signed with the key"
    ),
    "right signature for another digest": Bad(_with(_signed_elsewhere), "vendor signed another digest"),
    "attestation in place of a signature": Bad(
        _with(lambda repository, subject: by_bundle(repository, subject, VENDOR, predicate_type=PROVENANCE)),
        "it is an attestation",
    ),
    "missing SBOM": Bad(
        _with(lambda repository, subject: by_bundle(repository, subject, VENDOR), "sbom"),
        "sbom: nothing of the type application/spdx",
    ),
    "expired approval": Bad(
        _with(lambda repository, subject: by_bundle(repository, subject, VENDOR), expires="2026-01-31T00:00:00Z"),
        "approval: it expired at 2026-01-31",
    ),
    "forged fallback index": Bad(_forged_index, "is forged", "BadArtifact"),
    "referrer loop": Bad(_loop, "is forged", "BadArtifact"),
    "incompatible hardware": Bad(good, "is not for this hardware", asked={"hardware": ["PowerEdge R650"]}),
    "wrong artifact type": Bad(
        _signed(lambda shelf: published(shelf, artifact_type="application/vnd.example.helm")),
        "is no firmware bundle",
        "BadArtifact",
    ),
    "no word on hardware": Bad(
        _signed(lambda shelf: published(shelf, annotations={media_types.VERSION: "1.9.7"})),
        "does not say which hardware it is for",
        "BadArtifact",
    ),
    "path tricks in the title": Bad(
        _signed(lambda shelf: published(shelf, payload_of("../../etc/cron.d/nc"))),
        "the title of the payload is no file name",
        "BadArtifact",
    ),
    "corrupted layer": Bad(_spoilt(lambda content: content[:-1] + b"X"), "holds something else", "BadArtifact"),
    "truncated layer": Bad(_spoilt(lambda content: content[:-100]), "cut short", "BadArtifact"),
    "lied size": Bad(_signed(_lied_size), "the manifest lies about the size", "BadArtifact"),
}
