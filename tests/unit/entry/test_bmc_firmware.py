# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What bmc_firmware refuses before it touches a BMC: none listens here, so a task that went on would be unreachable."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_firmware_bundle_info
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import typed
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Task, answer
from tests.trees.tasks import Result, firmware
from tests.unit.firmware.oci.artifacts import (
    BUNDLE,
    CONTENT,
    DOCUMENT,
    MANIFEST,
    METADATA,
    PAYLOAD,
    digest_of,
    layer,
    manifest,
)

NOBODY = "127.91.0.1:9"
"""The port is discard's, which nothing of a test listens on."""


@dataclass(frozen=True)
class Layout:
    """A bundle in a folder. digest: of its manifest."""

    folder: Path

    def put(self, content: bytes) -> str:
        digest = digest_of(content)
        (self.folder / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
        self.blob(digest).write_bytes(content)
        return digest

    def blob(self, digest: str) -> Path:
        return self.folder / "blobs" / digest.replace(":", "/")

    def bundle(self) -> str:
        """Its digest."""
        metadata = json.dumps(DOCUMENT).encode()
        layers = [layer(CONTENT, PAYLOAD, title="nc.bin"), layer(metadata, METADATA)]
        for content in (b"{}", CONTENT, metadata):
            self.put(content)
        document = json.dumps(manifest(*layers, artifactType=BUNDLE)).encode()
        digest = self.put(document)
        entry = {"mediaType": MANIFEST, "digest": digest, "size": len(document)}
        (self.folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
        (self.folder / "oci-layout").write_text(json.dumps({"imageLayoutVersion": "1.0.0"}))
        return digest


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    monkeypatch.setenv("OPENCHAMI_BMC_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Layout(tmp_path / "bundles")


def update(layout: Layout, **options: Any) -> Result:
    given = {"bundle": f"oci-layout:{layout.folder}", "return_timeout": 0.1, **options}
    return firmware(NOBODY, **given)


def staged(digest: str) -> dict[str, Any]:
    """As bmc_staging returns it, from another machine."""
    url = "http://10.1.1.1:8080/0123456789abcdef0123456789abcdef/nc.bin"
    where = {"origin": "http://10.1.1.1:8080", "control": "/nowhere", "machine": "elsewhere"}
    return {"host": "node1", "url": url, "found": True, "digest": digest, "lasts": True, **where}


def test_other_bytes_of_the_same_size_are_not_the_image_of_the_bundle(layout: Layout) -> None:
    layout.bundle()
    refused = update(layout, transfer="pull", stage=staged(digest_of(CONTENT[::-1])))
    assert refused["error"]["kind"] == "InvalidRequest"
    assert "is not this image" in refused["msg"]
    assert update(layout, transfer="pull", stage=staged(digest_of(CONTENT))).get("unreachable")


def test_other_bytes_of_the_same_size_are_not_the_plain_file(layout: Layout, tmp_path: Path) -> None:
    file = tmp_path / "nc.bin"
    file.write_bytes(CONTENT)
    plain = {"bundle": None, "image_path": str(file), "version": "2.0", "component": "bmc"}
    refused = update(layout, **plain, stage=staged(digest_of(CONTENT[::-1])))
    assert refused["error"]["kind"] == "InvalidRequest"
    assert update(layout, **plain, stage=staged(digest_of(CONTENT))).get("unreachable")


SEEN = {"transfer": "pull", "stage_url": "http://127.91.0.1:9/nc.bin"}


@pytest.mark.parametrize(
    ("options", "touched"),
    [({}, False), ({"transfer": "push"}, False), ({"stage_url": SEEN["stage_url"]}, False), (SEEN, True)],
    ids=["auto", "push", "auto from the site", "pull from the site"],
)
def test_payload_is_verified_before_a_bmc_is_touched_wherever_it_may_be_sent_from_here(
    layout: Layout, options: dict[str, Any], touched: bool
) -> None:
    layout.bundle()
    layout.blob(digest_of(CONTENT)).write_bytes(CONTENT[::-1])
    result = update(layout, **options)
    assert bool(result.get("unreachable")) is touched
    assert touched or result["error"]["kind"] == "BadArtifact"


def policies(layout: Layout) -> list[dict[str, Any]]:
    """What no unsigned bundle meets."""
    file = layout.folder.parent / "site.pub"
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    file.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return [{"name": "ours", "images": [{"glob": "**"}], "authorities": [{"name": "site", "key": {"path": str(file)}}]}]


def test_digest_and_verdict_are_in_every_result(layout: Layout) -> None:
    digest = layout.bundle()
    unreachable = update(layout)
    assert unreachable.get("unreachable")
    assert unreachable["bundle"] == {
        "reference": f"oci-layout:{layout.folder}@{digest}",
        "digest": digest,
        "version": "1.10.2",
        "verdict": None,
    }
    refused = update(layout, verification_policies=policies(layout))
    assert (refused["failed"], refused["error"]["kind"]) == (True, "BundleRefused")
    assert (refused["bundle"]["digest"], refused["bundle"]["verdict"]["accepted"]) == (digest, False)


def test_digest_and_verdict_are_told_of_a_bundle_that_is_refused(layout: Layout) -> None:
    digest = layout.bundle()
    options = {"reference": f"oci-layout:{layout.folder}", "verification_policies": policies(layout), "enforce": True}
    given = typed(bmc_firmware_bundle_info.ARGUMENT_SPEC, options)
    refused = answer(bmc_firmware_bundle_info.run, given, Task("localhost"))
    assert (refused["failed"], refused["changed"], refused["error"]["kind"]) == (True, False, "BundleRefused")
    assert (refused["digest"], refused["verdict"]["accepted"]) == (digest, False)
