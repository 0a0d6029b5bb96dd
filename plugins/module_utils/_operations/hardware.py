# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts that can be replaced (FRUs): each once, with the system and chassis it belongs to. Reads only.

A part belongs to the system or chassis that lists it; what a chassis lists, also to the system in it if it is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .._redfish.crawl import Table, to, to_each
from .._redfish.resource import Document, id_of, integer, link, links, member, objects, same_resource, text, uri_of
from .._redfish.service import Service, key
from .parts import Parts

Part = dict[str, Any]


def _power(document: Document) -> tuple[tuple[str, str], ...]:
    """Power holds all supplies in one answer (Chassis 1.0); PowerSubsystem (Chassis 1.15) has one resource for each."""
    row = to("Power", "Power") if link(document, "Power") else to("PowerSubsystem", "PowerSubsystem")
    return tuple(row(document))


def _storage(document: Document) -> tuple[tuple[str, str], ...]:
    """Storage (ComputerSystem 1.1) has drives of their own; SimpleStorage tells names and sizes."""
    row = (
        to("StorageCollection", "Storage")
        if link(document, "Storage")
        else to("SimpleStorageCollection", "SimpleStorage")
    )
    return tuple(row(document))


READS: Table = {
    "ServiceRoot": [to("ComputerSystemCollection", "Systems"), to("ChassisCollection", "Chassis")],
    "ComputerSystem": [
        to("ProcessorCollection", "Processors"),
        to("MemoryCollection", "Memory"),
        to("EthernetInterfaceCollection", "EthernetInterfaces"),
        _storage,
    ],
    "Storage": [to_each("Drive", "Drives")],
    "Chassis": [
        to("NetworkAdapterCollection", "NetworkAdapters"),
        to("PCIeDeviceCollection", "PCIeDevices"),
        to("DriveCollection", "Drives"),
        to_each("Drive", "Links", "Drives"),
        _power,
    ],
    "PowerSubsystem": [to("PowerSupplyCollection", "PowerSupplies")],
}


def read(parts: Parts) -> dict[str, list[Part]]:
    """All parts, of each kind by URI; those that are absent (Status.State) are left out."""
    service = parts.service
    systems = [_Home(system, uri_of(system), _only_chassis(system)) for system in service.collection("Systems")]
    chassis = [_Home(holder, _only_system(service, holder), uri_of(holder)) for holder in service.collection("Chassis")]
    return {
        "processors": _once(_processors(parts, systems)),
        "memory": _once(_memory(parts, systems)),
        "drives": _once(_drives(parts, systems, chassis)),
        "pcie_devices": _once(_pcie_devices(parts, systems, chassis)),
        "network_adapters": _once(_network_adapters(parts, chassis)),
        "ethernet_interfaces": _once(_ethernet_interfaces(parts, systems)),
        "power_supplies": _once(_power_supplies(parts, chassis)),
    }


@dataclass(frozen=True)
class _Home:
    """A system or chassis that lists parts. system, chassis: the URIs that its parts belong to."""

    document: Document
    system: str | None
    chassis: str | None

    def part(self, document: Document, **more: Any) -> Part:
        return {
            "id": id_of(document),
            "uri": uri_of(document),
            "name": text(document, "Name"),
            "system": self.system,
            "chassis": _only_chassis(document) or self.chassis,
            "manufacturer": text(document, "Manufacturer"),
            "model": text(document, "Model"),
            "part_number": text(document, "PartNumber"),
            "serial_number": text(document, "SerialNumber"),
            "state": text(document, "Status", "State"),
            "health": text(document, "Status", "Health"),
            **more,
        }


def _only_chassis(document: Document) -> str | None:
    """The chassis that a system or part names, if it is one: some types have a link, others a list of links."""
    several = links(document, "Links", "Chassis")
    return link(document, "Links", "Chassis") or (several[0] if len(several) == 1 else None)


def _only_system(service: Service, chassis: Document) -> str | None:
    """The system in a chassis, if it is one; either side may name the other (contents.py)."""
    named = {key(uri): uri for uri in links(chassis, "Links", "ComputerSystems")}
    for system in service.collection("Systems"):
        if any(same_resource(home, uri_of(chassis)) for home in links(system, "Links", "Chassis")):
            named.setdefault(key(uri_of(system)), uri_of(system))
    return next(iter(named.values())) if len(named) == 1 else None


def _once(parts: Iterator[Part]) -> list[Part]:
    """By URI, without what is absent. What several resources list belongs to the first system and chassis named."""
    found: dict[str, Part] = {}
    for part in parts:
        if part["state"] != "Absent":
            first = found.setdefault(part["uri"].rstrip("/").lower(), part)
            first["system"], first["chassis"] = first["system"] or part["system"], first["chassis"] or part["chassis"]
    return sorted(found.values(), key=lambda part: str(part["uri"]))


def _processors(parts: Parts, systems: list[_Home]) -> Iterator[Part]:
    for home in systems:
        for document in parts.members(home.document, "Processors"):
            yield home.part(
                document,
                processor_type=text(document, "ProcessorType"),
                total_cores=integer(document, "TotalCores"),
                total_threads=integer(document, "TotalThreads"),
                firmware_version=text(document, "FirmwareVersion"),
            )


def _memory(parts: Parts, systems: list[_Home]) -> Iterator[Part]:
    for home in systems:
        for document in parts.members(home.document, "Memory"):
            yield home.part(
                document,
                capacity_mib=integer(document, "CapacityMiB"),
                memory_type=text(document, "MemoryDeviceType"),
                speed_mhz=integer(document, "OperatingSpeedMhz"),
            )


def _drives(parts: Parts, systems: list[_Home], chassis: list[_Home]) -> Iterator[Part]:
    """Of each system's storage, then those that only a chassis lists. Without Storage, SimpleStorage counts."""
    for home in systems:
        for storage in parts.members(home.document, "Storage"):
            for document in parts.each(links(storage, "Drives")):
                yield _drive(home, document)
        if not link(home.document, "Storage"):
            yield from _simple_storage(parts, home)
    for home in chassis:
        for document in parts.members(home.document, "Drives"):
            yield _drive(home, document)
        for document in parts.each(links(home.document, "Links", "Drives")):
            yield _drive(home, document)


def _drive(home: _Home, document: Document) -> Part:
    return home.part(
        document,
        capacity_bytes=integer(document, "CapacityBytes"),
        media_type=text(document, "MediaType"),
        protocol=text(document, "Protocol"),
        firmware_version=text(document, "Revision"),
    )


def _simple_storage(parts: Parts, home: _Home) -> Iterator[Part]:
    for storage in parts.members(home.document, "SimpleStorage"):
        for document in _embedded(storage, "Devices"):
            yield _drive(home, document)


def _pcie_devices(parts: Parts, systems: list[_Home], chassis: list[_Home]) -> Iterator[Part]:
    """Of the chassis, then those that only a system lists. iDRAC has the same devices, by Id, below both."""
    met: set[tuple[str | None, str]] = set()
    for home in chassis:
        for document in parts.members(home.document, "PCIeDevices"):
            met.add((home.system, id_of(document)))
            yield _pcie_device(home, document)
    for home in systems:
        listed = links(home.document, "PCIeDevices")
        others = tuple(uri for uri in listed if (home.system, uri.rstrip("/").rpartition("/")[2]) not in met)
        parts.service.ahead(*others)
        for document in parts.each(others):
            yield _pcie_device(home, document)


def _pcie_device(home: _Home, document: Document) -> Part:
    return home.part(document, firmware_version=text(document, "FirmwareVersion"))


def _network_adapters(parts: Parts, chassis: list[_Home]) -> Iterator[Part]:
    for home in chassis:
        for document in parts.members(home.document, "NetworkAdapters"):
            packages = (text(controller, "FirmwarePackageVersion") for controller in objects(document, "Controllers"))
            yield home.part(document, firmware_version=next(filter(None, packages), None))


_MAC_ADDRESS = re.compile(r"[0-9a-f]{2}(?:[:-]?[0-9a-f]{2}){5,19}")
_NO_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - what BMCs write for none


def _ethernet_interfaces(parts: Parts, systems: list[_Home]) -> Iterator[Part]:
    for home in systems:
        for document in parts.members(home.document, "EthernetInterfaces"):
            protocols = ("IPv4Addresses", "IPv6Addresses")
            told = [text(entry, "Address") for name in protocols for entry in objects(document, name)]
            yield home.part(
                document,
                mac_address=mac_address(document),
                ip_addresses=[address for address in told if address and address not in _NO_ADDRESS],
                link_status=text(document, "LinkStatus"),
                speed_mbps=integer(document, "SpeedMbps"),
            )


def mac_address(interface: Document) -> str | None:
    """The address in use, else the permanent one, in lower case. Cray EX writes "Not Available" for some."""
    told = (text(interface, name) or "" for name in ("MACAddress", "PermanentMACAddress"))
    return next((address.lower() for address in told if _MAC_ADDRESS.fullmatch(address.lower())), None)


def _power_supplies(parts: Parts, chassis: list[_Home]) -> Iterator[Part]:
    for home in chassis:
        power = parts.find(link(home.document, "Power"))
        if power is not None and isinstance(member(power, "PowerSupplies"), list):
            supplies: Iterator[Document] = _embedded(power, "PowerSupplies")
        else:
            subsystem = parts.find(link(home.document, "PowerSubsystem"))
            supplies = parts.members(subsystem, "PowerSupplies") if subsystem is not None else iter(())
        for document in supplies:
            yield home.part(
                document,
                capacity_watts=integer(document, "PowerCapacityWatts"),
                firmware_version=text(document, "FirmwareVersion"),
            )


def _embedded(holder: Document, name: str) -> Iterator[Document]:
    """The objects of an array that are no resources of their own, each with a URI and Id (DSP0266, "Reference")."""
    for index, entry in enumerate(objects(holder, name)):
        identifier = text(entry, "MemberId") or str(index)
        yield {**entry, "Id": identifier, "@odata.id": link(entry) or f"{uri_of(holder)}#/{name}/{index}"}
