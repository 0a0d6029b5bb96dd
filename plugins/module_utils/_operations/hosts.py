# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From records of BMCs to hosts of an inventory: names, groups, variables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._core.clock import timestamp
from .identity import usable
from .names import Namer, chassis_of
from .records import Record

_WORST_FIRST = ("Critical", "Warning", "OK")


@dataclass(frozen=True)
class Host:
    """One host. groups: beside "all", before they are made valid names."""

    name: str
    groups: tuple[str, ...]
    variables: Mapping[str, Any]


@dataclass(frozen=True)
class Rules:
    """What a site wants.

    kind: "nodes", "bmcs" or "both". access: the variables by which a task reaches the BMC of a record: trust, and
    references to credentials, never a secret.
    """

    kind: str
    name: Namer
    access: Callable[[Record], Mapping[str, Any]]


def hosts(records: Sequence[Record], rules: Rules) -> Iterator[Host]:
    """The hosts of all records, BMC by BMC, in the order of their names and addresses."""
    named = _named(records, rules.name)
    further = _further(named)
    for name, record in named:
        variables = {**_of_bmc(name, record, further.get(record["address"])), **rules.access(record)}
        if rules.kind != "nodes":
            yield Host(name, ("bmcs", *_groups(variables)), variables)
        if rules.kind != "bmcs":
            yield from _nodes(name, record, variables)


def further_addresses(records: Sequence[Record], name: Namer) -> dict[str, str]:
    """The addresses that lead to a BMC that is listed at a better one, and that one."""
    return _further(_named(records, name))


def _named(records: Sequence[Record], name: Namer) -> list[tuple[str, Record]]:
    """The records in order, each with its name; where two have one name, both are called by their addresses."""
    found = [(name(record["address"], record["host"], record["given"]), record) for record in records]
    times = Counter(given for given, _record in found)
    named = [(given if times[given] == 1 else record["address"], record) for given, record in found]
    return sorted(named, key=lambda pair: (pair[0], pair[1]["address"]))


def _further(named: Sequence[tuple[str, Record]]) -> dict[str, str]:
    """See further_addresses(). Where one BMC is known by several, the first that answers counts as its own."""
    first: dict[tuple[str, ...], str] = {}
    same: dict[str, str] = {}
    # sorted() keeps the order of names among those that answer: a BMC that moved is not at its old address.
    for _name, record in sorted(named, key=lambda pair: pair[1]["status"] != "answered"):
        identity = _identity(record["facts"])
        if identity and first.setdefault(identity, record["address"]) != record["address"]:
            same[record["address"]] = first[identity]
    return same


def _identity(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """What one BMC shows at all its addresses, and no other one; empty where it shows nothing of the kind.

    UUID and MAC address are meant to be unique. A serial number alone is not: the nodes of a Cray blade share one. The
    recorded Cray EX425 shows neither UUID nor MAC address of its controller, but those of its nodes.
    """
    shown = (facts.get("bmc") or {}).get("identity") or {}
    uuid, address, serial = (usable(shown.get(key)) for key in ("uuid", "mac_address", "serial_number"))
    if uuid or address:
        return uuid, address, serial
    interfaces = (facts.get("hardware") or {}).get("ethernet_interfaces") or []
    nodes = sorted({usable(interface["mac_address"]) for interface in interfaces} - {""})
    return (serial, *nodes) if nodes else ()


def _of_bmc(name: str, record: Record, same_as: str | None) -> dict[str, Any]:
    facts = record["facts"]
    bmc = facts.get("bmc") or {}
    systems = facts.get("systems") or []
    parts = (*systems, *(facts.get("managers") or []), *(facts.get("chassis") or []))
    return {
        "bmc_address": record["address"],
        "bmc_name": name,
        "bmc_chassis_id": chassis_of(name),
        "bmc_vendor": bmc.get("vendor"),
        "bmc_model": bmc.get("model"),
        "bmc_dialect": bmc.get("dialect"),
        "bmc_firmware_version": bmc.get("firmware_version"),
        "bmc_power_state": _agreed(system["power_state"] for system in _physical(systems)),
        "bmc_health": _worst(parts),
        "bmc_identity": bmc.get("identity") or {},
        "bmc_info": {
            key: facts[key] for key in ("bmc", "systems", "managers", "chassis", "capabilities") if key in facts
        },
        "bmc_hardware": facts.get("hardware") or {},
        "bmc_firmware": facts.get("firmware") or [],
        "bmc_console": facts.get("console") or [],
        "bmc_discovery": _story(record, same_as),
    }


def _nodes(name: str, record: Record, variables: Mapping[str, Any]) -> Iterator[Host]:
    """The nodes behind a BMC, numbered in the order of their URIs: SMD's rule, pkg/redfish (b72ba92)."""
    for ordinal, system in enumerate(_physical(record["facts"].get("systems") or [])):
        own = {
            **variables,
            "bmc_system": system["id"],
            "bmc_node": system,
            "bmc_power_state": system["power_state"],
            "bmc_health": system["health"],
            "bmc_model": system["model"] or variables["bmc_model"],
            "bmc_hardware": _of_system(variables["bmc_hardware"], system["uri"]),
            "bmc_console": [way for way in variables["bmc_console"] if way["system"] in (None, system["uri"])],
        }
        yield Host(f"{name}n{ordinal}", ("bmc_nodes", *_groups(own)), own)


def _physical(systems: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The systems that are nodes: physical, and with a reset where any has one.

    NVIDIA's HGX baseboard calls itself physical, too: it is a part of the node beside it and has no reset.
    """
    physical = [system for system in systems if system["system_type"] in (None, "Physical")]
    return [system for system in physical if system["reset_target"]] or physical


def _of_system(hardware: Mapping[str, Any], uri: str) -> dict[str, Any]:
    """The parts of one system, and those that belong to none."""
    return {kind: [part for part in parts if part["system"] in (None, uri)] for kind, parts in hardware.items()}


def _story(record: Record, same_as: str | None) -> dict[str, Any]:
    return {
        "status": record["status"],
        "since": _time(record["since"]),
        "why": record["why"],
        "last_seen": _time(record["seen"]),
        "crawled": _time(record["crawled"]),
        "incomplete": record["incomplete"],
        "changed": record["changed"],
        "changed_resources": record["changed_resources"],
        "new": record["new"],
        # Not in what an inventory cache or the records of an older version hold.
        "first_seen": _time(record.get("first_seen")),
        "changes": [{**change, "time": _time(change["time"])} for change in record.get("changes", [])],
        "same_as": same_as,
    }


def _groups(variables: Mapping[str, Any]) -> tuple[str, ...]:
    by_name = {
        "vendor": variables["bmc_vendor"],
        "model": variables["bmc_model"],
        "firmware": variables["bmc_firmware_version"],
        "power": variables["bmc_power_state"],
        "health": variables["bmc_health"],
        "chassis": variables["bmc_chassis_id"],
        "status": variables["bmc_discovery"]["status"],
    }
    further = ("bmc_further_addresses",) if variables["bmc_discovery"]["same_as"] else ()
    return (*(f"bmc_{name}_{value}".lower() for name, value in by_name.items() if value), *further)


def _agreed(values: Iterator[str | None]) -> str | None:
    """The one value of all, None where they differ."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def _worst(parts: Sequence[Mapping[str, Any]]) -> str | None:
    shown = {part["health"] for part in parts}
    return next((health for health in _WORST_FIRST if health in shown), None)


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else timestamp(seconds)
