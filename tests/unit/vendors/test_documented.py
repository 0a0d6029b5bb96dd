# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/vendors.md says for each dialect and each simulated profile what is proven, and promises nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._vendors.generic import GenericDriver
from tests.simulator.profile import profile_names
from tests.unit.simulator.test_recorded_trees import TREES

from .test_detection import DRIVERS

ROOT = Path(__file__).resolve().parents[3]
DIALECTS = [driver.dialect for driver in (*DRIVERS, GenericDriver)]


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    text = (ROOT / "docs" / "vendors.md").read_text(encoding="utf-8")
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def names(cell: str) -> list[str]:
    """What stands in code quotes."""
    return re.findall(r"`([a-z0-9_]+)`", cell)


FAMILIES = {name: row for row in rows("Families") for name in names(row[3])}


def test_each_dialect_has_its_row_and_is_that_of_some_family() -> None:
    assert sorted(name for row in rows("Dialects") for name in names(row[0])) == sorted(DIALECTS)
    assert {name for row in rows("Families") for name in names(row[1])} == set(DIALECTS)


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.dialect)
def test_driver_with_capabilities_of_its_own_is_not_said_to_do_nothing(driver: type[GenericDriver]) -> None:
    (said,) = (row[2] for row in rows("Dialects") if names(row[0]) == [driver.dialect])
    own = [name for name in vars(driver) if name.startswith("make_")]
    assert (said == "nothing") is (not own), own


def test_each_profile_has_its_family() -> None:
    assert set(profile_names()) == set(FAMILIES)
    assert sum(len(names(row[3])) for row in rows("Families")) == len(FAMILIES), "a profile stands in two rows"


@pytest.mark.parametrize("profile", profile_names())
def test_profile_is_recorded_or_said_to_be_unproven(profile: str) -> None:
    said = FAMILIES[profile][2].partition(":")[0]
    assert said == ("recorded" if profile in TREES else "unproven")


def test_family_without_a_profile_is_unproven() -> None:
    assert {row[2].partition(":")[0] for row in rows("Families") if not names(row[3])} == {"unproven"}
