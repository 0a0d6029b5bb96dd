# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ranges against an oracle that counts bytes one by one, and what adds up to a whole file."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.spans import (
    NotSatisfiable,
    Span,
    Spans,
    asked,
    bytes_in,
    with_span,
    without_byte,
)

SIZES = st.integers(1, 12)
PLACES = st.integers(0, 15)


def bytes_of(*spans: Span) -> set[int]:
    return {byte for span in spans for byte in range(span.start, span.end)}


def wanted(first: int | None, last: int | None, size: int) -> set[int]:
    """What RFC 9110, 14.1.2 says a range means."""
    if first is None:
        assert last is not None
        return {byte for byte in range(size) if byte >= size - last}
    return {byte for byte in range(size) if first <= byte and (last is None or byte <= last)}


@given(PLACES | st.none(), PLACES | st.none(), SIZES)
def test_range_is_what_the_oracle_says(first: int | None, last: int | None, size: int) -> None:
    header = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    nonsense = (first is None and last is None) or (first is not None and last is not None and last < first)
    if nonsense:
        assert asked(header, size) is None
    elif expected := wanted(first, last, size):
        found = asked(header, size)
        assert found is not None
        assert bytes_of(found) == expected
    else:
        with pytest.raises(NotSatisfiable):
            asked(header, size)


@pytest.mark.parametrize(
    "header",
    ["", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "lines=0-1", "bytes=0-0,2-3", "bytes=0-1,", "bytes=٣-٤"],
)
def test_what_is_not_one_range_gets_the_whole(header: str) -> None:
    assert asked(header, 10) is None


@pytest.mark.parametrize("header", ["bytes=0-3", "Bytes=0-3", "bytes = 0-3 "])
def test_one_range_may_be_written_in_several_ways(header: str) -> None:
    assert asked(header, 10) == Span(0, 4)


def test_numbers_beyond_all_measure_are_only_large() -> None:
    assert asked(f"bytes=2-{'9' * 5000}", 10) == Span(2, 10)
    assert asked(f"bytes=-{'9' * 5000}", 10) == Span(0, 10)
    with pytest.raises(NotSatisfiable):
        asked(f"bytes={'9' * 5000}-", 10)


@given(st.lists(st.tuples(PLACES, PLACES), max_size=12))
def test_spans_add_up_to_the_bytes_that_arrived(pairs: list[tuple[int, int]]) -> None:
    spans: Spans = ()
    expected: set[int] = set()
    for pair in pairs:
        new = Span(*sorted(pair))
        spans = with_span(spans, new, 1_000)
        expected |= bytes_of(new)
        assert bytes_of(*spans) == expected
        assert bytes_in(spans) == len(expected)
        assert all(one.end < other.start for one, other in pairwise(spans))


@given(st.lists(st.tuples(PLACES, PLACES), max_size=6), PLACES)
def test_one_byte_can_be_doubted(pairs: list[tuple[int, int]], byte: int) -> None:
    spans: Spans = ()
    for pair in pairs:
        spans = with_span(spans, Span(*sorted(pair)), 1_000)
    assert bytes_of(*without_byte(spans, byte)) == bytes_of(*spans) - {byte}


def test_memory_is_bounded_and_nothing_is_made_up() -> None:
    spans: Spans = ()
    for start in range(0, 100, 2):
        spans = with_span(spans, Span(start, start + 1), 10)
    assert spans == tuple(Span(start, start + 1) for start in range(0, 20, 2))
    assert with_span(spans, Span(1, 18), 10) == (Span(0, 19),)
