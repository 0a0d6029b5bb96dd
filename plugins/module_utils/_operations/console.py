# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways to the consoles of the systems behind a BMC. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Union

from .._redfish.reset import has_reset
from .._redfish.resource import Document, link, uri_of
from ..vendor_api.v1 import Console
from .connect import View
from .managers import bmc_manager
from .parts import Parts

_Way = tuple[Union[str, None], Console]  # noqa: UP007 - ansible-test's pylint does not understand the other form here
"""A system's URI, and a console of it."""


def read(bmc: View, parts: Parts) -> list[dict[str, Any]]:
    """All of them, by system. Of each system first those that are enabled, among them the preferred one first.

    A system's own go first, then the manager's, a graphical one last. The manager's lead to the one system behind the
    BMC; system is null where several are.
    """
    systems = sorted(bmc.service.collection("Systems"), key=uri_of)
    if not systems:
        return []
    manager = bmc_manager(bmc.service)
    protocols = parts.find(protocols_of(bmc, manager)) if manager is not None else None
    place = {uri_of(system): number for number, system in enumerate(systems)}
    found = _once(_all(bmc, systems, manager, protocols))
    found.sort(key=lambda way: (place.get(way[0] or "", len(place)), not way[1].enabled, way[1].kind == "kvm"))
    return [_shown(system, console) for system, console in found]


def protocols_of(bmc: View, manager: Document) -> str | None:
    """URI of the ManagerNetworkProtocol, where read() needs it."""
    return link(manager, "NetworkProtocol") if bmc.service.collection("Systems") else None


def _all(bmc: View, systems: list[Document], manager: Document | None, protocols: Document | None) -> Iterator[_Way]:
    for system in systems:
        for console in bmc.driver.console.of_system(system, protocols):
            yield uri_of(system), console
    able = [uri_of(system) for system in systems if has_reset(system)]
    if manager is not None and able:
        for console in bmc.driver.console.of_manager(manager, protocols):
            yield able[0] if len(able) == 1 else None, console


def _once(ways: Iterator[_Way]) -> list[_Way]:
    """Without what an earlier source told: two tell of one service."""
    known: dict[tuple[Any, ...], _Way] = {}
    for system, console in ways:
        port = None if console.kind == "kvm" else console.port
        what = (system, console.kind, port, console.user, console.entry_command, console.enabled)
        known.setdefault(what, (system, console))
    return list(known.values())


def _shown(system: str | None, console: Console) -> dict[str, Any]:
    return {
        "system": system,
        "protocol": console.kind,
        "port": console.port,
        "user": console.user or None,
        "entry_command": console.entry_command or None,
        "exit_sequence": console.exit_sequence or None,
        "max_concurrent_sessions": console.sessions,
        "enabled": console.enabled,
        "source": console.source,
        "source_uri": console.uri or None,
    }
