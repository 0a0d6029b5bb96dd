# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What changed between two readings of the facts of one BMC."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._operations.differences import changes

DIMM: dict[str, Any] = {"id": "DIMM0", "uri": "/m/0", "manufacturer": "Samsung", "serial_number": "A1"}


def test_a_changed_property_is_told_by_its_path() -> None:
    before = {"systems": [{"id": "1", "uri": "/s/1", "power_state": "On"}]}
    now = {"systems": [{"id": "1", "uri": "/s/1", "power_state": "Off"}]}
    assert changes(before, now) == [{"path": "systems/1/power_state", "from": "On", "to": "Off"}]


def test_a_part_that_came_or_went_is_told_whole_and_alone() -> None:
    second = {**DIMM, "id": "DIMM1", "uri": "/m/1", "serial_number": "B2"}
    one, both = {"hardware": {"memory": [DIMM]}}, {"hardware": {"memory": [second, DIMM]}}
    assert changes(one, both) == [{"path": "hardware/memory/DIMM1", "from": None, "to": "Samsung B2"}]
    assert changes(both, one) == [{"path": "hardware/memory/DIMM1", "from": "Samsung B2", "to": None}]


def test_a_swapped_part_is_one_change() -> None:
    before, now = {"memory": [DIMM]}, {"memory": [{**DIMM, "serial_number": "B2"}]}
    assert changes(before, now) == [{"path": "memory/DIMM0/serial_number", "from": "A1", "to": "B2"}]


def test_parts_with_equal_ids_are_told_apart_by_uri() -> None:
    before = {"memory": [DIMM, {**DIMM, "uri": "/other/0"}]}
    now = {"memory": [DIMM, {**DIMM, "uri": "/other/0", "serial_number": "B2"}]}
    assert changes(before, now) == [{"path": "memory//other/0/serial_number", "from": "A1", "to": "B2"}]


def test_what_is_derived_from_other_facts_is_not_told_twice() -> None:
    assert changes({"bmc": {"identity": {"uuid": "1"}}}, {"bmc": {"identity": {"uuid": "2"}}}) == []


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_nothing_changed_is_nothing_told(value: Any) -> None:
    assert changes({"facts": value}, {"facts": value}) == []
