# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Patterns as registries have them: tried where that is quick, and left alone where it may not be."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._redfish.value_expression import fits

OCTET = r"(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)"


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        (r"^[\ -\~]*$", "any text", True),
        (r"^[\ -\~]*$", "t\u00e9xt", False),
        (r"^.{0,8}$", "12345678", True),
        (r"^.{0,8}$", "123456789", False),
        (r"^$|^.{12,16}$", "", True),
        (r"^$|^.{12,16}$", "short", False),
        (rf"^(?:{OCTET}\.){{3}}{OCTET}$", "10.1.0.255", True),
        (rf"^(?:{OCTET}\.){{3}}{OCTET}$", "10.1.0.256", False),
        (r"^([0-9a-fA-F]{2}:){5}([0-9a-fA-F]{2})$", "02:00:00:00:00:01", True),
        (r"^[]x]+$", "]x]", True),
        (r"^\[a\]{2}$", "[a]]", True),
        (r"^a{,3}$", "b", False),
    ],
)
def test_a_text_fits_or_does_not(pattern: str, value: str, expected: bool) -> None:
    assert fits(pattern, value) is expected


@pytest.mark.parametrize(
    "pattern",
    [
        # iDRAC9 6.00: FQDD lists, with a repetition of a repetition.
        r"^((\w+|\*)\.(\w+|\*)\.(\w+|\*)(\-(\w+|\*))*((\w+|\*))*(\:(\w+|\*))*)(\,(\w+|\*)((\w+|\*))*)*$",
        r"(a*)*$",
        r"^(a|aa)+$",
        r"^(a{1,9}){1,99}$",
        r"^[a-z]+[a-z]+[a-z]+[a-z]+$",
        r"^(a)\1$",
        r"^(?=a)a$",
        r"(",
        r"[",
        r"a)",
        r"*",
        "a" * 5000,
    ],
)
def test_what_may_take_for_ever_or_is_no_pattern_is_not_tried(pattern: str) -> None:
    assert fits(pattern, "a" * 40 + "!") is None


def test_a_very_long_text_is_not_tried() -> None:
    assert fits("^a*$", "a" * 513) is None


@given(st.text(alphabet="ab.*+?{}()[]|\\^$,1239-:") | st.text(), st.text(alphabet="ab12.:", max_size=40))
def test_no_pattern_breaks_it_or_is_understood_otherwise_than_by_python(pattern: str, value: str) -> None:
    found = fits(pattern, value)
    if found is not None:
        assert found is (re.search(pattern, value) is not None)
