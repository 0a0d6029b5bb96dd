# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole standard, for every BMC that keeps to it; the drivers of the dialects start from here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._redfish.resource import Document, integer, link, member, strings, text, uri_of
from .._redfish.service import Service
from ..vendor_api.v1 import (
    API_VERSION,
    Console,
    ConsoleAccess,
    Driver,
    Evidence,
    Inventory,
    Power,
    Quirks,
    ResetVocabulary,
)
from .quirks import answers

_MAKERS = {
    "hpe": "hpe",
    "hewlett": "hpe",
    "hp": "hpe",
    "dell": "dell",
    "supermicro": "supermicro",
    "super": "supermicro",
    "lenovo": "lenovo",
    "lnvo": "lenovo",
    "cray": "cray",
    "nvidia": "nvidia",
    "giga": "gigabyte",
    "gigabyte": "gigabyte",
    "intel": "intel",
    "quanta": "quanta",
    "qct": "quanta",
    "openbmc": "openbmc",
}

# BootProgress.LastState (ComputerSystem 1.13), in the order of a boot: hardware is initialised in every boot, first.
_INITIALISING = (
    "PrimaryProcessorInitializationStarted",
    "BusInitializationStarted",
    "MemoryInitializationStarted",
    "SecondaryProcessorInitializationStarted",
    "PCIResourceConfigStarted",
)
_INITIALISED = ("SystemHardwareInitializationComplete", "SetupEntered", "OSBootStarted", "OSRunning")


class GenericPower:
    """Power by the standard (ComputerSystem 1.13, Manager 1.5)."""

    def __init__(self, quirks: Quirks) -> None:
        self._quirks = quirks

    def vocabulary(self) -> ResetVocabulary:
        standard = ResetVocabulary()
        return ResetVocabulary(graceful_off=standard.graceful_off + self._quirks.graceful_off_values)

    def boot_evidence(self, resource: Document) -> Mapping[str, Any]:
        """LastResetTime (ComputerSystem 1.12, Manager 1.9) and BootProgress.LastState (ComputerSystem 1.13)."""
        shown = {
            "last_reset_time": text(resource, "LastResetTime"),
            "boot_progress": text(resource, "BootProgress", "LastState"),
        }
        return {name: value for name, value in shown.items() if value is not None}

    def shows_restart(self, before: Mapping[str, Any]) -> bool:
        return "last_reset_time" in before or before.get("boot_progress") in _INITIALISED

    def restarted(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool | None:
        if "last_reset_time" in before and "last_reset_time" in now:
            return bool(before["last_reset_time"] != now["last_reset_time"])
        left = before.get("boot_progress") == "OSRunning" and now.get("boot_progress", "OSRunning") != "OSRunning"
        again = before.get("boot_progress") in _INITIALISED and now.get("boot_progress") in _INITIALISING
        return True if left or again else None


class GenericInventory:
    """What a BMC is, by the standard."""

    def maker(self, evidence: Evidence) -> str:
        """The root's Vendor, else the first OEM key that names one, else the maker of a manager or system.

        A vendor that makes BMC firmware for others (AMI) is not the maker of the machine.
        """
        names = tuple(_named_makers(evidence))
        known = next((_MAKERS[_first_word(name)] for name in names if _first_word(name) in _MAKERS), None)
        return known or (names[0].lower() if names else "unknown")

    def firmware_version(self, service: Service, manager: Document | None) -> str | None:
        return text(manager, "FirmwareVersion") if manager is not None else None

    def serial_number(self, service: Service) -> str | None:
        return None

    def contents(self, chassis: Document, names: tuple[str, ...]) -> str:
        return ""


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


class GenericDriver:
    """A driver for everything; a dialect's driver overrides the parts that differ."""

    api_version = API_VERSION
    dialect = "generic"

    def __init__(self, firmware: str = "") -> None:
        self.quirks = answers(self.dialect, firmware)
        self.power: Power = self.make_power()
        self.inventory: Inventory = self.make_inventory()
        self.console: ConsoleAccess = self.make_console()

    def make_power(self) -> Power:
        return GenericPower(self.quirks)

    def make_inventory(self) -> Inventory:
        return GenericInventory()

    def make_console(self) -> ConsoleAccess:
        return GenericConsole()

    def recognises(self, evidence: Evidence) -> bool:
        return True


def _named_makers(evidence: Evidence) -> Iterator[str]:
    """Every name of a maker, most trustworthy first (reference: check_redfish, libredfish and ironic ask so)."""
    systems = evidence.systems or ()
    managers = evidence.managers or ()
    vendor = text(evidence.root, "Vendor")
    if vendor and vendor.upper() != "AMI":
        yield vendor
    yield from _oem_makers(evidence.root)
    for system in systems:
        yield from filter(None, [text(system, "Manufacturer")])
    for manager in managers:
        yield from _oem_makers(manager)
        yield from filter(None, [text(manager, "Manufacturer")])
        # A model may begin with a maker's name (OpenBmc), and is no name of a maker otherwise (S2600BPB).
        yield from (model for model in filter(None, [text(manager, "Model")]) if _first_word(model) in _MAKERS)
    if vendor:
        yield vendor


def _oem_makers(document: Document) -> Iterator[str]:
    oem = member(document, "Oem")
    yield from (key for key in oem if _first_word(key) in _MAKERS) if isinstance(oem, Mapping) else ()


def _first_word(name: str) -> str:
    words = name.lower().replace(",", " ").replace("-", " ").split()
    return words[0] if words else ""


def has_oem(document: Document, *names: str) -> bool:
    """Whether the Oem object holds one of the names."""
    oem = member(document, "Oem")
    return isinstance(oem, Mapping) and any(name in oem for name in names)


def firmware_inventory(service: Service) -> Iterator[Document]:
    """The members of the UpdateService's FirmwareInventory; none where there is none."""
    update = link(service.root(), "UpdateService")
    document = service.find(update) if update else None
    collection = link(document, "FirmwareInventory") if document is not None else None
    for uri in service.members(collection) if collection else ():
        software = service.find(uri)
        if software is not None:
            yield software


_conforms: type[Driver] = GenericDriver
