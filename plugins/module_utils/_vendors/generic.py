# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole standard, for every BMC that keeps to it; the drivers of the dialects start from here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._redfish.resource import Document, link, member, text
from .._redfish.service import Service
from ..vendor_api.v1 import API_VERSION, Driver, Evidence, Inventory, Power, Quirks, ResetVocabulary
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


class GenericDriver:
    """A driver for everything; a dialect's driver overrides the parts that differ."""

    api_version = API_VERSION
    dialect = "generic"

    def __init__(self, firmware: str = "") -> None:
        self.quirks = answers(self.dialect, firmware)
        self.power: Power = self.make_power()
        self.inventory: Inventory = self.make_inventory()

    def make_power(self) -> Power:
        return GenericPower(self.quirks)

    def make_inventory(self) -> Inventory:
        return GenericInventory()

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
