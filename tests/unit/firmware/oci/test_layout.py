# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A local layout is read with the same care, and written so that any tool reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    BadArtifact,
    LocalFailure,
    RegistryFailure,
)
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci import referrers
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.cache import Cache
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.content import (
    INDEX,
    LARGEST_MANIFEST,
    Descriptor,
    Manifest,
    parse_manifest,
)
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.layout import LayoutRepository, LayoutSource
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.publish import (
    NO_CONFIG,
    Publication,
    attach,
    attachment,
    blob_of,
    blob_of_file,
    image_manifest,
    lacking,
    publish,
)
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.reference import Reference, parse_reference

from .artifacts import digest_of


@pytest.fixture
def reference(tmp_path: Path) -> Reference:
    return parse_reference(f"oci-layout:{tmp_path}/bundles:1")


@pytest.fixture
def layout(reference: Reference, cache: Cache) -> LayoutRepository:
    return LayoutRepository(reference, cache)


def bundle(content: bytes = b"payload", tag: str = "1") -> Publication:
    payload = blob_of(content, "a/payload")
    return Publication(image_manifest([payload.descriptor], artifact_type="a/bundle"), (NO_CONFIG, payload), tag)


def names(layout: LayoutRepository) -> dict[str, str]:
    """What index.json says: names by digest."""
    entries = json.loads((layout._folder / "index.json").read_bytes())["manifests"]
    return {
        entry["digest"]: entry.get("annotations", {}).get("org.opencontainers.image.ref.name", "") for entry in entries
    }


def test_what_is_published_is_read(layout: LayoutRepository, reference: Reference, cache: Cache) -> None:
    made = bundle()
    assert lacking(layout, [made]) == [made]
    publish(layout, made)
    assert not lacking(layout, [made])
    source = LayoutSource(reference, cache)
    found = source.resolve(reference)
    assert found.digest == made.manifest.digest
    manifest = source.manifest(found.digest)
    assert source.blob(manifest.layers[0], 100) == b"payload"
    assert source.fetch(manifest.layers[0]).read_bytes() == b"payload"
    assert json.loads((layout._folder / "oci-layout").read_bytes()) == {"imageLayoutVersion": "1.0.0"}
    assert not (layout._folder / ".part").exists()


def test_one_bundle_needs_no_tag(layout: LayoutRepository, tmp_path: Path) -> None:
    untagged = parse_reference(f"{tmp_path}/bundles")
    made = bundle()
    publish(layout, made)
    attach(layout, made.manifest.descriptor(), "a/sbom", [blob_of(b"{}", "a/sbom")])
    assert layout.resolve(untagged).digest == made.manifest.digest
    publish(layout, bundle(b"other", "2"))
    with pytest.raises(RegistryFailure, match="does not say which bundle: it has 1, 2"):
        layout.resolve(untagged)


def test_a_tag_moves(layout: LayoutRepository, reference: Reference) -> None:
    publish(layout, bundle())
    publish(layout, moved := bundle(b"other"))
    assert layout.resolve(reference).digest == moved.manifest.digest
    assert names(layout) == {moved.manifest.digest: "1"}


def test_referrers(layout: LayoutRepository) -> None:
    made = bundle()
    publish(layout, made)
    other = bundle(b"other", "2")
    publish(layout, other)
    subject = made.manifest.descriptor()
    first = attach(layout, subject, "a/sbom", [blob_of(b"1", "a/sbom")], {"by": "hand"})
    second = attach(layout, subject, "a/report", [blob_of(b"2", "a/report")])
    attach(layout, other.manifest.descriptor(), "a/sbom", [blob_of(b"3", "a/sbom")])
    before = names(layout)
    assert attach(layout, subject, "a/sbom", [blob_of(b"1", "a/sbom")], {"by": "hand"}) == first
    assert names(layout) == before
    assert layout.referrers(subject.digest) == [first, second]
    assert layout.referrers(subject.digest, "a/report") == [second]


def test_a_layout_holds_more_than_may_refer_to_one_bundle(
    layout: LayoutRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(referrers, "MOST", 3)
    made = bundle()
    publish(layout, made)
    for number in range(4):
        publish(layout, bundle(b"%d" % number, str(number + 2)))
    subject = made.manifest.descriptor()
    attached = [attach(layout, subject, "a/sbom", [blob_of(text, "a/sbom")]) for text in (b"1", b"2", b"3")]
    assert layout.referrers(subject.digest) == attached
    with pytest.raises(RegistryFailure, match="does not say which bundle"):
        layout.resolve(parse_reference(str(layout._folder)))
    publish(layout, attachment(subject, "a/sbom", [blob_of(b"4", "a/sbom")]))
    with pytest.raises(BadArtifact, match=f"more than 3 manifests refer to {subject.digest}"):
        layout.referrers(subject.digest)


@pytest.mark.parametrize(
    "raw", [b"PK", b"{}" + b" " * LARGEST_MANIFEST, b'{"subject": 5}'], ids=["no JSON", "oversized", "no subject"]
)
def test_what_is_no_manifest_refers_to_nothing(layout: LayoutRepository, raw: bytes) -> None:
    made = bundle()
    publish(layout, made)
    layout.push_manifest(Manifest(raw, {}, digest_of(raw), "", len(raw)))
    attached = attach(layout, made.manifest.descriptor(), "a/sbom", [blob_of(b"1", "a/sbom")])
    assert layout.referrers(made.manifest.digest) == [attached]


def test_a_forged_fallback_index(layout: LayoutRepository) -> None:
    made = bundle()
    publish(layout, made)
    entry = {"mediaType": made.manifest.media_type, "digest": made.manifest.digest, "size": made.manifest.size}
    raw = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}).encode()
    layout.push_manifest(parse_manifest(raw, "x"), made.manifest.digest.replace(":", "-"))
    with pytest.raises(BadArtifact, match="forged"):
        layout.referrers(made.manifest.digest)


def test_damage_is_found(layout: LayoutRepository, reference: Reference) -> None:
    made = bundle()
    publish(layout, made)
    payload = made.manifest.layers[0]
    layout._blob(payload.digest).write_bytes(b"PAYLOAD")
    with pytest.raises(BadArtifact, match="something else"):
        layout.blob(payload, 100)
    with pytest.raises(BadArtifact, match="something else"):
        layout.fetch(payload)
    layout._blob(payload.digest).write_bytes(b"pay")
    with pytest.raises(BadArtifact, match="cut short"):
        layout.fetch(payload)
    layout._blob(made.manifest.digest).write_bytes(b"{}")
    with pytest.raises(BadArtifact, match="not what its digest names"):
        layout.resolve(reference)


@pytest.mark.parametrize("damaged", ["bundle", "attachment", "payload"])
def test_publishing_again_mends_damage(layout: LayoutRepository, damaged: str) -> None:
    """The size is as it was: what is there is known by its digest alone."""
    made = bundle()
    attached = attachment(made.manifest.descriptor(), "a/sbom", [blob_of(b"1", "a/sbom")])
    for step in (made, attached):
        publish(layout, step)
    digest, lacks = {
        "bundle": (made.manifest.digest, made),
        "attachment": (attached.manifest.digest, attached),
        "payload": (made.manifest.layers[0].digest, made),
    }[damaged]
    path = layout._blob(digest)
    whole = path.read_bytes()
    path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    assert lacking(layout, [made, attached]) == [lacks]
    publish(layout, lacks)
    assert path.read_bytes() == whole
    assert not lacking(layout, [made, attached])


@pytest.mark.parametrize(
    "content", ["", "[]", '{"manifests": 5}', '{"manifests": [5]}', '{"manifests": [{"digest": "../x"}]}']
)
def test_an_index_that_is_none(layout: LayoutRepository, reference: Reference, content: str) -> None:
    publish(layout, bundle())
    (layout._folder / "index.json").write_text(content)
    with pytest.raises(BadArtifact):
        layout.resolve(reference)


def test_what_is_not_there(reference: Reference, cache: Cache, layout: LayoutRepository) -> None:
    with pytest.raises(RegistryFailure, match=r"is not there: no .*index\.json"):
        LayoutSource(reference, cache).resolve(reference)
    publish(layout, bundle(tag="2"))
    with pytest.raises(RegistryFailure, match="is not there: it has 2"):
        layout.resolve(reference)
    with pytest.raises(RegistryFailure, match="is not there"):
        layout.fetch(Descriptor("", digest_of(b"x"), 1))


def test_a_file_that_changes_while_it_is_published(layout: LayoutRepository, tmp_path: Path) -> None:
    file = tmp_path / "payload"
    file.write_bytes(b"payload")
    blob = blob_of_file(file, "a/payload")
    file.write_bytes(b"another")
    with pytest.raises(LocalFailure, match="changed while it was published"):
        layout.push_blob(blob)
    assert not layout.has_blob(blob.descriptor)


def test_a_folder_that_is_a_file(reference: Reference, layout: LayoutRepository) -> None:
    Path(reference.layout).write_text("")
    with pytest.raises(LocalFailure):
        layout.push_blob(blob_of(b"x", "a/b"))
