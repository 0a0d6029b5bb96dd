# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a dialect shows the parts of a machine: collections, arrays, and the links that lead there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from .documents import collection, link, links, resource, status, without
from .parts import Equipment, Part
from .profile import Builder, Document, Layout

if TYPE_CHECKING:
    from .bmc import Bmc

IDENTITY = ("Manufacturer", "Model", "PartNumber", "SerialNumber")
# What each kind of resource shows of a part that has it.
SHOWN = {
    "Processor": (
        *IDENTITY, "FirmwareVersion", "InstructionSet", "MaxSpeedMHz", "ProcessorArchitecture", "ProcessorType",
        "TotalCores", "TotalThreads", "UUID",
    ),
    "Memory": (
        "BaseModuleType", "CapacityMiB", "Manufacturer", "MemoryDeviceType", "MemoryType", "OperatingSpeedMhz",
        "PartNumber", "RankCount", "SerialNumber",
    ),
    "Drive": (*IDENTITY, "CapacityBytes", "MediaType", "Protocol", "Revision"),
    "NetworkAdapter": IDENTITY,
    "EthernetInterface": ("MACAddress", "PermanentMACAddress"),
    "PCIeDevice": (*IDENTITY, "FirmwareVersion"),
    "PowerSupply": (*IDENTITY, "FirmwareVersion", "PowerCapacityWatts", "PowerSupplyType"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """One slot: the Id and the Name of its resource (None: it has none), its part, and what it says beside."""

    id: str
    name: str | None
    part: Part
    says: Mapping[str, object] = field(default_factory=dict)


def places(name: str, parts: Mapping[str, Part], **says: str) -> tuple[Place, ...]:
    """Return slots by their Ids. `name`, and each text of `says`, is a format of the Id and the number from 1."""
    return tuple(
        Place(
            identifier,
            name.format(identifier, number),
            part,
            {key: text.format(identifier, number) for key, text in says.items()},
        )
        for number, (identifier, part) in enumerate(parts.items(), 1)
    )


@dataclass(frozen=True, slots=True)
class Shelf:
    """A collection of parts at `uri`. kind: of its members, such as "Memory"; schema: theirs; name: its own.

    owner: the resource that links to it, that above it when not given. hides: what this dialect does not show of a
    part. absent: what it shows of an empty slot, beside State Absent; None: the resource is gone then. status: of what
    is there, {} for none. says: what all members have. spelled: how it spells MAC addresses.
    """

    uri: str
    kind: str
    schema: str
    name: str
    places: tuple[Place, ...]
    hides: tuple[str, ...] = ()
    absent: Mapping[str, object] | None = None
    status: Mapping[str, object] = field(default_factory=status)
    says: Mapping[str, object] = field(default_factory=dict)
    spelled: Callable[[str], str] = str
    owner: str = ""

    def member_uri(self, place: Place) -> str:
        """Return where a part is shown."""
        return f"{self.uri}/{place.id}"

    def documents(self) -> dict[str, Builder]:
        """Return the builders of the collection and its members."""
        members: dict[str, Builder] = {self.member_uri(place): partial(self.member, place) for place in self.places}
        return {self.uri: self.collection, **members}

    def linked(self) -> dict[str, Document]:
        """Return the links to the collection, by the URI of the resource that has them."""
        owner, _slash, name = self.uri.rpartition("/")
        return {self.owner or owner: {name: link(self.uri)}}

    def members(self, bmc: Bmc) -> list[str]:
        """Return the URIs of the members that are there."""
        return [uri for uri in map(self.member_uri, self.places) if uri not in bmc.hardware.gone]

    def collection(self, bmc: Bmc) -> Document:
        """The collection."""
        return collection(self.uri, self.kind, self.name, self.members(bmc))

    def member(self, place: Place, bmc: Bmc) -> Document:
        """One part, or its empty slot."""
        odata_type = f"{self.kind}.{self.schema}.{self.kind}"
        document = resource(self.member_uri(place), odata_type, place.name or "", **self.shown(place, bmc))
        return document if place.name is not None else without(document, "Name")

    def shown(self, place: Place, bmc: Bmc) -> Document:
        """Return what the dialect says of a slot and of what is in it."""
        said = {**self.says, **place.says}
        if not bmc.hardware.is_fitted(place.part):
            return {**said, "Status": {**self.status, "State": "Absent"}, **(self.absent or {})}
        known = bmc.hardware.properties(place.part)
        told = {name: known[name] for name in SHOWN[self.kind] if name in known and name not in self.hides}
        told |= {name: self.spelled(str(told[name])) for name in told if name.endswith("MACAddress")}
        return {**told, **({"Status": self.status} if self.status else {}), **said}


@dataclass(frozen=True, slots=True)
class Bay(Shelf):
    """Drives below a storage resource at `uri`, the only one of its collection. kind is "Drive".

    storage: schema and Name of the storage resource; its says are `holds`. drives: where the drives are, in their own
    collection below it when not given.
    """

    storage: tuple[str, str] = ("v1_7_1", "Storage")
    holds: Mapping[str, object] = field(default_factory=dict)
    drives: str = ""

    def member_uri(self, place: Place) -> str:
        """Return where a drive is shown."""
        return f"{self.drives or f'{self.uri}/Drives'}/{place.id}"

    def documents(self) -> dict[str, Builder]:
        """Return the builders of the collection of storages, the one in it, and its drives."""
        members: dict[str, Builder] = {self.member_uri(place): partial(self.member, place) for place in self.places}
        return {self.uri.rpartition("/")[0]: self.collection, self.uri: self.holder, **members}

    def linked(self) -> dict[str, Document]:
        """Return the link of the system to its storage."""
        above = self.uri.rpartition("/")[0]
        return {self.owner or above.rpartition("/")[0]: {"Storage": link(above)}}

    def collection(self, bmc: Bmc) -> Document:
        """The collection of storages."""
        return collection(self.uri.rpartition("/")[0], "Storage", self.name, [self.uri])

    def holder(self, bmc: Bmc) -> Document:
        """The storage."""
        schema, name = self.storage
        drives = links(*self.members(bmc))
        return resource(self.uri, f"Storage.{schema}.Storage", name, Drives=drives, **self.holds)


@dataclass(frozen=True, slots=True)
class PowerArray(Shelf):
    """Power supplies as an array in the Power of a chassis. kind is "PowerSupply", schema that of Power.

    A slot's Id is the number in its URI; numbered: the properties that are formats of it. No slot, no array.
    """

    numbered: Mapping[str, object] = field(default_factory=lambda: {"MemberId": "{}"})

    def member_uri(self, place: Place) -> str:
        """Return where a power supply is shown, which is a place in the resource."""
        return f"{self.uri}#/PowerSupplies/{place.id}"

    def documents(self) -> dict[str, Builder]:
        """Return the builder of the one resource."""
        return {self.uri: self.collection}

    def collection(self, bmc: Bmc) -> Document:
        """The power of the chassis."""
        there = set(self.members(bmc))
        supplies = [self.member(place, bmc) for place in self.places if self.member_uri(place) in there]
        power = resource(self.uri, f"Power.{self.schema}.Power", self.name)
        return {**power, "PowerSupplies": supplies} if self.places else power

    def member(self, place: Place, bmc: Bmc) -> Document:
        """One entry of the array."""
        numbers = {name: str(text).format(place.id) for name, text in self.numbered.items()}
        return {"@odata.id": self.member_uri(place), **numbers, "Name": place.name, **self.shown(place, bmc)}


@dataclass(frozen=True, slots=True)
class PowerSubsystem(Shelf):
    """Power supplies in the PowerSubsystem of a chassis; `uri` is that of their collection. kind is "PowerSupply".

    subsystem: schema and Name of the resource above it; its says are `holds`.
    """

    subsystem: tuple[str, str] = ("v1_1_0", "Power Subsystem")
    holds: Mapping[str, object] = field(default_factory=dict)

    def documents(self) -> dict[str, Builder]:
        """Return the builders of the subsystem, the collection and its members."""
        members: dict[str, Builder] = {self.member_uri(place): partial(self.member, place) for place in self.places}
        return {self.uri.rpartition("/")[0]: self.holder, self.uri: self.collection, **members}

    def linked(self) -> dict[str, Document]:
        """Return the link of the chassis."""
        above = self.uri.rpartition("/")[0]
        return {self.owner or above.rpartition("/")[0]: {"PowerSubsystem": link(above)}}

    def holder(self, bmc: Bmc) -> Document:
        """The subsystem."""
        schema, name = self.subsystem
        odata_type = f"PowerSubsystem.{schema}.PowerSubsystem"
        above = self.uri.rpartition("/")[0]
        return resource(above, odata_type, name, PowerSupplies=link(self.uri), **self.holds)


def equipped(layout: Layout, *shelves: Shelf) -> Layout:
    """Return a layout with the parts of its machines on these shelves, and the links to them."""
    parts: dict[str, Part] = {}
    views, vanishing, collections = (defaultdict[str, list[str]](list) for _table in range(3))
    documents: dict[str, Builder] = {}
    linked: dict[str, dict[str, Any]] = {}
    for shelf in shelves:
        documents |= shelf.documents()
        for owner, names in shelf.linked().items():
            linked[owner] = linked.get(owner, {}) | names
        for place in shelf.places:
            uri = shelf.member_uri(place)
            parts[place.part.id] = place.part
            views[place.part.id].append(uri)
            if shelf.absent is None:
                vanishing[place.part.id].append(uri)
                collections[place.part.id].append(shelf.uri)
    equipment = Equipment(
        parts=parts,
        views=_frozen(views),
        vanishing=_frozen(vanishing),
        collections=_frozen(collections),
        empty=tuple(uri for key, uris in vanishing.items() if not parts[key].fitted for uri in uris),
        links=linked,
    )
    return replace(layout, documents={**layout.documents, **documents}, equipment=equipment)


def _frozen(table: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(uris) for key, uris in table.items()}
