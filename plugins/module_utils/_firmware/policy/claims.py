# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands in a registry beside a bundle and may be signed, in each of cosign's layouts (read in cosign 3.1.2):

1. the tag sha256-HEX.sig: a manifest whose layers are simple signing documents (specs/SIGNATURE_SPEC.md);
2. a referrer with the same layers (pkg/oci/remote/write.go, WriteSignaturesExperimentalOCI);
3. a referrer whose layer is a sigstore bundle: a DSSE envelope with an in-toto statement (specs/BUNDLE_SPEC.md);
4. attestations: the tag sha256-HEX.att or a referrer with bare envelopes as layers, or layout 3 with another predicate.

What a layer is, its media type tells. Whatever a layer claims is unproven: judge.py asks keys.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..._core.errors import BadArtifact
from ..oci.content import Descriptor, Source, json_object
from ..oci.media_types import DSSE, IN_TOTO
from ..oci.referrers import fallback_tag
from . import dsse

SIGNATURE = "https://sigstore.dev/cosign/sign/v1"
"""predicateType of the statement that is a signature (cosign, pkg/types); stands for simple signing, too."""

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
_BUNDLES = "application/vnd.dev.sigstore.bundle"
SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json"
SIGNATURE_ANNOTATION = "dev.cosignproject.cosign/signature"
SIMPLE_TYPE = "cosign container image signature"

MOST = 100
"""Claims about one digest. More are an attack on the time of who verifies; cosign's own limit is 1,000."""

_LARGEST = 64 << 20
"""Bytes of all claims about one digest together: SBOMs within envelopes have megabytes."""


@dataclass(frozen=True)
class Claim:
    """Something that may be signed. place: digest or tag of the manifest in which it stands. signed: what was signed.

    bundle: the sigstore bundle, where it holds a certificate in the place of a key. problem: why it cannot be read.
    """

    place: str
    layout: str
    subjects: frozenset[str] = frozenset()
    predicate_type: str = ""
    predicate: Mapping[str, Any] = field(default_factory=dict, hash=False)
    signed: bytes = b""
    signatures: tuple[bytes, ...] = ()
    bundle: bytes = b""
    problem: str = ""


class _Parsed(NamedTuple):
    """What a layer says; see Claim."""

    statement: dsse.Statement
    signed: bytes = b""
    signatures: tuple[bytes, ...] = ()
    bundle: bytes = b""


def claims_about(source: Source, digest: str, referrers: list[Descriptor]) -> list[Claim]:
    """All that may be signed about a manifest. referrers: of it, as source gives them.

    What cannot be read is a claim with a problem: who may push can attach rubbish, and must not be able to hide with it
    what is good. Raises RegistryFailure, LocalFailure, and BadArtifact for more than anyone attaches.
    """
    found, bytes_read = [], 0
    for place in _places(digest, referrers):
        try:
            layers = place.layers(source)
        except BadArtifact as error:
            found.append(_unreadable(place, error))
            continue
        for layer, parse in layers:
            bytes_read += layer.size
            if len(found) >= MOST or bytes_read > _LARGEST:
                raise _too_many(digest)
            found.append(_claim(source, place, layer, parse))
    return found


_Parse = Callable[[bytes, Descriptor], _Parsed]

BY_TAG = "simple signing by tag"
BY_BUNDLE = "sigstore bundle by referrer"
"""Layouts 1 and 3, which signing.py makes."""


@dataclass(frozen=True)
class _Place:
    """A manifest to look into. name: its digest, or the tag that names it. digest: "" for a tag."""

    name: str
    layout: str
    digest: str = ""
    artifact_type: str = ""

    def layers(self, source: Source) -> list[tuple[Descriptor, _Parse]]:
        """Those that may be signed, and how each is read. Raises BadArtifact."""
        digest = self.digest
        if not digest:
            tagged = source.tagged(self.name)
            if tagged is None:
                return []
            digest = tagged.digest
        pairs = [(layer, _parser(layer.media_type, self.artifact_type)) for layer in source.manifest(digest).layers]
        return [(layer, parse) for layer, parse in pairs if parse is not None]


def _places(digest: str, referrers: list[Descriptor]) -> Iterator[_Place]:
    for entry in referrers:
        yield _Place(entry.digest, "referrer", entry.digest, entry.artifact_type)
    for suffix in ("sig", "att"):
        yield _Place(f"{fallback_tag(digest)}.{suffix}", "tag")


def _parser(media_type: str, artifact_type: str) -> _Parse | None:
    if media_type == SIMPLE_SIGNING:
        return _simple_signing
    if media_type.startswith(_BUNDLES):
        return _bundle
    # `oras attach --artifact-type application/vnd.in-toto+json FILE` gives the layer a type that says nothing.
    if media_type in (DSSE, IN_TOTO) or artifact_type == IN_TOTO:
        return _envelope
    return None


def _claim(source: Source, place: _Place, layer: Descriptor, parse: _Parse) -> Claim:
    try:
        found = parse(source.blob(layer, _LARGEST), layer)
    except BadArtifact as error:
        return _unreadable(place, error)
    return Claim(
        place.name,
        f"{_FORMATS[parse]} by {place.layout}",
        found.statement.subjects,
        found.statement.predicate_type,
        found.statement.predicate,
        found.signed,
        found.signatures,
        found.bundle,
    )


def _unreadable(place: _Place, error: BadArtifact) -> Claim:
    return Claim(place.name, place.layout, problem=": ".join(filter(None, (error.what, error.why))))


def _too_many(digest: str) -> BadArtifact:
    return BadArtifact(
        f"more than {MOST} signatures and attestations, or {_LARGEST >> 20} MiB, are about {digest}",
        way_out="Find out who may write to this repository, and delete what is none of yours.",
    )


def _simple_signing(content: bytes, layer: Descriptor) -> _Parsed:
    critical = json_object(content, "a simple signing document").get("critical")
    image = critical.get("image") if isinstance(critical, Mapping) else None
    digest = image.get("docker-manifest-digest") if isinstance(image, Mapping) else None
    if not isinstance(critical, Mapping) or not isinstance(digest, str):
        raise BadArtifact("a simple signing document names no digest")
    if critical.get("type") != SIMPLE_TYPE:
        raise BadArtifact("a simple signing document is of another type", why=repr(critical.get("type"))[:80])
    text = layer.annotations.get(SIGNATURE_ANNOTATION, "")
    signatures = (dsse.from_base64(text, "a signature"),) if text else ()
    return _Parsed(dsse.Statement(frozenset({digest}), SIGNATURE, {}), content, signatures)


def _envelope(content: bytes, _layer: Descriptor) -> _Parsed:
    document = json_object(content, "an attestation")
    if "_type" in document:
        # A statement that nobody put into an envelope: there, but nobody signed it.
        return _Parsed(dsse.statement(document))
    found = dsse.envelope(document)
    return _Parsed(found.statement, found.signed, found.signatures)


def _bundle(content: bytes, _layer: Descriptor) -> _Parsed:
    document = json_object(content, "a sigstore bundle")
    material, inner = document.get("verificationMaterial"), document.get("dsseEnvelope")
    if not isinstance(material, Mapping):
        raise BadArtifact("a sigstore bundle has no verificationMaterial")
    if not isinstance(inner, Mapping):
        raise BadArtifact("a sigstore bundle has no dsseEnvelope", why="it signs bytes, and does not say what they are")
    found = dsse.envelope(inner)
    if "publicKey" in material:
        return _Parsed(found.statement, found.signed, found.signatures)
    return _Parsed(found.statement, found.signed, bundle=content)


_FORMATS: Mapping[_Parse, str] = {_simple_signing: "simple signing", _bundle: "sigstore bundle", _envelope: "dsse"}


def new_bundle(payload: bytes, signature: bytes, hint: str) -> bytes:
    """The sigstore bundle v0.3 of a statement that a key signed (protobuf-specs, sigstore_bundle.proto, as JSON)."""
    text = {name: dsse.to_base64(value) for name, value in (("payload", payload), ("sig", signature))}
    return json.dumps(
        {
            "mediaType": BUNDLE,
            "verificationMaterial": {"publicKey": {"hint": hint}, "tlogEntries": []},
            "dsseEnvelope": {
                "payload": text["payload"],
                "payloadType": IN_TOTO,
                "signatures": [{"sig": text["sig"]}],
            },
        },
        separators=(",", ":"),
    ).encode()
