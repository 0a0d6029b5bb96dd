# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tag means the same for all of a run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import LocalFailure
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.pins import Pins
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.reference import parse_reference

from .artifacts import digest_of

FIRST, SECOND = digest_of(b"1"), digest_of(b"2")
TAGGED = parse_reference("registry.example:5000/nc:1")


def never() -> str:
    raise AssertionError("it was resolved again")


def test_who_comes_first_decides_for_the_run(tmp_path: Path) -> None:
    assert Pins(tmp_path, "run").digest(TAGGED, lambda: FIRST) == FIRST
    assert Pins(tmp_path, "run").digest(TAGGED, never) == FIRST
    assert Pins(tmp_path, "other").digest(TAGGED, lambda: SECOND) == SECOND
    assert Pins(tmp_path, "run").digest(TAGGED.pinned(SECOND), never) == SECOND


def test_two_who_ask_at_once_agree(tmp_path: Path) -> None:
    def overtaken() -> str:
        assert Pins(tmp_path, "run").digest(TAGGED, lambda: FIRST) == FIRST
        return SECOND

    assert Pins(tmp_path, "run").digest(TAGGED, overtaken) == FIRST


def test_the_run_itself_moves_it(tmp_path: Path) -> None:
    pins = Pins(tmp_path, "run")
    pins.digest(TAGGED, lambda: FIRST)
    pins.moved(TAGGED, SECOND)
    assert pins.digest(TAGGED, never) == SECOND


def test_what_was_damaged_is_not_believed(tmp_path: Path) -> None:
    Pins(tmp_path, "run").digest(TAGGED, lambda: FIRST)
    (file,) = tmp_path.iterdir()
    file.write_text("latest")
    with pytest.raises(LocalFailure, match="is damaged"):
        Pins(tmp_path, "run").digest(TAGGED, never)


def test_old_ones_go(tmp_path: Path) -> None:
    Pins(tmp_path, "old").digest(TAGGED, lambda: FIRST)
    (file,) = tmp_path.iterdir()
    os.utime(file, (0, 0))
    Pins(tmp_path, "new").digest(TAGGED, lambda: FIRST)
    assert not file.exists()
    assert len(list(tmp_path.iterdir())) == 1
