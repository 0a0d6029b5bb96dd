# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keyless authorities where the library that verifies certificates is not installed. With it: test_certificates.py."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.content import Descriptor
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.publish import attach, blob_of
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy import certificates, keyless

from .conftest import a_policy, authority, verdict
from .memory import MemoryRepository
from .signers import BUNDLE, SIGN, Signer, bundle, by_bundle, statement

BUILDER = {
    "name": "builder",
    "keyless": {"identities": [{"issuer": "https://idp.example", "subject": "ci@example.org"}]},
}


@pytest.fixture(autouse=True)
def no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "HAS_SIGSTORE", False)


def certified(repository: MemoryRepository, subject: Descriptor, by: Signer) -> None:
    """Attach what a keyless signature looks like."""
    document = json.loads(bundle(statement(subject.digest, SIGN), by))
    document["verificationMaterial"] = {"certificate": {"rawBytes": "MIIB"}, "tlogEntries": []}
    attach(repository, subject, BUNDLE, [blob_of(json.dumps(document).encode(), BUNDLE)])


def test_the_missing_library_is_named(repository: MemoryRepository, subject: Descriptor, vendor: Signer) -> None:
    certified(repository, subject, vendor)
    found = verdict(repository, subject.digest, a_policy(authorities=[BUILDER]))
    assert found.reasons == ["not_verifiable"]
    assert "the Python library sigstore is missing" in found.refusals[0]


def test_a_key_does_not_need_it(repository: MemoryRepository, subject: Descriptor, vendor: Signer) -> None:
    certified(repository, subject, vendor)
    policy = a_policy(authorities=[BUILDER, authority(vendor)])
    assert verdict(repository, subject.digest, policy).reasons == ["not_verifiable"]
    by_bundle(repository, subject, vendor)
    assert not verdict(repository, subject.digest, policy).refusals


def test_a_signature_with_a_certificate_is_not_checked_against_a_key(
    repository: MemoryRepository, subject: Descriptor, vendor: Signer
) -> None:
    """The key in the certificate may be the trusted one; who the certificate is for was not asked."""
    certified(repository, subject, vendor)
    found = verdict(repository, subject.digest, a_policy(vendor))
    assert found.reasons == ["wrong_key"]
    assert "signed with a certificate" in found.refusals[0]


def test_the_library_is_loaded_for_nobody_who_judges_no_certificate() -> None:
    code = f"import sys, {keyless.__name__}; sys.exit('sigstore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
