# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What came of a campaign, for a person: as lines and as Markdown; and for other programs, as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..._core.clock import timestamp
from ..._core.printable import printable
from ..fleet_table import aligned, moment, tally
from .values import CANARY, NO_WAVE, STATES, UNFIT, Bmc, Campaign

SCHEMA = "openchami.bmc.campaign-report/1"

HEADINGS = ("HOSTS", "MODEL", "WAVE", "COMPONENT", "FROM", "TO", "OUTCOME", "WHY")
_WHY = len(HEADINGS) - 1
# What a column may be cut to when the line is too wide, by its place.
_SHRINKING = {1: 8, 0: 12, 5: 12, 4: 12, 3: 8}
_WORDS = {
    "failed": "FAILED",
    "not_ready": "NOT READY",
    "submitted": "submitted",
    "submitting": "may be submitted",
    "preparing": "preparing",
    "waiting": "waiting",
    "pending_reboot": "waits for a restart",
    "updated": "updated",
    "current": "was current",
    "other_hardware": "other hardware",
}


@dataclass(frozen=True)
class Row:
    """One component of one BMC; the BMC alone where nothing is known of its components. cells: as HEADINGS."""

    bmc: Bmc
    outcome: str
    cells: tuple[str, ...]


def outcome(bmc: Bmc) -> str:
    """In words. An update whose end was not seen is not just submitted."""
    return "NOT KNOWN" if bmc.unseen else _WORDS[bmc.state]


def rows(campaign: Campaign) -> list[Row]:
    """What needs a look first, then in the order of the waves."""
    ordered = sorted(
        campaign.bmcs, key=lambda bmc: (not bmc.failed, bool(not bmc.hook), STATES.index(bmc.state), bmc.wave)
    )
    return [row for bmc in ordered for row in _rows(bmc)]


def _rows(bmc: Bmc) -> Iterator[Row]:
    why = "; ".join(filter(None, (bmc.why, f"after the update: {bmc.hook}" if bmc.hook else "")))
    for update in bmc.updates or ({},):
        name = str(update.get("component") or update.get("name") or update.get("id") or "-")
        told = why or str(update.get("note") or "")
        after = update.get("after") if bmc.state == "updated" else update.get("wanted") or update.get("after")
        cells = (
            ", ".join(bmc.hosts),
            bmc.model or "-",
            wave(bmc.wave),
            name,
            update.get("before") or "-",
            after or "-",
        )
        yield Row(bmc, outcome(bmc), tuple(printable(cell) for cell in (*cells, outcome(bmc), told)))


def wave(number: int) -> str:
    """As a person calls it."""
    return "-" if number == NO_WAVE else "canary" if number == CANARY else str(number)


def counts(campaign: Campaign) -> dict[str, int]:
    """BMCs by what became of them, and how many count against the budget."""
    by_state = Counter(bmc.state for bmc in campaign.bmcs)
    return {"bmcs": len(campaign.bmcs), **{state: by_state[state] for state in STATES}, "counted": campaign.failed}


def as_data(campaign: Campaign, budget: int) -> dict[str, Any]:
    """Plain data: {schema, name, phase, why, firmware, counts, budget, bmcs: [{hosts, ...}]}."""
    return {
        "schema": SCHEMA,
        "name": campaign.name,
        "phase": campaign.phase,
        "why": campaign.why,
        "started": timestamp(campaign.started),
        "ended": timestamp(campaign.ended) if campaign.ended else None,
        "firmware": dict(campaign.firmware),
        "budget": budget,
        "counts": counts(campaign),
        "bmcs": [
            {
                "hosts": list(bmc.hosts),
                "bmc": bmc.key,
                "model": bmc.model,
                "wave": None if bmc.wave == NO_WAVE else bmc.wave,
                "state": bmc.state,
                "why": bmc.why,
                "hook": bmc.hook,
                "updates": [dict(update) for update in bmc.updates],
                "begun": timestamp(bmc.begun) if bmc.begun else None,
                "ended": timestamp(bmc.ended) if bmc.ended else None,
            }
            for bmc in campaign.bmcs
        ],
    }


def summary(campaign: Campaign, budget: int) -> list[tuple[str, str]]:
    """The head of a report: what and its value."""
    firmware = campaign.firmware
    digest = str(firmware.get("digest") or "")
    states = Counter(outcome(bmc) for bmc in campaign.bmcs)
    told = [
        ("campaign", campaign.name),
        ("state", f"{campaign.phase}{f': {campaign.why}' if campaign.why else ''}"),
        ("firmware", ", version ".join(filter(None, (str(firmware.get("shown") or "-"), firmware.get("version"))))),
        ("digest", digest or "-"),
        ("policy", verdict(firmware)),
        ("BMCs", f"{len(campaign.bmcs):,}: {tally(states)}" if campaign.bmcs else "none"),
        ("failures", f"{campaign.failed:,}; at most {budget:,} may fail"),
        ("started", moment(timestamp(campaign.started)) if campaign.started else "-"),
        ("ended", moment(timestamp(campaign.ended)) if campaign.ended else "-"),
    ]
    return [(what, printable(value)) for what, value in told]


def verdict(firmware: Mapping[str, Any]) -> str:
    """What the site's policies said of the firmware."""
    accepted = firmware.get("accepted")
    return "accepted" if accepted else "no policy was asked" if accepted is None else "not enforced, would be refused"


def lines(campaign: Campaign, budget: int, most: int, width: int, *, planned: bool = False) -> list[str]:
    """The report. most: rows of the table. width: of a line, in characters. planned: nothing has begun yet."""
    told = list(_lines(campaign, budget, most, width, planned))
    return [line if len(line) <= width else f"{line[: width - 1]}…" for line in told]


def _lines(campaign: Campaign, budget: int, most: int, width: int, planned: bool) -> Iterator[str]:
    left_out = {"ended", "started", *([] if campaign.why else ["state"])} if planned else set()
    yield from aligned([(f"{what}:", value) for what, value in summary(campaign, budget) if what not in left_out])
    if planned:
        yield f"plan: {_plan(campaign) or 'nothing to do'}"
    found = rows(campaign)
    if found:
        # Reasons are long: they have lines of their own.
        yield from aligned([HEADINGS[:_WHY], *(row.cells[:_WHY] for row in found[:most])], width, shrinking=_SHRINKING)
    yield from [f"... and {len(found) - most:,} more"] if len(found) > most else []
    yield from _reasons(found, most)


def _reasons(found: Sequence[Row], most: int) -> Iterator[str]:
    """Why, by outcome, each BMC once."""
    told: dict[str, dict[str, str]] = {}
    for row in found:
        if row.cells[_WHY]:
            told.setdefault(row.outcome, {}).setdefault(row.cells[0], row.cells[_WHY])
    for heading, reasons in told.items():
        yield f"{heading.upper()}: {len(reasons):,}"
        yield from aligned([(f"  {hosts}", why) for hosts, why in list(reasons.items())[:most]])
        yield from [f"  ... and {len(reasons) - most:,} more"] if len(reasons) > most else []


def _plan(campaign: Campaign) -> str:
    sizes = Counter(bmc.wave for bmc in campaign.bmcs if bmc.open and bmc.wave != NO_WAVE)
    parts = [f"{sizes[number]:,} in wave {number}" for number in sorted(sizes) if number != CANARY]
    canaries = [f"{sizes[CANARY]:,} {'canary' if sizes[CANARY] == 1 else 'canaries'}"] if sizes[CANARY] else []
    back = sum(bmc.away and not bmc.open for bmc in campaign.bmcs)
    hosts = [f"the hosts of {back:,} BMCs are taken back"] if back else []
    return ", then ".join([*hosts, *canaries, *parts])


def markdown(campaign: Campaign, budget: int) -> str:
    """The whole report. What a BMC wrote is text in it, never markup."""
    head = [f"# Firmware campaign {_escaped(campaign.name)}", "", "| | |", "| --- | --- |"]
    head += [_line((what, value)) for what, value in summary(campaign, budget)]
    table = [_line(HEADINGS), _line(["---"] * len(HEADINGS))] + [_line(row.cells) for row in rows(campaign)]
    return "\n".join([*head, "", *table, ""])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell if cell == '---' else _escaped(cell) for cell in cells)} |"


def _escaped(text: str) -> str:
    r"""As CommonMark 0.31 section 2.4 has it: a backslash before punctuation; "<" and "&" as entities for HTML."""
    escaped = "".join(f"\\{sign}" if sign in r"\`*_{}[]()#+!|~" else sign for sign in text)
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def left(campaign: Campaign) -> str:
    """What another run has to take up."""
    unseen = sum(bmc.unseen for bmc in campaign.bmcs)
    waiting = sum(bmc.open for bmc in campaign.bmcs) - unseen
    told = [f"the end of {unseen:,} updates was not seen"] if unseen else []
    told += [f"{waiting:,} BMCs wait that this run was not for"] if waiting else []
    away = sum(bmc.away and not bmc.open for bmc in campaign.bmcs)
    told += [f"the site's tasks after the update did not end for {away:,} BMCs"] if away else []
    return f"{', '.join(told)}; run this again to go on"


def fitting(campaign: Campaign) -> int:
    """How many BMCs the firmware is for: the whole of percentages."""
    return sum(bmc.state != UNFIT for bmc in campaign.bmcs)
