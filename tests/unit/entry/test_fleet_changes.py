# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the last round found, kept: a history of what was news, and what is handed on is small."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest, LocalFailure
from ansible_collections.openchami.bmc.plugins.module_utils._entry import fleet_changes
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import typed
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Task
from ansible_collections.openchami.bmc.plugins.module_utils._operations.fleet import fleet
from tests.integration.discovered import Hosts, facts, hosts
from tests.unit.fake_clock import FakeClock

WELL = hosts("well", facts(), "10.0.0.1")
GONE = hosts("gone", facts(), "10.0.0.2", status="silent", why="timed out")
GAPS = hosts("gaps", facts(), "10.0.0.3", incomplete=[{"uri": "/redfish/v1/x", "why": "500"}])


def reconcile(inventory: Hosts, clock: FakeClock, **given: Any) -> dict[str, Any]:
    options = typed(fleet_changes.ARGUMENT_SPEC, given)
    return fleet_changes.run(options, Task("", clock=clock), fleet(inventory.items()))


def names(file: Path) -> set[str]:
    return {bmc["name"] for bmc in json.loads(file.read_bytes())["bmcs"]}


def test_history_has_what_was_news_and_has_a_bound(tmp_path: Path) -> None:
    clock, kept = FakeClock(), []
    for inventory in (WELL, WELL | GONE, WELL | GONE, WELL | GONE | GAPS, WELL | GAPS):
        clock.advance(60)
        reconcile(inventory, clock, output=str(tmp_path), history=2)
        kept.append([names(file) for file in sorted(tmp_path.glob("history/*.json"))])
        assert names(tmp_path / "reconcile.json") == set(inventory) & {"gone", "gaps"}
    both = {"gone", "gaps"}
    assert kept == [[], [{"gone"}], [{"gone"}], [{"gone"}, both], [both, {"gaps"}]]


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"schema": "another/9", "bmcs": 7}'])
def test_what_another_left_there_is_replaced(tmp_path: Path, content: str) -> None:
    (tmp_path / "reconcile.json").write_text(content, encoding="utf-8")
    reconcile(GONE, FakeClock(), output=str(tmp_path))
    assert names(tmp_path / "reconcile.json") == {"gone"}
    assert [names(file) for file in tmp_path.glob("history/*.json")] == [{"gone"}]


def test_what_is_handed_on_is_small(tmp_path: Path) -> None:
    changed = [{"path": "systems/1/power_state", "from": "On", "to": "Off"}] * 40
    inventory: Hosts = {}
    for number in range(150):
        story = {"status": "silent", "why": "timed out " * 50, "changed": changed}
        inventory |= hosts(f"bmc{number:03}", facts(), f"10.0.0.{number}", **story)
    told = reconcile(inventory, FakeClock(), output=str(tmp_path), history=0)
    handed = told["facts"]
    assert (len(handed["silent"]), handed["complete"], handed["counts"]["silent"]) == (100, False, 150)
    assert len(json.dumps(handed)) < 10000
    assert len(names(tmp_path / "reconcile.json")) == 150
    assert not (tmp_path / "history").exists()
    assert len(told["lines"]) < 500


@pytest.mark.parametrize(
    ("fail_on", "failing"),
    [([], {}), (["refused"], {}), (["silent", "refused"], {"silent": 1}), (["incomplete"], {"incomplete": 1})],
)
def test_it_fails_on_what_was_asked_for_only(fail_on: list[str], failing: dict[str, int]) -> None:
    assert reconcile(WELL | GONE | GAPS, FakeClock(), fail_on=fail_on)["failing"] == failing


@pytest.mark.parametrize("wrong", [{"history": -1}, {"max_named": 0}, {"fail_on": ["tired"]}, {"fail_on": ["new"]}])
def test_what_cannot_be_meant_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        reconcile(WELL, FakeClock(), output=str(tmp_path / "out"), **wrong)
    assert not (tmp_path / "out").exists()


FIRST = "2026-11-24T17:00:00.000Z"
OFF = {"path": "systems/1/power_state", "from": "On", "to": "Off"}


def seen(*changes: str, name: str = "well", new: bool = False, **story: Any) -> Hosts:
    """A BMC that was found at FIRST, and off or on again in the minutes that are given."""
    at = {minute: f"2026-11-24T18:{minute}:00.000Z" for minute in changes}
    kept = [{"time": at[minute], "changed": [OFF], "changed_resources": [f"/{minute}"]} for minute in changes]
    return hosts(name, facts(), f"10.0.0.{len(name)}", first_seen=FIRST, changes=kept, new=new, **story)


def counted(told: dict[str, Any]) -> tuple[int, int]:
    return told["facts"]["counts"]["new"], told["facts"]["counts"]["changed"]


def test_a_change_is_told_once_whoever_made_the_round_that_found_it(tmp_path: Path) -> None:
    """ansible-inventory, or a play that powers a node, makes rounds too, and a run may be killed before it tells."""
    told = {"output": str(tmp_path)}
    assert counted(reconcile(seen(new=True), FakeClock(), **told)) == (1, 0)
    # The last round, of which the host's own flags tell, found nothing any more.
    assert counted(reconcile(seen("01", "02"), FakeClock(), **told)) == (0, 1)
    (bmc,) = json.loads((tmp_path / "reconcile.json").read_bytes())["bmcs"]
    assert (bmc["changed"], bmc["changed_resources"]) == ([OFF, OFF], ["/01", "/02"])
    assert counted(reconcile(seen("01", "02"), FakeClock(), **told)) == (0, 0)
    assert counted(reconcile(seen("01", "02", "03"), FakeClock(), **told)) == (0, 1)
    (bmc,) = json.loads((tmp_path / "reconcile.json").read_bytes())["bmcs"]
    assert bmc["changed"] == [OFF]


def test_what_an_older_inventory_or_a_part_of_it_tells_is_not_told_anew(tmp_path: Path) -> None:
    told = {"output": str(tmp_path)}
    reconcile(seen("01", "02") | seen("01", name="other"), FakeClock(), **told)
    assert counted(reconcile(seen("01"), FakeClock(), **told)) == (0, 0)
    assert counted(reconcile(seen("01", "02") | seen("01", name="other"), FakeClock(), **told)) == (0, 0)


def test_without_an_output_it_tells_the_last_round(tmp_path: Path) -> None:
    assert counted(reconcile(seen("01", changed=[OFF]) | seen("01", name="other"), FakeClock())) == (0, 1)
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "told.json").mkdir()
    with pytest.raises(LocalFailure, match="what was told before"):
        reconcile(WELL, FakeClock(), output=str(tmp_path))
