# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether anything changed on a BMC that was crawled before, with as few reads as can tell it. Reads only.

Not by ETags: three of nine recorded BMCs have none, and Cray EX shows W/"0" for its manager. docs/discovery.md says
what is read and what is not seen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from .._core.errors import BadAnswer
from .._redfish.crawl import Plan, Table, plan, to
from .._redfish.resource import Document, link, uri_of
from .._redfish.service import Service
from .._transport.origin import Origin
from ..vendor_api.v1 import Driver
from .connect import View
from .managers import bmc_manager
from .parts import Parts

VOLATILE: Mapping[str, str] = {
    "@odata.etag": "what it stands for is compared itself",
    "DateTime": "the clock of every recorded Manager",
    "UptimeSeconds": "GH200 24.05, Manager.Oem",
    "CurrentPowerOnTimeSeconds": "iLO 5 2.72, ComputerSystem.Oem.Hpe",
    "PowerOnMinutes": "iLO 5 2.72, ComputerSystem.Oem.Hpe",
    "TotalPowerOnHours": "XCC 2.83, ComputerSystem.Oem.Lenovo",
    "LastUpdateTime": "iDRAC9 6.00.30, Manager.Oem.Dell.DelliDRACCard: 16 s before the recorded DateTime",
    "EstimatedExhaustTemperatureCelsius": "iDRAC9 6.00.30, ComputerSystem.Oem.Dell.DellSystem",
}
"""Properties that move by themselves, at whatever depth, each with where it was seen."""

UNREAD = "unread"
"""In place of the digest of a part that could not be read at the last crawl: when it can be, there is something new."""

_PROTOCOL, _MEMORY, _INTERFACES, _FIRMWARE = (
    "ManagerNetworkProtocol",
    "MemoryCollection",
    "EthernetInterfaceCollection",
    "SoftwareInventoryCollection",
)


def crawl(root: Document, origin: Origin, driver: Driver, before: Mapping[str, str]) -> Plan[dict[str, str]]:
    """The plan of watch(). driver: of the recorded dialect. before: what watch() told last, {} for the first time.

    What was read then besides systems and managers is read in the first waves, without the links that led there.
    """

    def read(service: Service) -> dict[str, str]:
        return watch(View(origin, service, driver), before)

    return plan(read, root, origin, reads(before), driver.quirks.expand)


def watch(bmc: View, before: Mapping[str, str]) -> dict[str, str]:
    """Digests by URI: another key or value than before, and the BMC is to be crawled anew.

    Of each system and manager, each system's memory and interfaces, the BMC's NetworkProtocol, the firmware inventory,
    and where there are no systems, as behind a chassis controller, of each chassis. Systems and managers are read with
    their collections, so that a new one is seen. What is UNREAD in before stays so, or goes where it can be read.
    Raises what reading those raises; any other resource that cannot be read is told with the error in the place of its
    digest.
    """
    manager = bmc_manager(bmc.service)
    protocol = link(manager, "NetworkProtocol") if manager is not None else None
    bmc.service.ahead(protocol)
    parts = Parts(bmc.service)
    systems, managers = bmc.service.collection("Systems"), bmc.service.collection("Managers")
    found = {uri_of(document): _digest(document) for document in (*systems, *managers)}
    if not systems:
        found |= {uri_of(document): _digest(document) for document in bmc.service.collection("Chassis")}
    protocols = parts.find(protocol)
    if protocols is not None:
        found[uri_of(protocols)] = _known(_PROTOCOL, protocols)
    for system in systems:
        for kind, name in ((_MEMORY, "Memory"), (_INTERFACES, "EthernetInterfaces")):
            uri = link(system, name)
            found |= {uri: _known(kind, *parts.collection(uri))} if uri else {}
    firmware = _firmware(parts, before)
    found |= {firmware: _known(_FIRMWARE, *parts.collection(firmware))} if firmware else {}
    found |= {entry["uri"]: f"unread: {entry['why']}" for entry in parts.incomplete()}
    return {**_still_unread(bmc.service, before), **found}


def _still_unread(service: Service, before: Mapping[str, str]) -> dict[str, str]:
    uris = [uri for uri, value in before.items() if value == UNREAD]
    service.ahead(*uris)
    # Not with its error: a time or a number in it would be a change each time.
    parts = Parts(service)
    return {uri: UNREAD for uri in uris if parts.find(uri) is None}


def _firmware(parts: Parts, before: Mapping[str, str]) -> str | None:
    """URI of the FirmwareInventory, as it was before, else as the UpdateService tells it."""
    known = next((uri for uri, value in before.items() if _kind(value) == _FIRMWARE), None)
    update = None if known else parts.find(link(parts.service.root(), "UpdateService"))
    return known or (link(update, "FirmwareInventory") if update is not None else None)


def reads(before: Mapping[str, str]) -> Table:
    """The links that watch() follows, and what it watched before."""
    known = [(uri, _kind(value)) for uri, value in before.items() if _kind(value)]
    reads: dict[str, list[Any]] = {
        "ServiceRoot": [
            to("ComputerSystemCollection", "Systems"),
            to("ManagerCollection", "Managers"),
            lambda _root: known,
        ],
        "ComputerSystem": [to(_MEMORY, "Memory"), to(_INTERFACES, "EthernetInterfaces")],
    }
    if not any(kind == _FIRMWARE for _uri, kind in known):
        reads["ServiceRoot"].append(to("UpdateService", "UpdateService"))
        reads["UpdateService"] = [to(_FIRMWARE, "FirmwareInventory")]
    return reads


def _known(kind: str, *documents: Document) -> str:
    """A digest that says of what type its resource is, so that the next plan need not ask."""
    return f"{kind} {_digest(*documents)}"


def _kind(value: str) -> str:
    kind, _blank, digest = value.partition(" ")
    return kind if digest and kind in (_PROTOCOL, _MEMORY, _INTERFACES, _FIRMWARE) else ""


def _digest(*documents: Document) -> str:
    """Of one document, or of several in whatever order: Cray EX lists its members in another one each time."""
    try:
        lasting = sorted(json.dumps(_lasting(document), sort_keys=True) for document in documents)
    except RecursionError as error:
        raise BadAnswer("a resource is nested beyond all measure", why=uri_of(documents[0])) from error
    return hashlib.sha256("\n".join(lasting).encode()).hexdigest()


def _lasting(value: Any) -> Any:
    """A value without what moves by itself, references in order."""
    if isinstance(value, Mapping):
        return {name: _lasting(inner) for name, inner in value.items() if name not in VOLATILE}
    if isinstance(value, list):
        inner = [_lasting(entry) for entry in value]
        return sorted(inner, key=str) if _references(inner) else inner
    return value


def _references(entries: Iterable[Any]) -> bool:
    return all(isinstance(entry, dict) and set(entry) == {"@odata.id"} for entry in entries)
