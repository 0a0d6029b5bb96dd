# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes what cosign would make with a key file, ready to be published; what is there already is not made again.

A signature of a bundle is made twice: as sigstore bundle, which cosign 3 looks for first, and under the tag that
cosign 2 reads. None of it goes into a transparency log, so cosign is asked with --insecure-ignore-tlog.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..oci.content import Descriptor, Source
from ..oci.media_types import IN_TOTO
from ..oci.publish import NO_CONFIG, Blob, Publication, attachment, blob_of, image_manifest
from ..oci.referrers import fallback_tag
from . import dsse
from .claims import (
    BUNDLE,
    BY_BUNDLE,
    BY_TAG,
    SIGNATURE,
    SIGNATURE_ANNOTATION,
    SIMPLE_SIGNING,
    SIMPLE_TYPE,
    Claim,
    claims_about,
    new_bundle,
)
from .keys import PrivateKey


def lacking_signatures(source: Source, subject: Descriptor, name: str, key: PrivateKey) -> list[Publication]:
    """The signatures of a manifest that its repository lacks. name: of the repository, which goes into the older form.

    Raises RegistryFailure, LocalFailure, BadArtifact.
    """
    there = {claim.layout for claim in _made(source, subject.digest, SIGNATURE, key)}
    made = []
    if BY_BUNDLE not in there:
        made.append(attested(subject, SIGNATURE, {}, key))
    if BY_TAG not in there:
        made.append(_tagged(source, subject, name, key))
    return made


def lacking_attestation(
    source: Source, subject: Descriptor, predicate_type: str, predicate: Mapping[str, Any], key: PrivateKey
) -> list[Publication]:
    """The attestation, where there is none that says the same and is signed with the key. Raises as above."""
    same = (claim for claim in _made(source, subject.digest, predicate_type, key) if claim.predicate == predicate)
    return [] if any(same) else [attested(subject, predicate_type, predicate, key)]


def attested(subject: Descriptor, predicate_type: str, predicate: Mapping[str, Any], key: PrivateKey) -> Publication:
    """A statement about a manifest, signed, as sigstore bundle that refers to it (cosign, specs/BUNDLE_SPEC.md)."""
    payload = dsse.new_statement(subject.digest, predicate_type, predicate)
    signature = key.sign(dsse.pre_authentication_encoding(IN_TOTO, payload))
    annotations = {"dev.sigstore.bundle.content": "dsse-envelope", "dev.sigstore.bundle.predicateType": predicate_type}
    return attachment(subject, BUNDLE, [blob_of(new_bundle(payload, signature, key.public.hint), BUNDLE)], annotations)


def _simple_signing(digest: str, name: str) -> bytes:
    """The document that cosign 2 signs (cosign, specs/SIGNATURE_SPEC.md)."""
    critical = {
        "identity": {"docker-reference": name},
        "image": {"docker-manifest-digest": digest},
        "type": SIMPLE_TYPE,
    }
    return json.dumps({"critical": critical, "optional": None}, separators=(",", ":")).encode()


def _signature_layer(digest: str, name: str, key: PrivateKey) -> Blob:
    """The layer that holds it, and its signature."""
    document = _simple_signing(digest, name)
    return blob_of(document, SIMPLE_SIGNING, {SIGNATURE_ANNOTATION: dsse.to_base64(key.sign(document))})


def _tagged(source: Source, subject: Descriptor, name: str, key: PrivateKey) -> Publication:
    """One more layer in the manifest that is there: others may have signed, too."""
    tag = f"{fallback_tag(subject.digest)}.sig"
    before = source.tagged(tag)
    layer = _signature_layer(subject.digest, name, key)
    layers = [*(source.manifest(before.digest).layers if before else ()), layer.descriptor]
    return Publication(image_manifest(layers), (NO_CONFIG, layer), tag)


def _made(source: Source, digest: str, predicate_type: str, key: PrivateKey) -> list[Claim]:
    """What is there of a kind about a digest, signed with the key."""
    return [
        claim
        for claim in claims_about(source, digest, source.referrers(digest))
        if claim.predicate_type == predicate_type
        and digest in claim.subjects
        and any(key.public.verifies(signature, claim.signed) for signature in claim.signatures)
    ]
