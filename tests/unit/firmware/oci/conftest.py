# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registry of the tests, and sources that read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.access import Access
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.cache import Cache
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.oras_push import RegistryRepository
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.reference import Reference, parse_reference
from tests.registry.stand_in import StandIn
from tests.unit.fake_clock import FakeClock

from .artifacts import REPOSITORY

Open = Callable[..., RegistryRepository]


@pytest.fixture(autouse=True)
def no_accounts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the user of this machine keeps must not decide a test."""
    for name in ("REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def cache(tmp_path: Path, clock: FakeClock) -> Cache:
    return Cache(tmp_path / "cache", clock)


@pytest.fixture
def registry() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        yield stand_in


@pytest.fixture
def reference(registry: StandIn) -> Reference:
    return parse_reference(f"{registry.address}/{REPOSITORY}:1.10.2")


@pytest.fixture
def opened(reference: Reference, cache: Cache, clock: FakeClock) -> Iterator[Open]:
    """Opens the repository; options are those of Access."""
    sources = []

    def opens(**options: Any) -> RegistryRepository:
        source = RegistryRepository(reference, Access(**{"plain_http": True, **options}), cache, clock)
        sources.append(source)
        return source

    yield opens
    for source in sources:
        source.close()


@pytest.fixture
def source(opened: Open) -> RegistryRepository:
    return opened()
