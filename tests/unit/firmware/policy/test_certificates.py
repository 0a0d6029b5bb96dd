# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keyless authorities, judged by sigstore's own library, with a private sigstore's trusted root.

`make test` brings the library; in `make matrix`, where it is not installed, these are skipped and counted.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.publish import attach, blob_of
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy import certificates

from .conftest import a_bundle, a_policy, verdict
from .memory import MemoryRepository
from .private_sigstore import PrivateSigstore
from .signers import BUNDLE, PROVENANCE, SIGN, statement

SUBJECT, ISSUER = "https://forge.example/firmware/build.yml", "https://idp.example"

pytestmark = pytest.mark.skipif(not certificates.HAS_SIGSTORE, reason="the Python library sigstore is not installed")


def reasons(made: bytes | None, repository: MemoryRepository, digest: str, root: Path, **other: str) -> list[str]:
    """What a policy with a keyless authority says, after one bundle was attached."""
    if made is not None:
        attach(repository, repository.manifest(digest).descriptor(), BUNDLE, [blob_of(made, BUNDLE)])
    identity = {"issuer": ISSUER, "subject": SUBJECT} | other
    builder = {"name": "builder", "keyless": {"identities": [identity], "trusted_root": str(root)}}
    return verdict(repository, digest, a_policy(authorities=[builder])).reasons


@pytest.fixture
def world(tmp_path: Path) -> tuple[PrivateSigstore, MemoryRepository, str, Path]:
    sigstore, repository = PrivateSigstore(), MemoryRepository()
    (tmp_path / "root.json").write_text(sigstore.trusted_root())
    return sigstore, repository, a_bundle(repository).digest, tmp_path / "root.json"


def test_accepted_from_whom_the_policy_names(world: Any) -> None:
    sigstore, repository, digest, root = world
    assert reasons(sigstore.bundle(statement(digest, SIGN), SUBJECT, ISSUER), repository, digest, root) == []
    assert reasons(None, repository, digest, root, subject="https://forge.example/other") == ["wrong_key"]
    assert reasons(None, repository, digest, root, issuer="https://evil.example") == ["wrong_key"]


def test_another_sigstore(world: Any) -> None:
    _sigstore, repository, digest, root = world
    made = PrivateSigstore().bundle(statement(digest, SIGN), SUBJECT, ISSUER)
    assert reasons(made, repository, digest, root) == ["wrong_key"]


def test_another_digest_and_an_attestation(world: Any) -> None:
    sigstore, repository, digest, root = world
    other = a_bundle(repository, "1.9.6").digest
    made = sigstore.bundle(statement(digest, PROVENANCE), SUBJECT, ISSUER)
    assert reasons(made, repository, digest, root) == ["attestation_in_place_of_signature"]
    made = sigstore.bundle(statement(other, SIGN), SUBJECT, ISSUER)
    assert reasons(made, repository, digest, root) == ["other_digest"]


@pytest.mark.parametrize("part", ["certificate", "tlogEntries", "inclusionProof", "payload"])
def test_a_bundle_that_was_changed(part: str, world: Any) -> None:
    sigstore, repository, digest, root = world
    document = json.loads(sigstore.bundle(statement(digest, SIGN), SUBJECT, ISSUER))
    material = document["verificationMaterial"]
    if part == "certificate":
        material["certificate"]["rawBytes"] = "MIIB"
    elif part == "tlogEntries":
        material["tlogEntries"] = []
    elif part == "inclusionProof":
        material["tlogEntries"][0]["inclusionProof"] = {}
    else:
        other = json.loads(sigstore.bundle(statement(digest, SIGN, {"other": 1}), SUBJECT, ISSUER))
        document["dsseEnvelope"] = other["dsseEnvelope"]
    assert reasons(json.dumps(document).encode(), repository, digest, root) == ["wrong_key"]


def test_a_trusted_root_that_is_none(world: Any, tmp_path: Path) -> None:
    sigstore, repository, digest, _root = world
    made = sigstore.bundle(statement(digest, SIGN), SUBJECT, ISSUER)
    assert reasons(made, repository, digest, tmp_path / "nowhere.json") == ["not_verifiable"]
    (tmp_path / "rubbish.json").write_text("{}")
    assert reasons(None, repository, digest, tmp_path / "rubbish.json") == ["not_verifiable"]


def test_the_public_root_knows_nothing_of_it(world: Any) -> None:
    sigstore, repository, digest, _root = world
    attach(
        repository,
        repository.manifest(digest).descriptor(),
        BUNDLE,
        [blob_of(sigstore.bundle(statement(digest, SIGN), SUBJECT, ISSUER), BUNDLE)],
    )
    builder = {"name": "builder", "keyless": {"identities": [{"issuer": ISSUER, "subject": SUBJECT}]}}
    assert verdict(repository, digest, a_policy(authorities=[builder])).reasons == ["wrong_key"]
