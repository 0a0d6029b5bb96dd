# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a firmware campaign as one HTML page that needs no other file, no network and no script.

What a BMC wrote is held off twice: the template engine escapes every value, and the page's own policy lets nothing load
but the one style sheet in it, known by its digest.
"""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ansible_collections.openchami.bmc.plugins.module_utils._core.printable import printable
from ansible_collections.openchami.bmc.plugins.module_utils._operations.campaign import report
from ansible_collections.openchami.bmc.plugins.module_utils._operations.campaign.values import NO_WAVE, Bmc, Campaign

_FOLDER = Path(__file__).with_name("_templates")

# How an outcome looks: class of the style sheet, and a sign for who does not tell colours apart and for paper.
_LOOKS = {
    "failed": ("bad", "\u2717"),
    "not_ready": ("bad", "\u2717"),
    "submitted": ("open", "\u2026"),
    "submitting": ("open", "?"),
    "preparing": ("open", "\u2026"),
    "waiting": ("open", "\u25cb"),
    "pending_reboot": ("warn", "\u21bb"),
    "updated": ("good", "\u2713"),
    "current": ("good", "="),
    "other_hardware": ("quiet", "\u2013"),
}


@dataclass(frozen=True)
class Wave:
    """A wave, and how many BMCs of it came to what. parts: class, share of the wave in percent, outcome, count."""

    name: str
    bmcs: int
    parts: tuple[tuple[str, float, str, int], ...]


def page(campaign: Campaign, budget: int) -> str:
    """The HTML page."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"printable": printable, "number": "{:,}".format}
    style = (_FOLDER / "campaign.css").read_text(encoding="utf-8")
    found = report.rows(campaign)
    return environment.get_template("campaign.html.j2").render(
        policy=f"default-src 'none'; style-src 'sha256-{base64.b64encode(sha256(style.encode()).digest()).decode()}'",
        style=Markup(style),  # noqa: S704 - a file of the collection
        campaign=campaign,
        summary=report.summary(campaign, budget),
        waves=_waves(campaign),
        troubled=[row for row in found if row.bmc.failed or row.bmc.hook],
        rows=found,
        headings=report.HEADINGS,
        look=look,
    )


def look(bmc: Bmc) -> tuple[str, str]:
    """Class and sign of what became of a BMC."""
    return ("bad", "?") if bmc.unseen else _LOOKS[bmc.state]


def _waves(campaign: Campaign) -> list[Wave]:
    found = []
    for number in sorted({bmc.wave for bmc in campaign.bmcs} - {NO_WAVE}):
        members = [bmc for bmc in campaign.bmcs if bmc.wave == number]
        outcomes = Counter((look(bmc)[0], report.outcome(bmc)) for bmc in members)
        parts = (
            (kind, round(100 * count / len(members), 2), words, count)
            for (kind, words), count in sorted(outcomes.items(), key=lambda pair: _ORDER.index(pair[0][0]))
        )
        found.append(Wave(report.wave(number), len(members), tuple(parts)))
    return found


_ORDER = ("bad", "warn", "good", "open", "quiet")
