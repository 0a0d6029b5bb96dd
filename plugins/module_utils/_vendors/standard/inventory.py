# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a BMC is, by the standard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..._redfish.resource import Document, link, member, text
from ..._redfish.service import Service
from ...vendor_api.v1 import Evidence

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
