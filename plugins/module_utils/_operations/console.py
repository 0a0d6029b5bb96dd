# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways to the serial consoles of the systems behind a BMC. Reads only."""

from __future__ import annotations

from typing import Any

from .._redfish.reset import has_reset
from .._redfish.resource import Document, link, uri_of
from ..vendor_api.v1 import Console
from .connect import View
from .managers import bmc_manager
from .parts import Parts


def read(bmc: View, parts: Parts) -> list[dict[str, Any]]:
    """Those that are enabled, by system, the preferred one first.

    The manager's count where no system tells one of its own, or the system's are all disabled. They lead to the one
    system behind the BMC; system is null where several are.
    """
    systems = sorted(bmc.service.collection("Systems"), key=uri_of)
    own = [_shown(uri_of(system), console) for system in systems for console in bmc.driver.console.of_system(system)]
    manager = bmc_manager(bmc.service)
    able = [uri_of(system) for system in systems if has_reset(system)]
    if own or manager is None or not able:
        return own
    protocols = parts.find(link(manager, "NetworkProtocol"))
    system = able[0] if len(able) == 1 else None
    return [_shown(system, console) for console in bmc.driver.console.of_manager(manager, protocols)]


def protocols_of(bmc: View, manager: Document) -> str | None:
    """URI of the ManagerNetworkProtocol, where read() needs it."""
    systems = bmc.service.collection("Systems")
    own = any(bmc.driver.console.of_system(system) for system in systems)
    return link(manager, "NetworkProtocol") if not own and any(map(has_reset, systems)) else None


def _shown(system: str | None, console: Console) -> dict[str, Any]:
    return {
        "system": system,
        "type": console.kind,
        "port": console.port,
        "user": console.user or None,
        "entry_command": console.entry_command or None,
        "exit_sequence": console.exit_sequence or None,
        "source": console.source,
    }
