# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Publishing that is cut off after any request, and done again, ends where one ends that was not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BmcError, LocalFailure, RegistryFailure
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci import oras_push
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.oras_push import RegistryRepository
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.publish import (
    NO_CONFIG,
    Publication,
    attachment,
    blob_of,
    blob_of_file,
    image_manifest,
    lacking,
    publish,
)
from tests.registry.stand_in import StandIn

from .conftest import Open


@pytest.fixture
def steps(tmp_path: Path) -> list[Publication]:
    """A bundle with a payload that is sent in parts, and an attachment."""
    file = tmp_path / "payload"
    file.write_bytes(b"p" * 1000)
    blobs = (NO_CONFIG, blob_of_file(file, "a/payload"), blob_of(b"notes", "a/notes"))
    manifest = image_manifest([blob.descriptor for blob in blobs[1:]], artifact_type="a/bundle")
    subject = manifest.descriptor()
    attached = [attachment(subject, "a/b", [blob_of(content, "a/b")]) for content in (b"1",)]
    return [Publication(manifest, blobs, "1.10.2"), *attached]


def published(repository: RegistryRepository, steps: list[Publication]) -> None:
    for step in lacking(repository, steps):
        publish(repository, step)


@pytest.mark.parametrize("native", [True, False])
def test_cut_off_anywhere(
    steps: list[Publication], opened: Open, monkeypatch: pytest.MonkeyPatch, registry: StandIn, native: bool
) -> None:
    monkeypatch.setattr(oras_push, "_AT_ONCE", 300)
    registry.manners.referrers = native
    published(opened(), steps)
    requests = len(registry.requests)
    whole = (dict(registry.manifests), dict(registry.blobs))
    assert not lacking(opened(), steps)
    for patience in range(requests):
        registry.manifests, registry.blobs = {}, {}
        registry.manners.patience = patience
        with pytest.raises(BmcError):
            published(opened(), steps)
        registry.manners.patience = None
        published(opened(), steps)
        assert (registry.manifests, registry.blobs) == whole, f"cut off after {patience} of {requests} requests"


def test_a_write_without_an_answer_may_have_happened(registry: StandIn, source: RegistryRepository) -> None:
    registry.manners.patience = 0
    with pytest.raises(BmcError) as cut:
        source.push_manifest(image_manifest([]))
    assert cut.value.kind == "MayHaveHappened"
    assert "publish again" in cut.value.way_out


def test_another_manifest_kept_than_was_sent(registry: StandIn, source: RegistryRepository) -> None:
    registry.put = lambda *_arguments: "sha256:" + "0" * 64  # type: ignore[method-assign]
    with pytest.raises(BmcError, match="keeps another manifest"):
        source.push_manifest(image_manifest([]))


def test_a_registry_that_redirects_has_taken_nothing(
    steps: list[Publication], registry: StandIn, source: RegistryRepository
) -> None:
    """As a proxy that sends whoever comes without TLS to where there is some."""
    registry.manners.moved = "https://registry.example"
    with pytest.raises(RegistryFailure, match=r"redirects what is published: HTTP 308, to https://reg") as moved:
        published(source, steps)
    assert "Publish to where it leads" in moved.value.way_out
    assert not registry.manifests


def test_a_missing_library_is_told_before_anything_is_planned(
    registry: StandIn, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In check mode, too: it must not predict what the run cannot do."""
    monkeypatch.setattr(oras_push, "HAS_ORAS", False)
    with pytest.raises(LocalFailure, match="library oras is missing"):
        opened()
    assert not registry.requests
