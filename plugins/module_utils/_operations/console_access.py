# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The consoles of the nodes behind a BMC, each as something to connect to. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._redfish.reset import has_reset
from .._redfish.resource import Document, id_of, text, uri_of
from . import console, console_lines
from .connect import View
from .parts import Parts
from .targets import ALL, named


@dataclass(frozen=True)
class Found:
    """nodes: see the RETURN of bmc_console_uri. warnings: what a person should know of them."""

    nodes: list[dict[str, Any]]
    warnings: list[str]


def nodes(bmc: View, name: str, user: str, host: str) -> Found:
    """The nodes, each with its consoles in order of preference and the best of those that are enabled.

    name: Id, Name or URI of a system, "" or "all" for all that are nodes. user: of the BMC's account, "" where unknown.
    host: inventory name, for the lines that name a console. Raises TargetUnknown.
    """
    parts = Parts(bmc.service)
    ways = console.read(bmc, parts)
    systems = sorted(bmc.service.collection("Systems"), key=uri_of)
    chosen = [named("system", systems, name)] if name not in ("", ALL) else _nodes(systems, ways)
    several = len(_nodes(systems, ways)) > 1
    shown = [
        _node(system, [_reached(bmc, way, user, _called(host, system, several)) for way in ways if _of(system, way)])
        for system in chosen
    ]
    return Found(shown, [*_of_nobody(ways), *_unread(parts)])


def _nodes(systems: Sequence[Document], ways: Sequence[Mapping[str, Any]]) -> list[Document]:
    """Those that can be powered or have a console; a GPU baseboard beside a node has neither (GH200)."""
    return [system for system in systems if has_reset(system) or any(_of(system, way) for way in ways)]


def _of(system: Document, way: Mapping[str, Any]) -> bool:
    return bool(way["system"] == uri_of(system))


def _called(host: str, system: Document, several: bool) -> str:
    return f"{host}-{id_of(system)}" if several else host


def _node(system: Document, consoles: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": id_of(system),
        "name": text(system, "Name"),
        "uri": uri_of(system),
        "best": next((way for way in consoles if way["enabled"]), None),
        "consoles": consoles,
    }


def _reached(bmc: View, way: Mapping[str, Any], account: str, name: str) -> dict[str, Any]:
    user = way["user"] or account
    there = console_lines.Way(way["protocol"], bmc.origin.host, way["port"], user, str(bmc.origin))
    return {
        "protocol": way["protocol"],
        "host": there.host,
        "port": there.port,
        "user": user or None,
        "uri": console_lines.uri(there),
        **{key: way[key] for key in ("entry_command", "exit_sequence", "max_concurrent_sessions", "enabled")},
        **{key: way[key] for key in ("source", "source_uri")},
        "command": console_lines.command(there),
        "conman": console_lines.conman(there, name),
    }


def _of_nobody(ways: Sequence[Mapping[str, Any]]) -> list[str]:
    """A console that may be another node's is no node's: nobody types into the wrong machine."""
    left = [f"{way['protocol']} on port {way['port']}" for way in ways if way["system"] is None and way["enabled"]]
    return [f"the BMC does not say which of its systems these consoles belong to: {', '.join(left)}"] if left else []


def _unread(parts: Parts) -> list[str]:
    return [
        f"it could not be read, so ports are the usual ones: {entry['uri']}: {entry['why']}"
        for entry in parts.incomplete()
    ]
