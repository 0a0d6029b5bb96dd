# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is a bundle, and what is refused as one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BadArtifact, BundleRefused
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.bundle import file_name, read_bundle
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.oras_push import RegistryRepository
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.reference import Reference
from tests.registry.stand_in import StandIn, as_json

from .artifacts import BUNDLE, COMPONENT, CONTENT, DOCUMENT, METADATA, PAYLOAD, digest_of, layer, put_bundle

DIGEST = digest_of(CONTENT)
COMPATIBLE = "dev.fabrica.hardware.compatible"
VERSION = "org.opencontainers.image.version"


def test_a_good_one(registry: StandIn, source: RegistryRepository, reference: Reference) -> None:
    digest = put_bundle(registry)
    bundle = read_bundle(source, reference)
    assert str(bundle.reference) == f"{reference}@{digest}"
    assert (bundle.version, bundle.file_name, bundle.payload.digest) == ("1.10.2", "nc-1.10.2.tar.gz", DIGEST)
    assert [component.document() for component in bundle.components] == [COMPONENT]
    assert not [request for request in registry.requests if DIGEST in request.path]


def test_who_it_is_for(registry: StandIn, source: RegistryRepository, reference: Reference) -> None:
    put_bundle(registry)
    bundle = read_bundle(source, reference)
    assert [component.component for component in bundle.for_hardware(["unknown", " X9000 "])] == ["bmc"]
    for names in ([], [""], ["x900"], ["x9000,EX425"]):
        with pytest.raises(BundleRefused, match="is not for this hardware: it is for EX425, x9000"):
            bundle.for_hardware(names)


def test_one_that_was_made_for_firmware_updater(
    registry: StandIn, source: RegistryRepository, reference: Reference
) -> None:
    """As its README has it made with oras: no metadata, a layer of any type."""
    only = layer(CONTENT, "application/octet-stream", title="nc.bin")
    put_bundle(registry, layers=[only], annotations={COMPATIBLE: "x9000; x3000,\nEX425", VERSION: "1.10.2"})
    bundle = read_bundle(source, reference)
    assert bundle.version == "1.10.2"
    assert bundle.for_hardware(["ex425"])[0].version == ""
    assert bundle.components[0].compatible_hardware == ("x9000", "x3000", "EX425")


def test_one_with_the_annotations_of_the_rfd(
    registry: StandIn, source: RegistryRepository, reference: Reference
) -> None:
    named = {"platform": "cray-ex", "hw-revision": "B2", "component": "bmc", "version": "1.10.2"}
    annotations = {f"org.openchami.firmware.{name}": value for name, value in named.items()}
    put_bundle(registry, layers=[layer(CONTENT, PAYLOAD)], annotations=annotations)
    (component,) = read_bundle(source, reference).components
    assert (component.component, component.compatible_hardware) == ("bmc", ("cray-ex B2",))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"artifactType": "application/vnd.other"}, "is no firmware bundle: it is application/vnd.other"),
        ({"artifactType": None}, "is no firmware bundle"),
        ({"layers": []}, "which layer is the payload"),
        ({"layers": [layer(CONTENT, PAYLOAD), layer(b"x", PAYLOAD)]}, "which layer is the payload"),
        ({"layers": [layer(CONTENT, "a/b"), layer(b"x", "c/d")]}, "which layer is the payload"),
        ({"layers": [layer(b"", PAYLOAD)]}, "is empty"),
        ({"layers": [layer(CONTENT, PAYLOAD)]}, "does not say which hardware"),
        ({"layers": [layer(CONTENT, PAYLOAD)], "annotations": {COMPATIBLE: " ,; "}}, "does not say which hardware"),
        (
            {"layers": [layer(CONTENT, PAYLOAD, title="../../etc/passwd")], "annotations": {COMPATIBLE: "x"}},
            "no file name",
        ),
        ({"annotations": {VERSION: "1.10.3"}}, "two things about its version"),
        ({"annotations": {COMPATIBLE: "x9000"}}, "two things about its hardware: EX425"),
        ({"annotations": {VERSION: 5}}, "annotations are not texts"),
        ({"layers": [{**layer(CONTENT, PAYLOAD), "size": -1}]}, "size is no number"),
        ({"layers": [{**layer(CONTENT, PAYLOAD), "digest": "sha256:../../x"}]}, "should be a digest"),
        ({"layers": [layer(CONTENT, PAYLOAD), *[layer(as_json(DOCUMENT), METADATA)] * 2]}, "metadata twice"),
    ],
)
def test_a_bad_one(
    registry: StandIn, source: RegistryRepository, reference: Reference, changes: dict[str, Any], why: str
) -> None:
    put_bundle(registry, **changes)
    with pytest.raises(BadArtifact, match=why):
        read_bundle(source, reference)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", as_json({**DOCUMENT, "components": []}), b" " * ((1 << 20) + 1)]
)
def test_unreadable_metadata(
    registry: StandIn, source: RegistryRepository, reference: Reference, content: bytes
) -> None:
    registry.blobs[digest_of(content)] = content
    put_bundle(registry, layers=[layer(CONTENT, PAYLOAD), layer(content, METADATA)], artifactType=BUNDLE)
    with pytest.raises(BadArtifact):
        read_bundle(source, reference)


@given(st.text() | st.text(alphabet="./\\-ab \0"))
def test_any_title_is_a_safe_name_or_refused(title: str) -> None:
    try:
        name = file_name(title, DIGEST)
    except BadArtifact:
        return
    assert re.fullmatch(r"[A-Za-z0-9_+][A-Za-z0-9._+-]*", name)
    assert Path("/srv", name).parent == Path("/srv")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("", f"{DIGEST[7:19]}.bin"),
        ("nc-1.9.7.tar.gz", "nc-1.9.7.tar.gz"),
        ("BIOS (A1).bin", "BIOS__A1_.bin"),
    ],
)
def test_names(title: str, expected: str) -> None:
    assert file_name(title, DIGEST) == expected


@pytest.mark.parametrize("title", ["/etc/x", "..", "../x", "a/b", "a\\b", ".a", "-a", "a\0b", "a\nb", "x" * 201])
def test_path_tricks(title: str) -> None:
    with pytest.raises(BadArtifact, match="the title of the payload"):
        file_name(title, DIGEST)
