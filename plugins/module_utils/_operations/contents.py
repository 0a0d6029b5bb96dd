# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes down with a chassis: never more than meant (promise 2)."""

from __future__ import annotations

from collections.abc import Iterator

from .._redfish.resource import Document, id_of, link, links, same_resource, uri_of
from .._redfish.service import Service
from .connect import Bmc


def systems_in(service: Service, chassis: Document) -> tuple[str, ...]:
    """URIs of the systems in a chassis and in all that it contains, as far as the BMC names them, each once.

    Either side may name the other: Chassis.Links.ComputerSystems and Contains, ComputerSystem.Links.Chassis and
    Chassis.Links.ContainedBy (Chassis 1.0, ComputerSystem 1.0).
    """
    held = _with_all_it_contains(service, chassis)
    found = [uri for part in held for uri in links(part, "Links", "ComputerSystems")]
    for system in service.collection("Systems"):
        homes = links(system, "Links", "Chassis")
        if any(same_resource(home, uri_of(part)) for home in homes for part in held):
            found.append(uri_of(system))
    return tuple({uri.rstrip("/").lower(): uri for uri in reversed(found)}.values())[::-1]


def unnamed(bmc: Bmc, chassis: Document, host: str) -> str:
    """The warning for a chassis whose systems its BMC does not name: an empty list must not look like nothing.

    host: inventory name of the BMC.
    """
    told = bmc.driver.inventory.contents(chassis, (host, bmc.origin.host))
    down = f"its reset takes down {told}" if told else "find out what it powers before it is reset"
    return f"chassis {id_of(chassis)}: the BMC does not name the systems in it; {down}"


def _with_all_it_contains(service: Service, chassis: Document) -> list[Document]:
    held = [chassis]
    for holder in held:
        for inner in _contained(service, holder):
            if not any(same_resource(uri_of(inner), uri_of(part)) for part in held):
                held.append(inner)
    return held


def _contained(service: Service, holder: Document) -> Iterator[Document]:
    for uri in links(holder, "Links", "Contains"):
        inner = service.find(uri)
        if inner is not None:
            yield inner
    for other in service.collection("Chassis"):
        if same_resource(link(other, "Links", "ContainedBy") or "", uri_of(holder)):
            yield other
