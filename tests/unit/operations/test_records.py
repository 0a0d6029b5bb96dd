# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The records of a discovery on disk: what a kill, a second run and a damaged file do to them."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import LocalFailure
from ansible_collections.openchami.bmc.plugins.module_utils._operations.records import Records, to_forget

DAY = 86400.0


def record(address: str, **changed: Any) -> dict[str, Any]:
    return {"address": address, "status": "answered", "since": 0.0, "seen": 0.0, **changed}


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path / "discovery" / "site.jsonl")


def test_no_file_is_no_record(records: Records) -> None:
    assert records.read() == {}


def test_the_last_word_on_a_bmc_counts(records: Records) -> None:
    records.add(record("10.0.0.1"))
    records.add(record("10.0.0.2"))
    records.add(record("10.0.0.1", status="silent"))
    assert {address: found["status"] for address, found in records.read().items()} == {
        "10.0.0.1": "silent",
        "10.0.0.2": "answered",
    }


def test_compacting_keeps_one_line_a_bmc_and_drops_the_forgotten(records: Records) -> None:
    for status in ("answered", "silent", "answered"):
        records.add(record("10.0.0.1", status=status))
    records.add(record("10.0.0.2"))
    records.compact(["10.0.0.2"])
    assert len(records.file.read_text().splitlines()) == 1
    assert list(records.read()) == ["10.0.0.1"]


def test_a_line_that_a_kill_tore_is_lost_alone_wherever_it_was_torn(records: Records) -> None:
    records.add(record("10.0.0.1"))
    whole = records.file.read_bytes()
    records.add(record("10.0.0.2"))
    both = records.file.read_bytes()
    for cut in range(len(whole), len(both)):
        records.file.write_bytes(both[:cut])
        assert list(records.read()) == ["10.0.0.1"]
        records.add(record("10.0.0.3"))
        assert list(records.read()) == ["10.0.0.1", "10.0.0.3"]


def test_a_damaged_file_is_an_error_that_names_it(records: Records) -> None:
    records.add(record("10.0.0.1"))
    records.file.write_bytes(b"{torn}\n" + records.file.read_bytes())
    with pytest.raises(LocalFailure, match=str(records.file)):
        records.read()


def test_a_file_of_another_format_is_refused(records: Records) -> None:
    records.file.parent.mkdir()
    records.file.write_text(json.dumps({"format": 0, "address": "10.0.0.1"}) + "\n")
    with pytest.raises(LocalFailure, match="another format"):
        records.read()


def _add_many(file: Path, first: int) -> None:
    records = Records(file)
    for number in range(first, first + 50):
        records.add(record(f"10.0.0.{number}", facts={"text": "x" * 5000}))
        if number % 10 == 0:
            records.compact([])


def test_runs_at_the_same_time_lose_nothing(records: Records) -> None:
    context = multiprocessing.get_context("fork")
    runs = [context.Process(target=_add_many, args=(records.file, first)) for first in (0, 50, 100)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert [run.exitcode for run in runs] == [0, 0, 0]
    assert len(records.read()) == 150


def fleet(answered: int, silent: int, seen: float) -> dict[str, dict[str, Any]]:
    found = [record(f"a{number}", seen=20 * DAY) for number in range(answered)]
    found += [record(f"s{number}", status="silent", seen=seen, since=seen) for number in range(silent)]
    return {entry["address"]: entry for entry in found}


def test_who_is_silent_for_too_long_is_forgotten() -> None:
    assert to_forget(fleet(10, 2, seen=12 * DAY), 20 * DAY, 7 * DAY) == ["s0", "s1"]


def test_who_is_silent_for_less_is_kept() -> None:
    assert to_forget(fleet(10, 2, seen=14 * DAY), 20 * DAY, 7 * DAY) == []


def test_nobody_is_forgotten_while_much_of_the_fleet_is_silent() -> None:
    assert to_forget(fleet(10, 3, seen=1 * DAY), 20 * DAY, 7 * DAY) == []
    assert to_forget(fleet(12, 3, seen=1 * DAY), 20 * DAY, 7 * DAY) == ["s0", "s1", "s2"]


def test_in_a_small_fleet_one_of_two_is_forgotten() -> None:
    assert to_forget(fleet(1, 1, seen=1 * DAY), 20 * DAY, 7 * DAY) == ["s0"]


@pytest.mark.parametrize(("answered", "silent"), [(0, 1), (0, 2), (1, 2)])
def test_of_a_small_fleet_nobody_is_forgotten_while_most_of_it_is_silent(answered: int, silent: int) -> None:
    assert to_forget(fleet(answered, silent, seen=1 * DAY), 20 * DAY, 7 * DAY) == []
