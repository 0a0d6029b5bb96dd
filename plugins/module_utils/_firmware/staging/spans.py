# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parts of a file: what a Range header asks for, and what adds up to the whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes[ \t]*=[ \t]*(\d*)-(\d*)[ \t]*", re.ASCII | re.IGNORECASE)

# More digits than any file has bytes; Python refuses to read thousands of them.
_MOST_DIGITS = 20


@dataclass(frozen=True, order=True)
class Span:
    """Bytes of a file, from the first to the one before the end."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


Spans = tuple[Span, ...]
"""In order, without gaps of nothing between them."""


class NotSatisfiable(Exception):
    """A Range header asks for nothing that the file has."""


def asked(header: str, size: int) -> Span | None:
    """What a Range header asks for; None for the whole (RFC 9110, 14.2). Raises NotSatisfiable.

    A header that is not understood, and one with several ranges, get the whole: that is always allowed, while an answer
    in several parts is more than the HTTP clients of BMCs can be expected to read.
    """
    match = _RANGE.fullmatch(header)
    if not match:
        return None
    first, last = (int(digits[:_MOST_DIGITS]) if digits else None for digits in match.groups())
    if first is None:
        return None if last is None else _suffix(last, size)
    if last is not None and last < first:
        return None
    if first >= size:
        raise NotSatisfiable
    return Span(first, size if last is None else min(last + 1, size))


def _suffix(length: int, size: int) -> Span:
    if not length or not size:
        raise NotSatisfiable
    return Span(max(0, size - length), size)


def with_span(spans: Spans, new: Span, most: int) -> Spans:
    """The spans and one more. Beyond `most` spans one that touches no other is left out: less is known, never more."""
    if not new.length:
        return spans
    apart = [span for span in spans if span.end < new.start or new.end < span.start]
    if len(apart) == len(spans) >= most:
        return spans
    touching = [new, *(span for span in spans if span.start <= new.end and new.start <= span.end)]
    whole = Span(min(span.start for span in touching), max(span.end for span in touching))
    return tuple(sorted([*apart, whole]))


def without_byte(spans: Spans, byte: int) -> Spans:
    """The spans but for one byte."""
    before = [Span(span.start, min(span.end, byte)) for span in spans]
    after = [Span(max(span.start, byte + 1), span.end) for span in spans]
    return tuple(sorted(half for half in (*before, *after) if half.length > 0))


def bytes_in(spans: Spans) -> int:
    return sum(span.length for span in spans)
