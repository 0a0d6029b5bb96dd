# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet on a terminal: lines of at most a given width, that a tired person reads from top to bottom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .._core.printable import printable
from .fleet import ANSWERED, TROUBLES, Bmc, Fleet, kinds

NARROWEST = 60
_HEADINGS = ("VENDOR", "MODEL", "FIRMWARE", "BMCS", "NODES", "POWER", "HEALTH")
_GAP = "  "
# What a column may be cut to when the line is too wide, by its place: names first, counts never.
_SHRINKING = {1: 16, 2: 12, 0: 8}


def lines(fleet: Fleet, width: int, most: int) -> list[str]:
    """The whole report. width: of a line, in characters. most: BMCs that are named under one heading."""
    blocks = [list(_summary(fleet)), list(_table(fleet, width)), *_sections(fleet, most)]
    told = [line for block in blocks if block for line in (*block, "")]
    return [_cut(line, width) for line in told[:-1]]


def _summary(fleet: Fleet) -> Iterator[str]:
    counts = fleet.counts()
    by_status = Counter(bmc.status for bmc in fleet.bmcs)
    nodes = [part for bmc in fleet.bmcs for part in bmc.nodes]
    yield f"{_many(counts['bmcs'], 'BMC')} with {_many(counts['nodes'], 'node')}: {tally(by_status)}"
    if nodes:
        power = tally(Counter(node.power or "unknown" for node in nodes))
        yield f"power {power}; health {tally(Counter(node.health or 'unknown' for node in nodes))}"
    told = {"new": "new", "changed": "changed", "incomplete": "incomplete", "several_addresses": "known twice"}
    news = [f"{counts[key]:,} {word}" for key, word in told.items() if counts[key]]
    if news:
        yield ", ".join(news)
    if fleet.as_of:
        yield f"as of {moment(fleet.as_of)}"
    if fleet.strangers:
        yield f"{_many(fleet.strangers, 'host')} without bmc_discovery left out"


def _table(fleet: Fleet, width: int) -> Iterator[str]:
    rows = [
        (
            printable(kind.vendor) or "-",
            printable(kind.model) or "-",
            printable(kind.firmware) or "-",
            f"{len(kind.bmcs):,}",
            f"{kind.nodes:,}",
            tally(kind.power),
            tally(kind.health),
        )
        for kind in kinds(fleet)
    ]
    if rows:
        yield from aligned([_HEADINGS, *rows], width, right=(3, 4), shrinking=_SHRINKING)


def _sections(fleet: Fleet, most: int) -> Iterator[list[str]]:
    others = sorted({bmc.status for bmc in fleet.bmcs} - {ANSWERED, *TROUBLES})
    for status in (*TROUBLES, *others):
        yield _section(printable(status).upper(), [(bmc, _trouble(bmc)) for bmc in fleet.troubled(status)], most)
    yield _section("NOT HEALTHY", [(bmc, ill) for bmc in fleet.bmcs if (ill := ills(bmc))], most)
    yield _section("INCOMPLETE", [(bmc, _gaps(bmc)) for bmc in fleet.bmcs if bmc.incomplete], most)
    yield _section("SEVERAL ADDRESSES", [(bmc, _same(bmc)) for bmc in fleet.bmcs if bmc.same_as], most)
    yield _section("NEW", [(bmc, printable(f"{bmc.vendor} {bmc.model}")) for bmc in fleet.bmcs if bmc.new], most)


def _section(heading: str, rows: Sequence[tuple[Bmc, str]], most: int) -> list[str]:
    """A heading with its count, a line for each BMC, and what is not listed; nothing without rows."""
    if not rows:
        return []
    told = [(f"  {printable(bmc.name)}", printable(bmc.address), what) for bmc, what in rows[:most]]
    rest = [f"  ... and {len(rows) - most:,} more"] if len(rows) > most else []
    return [f"{heading}: {len(rows):,}", *aligned(told), *rest]


def _trouble(bmc: Bmc) -> str:
    since = f"since {moment(bmc.since)}" if bmc.since else ""
    return ": ".join(part for part in (since, printable(bmc.why)) if part)


def ills(bmc: Bmc) -> str:
    """What of a BMC and its nodes does not call itself well; "" where all do or say nothing."""
    parts = [(node.name, node.health) for node in bmc.nodes] or [("", bmc.health)]
    told = [f"{name.removeprefix(bmc.name)} {health}".strip() for name, health in parts if health not in ("", "OK")]
    # A fan or a power supply may be ill while its node calls itself well.
    if not told and bmc.health not in ("", "OK"):
        told = [bmc.health]
    return printable(", ".join(told))


def _gaps(bmc: Bmc) -> str:
    first, *others = bmc.incomplete
    told = f"{printable(first.get('uri'))}: {printable(first.get('why'))}"
    return f"{len(bmc.incomplete)} parts, first {told}" if others else told


def _same(bmc: Bmc) -> str:
    return printable(f"the same BMC as {', '.join(bmc.same_as)}")


def aligned(
    rows: Sequence[Sequence[str]], width: int = 0, right: Sequence[int] = (), shrinking: Mapping[int, int] | None = None
) -> list[str]:
    """Rows in columns. Where a line would be wider than width, the columns in shrinking are cut, to no less than said.

    right: columns of numbers.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for place, least in (shrinking or {}).items():
        spare = sum(widths) + len(_GAP) * (len(widths) - 1) - width
        widths[place] = max(min(least, widths[place]), widths[place] - max(0, spare))
    return [_GAP.join(_cells(row, widths, right)).rstrip() for row in rows]


def _cells(row: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> Iterator[str]:
    for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
        yield cell.rjust(width) if place in right else _cut(cell, width).ljust(width)


def tally(counts: Mapping[str, int]) -> str:
    """ "12 On, 2 Off": the most common first."""
    ordered: Iterable[tuple[str, int]] = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{count:,} {printable(what, 20)}" for what, count in ordered)


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def moment(time: str) -> str:
    """A time without what nobody reads: "2026-11-24 18:00 UTC" of "2026-11-24T18:00:12Z"."""
    shown = printable(time, 40)
    return f"{shown[:10]} {shown[11:16]} UTC" if shown[10:11] == "T" and shown.endswith("Z") else shown


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"
