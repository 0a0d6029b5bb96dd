# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Killed at every request, answer, part of an upload and look at a server, and run again (promise 9)."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import NotReached, Unreachable
from ansible_collections.openchami.bmc.plugins.module_utils._operations.firmware.observation import FirmwareResult
from ansible_collections.openchami.bmc.plugins.module_utils._operations.firmware.submission import (
    CLAIM,
    HANDED,
    SENDING,
    TRANSFERRING,
)

from .flashing_bmc import AWAY, ITS_PLAY, NEW, OWN, PLAY, SITE, UPLOAD, FlashingBmc
from .test_firmware import states

MOST = 120
TASK, SILENT = True, False
ONE, TWO = ("bios",), ("bmc", "bios")
MATRIX = [*product((TASK, SILENT), (OWN, PLAY, UPLOAD), (ONE, TWO)), (TASK, ITS_PLAY, TWO), (TASK, SITE, TWO)]


def again(world: FlashingBmc, components: tuple[str, ...]) -> FirmwareResult:
    """The next task, and the one after it where the BMC was away, which restarts with its new image."""
    try:
        result = world.task_for(*components)
    except Unreachable:
        world.gate.next_task()
        world.clock.advance(AWAY)
        result = world.task_for(*components)
    assert result is not None
    return result


def phase_of(world: FlashingBmc) -> str:
    """How far the update was that the killed task has left, "" for none."""
    known = world.gate.recall(CLAIM).get("submissions", [])
    return str(known[-1]["phase"]) if known else ""


@pytest.mark.parametrize(
    ("tells", "serves", "components"),
    MATRIX,
    ids=[" ".join(("task" if tells else "silent", serves, *names)) for tells, serves, names in MATRIX],
)
def test_killed_at_any_step_and_run_again(
    tmp_path: Path, tells: bool, serves: str, components: tuple[str, ...]
) -> None:
    """It is updated, or says that nobody knows whether it is; no component is written twice, and nothing is broken."""
    unkilled = FlashingBmc(tmp_path, tells=tells, serves=serves)
    result = unkilled.task_for(*components)
    assert result is not None
    assert (states(result), unkilled.wrongs) == (["updated"] * len(components), [])
    assert set(unkilled.flashed.values()) == {1}
    assert 30 < unkilled.steps < MOST
    for k in range(1, unkilled.steps + 1):
        world = FlashingBmc(tmp_path, tells=tells, serves=serves)
        assert world.task_for(*components, kill_at=k) is None
        phase = phase_of(world)
        result = again(world, components)
        about = (k, phase, result.error, dict(world.flashed))
        assert world.wrongs == [], about
        if result.error is None:
            assert set(states(result)) <= {"current", "updated"}, about
            assert world.versions(*components) == {NEW}, about
        else:
            assert isinstance(result.error, NotReached), about
            assert result.handle is not None, about
            # Its request was on its way: whether the BMC took it is known to nobody.
            assert phase == HANDED or (phase == SENDING and serves in (ITS_PLAY, SITE)), about
        # In the half second after the last byte nobody knows yet that it was the last.
        most = 2 if phase == TRANSFERRING and not tells else 1
        assert all(times <= most for times in world.flashed.values()), about
