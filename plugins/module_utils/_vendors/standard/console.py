# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Consoles by the standard."""

from __future__ import annotations

from ..._redfish.resource import Document, integer, member, strings, text, uri_of
from ...vendor_api.v1 import Console

# The ports of SSH and RMCP+ (IANA), where a BMC names none.
_PORTS = {"ssh": 22, "ipmi": 623}
_PROTOCOLS = {"ssh": "SSH", "ipmi": "IPMI"}


class GenericConsole:
    """Consoles by the standard (ComputerSystem 1.13, Manager 1.0).

    entry_command, exit_sequence: how a dialect's command shell leads to the console and back. Without an entry command
    an SSH login to the shell leads nowhere that the standard knows, and is no console.
    """

    def __init__(self, entry_command: str = "", exit_sequence: str = "") -> None:
        self._entry_command = entry_command
        self._exit_sequence = exit_sequence

    def of_system(self, system: Document) -> tuple[Console, ...]:
        """SerialConsole: SSH, then IPMI; a service that is there but disabled is passed over."""
        return tuple(
            Console(
                kind=kind,
                port=integer(system, "SerialConsole", name, "Port") or _PORTS[kind],
                source=uri_of(system),
                entry_command=text(system, "SerialConsole", name, "ConsoleEntryCommand") or "",
                exit_sequence=text(system, "SerialConsole", name, "HotKeySequenceDisplay") or "",
            )
            for kind, name in _PROTOCOLS.items()
            if member(system, "SerialConsole", name, "ServiceEnabled") is True
        )

    def of_manager(self, manager: Document, protocols: Document | None) -> tuple[Console, ...]:
        """CommandShell, then SerialConsole, of each kind the first. Dell shows a SerialConsole that is disabled."""
        found: dict[str, Console] = {}
        for service in ("CommandShell", "SerialConsole"):
            for kind, name in _PROTOCOLS.items():
                leads_there = service == "SerialConsole" or kind == "ipmi" or self._entry_command
                if leads_there and _serves(manager, service, name, protocols):
                    found.setdefault(kind, self._console(kind, manager, protocols))
        return tuple(found[kind] for kind in _PROTOCOLS if kind in found)

    def _console(self, kind: str, manager: Document, protocols: Document | None) -> Console:
        told = integer(protocols, _PROTOCOLS[kind], "Port") if protocols is not None else None
        port, source = told or _PORTS[kind], uri_of(manager)
        if kind == "ipmi":
            return Console(kind, port, source)
        return Console(kind, port, source, entry_command=self._entry_command, exit_sequence=self._exit_sequence)


def _serves(manager: Document, service: str, protocol: str, protocols: Document | None) -> bool:
    """Whether a console service of a manager is enabled and speaks a protocol that is not switched off."""
    off = protocols is not None and member(protocols, protocol, "ProtocolEnabled") is False
    enabled = member(manager, service, "ServiceEnabled") is True
    return enabled and protocol in strings(manager, service, "ConnectTypesSupported") and not off
