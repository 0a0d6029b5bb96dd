# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is in the machines of one BMC now: parts, the versions of firmware, and the settings of the network services.

Only what was changed is kept: the rest follows from the profile and the identity of the BMC. A change gives new ETags
to the resources that show it, and to no other.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .documents import Fixed
from .parts import Part
from .profile import Document
from .settings import InvalidInput, flag, mapping, require_known_keys, text
from .standard import INVENTORY

if TYPE_CHECKING:
    from .bmc import Bmc

KEYS = ("hardware", "firmware", "network_protocol")
CAUSE = "control"


class Hardware:
    """The parts of a BMC's machines. `gone`: the URIs at which nothing is any more; `touched`: changes, by URI."""

    __slots__ = ("_bmc", "_changed", "_moved", "_moved_parts", "_network", "_shift", "_versions", "gone", "touched")

    def __init__(self, bmc: Bmc) -> None:
        self._bmc = bmc
        self._changed: dict[str, dict[str, object]] = {}
        # Parts that are not as at first: pulled, or put into a slot that was empty.
        self._moved_parts: set[str] = set()
        self._versions: dict[str, str] = {}
        # Where a firmware is now, and where it was at first.
        self._moved: dict[str, str] = {}
        self._network: dict[str, object] = {}
        # By how much the ids that are numbers have moved.
        self._shift = 0
        self.gone = set(bmc.layout.equipment.empty)
        self.touched: dict[str, int] = {}

    # The documents' view

    def is_fitted(self, part: Part) -> bool:
        """Say whether a part is in its slot."""
        return part.fitted != (part.id in self._moved_parts)

    def properties(self, part: Part) -> dict[str, object]:
        """Return what there is to know of a part, by Redfish's names."""
        numbers = {name: self._number(part, name) for name in part.numbers}
        known = {**part.facts, **numbers, **self._changed.get(part.id, {})}
        if "MACAddress" in known:
            known["PermanentMACAddress"] = known["MACAddress"]
        return known

    def version(self, image: str, factory: str) -> str:
        """Return the version of a firmware, by its id in the factory, where it had the version `factory`."""
        return self._versions.get(image, factory)

    def factory_uri(self, uri: str) -> str:
        """Return under which URI the layout knows a resource."""
        return self._moved.get(uri, uri)

    def shown(self, uri: str, document: Document) -> Document:
        """Return a document of the layout with what follows from the parts, the firmware and the network settings."""
        bmc = self._bmc
        document = {**document, **bmc.layout.equipment.links.get(uri, {})}
        if "MemorySummary" in document:
            document["MemorySummary"] = self._memory_summary(uri, document["MemorySummary"])
        if self._versions or self._moved:
            document = self._versioned(uri, document)
        if self._network and uri == f"{bmc.profile.manager_uri}/NetworkProtocol":
            document = _merged(document, self._network)
        return document

    def _number(self, part: Part, name: str) -> str:
        """Return a number that no other machine has. It changes with the machine."""
        who = self._bmc.identity
        digest = hashlib.sha256(f"{who.serial_number} {who.mac_address} {part.id}".encode()).hexdigest()
        if name == "UUID":
            return who.part_uuid(part.id)
        if name == "MACAddress":
            return ":".join(["02", *(digest[index : index + 2] for index in range(0, 10, 2))])
        return digest[:12].upper()

    def _memory_summary(self, uri: str, summary: Document) -> Document:
        """Return the summary of a system's memory; one without parts keeps its word."""
        system = uri.rstrip("/").rpartition("/")[2]
        modules = [part for part in self._parts() if (part.kind, part.system) == ("memory", system)]
        if not modules:
            return summary
        sizes = (self.properties(part)["CapacityMiB"] for part in modules if self.is_fitted(part))
        return summary | {"TotalSystemMemoryGiB": sum(size for size in sizes if isinstance(size, int)) // 1024}

    def _versioned(self, uri: str, document: Document) -> Document:
        """Return a document with the present versions, and links to where the firmwares are now."""
        profile = self._bmc.profile
        if uri in profile.versions:
            name, image = profile.versions[uri]
            if image in self._versions:
                document[name] = profile.version_shown(uri, self._versions[image])
        elif uri.startswith(f"{INVENTORY}/"):
            version = self.version(document["Id"], document["Version"])
            document |= {"Id": self._id(document, version), "Version": version}
        return self._linked(document) if self._moved else document

    def _linked(self, document: Document) -> Document:
        """Return a document with links to where the firmwares are now, all exchanged at once."""
        places = {f'"{factory}"': f'"{now}"' for now, factory in self._moved.items()}
        pattern = "|".join(map(re.escape, places))
        moved: Document = json.loads(re.sub(pattern, lambda found: places[found[0]], json.dumps(document)))
        return moved

    # The test's view

    def truth(self) -> dict[str, object]:
        """Return parts and firmware by their ids, and the network settings that were changed."""
        return {
            "hardware": dict(self._parts_told()),
            "firmware": dict(self._images_told()),
            "network_protocol": self._network,
        }

    def _parts_told(self) -> Iterator[tuple[str, object]]:
        views = self._bmc.layout.equipment.views
        for part in self._parts():
            place = {"kind": part.kind, "system": part.system, "uris": list(views[part.id])}
            yield part.id, {**place, "present": self.is_fitted(part), **self.properties(part)}

    def _images_told(self) -> Iterator[tuple[str, object]]:
        profile = self._bmc.profile
        for image, document in self.images().items():
            version = self.version(image, document["Version"])
            shown_by = [uri for uri, (_name, shown) in profile.versions.items() if shown == image]
            uri = f"{INVENTORY}/{self._id(document, version)}"
            yield image, {"uri": uri, "version": version, "shown_by": shown_by}

    def _parts(self) -> Iterator[Part]:
        return iter(self._bmc.layout.equipment.parts.values())

    def images(self) -> dict[str, Document]:
        """Return the firmwares as they left the factory, by their ids then."""
        found = (
            builder.document
            for uri, builder in self._bmc.layout.documents.items()
            if isinstance(builder, Fixed) and uri.startswith(f"{INVENTORY}/")
        )
        return {document["Id"]: document for document in found}

    def plan(self, changes: Mapping[str, object]) -> list[Callable[[], None]]:
        """Return what is to be done for the KEYS of a control request, in order. Raise InvalidInput."""
        return [
            *self._planned_parts(mapping(changes.get("hardware", {}), "hardware")),
            *self._planned_versions(mapping(changes.get("firmware", {}), "firmware")),
            *self._planned_network(mapping(changes.get("network_protocol", {}), "network_protocol")),
        ]

    def _planned_parts(self, given: Mapping[str, object]) -> Iterator[Callable[[], None]]:
        parts = self._bmc.layout.equipment.parts
        require_known_keys(given, parts, "hardware")
        for identifier, wanted in given.items():
            part, where = parts[identifier], f"hardware.{identifier}"
            known = {name: value for name, value in self.properties(part).items() if name != "PermanentMACAddress"}
            values = mapping(wanted, where)
            require_known_keys(values, {"present", *known}, where)
            for name, value in values.items():
                if name == "present":
                    yield _call(self._fit, part, flag(value, f"{where}.present"))
                elif type(value) is type(known[name]):
                    yield _call(self._change, part, name, value)
                else:
                    raise InvalidInput(f"{where}.{name} must be like {known[name]!r}, not {value!r}")

    def _planned_versions(self, given: Mapping[str, object]) -> Iterator[Callable[[], None]]:
        images = self.images()
        require_known_keys(given, images, "firmware")
        for image, version in given.items():
            yield _call(self._update, images[image], text(version, f"firmware.{image}"))

    def _planned_network(self, given: Mapping[str, object]) -> Iterator[Callable[[], None]]:
        if given:
            uri = f"{self._bmc.profile.manager_uri}/NetworkProtocol"
            _require_like(given, self._bmc.profile.document(self._bmc, uri), "network_protocol")
            yield _call(self._configure, uri, given)

    def _fit(self, part: Part, present: bool) -> None:
        if present == self.is_fitted(part):
            return
        equipment = self._bmc.layout.equipment
        vanishing = equipment.vanishing.get(part.id, ())
        self._moved_parts ^= {part.id}
        (self.gone.difference_update if present else self.gone.update)(vanishing)
        self._note(part, "present", not present, present)
        self.touch(equipment.collections.get(part.id, ()))
        if part.kind == "memory":
            self.touch([f"/redfish/v1/Systems/{part.system}"])

    def _change(self, part: Part, name: str, value: object) -> None:
        before = self.properties(part)[name]
        self._changed.setdefault(part.id, {})[name] = value
        self._note(part, name, before, value)

    def _note(self, part: Part, name: str, before: object, after: object) -> None:
        views = self._bmc.layout.equipment.views[part.id]
        self._bmc.note(views[0], name, before, after, CAUSE)
        self.touch([uri.partition("#")[0] for uri in views])

    def flash(self, image: str, version: str) -> None:
        """Run a firmware in another version, as after an update."""
        self._update(self.images()[image], version, "update")

    def replace(self, image: str, version: str, previous: str = "") -> None:
        """The same, and show the version that ran before under the id `previous`, "" for nowhere."""
        before = self.version(image, self.factory_version(image))
        self.flash(image, version)
        if previous:
            self.flash(previous, before)

    def factory_version(self, image: str) -> str:
        """Return the version of a firmware as it left the factory."""
        return str(self.images()[image]["Version"])

    def renumber(self) -> None:
        """Give every firmware whose id is a number the next one, as an iLO may when it starts."""
        self._shift += 1
        numbered = {image: document for image, document in self.images().items() if image.isdigit()}
        factory = {document["@odata.id"] for document in numbered.values()}
        now = {f"{INVENTORY}/{self._id(document, '')}": document["@odata.id"] for document in numbered.values()}
        self._moved = {uri: at for uri, at in self._moved.items() if at not in factory} | now
        self.gone = (self.gone - factory) | (factory - now.keys())
        self.touch([INVENTORY, *factory])

    def _id(self, factory: Document, version: str) -> str:
        """Return the id of a firmware in a version."""
        identifier = self._bmc.profile.image_id(factory, version)
        return str(int(identifier) + self._shift) if self._shift and factory["Id"].isdigit() else identifier

    def _update(self, factory: Document, version: str, cause: str = CAUSE) -> None:
        profile = self._bmc.profile
        for image in profile.images_of(factory["Id"]):
            document = self.images()[image]
            before, first = self.version(image, document["Version"]), document["@odata.id"]
            self._versions[image] = version
            now = f"{INVENTORY}/{self._id(document, version)}"
            self._moved = {uri: at for uri, at in self._moved.items() if at != first}
            self.gone.discard(first)
            if now != first:
                self._moved[now] = first
                self.gone |= {first} - self._moved.keys()
            self._bmc.note(now, "Version", before, version, cause)
            showing = (uri for uri, (_name, shown) in profile.versions.items() if shown == image)
            self.touch([INVENTORY, first, *showing])

    def _configure(self, uri: str, given: Mapping[str, object]) -> None:
        for name, value in given.items():
            before = self._bmc.profile.document(self._bmc, uri)[name]
            self._network = _merged(self._network, {name: value})
            self._bmc.note(uri, name, before, self._bmc.profile.document(self._bmc, uri)[name], CAUSE)
        self.touch([uri])

    def touch(self, uris: tuple[str, ...] | list[str]) -> None:
        """Give these resources new ETags."""
        for uri in uris:
            self.touched[uri] = self.touched.get(uri, 0) + 1


def _call(function: Callable[..., None], *arguments: object) -> Callable[[], None]:
    return lambda: function(*arguments)


def _merged(document: Mapping[str, Any], changes: Mapping[str, object]) -> Document:
    """Return a document in which the objects of `changes` are merged; a list keeps the count beside it true."""
    merged = dict(document)
    for name, value in changes.items():
        merged[name] = _merged(merged.get(name, {}), value) if isinstance(value, Mapping) else value
        if isinstance(value, list) and f"{name}@odata.count" in merged:
            merged[f"{name}@odata.count"] = len(value)
    return merged


def _require_like(given: Mapping[str, object], document: Mapping[str, Any], where: str) -> None:
    """Raise InvalidInput for a property that a document does not have, or has of another type."""
    require_known_keys(given, document, where)
    for name, value in given.items():
        if isinstance(document[name], dict):
            _require_like(mapping(value, f"{where}.{name}"), document[name], f"{where}.{name}")
        elif document[name] is not None and type(value) is not type(document[name]):
            raise InvalidInput(f"{where}.{name} must be like {document[name]!r}, not {value!r}")
