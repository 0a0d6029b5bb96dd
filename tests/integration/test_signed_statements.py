# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A statement in a file is signed when it is published with a key, once; the policy then finds it proven."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._entry import (
    bmc_firmware_bundle,
    bmc_firmware_bundle_info,
)
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import typed
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Task, answer
from tests.unit.firmware.policy.signers import PROVENANCE, signer

PASSWORD = "canary-of-the-signature-key"


def run(module: Any, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    return answer(module.run, typed(module.ARGUMENT_SPEC, options), Task("localhost", check_mode, run="one"))


@pytest.fixture
def bundle(tmp_path: Path, own_state: Path) -> dict[str, Any]:
    """Options that publish one with a statement about it."""
    (tmp_path / "nc.bin").write_bytes(b"firmware")
    document = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [],
        "predicateType": PROVENANCE,
        "predicate": {"buildDefinition": {}},
    }
    (tmp_path / "provenance.json").write_text(json.dumps(document))
    component = {"component": "bmc", "version": "1", "compatible_hardware": ["X9000"], "reboot": "manager"}
    return {
        "reference": f"oci-layout:{tmp_path}/layout:1",
        "payload": str(tmp_path / "nc.bin"),
        "version": "1.0.0",
        "components": [component],
        "attestations": [str(tmp_path / "provenance.json")],
        "signature_key": str(signer("site").key_file(tmp_path, PASSWORD)),
        "signature_key_password": PASSWORD,
    }


def verdict(bundle: dict[str, Any]) -> dict[str, Any]:
    authority = {"name": "site", "key": {"data": signer("site").public}}
    policy = {
        "images": [{"glob": "oci-layout:/**"}],
        "authorities": [authority],
        "attestations": [{"name": "provenance", "intoto": {"type": PROVENANCE}}],
    }
    found: dict[str, Any] = run(
        bmc_firmware_bundle_info, reference=bundle["reference"], verification_policies=[policy]
    )["verdict"]
    return found


def test_signed_once_and_proven(bundle: dict[str, Any]) -> None:
    predicted = run(bmc_firmware_bundle, check_mode=True, **bundle)
    published = run(bmc_firmware_bundle, **bundle)
    again = run(bmc_firmware_bundle, **bundle)
    assert predicted["published"] == published["published"]
    assert [step["what"] for step in published["published"]] == [
        "bundle", "signed attestation", "signature", "signature",
    ]  # fmt: skip
    assert (published["changed"], again["changed"]) == (True, False)
    assert verdict(bundle)["accepted"]
    assert PASSWORD not in json.dumps([predicted, published, again])


def test_without_a_key_it_proves_nothing(bundle: dict[str, Any]) -> None:
    unsigned = {**bundle, "signature_key": None, "signature_key_password": None}
    assert [step["what"] for step in run(bmc_firmware_bundle, **unsigned)["published"]] == ["bundle", "attestation"]
    assert verdict(bundle)["reasons"] == ["unsigned"]


def test_about_something_else(bundle: dict[str, Any]) -> None:
    path = Path(bundle["attestations"][0])
    document = json.loads(path.read_text()) | {"subject": [{"digest": {"sha256": "0" * 64}}]}
    path.write_text(json.dumps(document))
    found = run(bmc_firmware_bundle, **bundle)
    assert found["failed"]
    assert "an attestation is about something else" in found["msg"]


def test_a_wrong_password(bundle: dict[str, Any]) -> None:
    found = run(bmc_firmware_bundle, **{**bundle, "signature_key_password": "canary-of-another"})
    assert found["failed"]
    assert "the password is wrong" in found["msg"]
    assert "canary" not in json.dumps(found)
