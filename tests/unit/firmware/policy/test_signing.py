# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What we sign is what cosign's specifications say, judged by openssl; signing again adds nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.content import Descriptor
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.publish import publish
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy.keys import PrivateKey, private_key_file
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy.signing import (
    lacking_attestation,
    lacking_signatures,
)

from .conftest import NAME, a_policy, verdict
from .memory import MemoryRepository
from .signers import PROVENANCE, Signer, by_tag, signer

# What openssl needs to know of how cosign 3 signs with each kind of key.
OPENSSL = {"p256": "-sha256", "p384": "-sha384", "p521": "-sha512", "rsa": "-sha256"}


def key_of(by: Signer, folder: Path) -> PrivateKey:
    return private_key_file(str(by.key_file(folder)))


def sign(repository: MemoryRepository, subject: Descriptor, key: PrivateKey) -> int:
    """How many signatures were lacking."""
    made = lacking_signatures(repository, subject, NAME, key)
    for publication in made:
        publish(repository, publication)
    return len(made)


def tagged_layers(repository: MemoryRepository, subject: Descriptor) -> list[Descriptor]:
    tagged = repository.tagged(f"{subject.digest.replace(':', '-')}.sig")
    assert tagged is not None
    return repository.manifest(tagged.digest).layers


def openssl_verifies(by: Signer, message: bytes, signature: bytes, folder: Path) -> bool:
    for name, content in (("key.pub", by.public.encode()), ("message", message), ("signature", signature)):
        (folder / name).write_bytes(content)
    if by.kind == "ed25519":
        command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "key.pub", "-in", "message"]
        command += ["-sigfile", "signature"]
    else:
        command = ["openssl", "dgst", OPENSSL[by.kind], "-verify", "key.pub", "-signature", "signature", "message"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("kind", [*OPENSSL, "ed25519"])
def test_openssl_verifies_both_layouts(
    kind: str, repository: MemoryRepository, subject: Descriptor, tmp_path: Path
) -> None:
    by = signer("vendor", kind)
    assert sign(repository, subject, key_of(by, tmp_path)) == 2
    (layer,) = tagged_layers(repository, subject)
    document = repository.blob(layer, 1 << 20)
    signature = base64.b64decode(layer.annotations["dev.cosignproject.cosign/signature"])
    assert openssl_verifies(by, document, signature, tmp_path)
    assert not openssl_verifies(by, document + b" ", signature, tmp_path)
    assert json.loads(document)["critical"] == {
        "identity": {"docker-reference": NAME},
        "image": {"docker-manifest-digest": subject.digest},
        "type": "cosign container image signature",
    }
    (referrer,) = repository.referrers(subject.digest)
    bundle = json.loads(repository.blob(repository.manifest(referrer.digest).layers[0], 1 << 20))
    inner = bundle["dsseEnvelope"]
    payload = base64.b64decode(inner["payload"])
    signed = b"DSSEv1 28 application/vnd.in-toto+json %d %b" % (len(payload), payload)
    assert openssl_verifies(by, signed, base64.b64decode(inner["signatures"][0]["sig"]), tmp_path)


def test_the_bundle_is_as_cosign_3_writes_it(
    repository: MemoryRepository, subject: Descriptor, vendor: Signer, tmp_path: Path
) -> None:
    sign(repository, subject, key_of(vendor, tmp_path))
    (referrer,) = repository.referrers(subject.digest)
    manifest = repository.manifest(referrer.digest)
    bundle = json.loads(repository.blob(manifest.layers[0], 1 << 20))
    der = base64.b64decode("".join(vendor.public.splitlines()[1:-1]))
    assert manifest.artifact_type == manifest.layers[0].media_type == bundle["mediaType"]
    assert bundle["mediaType"] == "application/vnd.dev.sigstore.bundle.v0.3+json"
    assert manifest.annotations == {
        "dev.sigstore.bundle.content": "dsse-envelope",
        "dev.sigstore.bundle.predicateType": "https://sigstore.dev/cosign/sign/v1",
    }
    hint = bundle["verificationMaterial"]["publicKey"]["hint"]
    assert base64.b64decode(hint) == hashlib.sha256(der).digest()
    assert json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"])) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"digest": {"sha256": subject.digest.removeprefix("sha256:")}}],
        "predicateType": "https://sigstore.dev/cosign/sign/v1",
        "predicate": {},
    }


@pytest.mark.parametrize("kind", ["p256", "p384", "p521", "rsa", "ed25519"])
def test_signing_again_adds_nothing_and_is_accepted(
    kind: str, repository: MemoryRepository, subject: Descriptor, tmp_path: Path
) -> None:
    by = signer("vendor", kind)
    key = key_of(by, tmp_path)
    assert sign(repository, subject, key) == 2
    before = dict(repository.raw)
    assert sign(repository, subject, key) == 0
    assert repository.raw == before
    assert not verdict(repository, subject.digest, a_policy(by)).refusals


def test_who_signs_keeps_the_signatures_of_others(
    repository: MemoryRepository, subject: Descriptor, vendor: Signer, site: Signer, tmp_path: Path
) -> None:
    by_tag(repository, subject, vendor)
    sign(repository, subject, key_of(site, tmp_path))
    assert len(tagged_layers(repository, subject)) == 2
    for by in (vendor, site):
        assert not verdict(repository, subject.digest, a_policy(by)).refusals


@pytest.mark.parametrize("predicate", [{}, {"buildDefinition": {"buildType": "x"}}])
def test_attesting_again_adds_nothing(
    predicate: dict[str, Any], repository: MemoryRepository, subject: Descriptor, vendor: Signer, tmp_path: Path
) -> None:
    key = key_of(vendor, tmp_path)
    (made,) = lacking_attestation(repository, subject, PROVENANCE, predicate, key)
    publish(repository, made)
    assert not lacking_attestation(repository, subject, PROVENANCE, predicate, key)
    assert len(lacking_attestation(repository, subject, PROVENANCE, {**predicate, "more": 1}, key)) == 1
    assert sign(repository, subject, key) == 2, "an attestation is no signature"
    policy = a_policy(vendor, attestations=[{"intoto": {"type": PROVENANCE}}])
    assert not verdict(repository, subject.digest, policy).refusals
