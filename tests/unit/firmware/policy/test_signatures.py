# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signatures in each of cosign's layouts, of each kind of key: accepted from who is trusted, and from nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BadArtifact
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.content import Descriptor
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.publish import attach, blob_of
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy.claims import MOST

from .conftest import a_bundle, a_policy, verdict
from .memory import MemoryRepository
from .signers import (
    COSIGN_ARTIFACT,
    DSSE,
    KINDS,
    PROVENANCE,
    SIGN,
    SIMPLE,
    Signer,
    attest_by_referrer,
    attest_by_tag,
    by_bundle,
    by_referrer,
    by_tag,
    envelope,
    signer,
    simple_layer,
    statement,
)

LAYOUTS: dict[str, Callable[..., None]] = {
    "simple signing by tag": by_tag,
    "simple signing by referrer": by_referrer,
    "sigstore bundle by referrer": by_bundle,
}
each_layout = pytest.mark.parametrize("layout", LAYOUTS)


@each_layout
@pytest.mark.parametrize("kind", KINDS)
def test_trusted(layout: str, kind: str, repository: MemoryRepository, subject: Descriptor) -> None:
    by = signer("vendor", kind)
    LAYOUTS[layout](repository, subject, by)
    found = verdict(repository, subject.digest, a_policy(by))
    (check,) = found.policies[0].checks
    assert not found.refusals
    assert check.proven
    assert [(finding.reason, finding.layout, finding.authority) for finding in check.findings] == [
        ("accepted", layout, "vendor")
    ]


@each_layout
@pytest.mark.parametrize("kind", ["p256", "p384", "rsa", "ed25519"])
def test_wrong_key(layout: str, kind: str, repository: MemoryRepository, subject: Descriptor, vendor: Signer) -> None:
    LAYOUTS[layout](repository, subject, signer("stranger", kind))
    found = verdict(repository, subject.digest, a_policy(vendor))
    assert found.reasons == ["wrong_key"]
    assert "not signed with the key sha256:" in found.refusals[0]


@each_layout
def test_right_signature_of_another_digest(
    layout: str, repository: MemoryRepository, subject: Descriptor, vendor: Signer
) -> None:
    other = a_bundle(repository, "1.9.6")
    LAYOUTS[layout](repository, subject, vendor, digest=other.digest)
    found = verdict(repository, subject.digest, a_policy(vendor))
    assert found.reasons == ["other_digest"]
    assert other.digest in found.refusals[0]


def test_unsigned(repository: MemoryRepository, subject: Descriptor, vendor: Signer) -> None:
    found = verdict(repository, subject.digest, a_policy(vendor))
    assert found.reasons == ["unsigned"]


@pytest.mark.parametrize(
    "attest",
    [
        lambda repository, subject, by: by_bundle(repository, subject, by, predicate_type=PROVENANCE),
        lambda repository, subject, by: attest_by_tag(repository, subject, by, PROVENANCE),
        lambda repository, subject, by: attest_by_referrer(repository, subject, by, PROVENANCE),
    ],
    ids=["bundle", "tag", "referrer"],
)
def test_an_attestation_is_no_signature(
    attest: Callable[..., Any], repository: MemoryRepository, subject: Descriptor, vendor: Signer
) -> None:
    attest(repository, subject, vendor)
    found = verdict(repository, subject.digest, a_policy(vendor))
    assert found.reasons == ["attestation_in_place_of_signature"]
    assert PROVENANCE in found.refusals[0]


def test_a_stranger_s_attestation_is_not_spoken_of(
    repository: MemoryRepository, subject: Descriptor, vendor: Signer, stranger: Signer
) -> None:
    by_bundle(repository, subject, stranger, predicate_type=PROVENANCE)
    assert verdict(repository, subject.digest, a_policy(vendor)).reasons == ["unsigned"]


def test_any_authority_suffices(
    repository: MemoryRepository, subject: Descriptor, vendor: Signer, site: Signer, stranger: Signer
) -> None:
    for by in (stranger, site):
        by_bundle(repository, subject, by)
    found = verdict(repository, subject.digest, a_policy(vendor, site))
    assert not found.refusals
    assert found.policies[0].checks[0].detail == "signed by site"


def test_signed_bytes_of_another_type_are_no_statement(
    repository: MemoryRepository, subject: Descriptor, vendor: Signer
) -> None:
    """The vendor's key may sign other things, for others to read."""
    foreign = json.loads(statement(subject.digest, SIGN)) | {"_type": "https://example.org/Statement/v9"}
    for content in (
        envelope(statement(subject.digest, SIGN), vendor, "application/vnd.example"),
        envelope(json.dumps(foreign).encode(), vendor),
    ):
        attach(repository, subject, DSSE, [blob_of(json.dumps(content).encode(), DSSE)])
    found = verdict(repository, subject.digest, a_policy(vendor))
    assert found.reasons == ["unreadable"]
    details = [finding.detail for finding in found.policies[0].checks[0].findings]
    assert [detail.partition(":")[0] for detail in sorted(details)] == [
        "an envelope holds no in-toto statement",
        "it is no in-toto statement",
    ]


def test_more_signatures_than_anyone_makes(repository: MemoryRepository, subject: Descriptor, vendor: Signer) -> None:
    content = envelope(statement(subject.digest, SIGN), vendor)
    content["signatures"] *= 101
    attach(repository, subject, DSSE, [blob_of(json.dumps(content).encode(), DSSE)])
    assert verdict(repository, subject.digest, a_policy(vendor)).reasons == ["unreadable"]


def test_more_than_anyone_attaches(repository: MemoryRepository, subject: Descriptor, vendor: Signer) -> None:
    documents = [simple_layer(subject.digest, vendor, number=number) for number in range(MOST + 1)]
    blobs = [blob_of(document, SIMPLE, annotations) for document, annotations in documents]
    attach(repository, subject, COSIGN_ARTIFACT, blobs)
    with pytest.raises(BadArtifact, match="more than 100 signatures"):
        verdict(repository, subject.digest, a_policy(vendor))


def test_rubbish_hides_nothing_that_is_good(repository: MemoryRepository, subject: Descriptor, vendor: Signer) -> None:
    by_tag(repository, subject, vendor, type="something else")
    by_referrer(repository, subject, vendor, image=None)
    assert verdict(repository, subject.digest, a_policy(vendor)).reasons == ["unreadable"]
    by_bundle(repository, subject, vendor)
    assert not verdict(repository, subject.digest, a_policy(vendor)).refusals
