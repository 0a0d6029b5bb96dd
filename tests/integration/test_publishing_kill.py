# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A playbook that is killed while it publishes, and is run again, ends where one ends that was not killed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.integration.playbook import Controller
from tests.integration.test_firmware_bundles import INFO, PUBLISH, Place, material
from tests.registry.stand_in import StandIn

__all__ = ["material"]

# Of the writes of a whole run, where make test kills; make soak kills at each.
EVERYDAY = 3


def contents(registry: StandIn) -> tuple[set[str], Counter[str]]:
    """What is there, but for the bytes of signatures, which are others each time: tags, and manifests by their type."""
    tags = {name for _repository, name in registry.manifests if ":" not in name}
    kinds = (kind for (_repository, name), (_content, kind) in registry.manifests.items() if ":" in name)
    return tags, Counter(kinds)


def test_killed_at_a_write_and_run_again_it_is_whole(
    tmp_path: Path, material: Path, pytestconfig: pytest.Config
) -> None:
    with StandIn() as alone:
        place = Place(f"{alone.address}/firmware/nc", {"registry_plain_http": True}, Controller(tmp_path), material)
        publish = place.whole(test_report=None, approval=None)
        (done,) = place.play(publish)
        assert done.status == "ok", done.msg
        writes, whole = alone.writes, contents(alone)
    step = 1 if pytestconfig.getoption("--soak") else max(1, writes // EVERYDAY)
    for held in range(1, writes + 1, step):
        with StandIn() as registry:
            place.name = f"{registry.address}/firmware/nc"
            registry.manners.held_write = held
            playing = place.controller.start(
                {"localhost": {"ansible_connection": "local"}},
                [
                    {
                        "name": "publish",
                        PUBLISH: {"reference": f"{place.name}:1.10.2", **place.options, **publish[PUBLISH]},
                    }
                ],
            )
            assert registry.holding.wait(60), f"write {held} of {writes} was never sent"
            playing.kill()
            registry.let_go.set()
            again, found = place.play(publish, {INFO: {}})
            assert again.status == "ok", f"killed at write {held}: {again.msg}"
            assert (again.result["digest"], found.status) == (done.result["digest"], "ok"), f"{held}: {found.msg}"
            assert contents(registry) == whole, f"killed at write {held} of {writes}"
