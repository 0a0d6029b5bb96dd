# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The manager that is the BMC, chosen by what it is, never by being first."""

from __future__ import annotations

from .._redfish.reset import has_reset
from .._redfish.resource import Document, links, text
from .._redfish.service import Service

_BMC_TYPES = ("BMC", "EnclosureManager", "ManagementController")


def bmc_managers(service: Service) -> tuple[Document, ...]:
    """The managers that are BMCs: their type says so and they can be reset.

    Cray lists auxiliary controllers first, NVIDIA a second BMC for the GPU board and a fabric manager.
    """
    managers = service.collection("Managers")
    of_type = [manager for manager in managers if text(manager, "ManagerType") in _BMC_TYPES]
    return tuple(manager for manager in of_type if has_reset(manager)) or tuple(of_type)


def bmc_manager(service: Service) -> Document | None:
    """The one that answers here: it manages a system that can be reset, or is the only one. None where none is."""
    candidates = bmc_managers(service)
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    for manager in candidates:
        managed = (service.find(uri) for uri in links(manager, "Links", "ManagerForServers"))
        if any(system is not None and has_reset(system) for system in managed):
            return manager
    root_uuid = text(service.root(), "UUID")
    same = (manager for manager in candidates if root_uuid and text(manager, "ServiceEntryPointUUID") == root_uuid)
    return next(same, None)
