# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The drift of the fleet for a person, as lines, and for other programs, as data."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._core.printable import printable
from .drift import CLASSES, RESETS, SETTINGS, Choice, Drift, Host, Mend, has_failed
from .fleet_table import aligned, tally

SCHEMA = "openchami.bmc.drift/1"

_HEADINGS = ("HOST", "CLASS", "WHAT", "IS", "WANTED", "OUTCOME")
# What a column may be cut to when the line is too wide, by its place.
_SHRINKING = {3: 8, 4: 8, 2: 16, 5: 12, 0: 8}
_LONGEST_VALUE = 60


@dataclass(frozen=True)
class Row:
    """One drift of one host, and what came of it. outcome: see the RETURN of fleet_drift. why: of a failure."""

    host: Host
    drift: Drift
    outcome: str
    why: str = ""


def rows(hosts: Sequence[Host], choice: Choice, classes: Collection[str], *, check_mode: bool) -> list[Row]:
    """All drift, host by host."""
    return [_row(host, drift, choice, classes, check_mode) for host in hosts for drift in host.drifts()]


def _row(host: Host, drift: Drift, choice: Choice, classes: Collection[str], check_mode: bool) -> Row:
    mend = choice.mends.get(host.name, Mend())
    if not mend.covers(drift.kind):
        return Row(host, drift, _left(host, drift, choice, classes))
    result = host.settings_mended if drift.kind in (SETTINGS, RESETS) else host.bios_mended
    if check_mode or not result:
        return Row(host, drift, "would mend" if check_mode else "to mend")
    outcome, why = _came_of(drift, result)
    return Row(host, drift, outcome, why)


def _left(host: Host, drift: Drift, choice: Choice, classes: Collection[str]) -> str:
    if host.protected:
        return "protected"
    if host.name in choice.over:
        return "over budget"
    return "waits for the rest" if drift.kind in classes else "not switched on"


def _came_of(drift: Drift, result: Mapping[str, Any]) -> tuple[str, str]:
    """Of one thing that was to be mended; one that failed does not speak for the others of its host."""
    if drift.kind in (SETTINGS, RESETS):
        told = next((entry for entry in result.get("settings", ()) if entry["name"] == drift.name), None)
        if told is None or told["state"] == "failed" or (drift.kind == RESETS and has_failed(result)):
            return "failed", str(result.get("msg") or (told or {}).get("note") or "")
        return ("waits for a restart", "") if told["pending"] else ("mended", "")
    system = next((entry for entry in result.get("systems", ()) if entry["id"] == drift.system), None)
    value = (system or {}).get("attributes", {}).get(drift.name)
    if value is None or has_failed(result):
        return "failed", str(result.get("msg") or "")
    return ("mended", "") if value["pending"] is None and value["after"] == drift.wanted else ("staged", "")


def counts(hosts: Sequence[Host], found: Sequence[Row]) -> dict[str, int]:
    """BMCs and hosts that are described; BMCs with drift, without, and not known; drift of each class."""
    known = {host.bmc for host in hosts}
    unknown = {host.bmc for host in hosts if host.why_unknown()}
    drifting = {row.host.bmc for row in found}
    kinds = Counter(row.drift.kind for row in found)
    return {
        "hosts": len(hosts),
        "bmcs": len(known),
        "drifting": len(drifting),
        "as_described": len(known - drifting - unknown),
        "not_known": len(unknown),
        **{kind: kinds[kind] for kind in CLASSES},
        "mended": len({row.host.bmc for row in found if row.outcome in ("mended", "staged", "waits for a restart")}),
        "failed": len({row.host.bmc for row in found if row.outcome == "failed"}),
    }


def as_data(hosts: Sequence[Host], found: Sequence[Row]) -> dict[str, Any]:
    """Plain data: {schema, counts, drift: [{host, bmc, system, class, name, is, wanted, outcome, why}], ...}."""
    return {
        "schema": SCHEMA,
        "counts": counts(hosts, found),
        "drift": [
            {
                "host": row.host.name,
                "bmc": row.host.bmc,
                "system": row.drift.system or None,
                "class": row.drift.kind,
                "name": row.drift.name,
                "is": row.drift.now,
                "wanted": row.drift.wanted,
                "outcome": row.outcome,
                "why": row.why,
            }
            for row in found
        ],
        "not_known": [{"host": host.name, "why": why} for host in hosts if (why := host.why_unknown())],
        "not_supported": [{"host": host.name, "names": list(host.lacking())} for host in hosts if host.lacking()],
    }


def lines(hosts: Sequence[Host], found: Sequence[Row], most: int, width: int) -> list[str]:
    """The report. most: rows of the table, and lines under a heading. width: of a line, in characters."""
    told = list(_lines(hosts, found, most, width))
    return [line if len(line) <= width else f"{line[: width - 1]}…" for line in told]


def _lines(hosts: Sequence[Host], found: Sequence[Row], most: int, width: int) -> Iterator[str]:
    told = counts(hosts, found)
    state = {"as described": told["as_described"], "with drift": told["drifting"], "not known": told["not_known"]}
    yield f"{told['bmcs']:,} described BMCs: {tally({name: count for name, count in state.items() if count}) or 'none'}"
    if not found:
        yield "no drift"
    else:
        yield f"drift: {tally(Counter(row.drift.kind for row in found))}"
        yield f"outcome: {tally(Counter(row.outcome for row in found))}"
        yield from aligned([_HEADINGS, *map(_cells, found[:most])], width, shrinking=_SHRINKING)
        yield from [f"... and {len(found) - most:,} more"] if len(found) > most else []
    failed = {row.host.name: row.why for row in found if row.why}
    yield from _section("FAILED", failed, most)
    yield from _section("NOT KNOWN", {host.name: host.why_unknown() for host in hosts if host.why_unknown()}, most)
    lacking = {host.name: ", ".join(host.lacking()) for host in hosts if host.lacking()}
    yield from _section("NOT SUPPORTED", lacking, most)


def _section(heading: str, told: Mapping[str, str], most: int) -> Iterator[str]:
    if told:
        yield f"{heading}: {len(told):,}"
        yield from aligned([(f"  {printable(name)}", printable(why)) for name, why in list(told.items())[:most]])
        yield from [f"  ... and {len(told) - most:,} more"] if len(told) > most else []


def _cells(row: Row) -> tuple[str, ...]:
    of_system = f"{row.drift.system}: " if row.drift.system else ""
    now, wanted = (_value(value) for value in (row.drift.now, row.drift.wanted))
    what = printable(f"{of_system}{row.drift.name}")
    return (printable(row.host.name), row.drift.kind, what, now, wanted, row.outcome)


def _value(value: Any) -> str:
    """A value as a person writes it."""
    if isinstance(value, (list, tuple)):
        return printable(", ".join(map(str, value)) or "none", _LONGEST_VALUE)
    if value is None or isinstance(value, (bool, dict)):
        return printable(json.dumps(value), _LONGEST_VALUE)
    return printable(value, _LONGEST_VALUE)
