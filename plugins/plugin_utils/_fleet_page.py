# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet as one HTML page that needs no other file, no network, and no script but for its filter.

What a BMC wrote is held off twice: the template engine escapes every value, and the page's own policy lets nothing run
or load but the one script and the one style sheet in it, known by their digests.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ansible_collections.openchami.bmc.plugins.module_utils._core.printable import printable
from ansible_collections.openchami.bmc.plugins.module_utils._operations.fleet import (
    ANSWERED,
    TROUBLES,
    Bmc,
    Fleet,
    Kind,
    kinds,
    spreads,
)
from ansible_collections.openchami.bmc.plugins.module_utils._operations.fleet_table import ills, moment, tally
from ansible_collections.openchami.bmc.plugins.plugin_utils._fleet_tiles import rows

_FOLDER = Path(__file__).with_name("_templates")
# From so many tiles on they show signs only, so that a screen holds a thousand.
_MANY = 400
# So many names stand beside a version that only some have.
_NAMED = 12


@dataclass(frozen=True)
class Note:
    """What a person should look at. kind: "silent", "incomplete", ..."""

    bmc: Bmc
    kind: str
    since: str
    what: str


@dataclass(frozen=True)
class Version:
    """A firmware version of a model. share: of the model's BMCs. differs: most of them have another one."""

    kind: Kind
    share: float
    differs: bool


def page(fleet: Fleet) -> str:
    """The HTML page."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"printable": printable, "number": "{:,}".format, "tally": tally, "moment": moment}
    style, script = ((_FOLDER / name).read_text(encoding="utf-8") for name in ("fleet.css", "fleet.js"))
    placed = rows(fleet)
    return environment.get_template("fleet.html.j2").render(
        policy=f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'",
        style=Markup(style),  # noqa: S704 - a file of the collection
        script=Markup(script),  # noqa: S704 - a file of the collection
        fleet=fleet,
        counts=fleet.counts(),
        racks=[(cabinet, list(chassis)) for cabinet, chassis in groupby(placed, key=lambda row: row.cabinet)],
        tiles=[tile for row in placed for tile in row.tiles],
        many=_MANY,
        named=_NAMED,
        models=list(_models(fleet)),
        notes=list(_notes(fleet)),
    )


def _digest(text: str) -> str:
    """As a content security policy names a script or a style sheet (W3C, Content Security Policy Level 3)."""
    return f"sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}"


def _models(fleet: Fleet) -> Iterator[tuple[str, str, list[Version]]]:
    """Vendor, model and versions, the most common version first."""
    found: dict[tuple[str, str], list[Kind]] = {}
    for kind in kinds(fleet):
        found.setdefault((kind.vendor, kind.model), []).append(kind)
    rules = {(spread.vendor, spread.model): spread.rule for spread in spreads(fleet)}
    for key, versions in found.items():
        total = sum(len(kind.bmcs) for kind in versions)
        rule = rules.get(key, "")
        ordered = sorted(versions, key=lambda kind: -len(kind.bmcs))
        yield (
            *key,
            [Version(kind, len(kind.bmcs) / total, bool(rule and kind.firmware not in (rule, ""))) for kind in ordered],
        )


def _notes(fleet: Fleet) -> Iterator[Note]:
    """The troubled first, then the ill, then what is only worth knowing."""
    others = sorted({bmc.status for bmc in fleet.bmcs} - {ANSWERED, *TROUBLES})
    for status in (*TROUBLES, *others):
        yield from (Note(bmc, status, bmc.since, bmc.why) for bmc in fleet.troubled(status))
    yield from (Note(bmc, "not healthy", "", ill) for bmc in fleet.bmcs if (ill := ills(bmc)))
    for bmc in fleet.bmcs:
        for part in bmc.incomplete:
            yield Note(bmc, "incomplete", "", f"{part.get('uri')}: {part.get('why')}")
    yield from (Note(bmc, "same BMC", "", f"as {', '.join(bmc.same_as)}") for bmc in fleet.bmcs if bmc.same_as)
    yield from (Note(bmc, "new", "", f"{bmc.vendor} {bmc.model}") for bmc in fleet.bmcs if bmc.new)
