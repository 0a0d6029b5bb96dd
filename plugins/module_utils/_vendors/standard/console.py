# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Consoles by the standard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..._redfish.resource import Document, integer, member, strings, text, uri_of
from ...vendor_api.v1 import Console

# The ports of SSH and RMCP+ (IANA), where a BMC names none.
_PORTS = {"ssh": 22, "ipmi": 623}
_SERVICES = {"ssh": "SSH", "ipmi": "IPMI", "kvm": "KVMIP"}
_HIGHEST_PORT = 65535

# Of a manager, in order of preference. A shell speaks IPMI only as a serial console does, so that one goes first.
_OF_MANAGER = (
    ("CommandShell", "ssh"),
    ("SerialConsole", "ssh"),
    ("SerialConsole", "ipmi"),
    ("CommandShell", "ipmi"),
    ("GraphicalConsole", "kvm"),
)


class GenericConsole:
    """Consoles by the standard (ComputerSystem 1.13, Manager 1.0, ManagerNetworkProtocol 1.0).

    entry_command, exit_sequence: how a dialect's command shell leads to the console and back. Without an entry command
    an SSH login to the shell leads nowhere that the standard knows, and is no console.
    """

    def __init__(self, entry_command: str = "", exit_sequence: str = "") -> None:
        self._entry_command = entry_command
        self._exit_sequence = exit_sequence

    def of_system(self, system: Document, protocols: Document | None) -> tuple[Console, ...]:
        """SerialConsole: SSH, then IPMI; then GraphicalConsole."""
        serial = (
            self._of_system(system, kind, protocols)
            for kind in _PORTS
            if isinstance(member(system, "SerialConsole", _SERVICES[kind]), Mapping)
        )
        return (*serial, *_graphical(system, protocols))

    def _of_system(self, system: Document, kind: str, protocols: Document | None) -> Console:
        path = ("SerialConsole", _SERVICES[kind])
        port = _port(system, *path, "Port") or _PORTS[kind]
        shell = kind == "ssh" and _leads_to_shell(system, port, protocols)
        off = (kind == "ipmi" or shell) and is_off(protocols, kind)
        told = text(system, *path, "ConsoleEntryCommand")
        own = self._exit_sequence if shell and not told else ""
        return Console(
            kind=kind,
            port=port,
            source="System.SerialConsole",
            uri=uri_of(system),
            enabled=member(system, *path, "ServiceEnabled") is True and not off,
            sessions=_sessions(system, "SerialConsole"),
            entry_command=told or (self._entry_command if shell else ""),
            exit_sequence=text(system, *path, "HotKeySequenceDisplay") or own,
        )

    def of_manager(self, manager: Document, protocols: Document | None) -> tuple[Console, ...]:
        """CommandShell, SerialConsole and GraphicalConsole. Dell shows a SerialConsole that is disabled."""
        return tuple(
            self._of_manager(manager, service, kind, protocols)
            for service, kind in _OF_MANAGER
            if _speaks(manager, service, kind) and (service != "CommandShell" or kind == "ipmi" or self._entry_command)
        )

    def _of_manager(self, manager: Document, service: str, kind: str, protocols: Document | None) -> Console:
        by_shell = kind == "ssh"
        return Console(
            kind=kind,
            port=port_of(protocols, kind),
            source=f"Manager.{service}",
            uri=uri_of(manager),
            enabled=member(manager, service, "ServiceEnabled") is True and not is_off(protocols, kind),
            sessions=_sessions(manager, service),
            entry_command=self._entry_command if by_shell else "",
            exit_sequence=self._exit_sequence if by_shell else "",
        )


def port_of(protocols: Document | None, kind: str) -> int | None:
    """The port that the BMC tells for a protocol, else the usual one; None for a KVM whose port is not told."""
    told = _port(protocols, _SERVICES[kind], "Port") if protocols is not None else None
    return told or _PORTS.get(kind)


def is_off(protocols: Document | None, kind: str) -> bool:
    """Whether the BMC says that a protocol is switched off."""
    return protocols is not None and member(protocols, _SERVICES[kind], "ProtocolEnabled") is False


def _leads_to_shell(system: Document, port: int, protocols: Document | None) -> bool:
    """Whether the console's SSH is the login to the BMC's shell: OpenBMC has another one, on port 2200."""
    shared = member(system, "SerialConsole", "SSH", "SharedWithManagerCLI")
    return shared is True or (shared is None and port == port_of(protocols, "ssh"))


def _graphical(system: Document, protocols: Document | None) -> Iterator[Console]:
    if _speaks(system, "GraphicalConsole", "kvm"):
        yield Console(
            kind="kvm",
            port=_port(system, "GraphicalConsole", "Port") or port_of(protocols, "kvm"),
            source="System.GraphicalConsole",
            uri=uri_of(system),
            enabled=member(system, "GraphicalConsole", "ServiceEnabled") is True and not is_off(protocols, "kvm"),
            sessions=_sessions(system, "GraphicalConsole"),
        )


def _speaks(document: Document, service: str, kind: str) -> bool:
    return _SERVICES[kind] in strings(document, service, "ConnectTypesSupported")


def _port(document: Document, *path: str) -> int | None:
    """A port; None for what is none: 0 stands for a port that is not told (GH200)."""
    port = integer(document, *path)
    return port if port is not None and 0 < port <= _HIGHEST_PORT else None


def _sessions(document: Document, service: str) -> int | None:
    """MaxConcurrentSessions; 0 stands for unknown on MegaRAC and Supermicro."""
    told = integer(document, service, "MaxConcurrentSessions")
    return told if told is not None and told > 0 else None
