# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the last round of discovery found: in plain words for a person, and as data for the next steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._core.printable import printable
from .fleet import ANSWERED, TROUBLES, Bmc, Fleet

SCHEMA = "openchami.bmc.reconcile/1"
FAILINGS = (*TROUBLES, "incomplete")
LISTED = ("changed", "new", *FAILINGS)

# What moves with every round of a BMC that is well: no news.
_MOVING = ("last_seen",)
_SINGULAR = {
    "systems": "system",
    "managers": "manager",
    "processors": "processor",
    "memory": "memory module",
    "drives": "drive",
    "pcie_devices": "PCIe device",
    "network_adapters": "network adapter",
    "ethernet_interfaces": "network interface",
    "power_supplies": "power supply",
}
# Of these the facts are grouped into, and nobody calls a part by them.
_GROUPING = ("hardware",)


def as_data(fleet: Fleet, time: str) -> dict[str, Any]:
    """The content of reconcile.json. Strings are as the BMCs gave them.

    Shape::

        schema   SCHEMA; another number after the slash when a key goes or changes its meaning
        time     when this was written, ISO 8601
        counts   bmcs, nodes, answered, silent, refused, failed, unknown, new, changed, incomplete, several_addresses
        bmcs     those there is something to say of: [{name, address, hosts: [name], status, since, why, last_seen, new,
                 changed: [{path, from, to}], changed_resources: [uri], incomplete: [{uri, why}], same_as: [address]}]
    """
    return {
        "schema": SCHEMA,
        "time": time,
        "counts": fleet.counts(),
        "bmcs": [_bmc(bmc) for bmc in fleet.bmcs if _notable(bmc)],
    }


def is_news(now: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether a round tells anything that the round before did not tell."""
    return _news(now) != _news(before)


def facts(fleet: Fleet, most: int) -> dict[str, Any]:
    """For a scheduler's store, whose room is small: counts, and of each list in LISTED the first names.

    complete: whether no list was cut.
    """
    lists = {what: _named(fleet, what) for what in LISTED}
    cut = {what: [bmc.name for bmc in bmcs[:most]] for what, bmcs in lists.items()}
    return {"counts": fleet.counts(), **cut, "complete": all(len(bmcs) <= most for bmcs in lists.values())}


def failing(fleet: Fleet, fail_on: Sequence[str]) -> dict[str, int]:
    """How many BMCs are in each of the states that are to fail the round; states with none are left out."""
    found = {what: len(_named(fleet, what)) for what in fail_on}
    return {what: count for what, count in found.items() if count}


def lines(fleet: Fleet, most: int) -> list[str]:
    """The round in plain words, BMC by BMC. most: BMCs that are named, and changes that are told of each."""
    notable = [bmc for bmc in fleet.bmcs if _notable(bmc)]
    counts = fleet.counts()
    told = [f"{counts[what]:,} {what.replace('_', ' ')}" for what in ("new", "changed", *FAILINGS) if counts[what]]
    first = f"{counts['bmcs']:,} BMCs: {', '.join(told) or 'nothing changed, nothing wrong'}"
    body = [line for bmc in notable[:most] for line in _of_bmc(bmc, most)]
    rest = [f"... and {len(notable) - most:,} more BMCs"] if len(notable) > most else []
    return [first, *body, *rest]


def _of_bmc(bmc: Bmc, most: int) -> list[str]:
    sentences = list(_sentences(bmc))
    rest = [f"... and {len(sentences) - most:,} more"] if len(sentences) > most else []
    return [printable(f"{bmc.name} ({bmc.address})"), *(f"  {sentence}" for sentence in [*sentences[:most], *rest])]


def _sentences(bmc: Bmc) -> Iterator[str]:
    if bmc.new:
        yield printable(f"is new: {bmc.vendor} {bmc.model}").rstrip(": ")
    if bmc.status != ANSWERED:
        yield printable(f"{bmc.status} since {bmc.since}: {bmc.why}").removesuffix(": ")
    for change in bmc.changed:
        yield change_in_words(change)
    if bmc.changed_resources and not bmc.changed:
        yield printable(f"changed, in settings that no fact tells: {', '.join(bmc.changed_resources)}")
    for part in bmc.incomplete:
        yield printable(f"could not be read: {part.get('uri')}: {part.get('why')}")
    if bmc.same_as:
        yield printable(f"is the same BMC as {', '.join(bmc.same_as)}")


def change_in_words(change: Mapping[str, Any]) -> str:
    """ "power state of system 1: Off, was On" of {path: "systems/1/power_state", from: "On", to: "Off"}."""
    what = printable(_subject(str(change.get("path", "")))) or "something"
    old, new = change.get("from"), change.get("to")
    return f"{what}: {printable(new) or 'nothing'}, was {printable(old) or 'nothing'}"


def _subject(path: str) -> str:
    kind, _slash, rest = path.partition("/")
    if kind in _GROUPING:
        kind, _slash, rest = rest.partition("/")
    if kind == "bmc":
        return f"{_words(rest)} of the BMC" if rest else "the BMC"
    if not rest:
        return _words(kind)
    # The name of a part may be its URI, which has slashes of its own.
    name, _slash, attribute = rest.rpartition("/")
    if not name or not attribute.replace("_", "").islower():
        return f"{_SINGULAR.get(kind, kind)} {rest}"
    return f"{_words(attribute)} of {_SINGULAR.get(kind, kind)} {name}"


def _words(name: str) -> str:
    return name.replace("_", " ").replace("/", " ")


def _notable(bmc: Bmc) -> bool:
    return bool(bmc.status != ANSWERED or bmc.new or bmc.moved or bmc.incomplete or bmc.same_as)


def _named(fleet: Fleet, what: str) -> list[Bmc]:
    if what in TROUBLES:
        return fleet.troubled(what)
    return [bmc for bmc in fleet.bmcs if {"changed": bmc.moved, "new": bmc.new, "incomplete": bmc.incomplete}[what]]


def _bmc(bmc: Bmc) -> dict[str, Any]:
    return {
        "name": bmc.name,
        "address": bmc.address,
        "hosts": list(bmc.hosts),
        "status": bmc.status,
        "since": bmc.since,
        "why": bmc.why,
        "last_seen": bmc.last_seen,
        "new": bmc.new,
        "changed": bmc.changed,
        "changed_resources": bmc.changed_resources,
        "incomplete": bmc.incomplete,
        "same_as": bmc.same_as,
    }


def _news(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What of a round can be news. Changes of a BMC are news each time that they are found: last_seen counts then."""
    told = []
    for bmc in content.get("bmcs", []):
        silent = () if bmc["changed"] or bmc["changed_resources"] or bmc["new"] else _MOVING
        told.append({key: value for key, value in bmc.items() if key not in silent})
    return told
