# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a BMC shows is compared by its meaning: padding, order, case, blanks and how nothing is spelled do not count."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._redfish.plain import filled, is_blank, plain, same_list

hosts = st.sampled_from(["10.0.0.1", "216.239.35.4", "ntp.site", "x1000c0s0b0", "fd00::1", "2001:db8::a:0:1"])
blanks: st.SearchStrategy[object] = st.sampled_from([None, "", "  ", "0.0.0.0", "::", "(null)", "NULL", "None", 0, {}])  # noqa: S104
padding = st.text(" \t\n", max_size=2)


@st.composite
def spelled(draw: st.DrawFn, host: str) -> str:
    """A host in another spelling of a BMC."""
    if ":" in host:
        host = draw(st.sampled_from([host, ip_address(host).exploded]))
    cased = draw(st.sampled_from([str.lower, str.upper, str.title]))(host)
    return draw(padding) + cased + draw(padding)


@st.composite
def shown(draw: st.DrawFn, wanted: list[str]) -> list[object]:
    """A list of hosts as a BMC shows it: in any order and spelling, some twice, with unused slots anywhere."""
    entries: list[object] = [draw(spelled(host)) for host in wanted]
    entries += [draw(spelled(host)) for host in wanted if draw(st.booleans())]
    return draw(st.permutations(entries + draw(st.lists(blanks, max_size=3))))


@given(data=st.data(), wanted=st.lists(hosts, max_size=4, unique=True))
def test_the_same_hosts_are_the_same_however_they_are_shown(data: st.DataObject, wanted: list[str]) -> None:
    held = filled(data.draw(shown(wanted)))
    assert same_list(wanted, held)
    assert len(held) == len(wanted)
    assert filled(held) == held


@given(data=st.data(), left=st.sets(hosts, max_size=4), right=st.sets(hosts, max_size=4))
def test_other_hosts_are_others(data: st.DataObject, left: set[str], right: set[str]) -> None:
    assert same_list(left, filled(data.draw(shown(sorted(right))))) == (left == right)


@given(data=st.data(), host=hosts)
def test_a_host_has_one_plain_spelling(data: st.DataObject, host: str) -> None:
    assert plain(data.draw(spelled(host))) == host


@given(value=blanks)
def test_nothing_has_many_spellings(value: object) -> None:
    assert is_blank(value)


@pytest.mark.parametrize("value", [None, {}, "10.0.0.1", 7, {"0": "10.0.0.1"}])
def test_what_is_no_list_holds_nothing(value: object) -> None:
    assert filled(value) == ()
