# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ValueExpression (AttributeRegistry 1.3): the pattern of a text, tried only where trying it cannot take for ever.

Python's re tries all ways in which a pattern may match. iDRAC9's registry has patterns with repetitions of repetitions,
of which a wrong text of 40 characters has more ways than anybody waits for; and a registry comes from a BMC. So the
ways are counted first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MOST_WAYS = 200_000.0
_LONGEST_PATTERN = 4_000
_LONGEST_TEXT = 512
_TIMES = re.compile(r"\{(\d{1,3})(,(\d{0,3}))?\}")
_CLASS = re.compile(r"\[\^?\]?(?:[^\]\\]|\\.)*\]", re.DOTALL)
_MANY = {"*": (0, _LONGEST_TEXT), "+": (1, _LONGEST_TEXT), "?": (0, 1)}


def fits(pattern: str, value: str) -> bool | None:
    """Whether the text matches the pattern; None where that is not tried."""
    if len(value) > _LONGEST_TEXT or _ways(pattern) > _MOST_WAYS:
        return None
    try:
        return re.search(pattern, value) is not None
    except (re.error, OverflowError):
        return None


def _ways(pattern: str) -> float:
    """In how many ways at most it may match a text; infinite for what is not counted, such as a back reference."""
    if len(pattern) > _LONGEST_PATTERN:
        return float("inf")
    counting = _Counting(pattern)
    try:
        ways = counting.alternatives()
    except (_Uncounted, RecursionError, OverflowError):
        return float("inf")
    return ways if counting.at == len(pattern) else float("inf")


class _Uncounted(Exception):
    """Something else than groups, classes, characters and their repetitions."""


@dataclass
class _Counting:
    """A walk over a pattern. at: the place of the next character."""

    pattern: str
    at: int = 0

    def alternatives(self) -> float:
        ways = self._sequence()
        while self._took("|"):
            ways += self._sequence()
        return ways

    def _sequence(self) -> float:
        ways = 1.0
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            one = self._atom()
            least, most = self._times()
            ways *= one**most * (most - least + 1)
        return ways

    def _atom(self) -> float:
        if self._took("("):
            if self._took("?") and not self._took(":"):
                raise _Uncounted
            ways = self.alternatives()
            if not self._took(")"):
                raise _Uncounted
            return ways
        found = _CLASS.match(self.pattern, self.at)
        if found:
            self.at = found.end()
        elif self._took("\\"):
            if self.pattern[self.at : self.at + 1].isdigit():
                raise _Uncounted
            self.at += 1
        else:
            self.at += 1
        return 1.0

    def _times(self) -> tuple[int, int]:
        """How often, at least and at most."""
        char = self.pattern[self.at : self.at + 1]
        found = _TIMES.match(self.pattern, self.at)
        if char in _MANY:
            self.at += 1
            times = _MANY[char]
        elif found:
            self.at = found.end()
            least = int(found[1])
            times = (least, least if found[2] is None else int(found[3] or _LONGEST_TEXT))
        else:
            return 1, 1
        self._took("?")
        return times

    def _took(self, char: str) -> bool:
        found = self.pattern.startswith(char, self.at)
        self.at += len(char) if found else 0
        return found
