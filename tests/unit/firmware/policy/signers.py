# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signers as the world has them, written down from cosign's specifications and not with the code under test."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.content import Descriptor
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.publish import (
    NO_CONFIG,
    Publication,
    Repository,
    attach,
    blob_of,
    image_manifest,
    publish,
)

SIGN = "https://sigstore.dev/cosign/sign/v1"
PROVENANCE = "https://slsa.dev/provenance/v1"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
SIMPLE = "application/vnd.dev.cosign.simplesigning.v1+json"
DSSE = "application/vnd.dsse.envelope.v1+json"
IN_TOTO = "application/vnd.in-toto+json"
COSIGN_ARTIFACT = "application/vnd.dev.cosign.artifact.sig.v1+json"

KINDS = ("p256", "p384", "p521", "p384-sha256", "p521-sha256", "rsa", "rsa-sha512", "rsa-pss", "ed25519")
_CURVES: dict[str, tuple[ec.EllipticCurve, hashes.HashAlgorithm]] = {
    "p256": (ec.SECP256R1(), hashes.SHA256()),
    "p384": (ec.SECP384R1(), hashes.SHA384()),
    "p521": (ec.SECP521R1(), hashes.SHA512()),
}


@dataclass(frozen=True)
class Signer:
    """Someone with a key. kind: of KINDS, with the hash or padding where it is not the usual one."""

    name: str
    kind: str
    key: Any

    @property
    def public(self) -> str:
        """In PEM."""
        pem: bytes = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return pem.decode()

    def private(self, password: str = "") -> bytes:
        """In PEM, PKCS #8."""
        sealed = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
        pem: bytes = self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealed)
        return pem

    def key_file(self, folder: Path, password: str = "") -> Path:
        """The private key in a file."""
        path = folder / f"{self.name}.key"
        path.write_bytes(self.private(password))
        return path

    def sign(self, message: bytes) -> bytes:
        """The signature of a message."""
        signature: bytes
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            own = _CURVES[self.kind.partition("-")[0]][1]
            algorithm = hashes.SHA256() if self.kind.endswith("-sha256") else own
            signature = self.key.sign(message, ec.ECDSA(algorithm))
        elif isinstance(self.key, rsa.RSAPrivateKey):
            algorithm = hashes.SHA512() if self.kind.endswith("-sha512") else hashes.SHA256()
            pss = padding.PSS(padding.MGF1(algorithm), 32)
            signature = self.key.sign(message, pss if self.kind == "rsa-pss" else padding.PKCS1v15(), algorithm)
        else:
            signature = self.key.sign(message)
        return signature


@cache
def signer(name: str, kind: str = "p256") -> Signer:
    """The same one throughout a test run."""
    if kind.startswith("rsa"):
        return Signer(name, kind, rsa.generate_private_key(65537, 2048))
    if kind == "ed25519":
        return Signer(name, kind, ed25519.Ed25519PrivateKey.generate())
    return Signer(name, kind, ec.generate_private_key(_CURVES[kind.partition("-")[0]][0]))


def simple_layer(digest: str, by: Signer, **changed: Any) -> tuple[bytes, dict[str, str]]:
    """A simple signing document, and the annotation with its signature. changed: of critical."""
    critical = {
        "identity": {"docker-reference": "registry.example/elsewhere"},
        "image": {"docker-manifest-digest": digest},
        "type": "cosign container image signature",
    } | changed
    document = json.dumps({"critical": critical, "optional": {"creator": by.name}}).encode()
    return document, {"dev.cosignproject.cosign/signature": base64.b64encode(by.sign(document)).decode()}


def statement(
    digest: str, predicate_type: str, predicate: Mapping[str, Any] | None = None, version: str = "v1"
) -> bytes:
    """An in-toto statement."""
    return json.dumps(
        {
            "_type": f"https://in-toto.io/Statement/{version}",
            "subject": [{"name": "bundle", "digest": {"sha256": digest.removeprefix("sha256:")}}],
            "predicateType": predicate_type,
            "predicate": dict(predicate or {}),
        }
    ).encode()


def envelope(payload: bytes, by: Signer, payload_type: str = IN_TOTO) -> dict[str, Any]:
    """A DSSE envelope, with a key id that means nothing to us."""
    signed = f"DSSEv1 {len(payload_type)} {payload_type} {len(payload)} ".encode() + payload
    signature = base64.b64encode(by.sign(signed)).decode()
    return {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": payload_type,
        "signatures": [{"keyid": "somebody", "sig": signature}],
    }


def bundle(payload: bytes, by: Signer) -> bytes:
    """A sigstore bundle v0.3 with a key."""
    der = by.key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    hint = base64.b64encode(hashlib.sha256(der).digest()).decode()
    return json.dumps(
        {
            "mediaType": BUNDLE,
            "verificationMaterial": {"publicKey": {"hint": hint}},
            "dsseEnvelope": envelope(payload, by),
        }
    ).encode()


def by_tag(repository: Repository, subject: Descriptor, by: Signer, digest: str = "", **changed: Any) -> None:
    """Sign in layout 1. digest: the one that is signed, where it is another."""
    document, annotations = simple_layer(digest or subject.digest, by, **changed)
    blob = blob_of(document, SIMPLE, annotations)
    publish(repository, Publication(image_manifest([blob.descriptor]), (NO_CONFIG, blob), _tag(subject, "sig")))


def by_referrer(repository: Repository, subject: Descriptor, by: Signer, digest: str = "", **changed: Any) -> None:
    """Sign in layout 2."""
    document, annotations = simple_layer(digest or subject.digest, by, **changed)
    attach(repository, subject, COSIGN_ARTIFACT, [blob_of(document, SIMPLE, annotations)])


def by_bundle(
    repository: Repository,
    subject: Descriptor,
    by: Signer,
    digest: str = "",
    predicate_type: str = SIGN,
    predicate: Mapping[str, Any] | None = None,
) -> None:
    """Sign in layout 3, or attest."""
    content = bundle(statement(digest or subject.digest, predicate_type, predicate), by)
    attach(repository, subject, BUNDLE, [blob_of(content, BUNDLE)])


def attest_by_tag(
    repository: Repository, subject: Descriptor, by: Signer, predicate_type: str, **predicate: Any
) -> None:
    """Attest in layout 4, as cosign 2 does, with the older statement."""
    payload = statement(subject.digest, predicate_type, predicate, "v0.1")
    blob = blob_of(json.dumps(envelope(payload, by)).encode(), DSSE, {"predicateType": predicate_type})
    publish(repository, Publication(image_manifest([blob.descriptor]), (NO_CONFIG, blob), _tag(subject, "att")))


def attest_by_referrer(
    repository: Repository, subject: Descriptor, by: Signer, predicate_type: str, **predicate: Any
) -> None:
    """Attest with a bare envelope, as `oras attach` puts it there: of a layer type that says nothing."""
    content = json.dumps(envelope(statement(subject.digest, predicate_type, predicate), by)).encode()
    attach(repository, subject, IN_TOTO, [blob_of(content, "application/vnd.oci.image.layer.v1.tar")])


def _tag(subject: Descriptor, suffix: str) -> str:
    return f"{subject.digest.replace(':', '-')}.{suffix}"
