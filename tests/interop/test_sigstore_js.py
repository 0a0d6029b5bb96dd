# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sigstore's JavaScript libraries verify our bundles, and we verify theirs."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.publish import attach, blob_of
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy.keys import private_key_file
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy.signing import attested
from tests.unit.firmware.policy.conftest import a_bundle, a_policy, verdict
from tests.unit.firmware.policy.memory import MemoryRepository
from tests.unit.firmware.policy.signers import BUNDLE, PROVENANCE, SIGN, signer, statement

Oracle = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture(scope="session")
def oracle(node: Path) -> Oracle:
    def run(*arguments: object) -> subprocess.CompletedProcess[bytes]:
        command = ["node", str(node / "oracle.mjs"), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, check=False, cwd=node)

    return run


@pytest.mark.parametrize("predicate_type", [SIGN, PROVENANCE])
def test_ours_by_them(oracle: Oracle, predicate_type: str, tmp_path: Path) -> None:
    repository, by = MemoryRepository(), signer("vendor")
    made = attested(a_bundle(repository), predicate_type, {}, private_key_file(str(by.key_file(tmp_path))))
    bundle, key, other = (tmp_path / name for name in ("bundle.json", "key.pub", "other.pub"))
    bundle.write_bytes(next(bytes(blob.content) for blob in made.blobs if blob.descriptor.media_type == BUNDLE))
    key.write_text(by.public)
    other.write_text(signer("stranger").public)
    found = oracle("verify", bundle, key)
    assert found.returncode == 0, found.stderr
    assert oracle("verify", bundle, other).returncode == 1


def test_theirs_by_us(oracle: Oracle, tmp_path: Path) -> None:
    repository, by = MemoryRepository(), signer("vendor")
    subject = a_bundle(repository)
    (tmp_path / "statement.json").write_bytes(statement(subject.digest, SIGN))
    made = oracle("sign", tmp_path / "statement.json", by.key_file(tmp_path))
    assert made.returncode == 0, made.stderr
    attach(repository, subject, BUNDLE, [blob_of(made.stdout, BUNDLE)])
    assert not verdict(repository, subject.digest, a_policy(by)).refusals
    assert verdict(repository, subject.digest, a_policy(signer("stranger"))).reasons == ["wrong_key"]
