# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet as discovery left it in the variables of hosts: BMCs, and the nodes behind them.

Only host variables are read (docs/discovery.md, "Host variables"), so that an inventory that AWX keeps in its database
serves as well as the plugin. A BMC may be there as a host of its own, by the hosts of its nodes, or by both.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

ANSWERED = "answered"
TROUBLES = ("silent", "refused", "failed")


@dataclass(frozen=True)
class Node:
    """A system behind a BMC. name: of its host. power, health: Redfish's words, "" where unknown."""

    name: str
    power: str
    health: str
    model: str
    serial: str


@dataclass(frozen=True)
class Bmc:
    """A BMC. chassis: what holds it, "" where only its own name is known. hosts: its own and its nodes', by name.

    story: bmc_discovery as it stands in the host variables.
    """

    name: str
    address: str
    vendor: str
    model: str
    dialect: str
    firmware: str
    chassis: str
    power: str
    health: str
    serial: str
    story: Mapping[str, Any]
    hosts: tuple[str, ...]
    nodes: tuple[Node, ...]

    @property
    def status(self) -> str:
        return _text(self.story.get("status")) or "unknown"

    @property
    def since(self) -> str:
        return _text(self.story.get("since"))

    @property
    def why(self) -> str:
        return _text(self.story.get("why"))

    @property
    def last_seen(self) -> str:
        return _text(self.story.get("last_seen"))

    @property
    def new(self) -> bool:
        return bool(self.story.get("new"))

    @property
    def incomplete(self) -> list[Mapping[str, Any]]:
        """Parts that could not be read: uri and why of each."""
        return _entries(self.story.get("incomplete"))

    @property
    def changed(self) -> list[Mapping[str, Any]]:
        """What the last round found changed: path, from and to of each."""
        return _entries(self.story.get("changed"))

    @property
    def changed_resources(self) -> list[str]:
        """URIs of resources that the last round found changed, settings among them that no fact tells."""
        return _texts(self.story.get("changed_resources"))

    @property
    def first_seen(self) -> str:
        return _text(self.story.get("first_seen"))

    @property
    def changes(self) -> list[dict[str, Any]]:
        """The last rounds that found anything changed, oldest first: [{time, changed, changed_resources}]."""
        return [
            {
                "time": _text(entry.get("time")),
                "changed": _entries(entry.get("changed")),
                "changed_resources": _texts(entry.get("changed_resources")),
            }
            for entry in _entries(self.story.get("changes"))
        ]

    @property
    def moved(self) -> bool:
        """Whether the last round found anything changed."""
        return bool(self.changed or self.changed_resources)

    @property
    def same_as(self) -> list[str]:
        """Other addresses of the same BMC."""
        found = self.story.get("same_as")
        return [_text(address) for address in (found if isinstance(found, list) else [found]) if address]


@dataclass(frozen=True)
class Fleet:
    """All BMCs, in natural order of their names. strangers: hosts of the play that discovery knows nothing of."""

    bmcs: tuple[Bmc, ...]
    strangers: int = 0
    as_of: str = field(init=False)

    def __post_init__(self) -> None:
        told = (_text(bmc.story.get(key)) for bmc in self.bmcs for key in ("last_seen", "since", "crawled"))
        object.__setattr__(self, "as_of", max(told, default=""))

    @property
    def nodes(self) -> Iterator[Node]:
        return (node for bmc in self.bmcs for node in bmc.nodes)

    def troubled(self, status: str) -> list[Bmc]:
        return [bmc for bmc in self.bmcs if bmc.status == status]

    def counts(self) -> dict[str, int]:
        """BMCs, nodes, BMCs of each status, and those that are new, changed, incomplete or known by two addresses."""
        by_status = Counter(bmc.status for bmc in self.bmcs)
        return {
            "bmcs": len(self.bmcs),
            "nodes": sum(1 for _node in self.nodes),
            **{status: by_status.pop(status, 0) for status in (ANSWERED, *TROUBLES)},
            "unknown": by_status.total(),
            "new": sum(bmc.new for bmc in self.bmcs),
            "changed": sum(bmc.moved for bmc in self.bmcs),
            "incomplete": sum(bool(bmc.incomplete) for bmc in self.bmcs),
            "several_addresses": sum(bool(bmc.same_as) for bmc in self.bmcs),
        }


@dataclass(frozen=True)
class Kind:
    """BMCs of one vendor, model and firmware, counted. power, health: of their nodes, else of the BMCs themselves."""

    vendor: str
    model: str
    firmware: str
    bmcs: tuple[Bmc, ...]
    nodes: int
    power: Mapping[str, int]
    health: Mapping[str, int]


@dataclass(frozen=True)
class Spread:
    """The firmware of one model. versions: with the names of their BMCs, the most common first.

    rule: the version that most of them have; "" where no version has more than half.
    """

    vendor: str
    model: str
    versions: tuple[tuple[str, tuple[str, ...]], ...]
    rule: str

    @property
    def total(self) -> int:
        return sum(len(names) for _version, names in self.versions)


def fleet(hosts: Iterable[tuple[str, Mapping[str, Any]]]) -> Fleet:
    """The fleet of an inventory's hosts, given with their variables."""
    found: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    strangers = 0
    for name, variables in hosts:
        if isinstance(variables.get("bmc_discovery"), Mapping):
            found.setdefault(_text(variables.get("bmc_name")) or name, []).append((name, variables))
        else:
            strangers += 1
    bmcs = (_bmc(name, members) for name, members in sorted(found.items(), key=lambda pair: natural(pair[0])))
    return Fleet(tuple(bmcs), strangers)


def kinds(of: Fleet) -> list[Kind]:
    """The fleet by vendor, model and firmware, in this order."""
    found: dict[tuple[str, str, str], list[Bmc]] = {}
    for bmc in of.bmcs:
        found.setdefault((bmc.vendor, bmc.model, bmc.firmware), []).append(bmc)
    return [_kind(key, bmcs) for key, bmcs in sorted(found.items(), key=lambda pair: natural("\0".join(pair[0])))]


def spreads(of: Fleet) -> list[Spread]:
    """The firmware of each model of which there is any, by vendor and model."""
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    for bmc in of.bmcs:
        if bmc.firmware:
            found.setdefault((bmc.vendor, bmc.model), {}).setdefault(bmc.firmware, []).append(bmc.name)
    return [
        _spread(vendor, model, versions)
        for (vendor, model), versions in sorted(found.items(), key=lambda pair: natural("\0".join(pair[0])))
    ]


def natural(name: str) -> list[tuple[int, int, str]]:
    """A key by which x1000c0s2b0 comes before x1000c0s10b0."""
    # int() would take neither superscripts nor numbers of thousands of digits.
    parts = re.findall(r"[0-9]{1,18}|[^0-9]+", name)
    return [(0, int(part), "") if part[0] in "0123456789" else (1, 0, part) for part in parts]


def _bmc(name: str, members: list[tuple[str, Mapping[str, Any]]]) -> Bmc:
    own = next((variables for _host, variables in members if "bmc_system" not in variables), None)
    first = members[0][1] if own is None else own
    facts = _mapping(_mapping(first.get("bmc_info")).get("bmc"))
    chassis = _text(first.get("bmc_chassis_id"))
    nodes = sorted((pair for pair in members if "bmc_system" in pair[1]), key=lambda pair: natural(pair[0]))
    return Bmc(
        name=name,
        address=_text(first.get("bmc_address")),
        vendor=_text(first.get("bmc_vendor")),
        # On the host of a node, bmc_model is the node's.
        model=_text(facts.get("model")) or _text(first.get("bmc_model")),
        dialect=_text(first.get("bmc_dialect")),
        firmware=_text(first.get("bmc_firmware_version")),
        chassis="" if chassis == name else chassis,
        power=_text(own.get("bmc_power_state")) if own else "",
        health=_text(own.get("bmc_health")) if own else "",
        serial=_text(_mapping(first.get("bmc_identity")).get("serial_number")),
        story=_mapping(first.get("bmc_discovery")),
        hosts=tuple(sorted((host for host, _variables in members), key=natural)),
        nodes=tuple(_node(host, variables) for host, variables in nodes),
    )


def _node(host: str, variables: Mapping[str, Any]) -> Node:
    return Node(
        name=host,
        power=_text(variables.get("bmc_power_state")),
        health=_text(variables.get("bmc_health")),
        model=_text(variables.get("bmc_model")),
        serial=_text(_mapping(variables.get("bmc_node")).get("serial_number")),
    )


def _kind(key: tuple[str, str, str], bmcs: list[Bmc]) -> Kind:
    shown = [part for bmc in bmcs for part in (bmc.nodes or (bmc,))]
    return Kind(
        *key,
        bmcs=tuple(bmcs),
        nodes=sum(len(bmc.nodes) for bmc in bmcs),
        power=Counter(part.power or "unknown" for part in shown),
        health=Counter(part.health or "unknown" for part in shown),
    )


def _spread(vendor: str, model: str, versions: Mapping[str, list[str]]) -> Spread:
    ordered = sorted(versions.items(), key=lambda pair: (-len(pair[1]), natural(pair[0])))
    total = sum(map(len, versions.values()))
    rule, having = ordered[0]
    listed = tuple((version, tuple(names)) for version, names in ordered)
    return Spread(vendor, model, listed, rule if 2 * len(having) > total else "")


def _text(value: Any) -> str:
    # str() also takes off the tags that ansible-core 2.19 and newer put on strings.
    return "" if value is None else str(value)


def _texts(value: Any) -> list[str]:
    return [_text(entry) for entry in value] if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _entries(value: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []
