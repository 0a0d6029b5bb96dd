# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registries that lead elsewhere, by redirects, pages and uploads: no account goes there, and nothing without TLS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import RegistryFailure
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci import oras_push
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.access import Access, Credential
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.cache import Cache
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.content import Descriptor
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.oras_push import RegistryRepository
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.publish import blob_of
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.reference import parse_reference
from tests.registry.stand_in import StandIn
from tests.simulator.certificate import issue
from tests.unit.fake_clock import FakeClock

from .artifacts import CONTENT, REPOSITORY, digest_of, put_bundle, put_referrer
from .conftest import Open

READER = Credential("reader", "canary-secret")
PAYLOAD = Descriptor("", digest_of(CONTENT), len(CONTENT))


@pytest.fixture
def other() -> Iterator[StandIn]:
    """Another host."""
    with StandIn("127.0.0.2") as stand_in:
        stand_in.uploads = {"uploads/0": b""}
        yield stand_in


def wants_login(registry: StandIn) -> str:
    """From now on; it has a bundle with referrers of two pages. Its digest."""
    registry.manners.username, registry.manners.password = READER.username, READER.password
    registry.manners.page = 1
    digest = put_bundle(registry)
    for content in (b"1", b"2"):
        put_referrer(registry, digest, "a/sbom", content)
    return digest


def test_an_account_does_not_follow_a_redirect(registry: StandIn, opened: Open) -> None:
    put_bundle(registry)
    registry.manners.username, registry.manners.password = "reader", "canary-secret"
    with StandIn("127.0.0.2") as storage:
        storage.blobs = registry.blobs
        registry.manners.redirect = storage.url
        source = opened(credential=Credential("reader", "canary-secret"))
        path = source.fetch(PAYLOAD)
        assert path.read_bytes() == CONTENT
        (request,) = storage.requests
        assert "authorization" not in request.headers
    assert registry.received("GET", "/blobs/")[-1].headers["authorization"].startswith("Basic ")


def test_who_is_redirected_to_gets_no_login(registry: StandIn, opened: Open) -> None:
    put_bundle(registry)
    with StandIn("127.0.0.2") as storage:
        storage.manners.password = "asked-for"
        registry.manners.redirect = storage.url
        source = opened(credential=Credential("reader", "canary-secret"))
        with pytest.raises(RegistryFailure, match=r"login of an unknown kind.*127\.0\.0\.2"):
            source.fetch(PAYLOAD)
        assert all("authorization" not in request.headers for request in storage.requests)


def reads_pages(source: RegistryRepository, digest: str) -> None:
    source.referrers(digest)


def uploads(source: RegistryRepository, _digest: str) -> None:
    source.push_blob(blob_of(b"payload", "a/payload"))


def uploads_in_parts(source: RegistryRepository, _digest: str) -> None:
    source.push_blob(blob_of(b"p" * (oras_push._AT_ONCE + 1), "a/payload"))


STEPS = pytest.mark.parametrize("step", [reads_pages, uploads, uploads_in_parts])
Step = Callable[[RegistryRepository, str], None]


@STEPS
def test_an_account_does_not_follow_a_link(registry: StandIn, other: StandIn, opened: Open, step: Step) -> None:
    digest = wants_login(registry)
    registry.manners.leads_to = other.url
    step(opened(credential=READER), digest)
    assert other.requests
    assert all("authorization" not in request.headers for request in other.requests)
    assert registry.requests[-1].headers["authorization"].startswith("Basic ")


@pytest.fixture
def secure(tmp_path: Path, clock: FakeClock, cache: Cache) -> Iterator[tuple[StandIn, RegistryRepository]]:
    """A registry with TLS and a login, and who reads it."""
    certificate = issue("registry", "127.0.0.1")
    (tmp_path / "ca.pem").write_bytes(certificate.pem)
    access = Access(credential=READER, ca_path=str(tmp_path / "ca.pem"))
    with StandIn(certificate=certificate) as registry:
        reference = parse_reference(f"{registry.address}/{REPOSITORY}:1.10.2")
        with closing(RegistryRepository(reference, access, cache, clock)) as source:
            yield registry, source


@STEPS
def test_a_link_keeps_tls(secure: tuple[StandIn, RegistryRepository], other: StandIn, step: Step) -> None:
    """As behind a proxy that ends TLS, and of which the registry does not know."""
    registry, source = secure
    digest = wants_login(registry)
    registry.manners.leads_to = other.url
    with pytest.raises(RegistryFailure, match=r"leads to http://127\.0\.0\.2:\d+, without TLS") as refused:
        step(source, digest)
    assert "Nothing was sent there" in refused.value.way_out
    assert not other.requests


def test_a_redirect_keeps_tls(secure: tuple[StandIn, RegistryRepository], other: StandIn) -> None:
    registry, source = secure
    put_bundle(registry)
    registry.manners.redirect = other.url
    with pytest.raises(RegistryFailure, match=r"redirects to http://127\.0\.0\.2:\d+, without TLS"):
        source.fetch(PAYLOAD)
    assert not other.requests
    registry.manners.redirect = ""
    assert source.fetch(PAYLOAD).read_bytes() == CONTENT
