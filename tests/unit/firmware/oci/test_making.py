# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bundles that are made here, judged by firmware-updater's own rules."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest, LocalFailure
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.bundle import read_bundle
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.making import (
    Files,
    Labels,
    approval_of,
    attestation_of,
    bundle_of,
    require_semantic,
    sbom_of,
)
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.making import (
    test_report_of as report_of,
)
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.metadata import metadata_of
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.oras_push import RegistryRepository
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.publish import (
    Publication,
    attach,
    blob_of,
    lacking,
    publish,
)
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.reference import Reference
from tests.registry.stand_in import StandIn

from .artifacts import BUNDLE, COMPONENT, DOCUMENT, digest_of

CONTENT = b"firmware" * 1000


@pytest.fixture
def files(tmp_path: Path) -> Files:
    payload = tmp_path / "nc-1.10.2.tar.gz"
    payload.write_bytes(CONTENT)
    notes = tmp_path / "notes.md"
    notes.write_text("# Notes")
    return Files(payload, notes)


def made(files: Files, **labels: Any) -> Publication:
    return bundle_of(files, metadata_of(DOCUMENT), Labels(**labels), "1.10.2")


def updater_finds(manifest: Mapping[str, Any], model: str) -> dict[str, str] | None:
    """What its ResolvePayloadFromDiscovery takes from a manifest for a model (pkg/firmwareproxy/resolver.go)."""
    if manifest.get("artifactType") != BUNDLE or not manifest.get("layers"):
        return None
    annotations = manifest.get("annotations", {})
    tokens = re.split(r"[,;\n\r\t]", annotations.get("dev.fabrica.hardware.compatible", ""))
    if model.strip().lower() not in [token.strip().lower() for token in tokens]:
        return None
    version = annotations.get("org.opencontainers.image.version", "").strip()
    if not re.fullmatch(r"v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?", version):
        return None
    first = manifest["layers"][0]
    name = first.get("annotations", {}).get("org.opencontainers.image.title", "").strip()
    return {"version": version, "digest": first["digest"], "name": name}


def test_firmware_updater_finds_ours(files: Files) -> None:
    manifest = json.loads(made(files).manifest.raw)
    for model in ("x9000", "ex425"):
        assert updater_finds(manifest, model) == {
            "version": "1.10.2",
            "digest": digest_of(CONTENT),
            "name": "nc-1.10.2.tar.gz",
        }
    assert updater_finds(manifest, "x3000") is None


def test_the_same_files_make_the_same_digest(files: Files, tmp_path: Path) -> None:
    first = made(files, vendor="HPE", others={"b": "2", "a": "1"})
    files.payload.touch()
    assert made(files, vendor="HPE", others={"a": "1", "b": "2"}).manifest.raw == first.manifest.raw
    assert made(files, vendor="Other").manifest.digest != first.manifest.digest


def test_what_is_made_is_read(
    files: Files, registry: StandIn, source: RegistryRepository, reference: Reference
) -> None:
    made_here = made(files, platform="cray-ex", compatibility="vendor-certified")
    publish(source, made_here)
    bundle = read_bundle(source, reference)
    assert [component.document() for component in bundle.components] == [COMPONENT]
    types = [entry.media_type.removeprefix("application/vnd.openchami.firmware.") for entry in bundle.manifest.layers]
    assert types == ["payload.v1", "metadata.v1+json", "release-notes.v1", "checksums.v1"]
    checksums = source.blob(bundle.manifest.layers[3], 1000).decode()
    assert checksums == f"{digest_of(CONTENT)[7:]}  nc-1.10.2.tar.gz\n"
    assert bundle.manifest.annotations["org.openchami.firmware.compatibility"] == "vendor-certified"
    sent = len(registry.received("PUT", "/"))
    assert not lacking(source, [made_here])
    assert len(registry.received("PUT", "/")) == sent


@pytest.mark.parametrize(("order", "read"), [([], ["bmc", "bios"]), (["bios"], ["bios", "bmc"])])
def test_the_order_of_components_is_read_again(
    files: Files, source: RegistryRepository, reference: Reference, order: list[str], read: list[str]
) -> None:
    components = [{**COMPONENT, "component": name} for name in ("bios", "bmc")]
    metadata = metadata_of({**DOCUMENT, "components": components, "order": order})
    publish(source, bundle_of(files, metadata, Labels(), "1.10.2"))
    assert [component.component for component in read_bundle(source, reference).components] == read


@pytest.mark.parametrize("native", [True, False])
def test_an_attachment_is_found_by_either_way(
    files: Files, registry: StandIn, source: RegistryRepository, native: bool
) -> None:
    registry.manners.referrers = native
    publish(source, bundle := made(files))
    subject = bundle.manifest.descriptor()
    for content in (b"1", b"2", b"1"):
        attach(source, subject, "a/b", [blob_of(content, "a/b")])
    assert len(source.referrers(subject.digest)) == 2
    fallback = ("firmware/nc", subject.digest.replace(":", "-")) in registry.manifests
    assert fallback is not native


@pytest.mark.parametrize("version", ["1.10.2", "v1.10.2", "1.2", "1", "1.10.2-rc.1+build.5"])
def test_semantic_versions(version: str) -> None:
    require_semantic(version)


@pytest.mark.parametrize("version", ["", "A1", "1.10.2.3", "01.2.3", "nc.1.10.2-22", "1.10.2 ", "1.10.2\n"])
def test_others(version: str) -> None:
    with pytest.raises(InvalidRequest, match="not a semantic version"):
        require_semantic(version)


DIGEST = digest_of(b"x")
STATEMENT = {"_type": "https://in-toto.io/Statement/v1"}
ENVELOPE = {"payloadType": "application/vnd.in-toto+json", "payload": "", "signatures": []}
TEST_REPORT = "application/vnd.openchami.firmware.test-report.v1+json"
APPROVAL = "application/vnd.openchami.firmware.approval.v1+json"
SIGSTORE = "application/vnd.dev.sigstore.bundle.v0.3+json"


@pytest.mark.parametrize(
    ("attach_of", "document", "artifact_type", "layer_type"),
    [
        (sbom_of, {"spdxVersion": "SPDX-2.3"}, "application/spdx+json", "application/spdx+json"),
        (sbom_of, {"bomFormat": "CycloneDX"}, "application/vnd.cyclonedx+json", "application/vnd.cyclonedx+json"),
        (attestation_of, STATEMENT, "application/vnd.in-toto+json", "application/vnd.in-toto+json"),
        (attestation_of, ENVELOPE, "application/vnd.in-toto+json", "application/vnd.dsse.envelope.v1+json"),
        (attestation_of, {"mediaType": SIGSTORE}, SIGSTORE, SIGSTORE),
        (report_of, {}, *["application/vnd.openchami.firmware.test-report.v1+json"] * 2),
        (
            approval_of,
            {"expires": "2027-01-01T00:00:00Z"},
            *["application/vnd.openchami.firmware.approval.v1+json"] * 2,
        ),
    ],
)
def test_attachments(
    files: Files, tmp_path: Path, attach_of: Any, document: object, artifact_type: str, layer_type: str
) -> None:
    file = tmp_path / "attached.json"
    file.write_text(json.dumps(document))
    subject = made(files).manifest.descriptor()
    manifest = attach_of(file, subject).manifest
    assert (manifest.artifact_type, manifest.subject.digest) == (artifact_type, subject.digest)
    assert [layer.media_type for layer in manifest.layers] == [layer_type]


@pytest.mark.parametrize("attach_of", [sbom_of, attestation_of, approval_of])
@pytest.mark.parametrize("content", ["{}", "[]", "", "{"])
def test_what_is_none(files: Files, tmp_path: Path, attach_of: Any, content: str) -> None:
    file = tmp_path / "attached.json"
    file.write_text(content)
    with pytest.raises(InvalidRequest, match=r"attached\.json is n"):
        attach_of(file, made(files).manifest.descriptor())


def test_files_that_cannot_be_published(files: Files, tmp_path: Path) -> None:
    with pytest.raises(LocalFailure, match="could not be read"):
        made(Files(tmp_path / "none"))
    (tmp_path / "a b.bin").write_bytes(b"x")
    with pytest.raises(InvalidRequest, match=r"Name it a_b\.bin"):
        made(Files(tmp_path / "a b.bin"))
    (tmp_path / "empty").touch()
    with pytest.raises(InvalidRequest, match="is empty"):
        made(Files(tmp_path / "empty"))
    with pytest.raises(InvalidRequest, match="an option of its own"):
        made(files, others={"org.opencontainers.image.version": "2"})
