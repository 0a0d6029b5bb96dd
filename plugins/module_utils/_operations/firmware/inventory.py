# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What firmware a BMC has, and which of it a task means."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..._core.errors import InvalidRequest, TargetUnknown
from ..._firmware.oci.metadata import Component
from ..._redfish.resource import Document, id_of, link, same_resource, text, uri_of
from ..._redfish.service import Service
from ...vendor_api.v1 import Driver, Software
from ..connect import Bmc
from ..managers import bmc_manager
from ..targets import named
from .request import Which

_NAMED_BY = ("Model", "SKU", "PartNumber")


@dataclass(frozen=True)
class Wish:
    """One piece of firmware, and what is to become of it. component: of the image."""

    software: Software
    component: Component


def update_service(bmc: Bmc) -> Document:
    """The UpdateService as it is now. Raises NotSupported where there is none."""
    uri = link(bmc.service.root(), "UpdateService")
    if uri is None:
        raise bmc.cannot("a firmware update", "the service root leads to no UpdateService", "methods to FirmwareUpdate")
    return bmc.service.fresh(uri)


def inventory(service: Service, driver: Driver, update: Document) -> list[Software]:
    """All firmware, as last read; see Service.forget()."""
    uri = link(update, "FirmwareInventory")
    found = (service.find(member) for member in (service.members(uri) if uri else ()))
    return [driver.firmware_update.software(service, document) for document in found if document is not None]


def systems(bmc: Bmc, name: str) -> tuple[Document, ...]:
    """The system that is named, else all: what the hardware is, and how it is known again. Raises TargetUnknown."""
    found = bmc.service.collection("Systems")
    return (named("system", found, name),) if name and name != "all" else found


def hardware_names(bmc: Bmc, of: Iterable[Document]) -> list[str]:
    """What the machine goes by: model, SKU and part number of its systems and its chassis, and the BMC's model."""
    manager = bmc_manager(bmc.service)
    home = link(manager, "Links", "ManagerInChassis") if manager is not None else None
    holders = [*of, bmc.service.find(home) if home else None, manager]
    told = [text(holder, name) for holder in holders if holder is not None for name in _NAMED_BY]
    told.append(text(bmc.service.root(), "Product"))
    return list(dict.fromkeys(name.strip() for name in told if name and name.strip()))


def chosen(
    known: Sequence[Software], components: Sequence[Component], which: Which, nodes: Collection[str]
) -> list[Wish]:
    """What a task means, in the order of the image's components.

    nodes: URIs of the systems that the task is about. A spare image is only meant by its own Id, Name or URI.
    Raises TargetUnknown, InvalidRequest.
    """
    own = [software for software in known if not software.system or software.system in nodes]
    if which.targets:
        found = [Wish(software, _component_for(software, components)) for software in _at(known, which.targets)]
    elif which.component:
        found = [Wish(software, _component_for(software, components)) for software in _called(own, which.component)]
    elif which.all_compatible:
        found = [Wish(software, component) for component in components for software in _compatible(own, component)]
    else:
        found = [Wish(_only(own, component), component) for component in components]
    order = {component: place for place, component in enumerate(components)}
    unique = {wish.software.key: wish for wish in found}
    if not unique:
        raise TargetUnknown(
            "this BMC has none of the firmware that the image is for",
            why=f"it has {_names(known)}",
            way_out="Name one with component or targets; bmc_info with gather_subset: firmware shows them.",
        )
    return sorted(unique.values(), key=lambda wish: (order[wish.component], wish.software.id))


def _at(known: Sequence[Software], targets: Iterable[str]) -> Iterator[Software]:
    for target in targets:
        found = [entry for entry in known if same_resource(target, entry.uri)]
        found = found or [entry for entry in known if entry.id == target]
        if not found:
            raise TargetUnknown(f"there is no firmware {target}", why=f"this BMC has {_names(known)}")
        yield from found


def _called(known: Sequence[Software], name: str) -> list[Software]:
    """By Id or Name, exactly, else everything of a kind."""
    found = [entry for entry in known if entry.id == name] or [entry for entry in known if entry.name == name]
    found = found or [entry for entry in _pickable(known) if entry.component == name.casefold()]
    if found:
        return found
    spare = [entry.id for entry in known if entry.component == name.casefold()]
    raise TargetUnknown(
        f"there is no firmware {name!r} behind this BMC",
        why=f"{', '.join(spare)} is a spare image or not updateable" if spare else f"it has {_names(known)}",
        way_out="Name it by its Id where it is meant all the same." if spare else "Give one of them as component.",
    )


def _compatible(known: Sequence[Software], component: Component) -> list[Software]:
    listed = [entry for entry in _pickable(known) if entry.id in component.inventory_ids]
    if listed or component.inventory_ids:
        return listed
    exact = [entry for entry in _pickable(known) if any(map(component.fits, entry.hardware))]
    return exact or _of_kind(known, component)


def _only(known: Sequence[Software], component: Component) -> Software:
    found = _compatible(known, component)
    if len(found) == 1:
        return found[0]
    name = component.component or "its component"
    if not found:
        raise TargetUnknown(
            f"there is no firmware {name!r} behind this BMC",
            why=f"it has {_names(known)}",
            way_out="Give component or targets, where the bundle's own words do not name it.",
        )
    raise TargetUnknown(
        f"this BMC has {len(found)} of the kind {name!r}, and none was named",
        why=_names(found),
        way_out="Give component, targets or bmc_system, or all_compatible: true for all of them.",
    )


def _component_for(software: Software, components: Sequence[Component]) -> Component:
    """What of the image is meant for what the task itself has named. Raises InvalidRequest."""
    if len(components) == 1:
        return components[0]
    found = [each for each in components if software.id in each.inventory_ids]
    found = found or [each for each in components if software.component and each.component == software.component]
    if len(found) == 1:
        return found[0]
    raise InvalidRequest(
        f"the image does not say which of its components is for {software.id}",
        why=f"it is for {', '.join(component.component or 'something unnamed' for component in components)}",
        way_out="Publish the bundle with inventory_ids.",
    )


def _of_kind(known: Sequence[Software], component: Component) -> list[Software]:
    if not component.component:
        raise InvalidRequest("the bundle does not say which component it is for", way_out="Give component or targets.")
    return [entry for entry in _pickable(known) if entry.component == component.component.casefold()]


def _pickable(known: Sequence[Software]) -> list[Software]:
    return [entry for entry in known if entry.updateable and not entry.spare]


def _names(known: Sequence[Software]) -> str:
    return ", ".join(sorted(f"{entry.id} ({entry.component})" if entry.component else entry.id for entry in known))


def nodes_of(found: Iterable[Document]) -> set[str]:
    """URIs of systems."""
    return {uri_of(document) for document in found}


def system_of(found: Sequence[Document], software: Software) -> str:
    """Id of the system that must restart for it: its own, else the only one; "" where nobody can tell."""
    own = [document for document in found if same_resource(uri_of(document), software.system)]
    candidates = own or (list(found) if not software.system else [])
    return id_of(candidates[0]) if len(candidates) == 1 else ""
