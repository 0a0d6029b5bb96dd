# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must be attached: statements by predicate, documents by artifact type, signed or merely there, in time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BundleRefused
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.content import Descriptor
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.publish import attach, blob_of
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy.keys import public_key
from tests.unit.fake_clock import FakeClock

from .conftest import NOW, a_bundle, a_policy, authority, verdict
from .memory import MemoryRepository
from .signers import (
    IN_TOTO,
    PROVENANCE,
    SIGN,
    Signer,
    attest_by_referrer,
    attest_by_tag,
    bundle,
    by_bundle,
    by_tag,
    statement,
)

SPDX = "application/spdx+json"
APPROVAL = "application/vnd.openchami.firmware.approval.v1+json"
FUTURE, PAST = "2026-12-31T00:00:00Z", "2026-09-01T00:00:00+02:00"


def sbom(repository: MemoryRepository, subject: Descriptor) -> Descriptor:
    return attach(repository, subject, SPDX, [blob_of(b'{"spdxVersion":"SPDX-2.3"}', SPDX)])


def approve(repository: MemoryRepository, subject: Descriptor, **content: Any) -> Descriptor:
    return attach(repository, subject, APPROVAL, [blob_of(json.dumps(content).encode(), APPROVAL)])


def checked(repository: MemoryRepository, subject: Descriptor, by: Signer, wanted: dict[str, Any]) -> Any:
    """The check of one attestation."""
    found = verdict(repository, subject.digest, a_policy(by, attestations=[wanted]))
    return found.policies[0].checks[1]


ATTESTED = {
    "bundle": lambda repository, subject, by: by_bundle(repository, subject, by, predicate_type=PROVENANCE),
    "tag": lambda repository, subject, by: attest_by_tag(repository, subject, by, PROVENANCE),
    "referrer": lambda repository, subject, by: attest_by_referrer(repository, subject, by, PROVENANCE),
}


@pytest.mark.parametrize("layout", ATTESTED)
def test_a_statement(
    layout: str, repository: MemoryRepository, subject: Descriptor, vendor: Signer, stranger: Signer
) -> None:
    wanted = {"name": "provenance", "intoto": {"type": PROVENANCE}}
    assert checked(repository, subject, vendor, wanted).reason == "missing"
    ATTESTED[layout](repository, subject, stranger)
    assert checked(repository, subject, vendor, wanted).reason == "wrong_key"
    ATTESTED[layout](repository, subject, vendor)
    assert checked(repository, subject, vendor, wanted).proven


def test_a_statement_of_another_kind_or_of_another_bundle(
    repository: MemoryRepository, subject: Descriptor, vendor: Signer
) -> None:
    wanted = {"intoto": {"type": PROVENANCE}}
    by_bundle(repository, subject, vendor, predicate_type="https://example.org/other")
    assert checked(repository, subject, vendor, wanted).reason == "missing"
    by_bundle(repository, subject, vendor, predicate_type=PROVENANCE, digest=a_bundle(repository, "2").digest)
    assert checked(repository, subject, vendor, wanted).reason == "other_digest"


def test_a_statement_that_nobody_signed(repository: MemoryRepository, subject: Descriptor, vendor: Signer) -> None:
    attach(repository, subject, IN_TOTO, [blob_of(statement(subject.digest, PROVENANCE), IN_TOTO)])
    found = checked(repository, subject, vendor, {"intoto": {"type": PROVENANCE}})
    assert (found.passed, found.reason) == (False, "unsigned")


def test_an_authority_of_its_own(
    repository: MemoryRepository, subject: Descriptor, vendor: Signer, site: Signer
) -> None:
    wanted = {"intoto": {"type": PROVENANCE}, "authority": {"name": "site", "key": {"data": site.public}}}
    by_bundle(repository, subject, vendor, predicate_type=PROVENANCE)
    assert checked(repository, subject, vendor, wanted).reason == "wrong_key"
    by_bundle(repository, subject, site, predicate_type=PROVENANCE)
    assert checked(repository, subject, vendor, wanted).proven


def test_a_named_authority(repository: MemoryRepository, subject: Descriptor, vendor: Signer, site: Signer) -> None:
    wanted = {"intoto": {"type": PROVENANCE}, "authority": "site"}
    by_bundle(repository, subject, vendor, predicate_type=PROVENANCE)
    found = verdict(repository, subject.digest, a_policy(vendor, site, attestations=[wanted]))
    assert found.policies[0].checks[1].reason == "wrong_key"


def test_two_signatures_are_demanded(
    repository: MemoryRepository, subject: Descriptor, vendor: Signer, site: Signer
) -> None:
    policy = a_policy(vendor, attestations=[{"intoto": {"type": SIGN}, "authority": authority(site)}])
    by_tag(repository, subject, vendor)
    assert verdict(repository, subject.digest, policy).reasons == ["wrong_key"]
    by_bundle(repository, subject, site)
    assert not verdict(repository, subject.digest, policy).refusals


def test_what_is_merely_there_is_called_so(repository: MemoryRepository, subject: Descriptor, vendor: Signer) -> None:
    policy = a_policy(vendor, attestations=[{"name": "sbom", "referrer": {"type": SPDX}}])
    by_bundle(repository, subject, vendor)
    assert verdict(repository, subject.digest, policy).reasons == ["missing"]
    there = sbom(repository, subject)
    found = verdict(repository, subject.digest, policy)
    check = found.data()["policies"][0]["checks"][1]
    assert not found.refusals
    assert (check["passed"], check["proven"], check["reason"]) == (True, False, "present_not_proven")
    assert [entry["manifest"] for entry in check["evidence"]] == [there.digest]
    assert found.warnings == ["policy 'vendor': sbom: it is there, and nothing proves who attached it"]


def test_a_document_that_must_be_signed(
    repository: MemoryRepository, subject: Descriptor, vendor: Signer, stranger: Signer
) -> None:
    wanted = {"name": "sbom", "referrer": {"type": SPDX}, "authority": "vendor"}
    assert checked(repository, subject, vendor, wanted).reason == "missing"
    document = sbom(repository, subject)
    assert checked(repository, subject, vendor, wanted).reason == "unsigned"
    by_bundle(repository, document, stranger)
    assert checked(repository, subject, vendor, wanted).reason == "wrong_key"
    by_bundle(repository, document, vendor)
    assert checked(repository, subject, vendor, wanted).proven


def test_a_signed_document_of_another_type_does_not_stand_in(
    repository: MemoryRepository, subject: Descriptor, vendor: Signer
) -> None:
    by_bundle(repository, sbom(repository, subject), vendor)
    assert (
        checked(repository, subject, vendor, {"referrer": {"type": APPROVAL}, "authority": "vendor"}).reason
        == "missing"
    )


def test_a_signed_statement_does_not_prove_the_type_of_what_it_is_attached_as(
    repository: MemoryRepository, subject: Descriptor, vendor: Signer
) -> None:
    """The artifact type is not in the statement: whoever may push could attach a signed report as an approval."""
    content = bundle(statement(subject.digest, "https://example.org/report", {"expires": FUTURE}), vendor)
    attach(repository, subject, APPROVAL, [blob_of(content, "application/vnd.dev.sigstore.bundle.v0.3+json")])
    found = checked(
        repository, subject, vendor, {"referrer": {"type": APPROVAL}, "authority": "vendor", "expires": False}
    )
    assert (found.passed, found.reason) == (False, "unsigned")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"expires": FUTURE}, "accepted"),
        ({"expires": PAST}, "expired"),
        ({}, "no_expiry"),
        ({"expires": "2027-01-01"}, "no_expiry"),
        ({"expires": "2027-01-01T00:00:00"}, "no_expiry"),
        ({"expires": 1_900_000_000}, "no_expiry"),
        ({"expires": "9999-12-31T23:59:59-23:59"}, "accepted"),
        ({"expires": "0001-01-01T00:00:00+23:59"}, "expired"),
    ],
)
def test_an_approval_lasts_until_its_time(
    content: dict[str, Any],
    reason: str,
    repository: MemoryRepository,
    subject: Descriptor,
    vendor: Signer,
    site: Signer,
) -> None:
    wanted = {"name": "approval", "referrer": {"type": APPROVAL}, "authority": authority(site)}
    by_bundle(repository, approve(repository, subject, **content), site)
    assert checked(repository, subject, vendor, wanted).reason == reason


def test_an_expired_approval_that_was_renewed(
    repository: MemoryRepository, subject: Descriptor, vendor: Signer, site: Signer
) -> None:
    wanted = {"name": "approval", "referrer": {"type": APPROVAL}, "authority": authority(site)}
    for expires in (PAST, FUTURE):
        by_bundle(repository, approve(repository, subject, expires=expires), site)
    assert checked(repository, subject, vendor, wanted).proven
    later = FakeClock(NOW + 365 * 86400)
    found = verdict(repository, subject.digest, a_policy(vendor, attestations=[wanted]), clock=later)
    assert found.policies[0].checks[1].reason == "expired"


def test_a_statement_expires_too(repository: MemoryRepository, subject: Descriptor, vendor: Signer) -> None:
    wanted = {"intoto": {"type": PROVENANCE}, "expires": True}
    by_bundle(repository, subject, vendor, predicate_type=PROVENANCE, predicate={"expires": PAST})
    assert checked(repository, subject, vendor, wanted).reason == "expired"
    by_bundle(repository, subject, vendor, predicate_type=PROVENANCE, predicate={"expires": FUTURE})
    assert checked(repository, subject, vendor, wanted).proven


def test_an_approval_that_cannot_be_read(repository: MemoryRepository, subject: Descriptor, vendor: Signer) -> None:
    attach(repository, subject, APPROVAL, [blob_of(b"yes", APPROVAL)])
    assert checked(repository, subject, vendor, {"referrer": {"type": APPROVAL}}).reason == "unreadable"


def test_annotations(repository: MemoryRepository, subject: Descriptor, vendor: Signer) -> None:
    name = "org.openchami.firmware.compatibility"
    policy = a_policy(vendor, annotations={name: "certified"})
    assert verdict(repository, subject.digest, policy).policies[0].checks[1].reason == "present_not_proven"
    by_bundle(repository, subject, vendor)
    assert verdict(repository, subject.digest, policy).policies[0].checks[1].proven
    for wanted, reason in (({name: "beta"}, "annotation_differs"), ({"other": "x"}, "annotation_missing")):
        found = verdict(repository, subject.digest, a_policy(vendor, annotations=wanted))
        assert found.reasons == [reason]


def test_which_policies_are_asked(
    repository: MemoryRepository, subject: Descriptor, vendor: Signer, site: Signer
) -> None:
    by_bundle(repository, subject, vendor)
    mine, theirs = a_policy(vendor), a_policy(site, name="site")
    elsewhere = a_policy(site, name="elsewhere", images=[{"glob": "registry.example:5000/other/**"}])
    assert not verdict(repository, subject.digest, mine, elsewhere).refusals
    assert verdict(repository, subject.digest, mine, theirs).refusals == [
        f"policy 'site': not signed by site: it is not signed with the key {_fingerprint(site)}"
    ]
    nobody = verdict(repository, subject.digest, elsewhere)
    assert (nobody.reasons, nobody.data()["accepted"]) == (["no_policy"], False)
    with pytest.raises(BundleRefused, match="no policy is for registry"):
        nobody.require()
    warned = verdict(repository, subject.digest, mine, {**theirs, "mode": "warn"})
    assert not warned.refusals
    assert "not signed by site" in warned.warnings[0]


def test_a_refusal_names_every_reason(repository: MemoryRepository, subject: Descriptor, vendor: Signer) -> None:
    policy = a_policy(vendor, attestations=[{"name": "sbom", "referrer": {"type": SPDX}}], annotations={"a": "b"})
    found = verdict(repository, subject.digest, policy)
    assert found.reasons == ["unsigned", "missing", "annotation_missing"]
    with pytest.raises(BundleRefused, match=r"there is no signature.*sbom: nothing.*the annotation a is missing"):
        found.require()


def _fingerprint(by: Signer) -> str:
    return public_key(by.public.encode()).fingerprint
