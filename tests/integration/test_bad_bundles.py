# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every bad bundle is refused for its own reason: from registries with and without the Referrers API, from a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_firmware_bundle_info
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import typed
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Task, answer
from tests.integration.bad_bundles import BAD, HARDWARE, good, policy
from tests.integration.shelves import Stocked, opened
from tests.registry.debian import PROGRAM
from tests.trees.tasks import firmware

SHELVES = ("stand-in", "stand-in without the Referrers API", "debian", "layout")
# A registry with the Referrers API does not look at the index that they forge.
FALLBACK_ONLY = ("forged fallback index", "referrer loop")
IMPOSSIBLE = {("debian", "oversized manifest"), *(("stand-in", case) for case in FALLBACK_ONLY)}
PAIRS = [(kind, case) for kind in SHELVES for case in BAD if (kind, case) not in IMPOSSIBLE]


@pytest.fixture(scope="module")
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stocked]:
    if request.param == "debian" and not PROGRAM:
        pytest.skip("Debian's docker-registry is not installed")
    with ExitStack() as shelves:
        yield shelves.enter_context(opened(request.param, tmp_path_factory.mktemp("shelf")))


def told(shelf: Stocked, digest: str, folder: Path, **asked: Any) -> dict[str, Any]:
    """What bmc_firmware_bundle_info says of a bundle."""
    options = {
        "reference": f"{shelf.name}@{digest}",
        "registry_plain_http": True,
        "cache_path": str(folder),
        "hardware": [HARDWARE.lower()],
        "verification_policies": [policy()],
        "enforce": True,
        "fetch": True,
        **asked,
    }
    task = Task("localhost", run="one")
    return answer(bmc_firmware_bundle_info.run, typed(bmc_firmware_bundle_info.ARGUMENT_SPEC, options), task)


@pytest.mark.parametrize("shelf", SHELVES, indirect=True)
def test_a_good_bundle_is_not_refused(shelf: Stocked, own_state: Path, tmp_path: Path) -> None:
    found = told(shelf, good(shelf), tmp_path)
    assert "failed" not in found, found
    assert found["verdict"]["accepted"]
    assert found["warnings"] == [
        "policy 'firmware of the vendor': sbom: it is there, and nothing proves who attached it"
    ]


@pytest.mark.parametrize(("shelf", "case"), PAIRS, indirect=["shelf"])
def test_a_bad_bundle_is_refused(case: str, shelf: Stocked, own_state: Path, tmp_path: Path) -> None:
    bad = BAD[case]
    found = told(shelf, bad.make(shelf), tmp_path, **bad.asked)
    assert found.get("failed"), found
    assert bad.told in found["msg"]
    assert found["error"]["kind"] == bad.kind


@pytest.mark.parametrize("case", [case for case, bad in BAD.items() if not bad.asked])
def test_no_bmc_is_touched_for_a_bad_bundle(case: str, own_state: Path, tmp_path: Path) -> None:
    """None listens there, so a task that went on would be unreachable."""
    bad = BAD[case]
    with opened("layout", tmp_path) as shelf:
        given: dict[str, Any] = {"bundle": f"{shelf.name}@{bad.make(shelf)}", "verification_policies": [policy()]}
        refused = firmware("127.91.0.1:9", **given, cache_path=str(tmp_path / "cache"))
    assert bad.told in refused["msg"]
    assert refused["error"]["kind"] == bad.kind
