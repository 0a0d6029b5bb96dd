# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The manager that is the BMC, chosen by what it is, never by being first."""

from __future__ import annotations

from collections.abc import Iterator

from .._redfish.reset import has_reset
from .._redfish.resource import Document, link, links, same_resource, text, uri_of
from .._redfish.service import Service

_BMC_TYPES = ("BMC", "EnclosureManager", "ManagementController")


def bmc_managers(service: Service) -> tuple[Document, ...]:
    """The managers that are BMCs: their type says so, or nothing does, and they can be reset.

    Cray lists auxiliary controllers first, NVIDIA a second BMC for the GPU board and a fabric manager.
    """
    managers = service.collection("Managers")
    of_type = [manager for manager in managers if text(manager, "ManagerType") in _BMC_TYPES]
    of_type = of_type or [manager for manager in managers if text(manager, "ManagerType") is None]
    return tuple(manager for manager in of_type if has_reset(manager)) or tuple(of_type)


def bmc_manager(service: Service) -> Document | None:
    """The one that answers here: the only one, else the one that the first sign with an answer names. None without."""
    candidates = bmc_managers(service)
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    return next(_signs(service, candidates), None)


def _signs(service: Service, candidates: tuple[Document, ...]) -> Iterator[Document]:
    """Those that a sign names, the surest sign first."""
    # ServiceRoot 1.15: the manager that provides this Redfish service.
    providing = link(service.root(), "Links", "ManagerProvidingService")
    yield from (manager for manager in candidates if providing and same_resource(providing, uri_of(manager)))
    for manager in candidates:
        managed = (service.find(uri) for uri in links(manager, "Links", "ManagerForServers"))
        if any(system is not None and has_reset(system) for system in managed):
            yield manager
    for system in filter(has_reset, service.collection("Systems")):
        owners = links(system, "Links", "ManagedBy")
        yield from (m for m in candidates if any(same_resource(owner, uri_of(m)) for owner in owners))
    # ServiceEntryPointUUID is the service's by the standard; MegaRAC's root has its manager's own UUID.
    own = text(service.root(), "UUID")
    for name in ("ServiceEntryPointUUID", "UUID"):
        yield from (manager for manager in candidates if own and text(manager, name) == own)
