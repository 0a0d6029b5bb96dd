# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the inventory plugin says and hands over: progress, a summary, and values that Ansible exports plain."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from ansible.utils.display import Display

from ..module_utils._core.clock import Clock, SystemClock

try:
    from ansible.template import trust_as_template
except ImportError:
    # ansible-core 2.18 knows no trust: it takes every string for a template that is not marked as unsafe.
    from ansible.utils.unsafe_proxy import wrap_var as _never_a_template

    trust_as_template = str  # type: ignore[assignment]
else:
    _never_a_template = str

_EVERY = 10.0
"""Seconds between two lines of progress; a run that is over before says nothing."""

_NAMED_AT_MOST = 5

display = Display()


def trusted(text: str) -> str:
    """A string of ours or of the source, which may be a template."""
    return trust_as_template(text)


class Trusting:
    """Marks strings as trusted, so that ansible-core 2.19 and newer export them plain.

    Not those that Ansible could take for a template: what a BMC says is never one (promise 8). Equal strings are marked
    once.
    """

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}

    def value(self, value: Any) -> Any:
        """The value with all its strings marked."""
        if isinstance(value, str):
            if value not in self._known:
                mark = _never_a_template if _like_a_template(value) else trust_as_template
                self._known[value] = mark(value)
            return self._known[value]
        if isinstance(value, Mapping):
            return {key: self.value(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item) for item in value]
        return value


def _like_a_template(text: str) -> bool:
    """Delimiters have a brace, unless a first line "#jinja2: variable_start_string: ..." chooses others."""
    return "{" in text or text.startswith("#")


class Progress:
    """Tells on standard error how far a long discovery is."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._said = self._clock.monotonic()

    def __call__(self, answered: int, failed: int, total: int) -> None:
        """answered, failed: addresses so far, those without a BMC among the failed. total: at most so many."""
        now = self._clock.monotonic()
        if now - self._said >= _EVERY:
            self._said = now
            sys.stderr.write(f"bmc_discovery: {answered + failed} of {total} addresses, {answered} BMCs answered\n")


def tell(source: str, summary: Mapping[str, Any]) -> None:
    """The summary of a discovery: in full with -v, as warnings what needs a person."""
    display.v(f"{source}: {counts(summary)}")
    for reason, times in summary["reasons"].items():
        display.warning(f"{source}: {times} BMCs: {reason}")
    for heading in ("forgotten", "further_addresses"):
        found = summary[heading]
        if found:
            more = f" and {len(found) - _NAMED_AT_MOST} more" if len(found) > _NAMED_AT_MOST else ""
            display.warning(f"{source}: {heading.replace('_', ' ')}: {', '.join(found[:_NAMED_AT_MOST])}{more}")


def counts(summary: Mapping[str, Any]) -> str:
    """How many BMCs answered, were silent, refused or failed, in one line."""
    states = ", ".join(f"{summary[state]} {state}" for state in ("answered", "silent", "refused", "failed"))
    return f"{states}, {summary['absent']} addresses without a BMC, in {summary['seconds']:.1f} s"
