# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The consoles of the whole fleet, each node under a name of its own, for files that other programs read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from .._core.errors import LocalFailure
from .._core.printable import printable
from . import console_lines
from .fleet_table import aligned

SCHEMA = "openchami.bmc.consoles/1"

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST_NAME = 100

Nodes = Sequence[Mapping[str, Any]]
"""The nodes of a host, as bmc_console_uri returns them."""


@dataclass(frozen=True)
class Fleet:
    """nodes: by inventory host. kept: the hosts whose nodes are those of an earlier run. missing: those without any."""

    nodes: Mapping[str, Nodes]
    kept: tuple[str, ...]
    missing: tuple[str, ...]


def merged(known: Any, found: Mapping[str, Nodes], asked: Sequence[str], inventory: Sequence[str]) -> Fleet:
    """What this run found, and of the other hosts of the inventory what an earlier one did.

    known: the data of the earlier run (see as_data), None where there is none. asked: the hosts of this run: a limit
    does not make the others forgotten, nor does a BMC that is silent for an hour. Raises LocalFailure.
    """
    before = _hosts_of(known)
    kept = tuple(host for host in inventory if host not in found and host in before)
    nodes = {
        host: found[host] if host in found else before[host] for host in inventory if host in found or host in before
    }
    missing = tuple(host for host in asked if host not in found and host not in before)
    return Fleet(nodes, kept, missing)


def as_data(fleet: Fleet) -> dict[str, Any]:
    """For the next run and for other programs: {schema, hosts: {host: the nodes of bmc_console_uri}}."""
    return {"schema": SCHEMA, "hosts": {host: list(nodes) for host, nodes in sorted(fleet.nodes.items())}}


def entries(fleet: Fleet) -> list[dict[str, Any]]:
    """What the templates of the files are given, by name; see the documentation of fleet_consoles."""
    found = list(_each(fleet))
    names = _names(found)
    first: dict[tuple[str, str], str] = {}
    told = []
    for (host, _several, node), name in sorted(zip(found, names, strict=True), key=lambda pair: pair[1]):
        same = first.setdefault(_place(node, host), name)
        told.append(_entry(host, node, name, "" if same == name else same))
    return told


_Found = tuple[str, bool, Mapping[str, Any]]
"""A host, whether it has several nodes, and one of them."""


def _each(fleet: Fleet) -> Iterator[_Found]:
    for host, nodes in sorted(fleet.nodes.items()):
        for node in nodes:
            yield host, len(nodes) > 1, node


def _names(found: Sequence[_Found]) -> list[str]:
    """Of letters, digits, dot, hyphen and underscore, so that no program takes a name for a pattern or an option.

    Where two would be called alike, whatever their case, each gets a part that is computed from what it is: the names
    stay the same in the next run.
    """
    plain = [_safe(f"{host}-{node['id']}" if several else host) for host, several, node in found]
    times = Counter(name.lower() for name in plain)
    return [
        name if times[name.lower()] == 1 else f"{name}-{_digest(host, node)}"
        for name, (host, _several, node) in zip(plain, found, strict=True)
    ]


def _digest(host: str, node: Mapping[str, Any]) -> str:
    return sha256(f"{host} {node['uri']}".encode()).hexdigest()[:16]


def _safe(name: str) -> str:
    safe = _UNSAFE.sub("_", name)[:_LONGEST_NAME]
    return safe if safe[:1].isalnum() else f"n{safe}"


def _place(node: Mapping[str, Any], host: str) -> tuple[str, str]:
    """What two hosts share that are one node: a BMC and its only node are hosts of many inventories."""
    best = node["best"] or {}
    return (str(best.get("uri") or host), str(node["uri"]))


def _entry(host: str, node: Mapping[str, Any], name: str, same_as: str) -> dict[str, Any]:
    enabled = [console for console in node["consoles"] if console["enabled"]]
    by_ssh = next((console for console in enabled if console["protocol"] == "ssh"), None)
    logged = _for_conman(enabled)
    return {
        "name": name,
        "host": printable(host),
        "same_as": same_as,
        "ssh": console_lines.ssh_options(_way(by_ssh)) if by_ssh else None,
        "ssh_note": _note(by_ssh),
        "conman": console_lines.conman(_way(logged), name) if logged and not same_as else None,
        "conman_note": _note(logged),
        "command": printable(node["best"]["command"]) if node["best"] else "",
        "uri": printable(node["best"]["uri"]) if node["best"] else "",
        "note": _note(node["best"]),
    }


def lines(told: Sequence[Mapping[str, Any]], fleet: Fleet) -> list[str]:
    """For a person: a line for each node, and the hosts of which nothing is known."""
    rows = [
        (entry["name"], entry["command"] or entry["uri"] or "no console is enabled", entry["note"]) for entry in told
    ]
    missing = [(printable(host), "not known", "") for host in fleet.missing]
    return aligned([("NODE", "CONSOLE", ""), *rows, *missing])


def _for_conman(enabled: Nodes) -> Mapping[str, Any] | None:
    """Rather a console that is there at once: ConMan logs what it shows, and would log the prompt of a shell."""
    serial = [console for console in enabled if console["protocol"] in ("ssh", "ipmi")]
    return next((console for console in serial if not console["entry_command"]), serial[0] if serial else None)


def _way(console: Mapping[str, Any]) -> console_lines.Way:
    return console_lines.Way(
        console["protocol"], str(console["host"]), console["port"], str(console["user"] or ""), str(console["uri"])
    )


def _note(console: Mapping[str, Any] | None) -> str:
    """What a person does after the login, in one line."""
    if console is None:
        return ""
    steps = {"then type": console["entry_command"], "leave it with": console["exit_sequence"]}
    return ", ".join(f"{what}: {printable(said)}" for what, said in steps.items() if said)


def _hosts_of(known: Any) -> Mapping[str, Nodes]:
    """Raises LocalFailure for what no run of this collection has written."""
    if known is None:
        return {}
    if not isinstance(known, Mapping) or known.get("schema") != SCHEMA or not isinstance(known.get("hosts"), Mapping):
        raise LocalFailure(
            "what an earlier run wrote cannot be read",
            why=f"it is not of the schema {SCHEMA}",
            way_out="Remove consoles.json: then only what this run finds is written.",
        )
    hosts: Mapping[str, Nodes] = known["hosts"]
    return hosts
