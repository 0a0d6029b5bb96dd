# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registry is read, and nothing that it says is believed beyond what its bytes prove."""

from __future__ import annotations

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BadArtifact, RegistryFailure
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.content import Descriptor
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.oras_push import RegistryRepository
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.publish import image_manifest
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.reference import Reference
from tests.registry.stand_in import StandIn, as_json
from tests.unit.fake_clock import FakeClock

from .artifacts import (
    BUNDLE,
    CONTENT,
    INDEX,
    MANIFEST,
    REPOSITORY,
    digest_of,
    manifest,
    put_bundle,
    put_fallback,
    put_referrer,
)
from .conftest import Open

SPDX = "application/spdx+json"


def test_a_tag_is_pinned_by_what_was_read(registry: StandIn, source: RegistryRepository, reference: Reference) -> None:
    digest = put_bundle(registry)
    found = source.resolve(reference)
    assert (found.digest, found.artifact_type, found.media_type) == (digest, BUNDLE, MANIFEST)
    put_bundle(registry, annotations={"moved": "yes"})
    assert source.resolve(reference.pinned(digest)).digest == digest


def test_what_is_not_there(source: RegistryRepository, reference: Reference) -> None:
    with pytest.raises(RegistryFailure, match="is not there"):
        source.resolve(reference)
    with pytest.raises(RegistryFailure, match="is not there"):
        source.manifest(digest_of(b"x"))
    assert source.tagged("other") is None
    assert not source.has_manifest(digest_of(b"x"))


def test_another_manifest_than_was_asked_for(registry: StandIn, source: RegistryRepository) -> None:
    digest = put_bundle(registry)
    registry.manifests[REPOSITORY, digest] = (as_json(manifest()), MANIFEST)
    with pytest.raises(BadArtifact, match="not what its digest names"):
        source.manifest(digest)


@pytest.mark.parametrize(
    ("raw", "told", "why"),
    [
        (b"{", MANIFEST, "not JSON"),
        (b"[]", MANIFEST, "not a JSON object"),
        (b'{"mediaType":"a","mediaType":"b"}', MANIFEST, "stands in an object twice"),
        (as_json({**manifest(), "manifests": []}), MANIFEST, "an image manifest and an index at once"),
        (as_json(manifest()), INDEX, "says of itself"),
        (b" " * ((4 << 20) + 1), MANIFEST, "too large"),
        (b"[" * 100_000, MANIFEST, "not JSON"),
    ],
)
def test_a_manifest_that_is_none(
    registry: StandIn, source: RegistryRepository, reference: Reference, raw: bytes, told: str, why: str
) -> None:
    registry.put(REPOSITORY, raw, told, reference.tag)
    with pytest.raises(BadArtifact, match=why):
        source.resolve(reference)


@pytest.mark.parametrize("native", [True, False])
def test_referrers_are_what_their_manifests_say(registry: StandIn, source: RegistryRepository, native: bool) -> None:
    digest = put_bundle(registry)
    attached = [put_referrer(registry, digest, SPDX, str(number).encode()) for number in range(5)]
    other = put_referrer(registry, digest, "application/other")
    put_fallback(registry, digest, *attached, other, digest_of(b"deleted since"))
    registry.manners.referrers, registry.manners.page = native, 2
    assert {entry.digest for entry in source.referrers(digest)} == {*attached, other}
    assert {entry.digest for entry in source.referrers(digest, SPDX)} == set(attached)
    assert len(registry.received("GET", "/referrers/")) == (6 if native else 2)


@pytest.mark.parametrize("subject", [{"mediaType": MANIFEST, "digest": digest_of(b"x"), "size": 1}, None])
def test_a_forged_fallback_index(registry: StandIn, source: RegistryRepository, subject: object) -> None:
    digest = put_bundle(registry)
    document = manifest(artifactType=SPDX) | ({"subject": subject} if subject else {})
    foreign = registry.put(REPOSITORY, as_json(document), MANIFEST)
    put_fallback(registry, digest, foreign)
    registry.manners.referrers = False
    with pytest.raises(BadArtifact, match="forged"):
        source.referrers(digest)


def test_a_manifest_that_lists_itself(registry: StandIn, source: RegistryRepository) -> None:
    digest = put_bundle(registry)
    put_fallback(registry, digest, digest)
    registry.manners.referrers = False
    with pytest.raises(BadArtifact, match="forged"):
        source.referrers(digest)


def test_pages_without_end(registry: StandIn, source: RegistryRepository) -> None:
    digest = put_bundle(registry)
    put_referrer(registry, digest, SPDX)
    registry.manners.endless_pages = True
    with pytest.raises(BadArtifact, match="has no end"):
        source.referrers(digest)
    assert len(registry.received("GET", "/referrers/")) == 2


def test_a_small_blob_is_verified(registry: StandIn, source: RegistryRepository) -> None:
    registry.blobs = {digest_of(b"good"): b"good", digest_of(b"evil"): b"EVIL"}
    assert source.blob(Descriptor("", digest_of(b"good"), 4), 10) == b"good"
    with pytest.raises(BadArtifact, match="something else"):
        source.blob(Descriptor("", digest_of(b"evil"), 4), 10)
    with pytest.raises(BadArtifact, match="too large"):
        source.blob(Descriptor("", digest_of(b"good"), 4), 3)
    with pytest.raises(BadArtifact, match="cut short"):
        source.blob(Descriptor("", digest_of(b"evil"), 5), 10)
    with pytest.raises(BadArtifact, match="the manifest lies about the size"):
        source.blob(Descriptor("", digest_of(b"good"), 5), 10)


def test_redirects_without_end(registry: StandIn, source: RegistryRepository) -> None:
    put_bundle(registry)
    registry.manners.redirect = registry.url
    with pytest.raises(RegistryFailure, match="redirected more than"):
        source.fetch(Descriptor("", digest_of(CONTENT), len(CONTENT)))


def test_a_busy_registry_is_asked_again_as_it_says(
    registry: StandIn, source: RegistryRepository, reference: Reference, clock: FakeClock
) -> None:
    digest = put_bundle(registry)
    registry.manners.busy = [(429, "7"), (503, "")]
    assert source.resolve(reference).digest == digest
    assert clock.slept == [7.0, 2.0]


@pytest.mark.parametrize(("busy", "asked"), [([(429, "3600")], 1), ([(429, "1")] * 9, 4)])
def test_but_not_for_ever(
    registry: StandIn, source: RegistryRepository, reference: Reference, busy: list[tuple[int, str]], asked: int
) -> None:
    put_bundle(registry)
    registry.manners.busy = list(busy)
    with pytest.raises(RegistryFailure, match=r"too busy.*HTTP 429: said TOOMANYREQUESTS"):
        source.resolve(reference)
    assert len(registry.requests) == asked


def test_a_write_is_not_sent_again(registry: StandIn, source: RegistryRepository, clock: FakeClock) -> None:
    registry.manners.busy = [(503, "1")]
    with pytest.raises(RegistryFailure, match="too busy"):
        source.push_manifest(image_manifest([]))
    assert len(registry.received("PUT", "/manifests/")) == 1
    assert not clock.slept


def test_nobody_there(opened: Open, registry: StandIn, reference: Reference) -> None:
    registry.stop()
    with pytest.raises(RegistryFailure, match=r"did not answer: no connection: .*refused"):
        opened().resolve(reference)
