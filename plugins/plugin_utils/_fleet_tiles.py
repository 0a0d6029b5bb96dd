# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where each node of the fleet is on the page, and how it looks there.

Power and health each have a sign as well as a colour, for who does not tell colours apart and for paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.openchami.bmc.plugins.module_utils._core.printable import printable
from ansible_collections.openchami.bmc.plugins.module_utils._operations.fleet import ANSWERED, Bmc, Fleet, Node, natural

_CHASSIS = re.compile(r"(x[0-9]+)(c[0-9]+)")
_IPV4 = re.compile(r"((?:[0-9]{1,3}\.){3})([0-9]{1,3}(?::[0-9]+)?)")

_POWER = {"on": ("on", "\u25cf"), "off": ("off", "\u25cb"), "": ("", "\u00b7")}
_CHANGING = ("changing", "\u25ca")
_HEALTH = {"warning": ("warning", "!"), "critical": ("critical", "\u203c")}
_WELL = ("", "")
_STATUS = {"silent": ("silent", "?"), "refused": ("refused", "\u00d7")}
_FAILED = ("failed", "\u2260")


@dataclass(frozen=True)
class Tile:
    """A node, or a BMC without any. classes: of the style sheet. sign, label, tip: what it shows, and when asked.

    power, health: Redfish's words, "" where unknown.
    """

    power: str
    health: str
    classes: str
    sign: str
    label: str
    tip: str


@dataclass(frozen=True)
class Row:
    """The tiles of one chassis or one network. cabinet: what holds the chassis, "" where that is not known."""

    cabinet: str
    label: str
    tiles: tuple[Tile, ...]


def rows(fleet: Fleet) -> list[Row]:
    """All nodes by chassis, where discovery knows them, else by the network of the BMC's address."""
    found: dict[tuple[str, str], list[Tile]] = {}
    for bmc in fleet.bmcs:
        cabinet, label, prefix = _place(bmc)
        found.setdefault((cabinet, label), []).extend(_tiles(bmc, prefix))
    ordered = sorted(found.items(), key=lambda pair: (natural(pair[0][0]), natural(pair[0][1])))
    return [Row(cabinet, label, tuple(tiles)) for (cabinet, label), tiles in ordered]


def _place(bmc: Bmc) -> tuple[str, str, str]:
    """Cabinet, row, and what names in this row need not repeat."""
    if in_cabinet := _CHASSIS.fullmatch(bmc.chassis):
        return in_cabinet[1], in_cabinet[2], bmc.chassis
    if bmc.chassis:
        return "", printable(bmc.chassis, 40), ""
    if by_address := _IPV4.fullmatch(bmc.address):
        return "", f"{by_address[1]}*", by_address[1]
    return "", "other addresses", ""


def _tiles(bmc: Bmc, prefix: str) -> Iterator[Tile]:
    for part in bmc.nodes or (bmc,):
        label = part.name.removeprefix(prefix) or part.name
        yield Tile(part.power, part.health, *_look(bmc, part), printable(label, 40), _tip(bmc, part))


def _look(bmc: Bmc, part: Node | Bmc) -> tuple[str, str]:
    """Classes and sign. What a BMC that is away said last is no longer known to be true: no colour for it."""
    if bmc.status != ANSWERED:
        return _STATUS.get(bmc.status, _FAILED)
    power, power_sign = _POWER.get(part.power.lower(), _CHANGING)
    health, health_sign = _HEALTH.get(part.health.lower(), _WELL)
    return " ".join(filter(None, (power, health))), power_sign + health_sign


def _tip(bmc: Bmc, part: Node | Bmc) -> str:
    """What a tile tells when asked, and what the filter searches."""
    told = [
        part.name,
        f"status={bmc.status} power={part.power or 'unknown'} health={part.health or 'unknown'}",
        " ".join(filter(None, (bmc.vendor, part.model or bmc.model))),
        " ".join(f"{what} {value}" for what, value in (("serial", part.serial), ("firmware", bmc.firmware)) if value),
        bmc.address,
        f"since {bmc.since}: {bmc.why}" if bmc.status != ANSWERED else "",
        f"incomplete: {len(bmc.incomplete)} parts" if bmc.incomplete else "",
        f"the same BMC as {', '.join(bmc.same_as)}" if bmc.same_as else "",
        "new" if bmc.new else "",
    ]
    return "\n".join(printable(line) for line in told if line)
