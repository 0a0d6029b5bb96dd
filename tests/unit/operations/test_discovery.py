# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a BMC's record in a round."""

from __future__ import annotations

from typing import Any

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BmcError
from ansible_collections.openchami.bmc.plugins.module_utils._operations.discovery import Learned, Round
from ansible_collections.openchami.bmc.plugins.module_utils._operations.sweep import Candidate, Outcome
from ansible_collections.openchami.bmc.plugins.module_utils._transport.bmc import Credential
from ansible_collections.openchami.bmc.plugins.module_utils._transport.failures import used_up
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import parse_address
from tests.unit.fake_clock import FakeClock

BMC = Candidate("10.0.0.1", parse_address("10.0.0.1"))
FACTS = {"bmc": {"dialect": "generic", "firmware_version": "1"}, "systems": [{"id": "1", "power_state": "On"}]}
Records = dict[str, dict[str, Any]]


def a_round(records: Records, clock: FakeClock, **options: Any) -> Round:
    rules: dict[str, Any] = {"auth": "basic", "subsets": (), "full_after": 86400.0, **options}
    return Round(records=records, login=lambda _candidate: Credential("admin", "x"), clock=clock, **rules)


def found(records: Records, clock: FakeClock, learned: Learned | BmcError, *, met: bool = True) -> dict[str, Any]:
    """The record after a round in which the BMC was asked, kept in the records."""
    round_ = a_round(records, clock)
    if met:
        round_.visit(BMC, {}, "")
    told: dict[str, Any] = {"error": learned} if isinstance(learned, BmcError) else {"value": learned}
    record = round_.record(Outcome(BMC, **told))
    assert record is not None
    records[BMC.address] = record
    return record


def test_a_bmc_that_answers_too_slowly_is_no_silent_one() -> None:
    """Else one that takes longer than bmc_deadline each time would be forgotten, though it is there."""
    records: Records = {}
    clock = FakeClock()
    found(records, clock, Learned(FACTS, {"/redfish/v1/Systems/1": "a"}))
    slow = used_up(BMC.origin, 200, 60.0, "GET /redfish/v1/Chassis")
    clock.advance(60)
    record = found(records, clock, slow)
    assert (record["status"], record["seen"], record["facts"]) == ("failed", clock.wall(), FACTS)
    clock.advance(60)
    away = found(records, clock, slow, met=False)
    assert (away["status"], away["seen"]) == ("silent", clock.wall() - 60)


def switched(power: str) -> Learned:
    facts = {**FACTS, "systems": [{"id": "1", "power_state": power}]}
    return Learned(facts, {"/redfish/v1/Systems/1": power})


def test_the_last_changes_are_kept_with_their_times_over_rounds_without_any() -> None:
    records: Records = {}
    clock = FakeClock()
    first = found(records, clock, switched("On"))
    assert (first["new"], first["first_seen"], first["changes"]) == (True, clock.wall(), [])
    began = clock.wall()
    for _round in range(4):
        clock.advance(60)
        found(records, clock, switched("Off"))
        found(records, clock, switched("On"))
    clock.advance(60)
    last = found(records, clock, Learned(None, {}))
    assert (last["new"], last["first_seen"], last["changed"]) == (False, began, [])
    assert [change["time"] - began for change in last["changes"]] == [120, 180, 180, 240, 240]
    assert last["changes"][-1]["changed"] == [{"path": "systems/1/power_state", "from": "Off", "to": "On"}]
    assert last["changes"][-1]["changed_resources"] == ["/redfish/v1/Systems/1"]


def test_a_record_of_an_older_version_is_understood() -> None:
    records: Records = {}
    clock = FakeClock()
    old = found(records, clock, switched("On"))
    records[BMC.address] = {key: value for key, value in old.items() if key not in ("first_seen", "changes")}
    assert len(found(records, clock, switched("Off"))["changes"]) == 1
