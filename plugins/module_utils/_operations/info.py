# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a BMC is and has: the facts of bmc_info. Reads only."""

from __future__ import annotations

from typing import Any

from .._redfish.crawl import Table, to, to_reset_values
from .._redfish.reset import has_reset, reset_action
from .._redfish.resource import Document, id_of, links, text, uri_of
from .._vendors import registry
from .connect import View
from .identity import bmc_identity, machine
from .managers import bmc_manager
from .power_rules import STATES, Impossible, Situation, steps

READS: Table = {
    "ServiceRoot": [
        to("ComputerSystemCollection", "Systems"),
        to("ManagerCollection", "Managers"),
        to("ChassisCollection", "Chassis"),
    ],
    "ComputerSystem": [to_reset_values],
    "Manager": [to_reset_values],
    "Chassis": [to_reset_values],
}


def run(bmc: View) -> dict[str, Any]:
    """All facts. Shape: bmc, systems, managers, chassis, capabilities; see the RETURN of bmc_info."""
    service = bmc.service
    systems = service.collection("Systems")
    managers = service.collection("Managers")
    chassis = service.collection("Chassis")
    return {
        "bmc": _bmc(bmc, systems),
        "systems": [_system(bmc, document) for document in _ordered(systems)],
        "managers": [_manager(bmc, document) for document in _ordered(managers)],
        "chassis": [_chassis(bmc, document) for document in _ordered(chassis)],
        "capabilities": {"power": _power(bmc, {"system": systems, "manager": managers, "chassis": chassis})},
    }


def _bmc(bmc: View, systems: tuple[Document, ...]) -> dict[str, Any]:
    manager = bmc_manager(bmc.service)
    detected = {
        "vendor": registry.maker(bmc.service, bmc.driver),
        "dialect": bmc.driver.dialect,
        "model": bmc.model(manager),
        "firmware_version": bmc.driver.inventory.firmware_version(bmc.service, manager),
    }
    able = {id_of(system): _recorded(bmc, system) for system in _ordered(systems) if has_reset(system)}
    return {
        **detected,
        "redfish_version": text(bmc.service.root(), "RedfishVersion"),
        "identity": {**detected, **bmc_identity(bmc.service), "systems": able},
    }


def _recorded(bmc: View, system: Document) -> dict[str, Any]:
    action = reset_action(bmc.service, system)
    return {"uri": uri_of(system), **machine(system), "reset_types": list(action.values or ()) if action else []}


def _ordered(documents: tuple[Document, ...]) -> list[Document]:
    """By URI: Cray lists its nodes in an order that changes."""
    return sorted(documents, key=uri_of)


def _described(bmc: View, document: Document) -> dict[str, Any]:
    action = reset_action(bmc.service, document)
    return {
        "id": id_of(document),
        "uri": uri_of(document),
        "name": text(document, "Name"),
        "manufacturer": text(document, "Manufacturer"),
        "model": text(document, "Model"),
        "part_number": text(document, "PartNumber"),
        "serial_number": text(document, "SerialNumber"),
        "uuid": text(document, "UUID"),
        "power_state": text(document, "PowerState"),
        "health": text(document, "Status", "Health"),
        "reset_types": list(action.values or ()) if action else [],
        "reset_target": action.target if action else None,
    }


def _system(bmc: View, document: Document) -> dict[str, Any]:
    return {
        **_described(bmc, document),
        "system_type": text(document, "SystemType"),
        "bios_version": text(document, "BiosVersion"),
        "host_name": text(document, "HostName"),
        "managed_by": list(links(document, "Links", "ManagedBy")),
    }


def _manager(bmc: View, document: Document) -> dict[str, Any]:
    return {
        **_described(bmc, document),
        "manager_type": text(document, "ManagerType"),
        "firmware_version": text(document, "FirmwareVersion"),
        "manager_for_servers": list(links(document, "Links", "ManagerForServers")),
    }


def _chassis(bmc: View, document: Document) -> dict[str, Any]:
    return {
        **_described(bmc, document),
        "chassis_type": text(document, "ChassisType"),
        "computer_systems": list(links(document, "Links", "ComputerSystems")),
    }


def _power(bmc: View, resources: dict[str, tuple[Document, ...]]) -> dict[str, list[str]]:
    """For each resource with a reset: the states that bmc_power can bring it to, without escalation."""
    return {
        uri_of(document): _possible(bmc, kind, document)
        for kind, documents in resources.items()
        for document in _ordered(documents)
        if has_reset(document)
    }


def _possible(bmc: View, kind: str, document: Document) -> list[str]:
    action = reset_action(bmc.service, document)
    offered = action.values if action else ()
    vocabulary = bmc.driver.power.vocabulary()
    # Each state is judged from where it has something to do.
    running = {state: "Off" if state == "on" else "On" for state in STATES}
    return [state for state in STATES if _goes(kind, state, Situation(running[state], offered, vocabulary))]


def _goes(kind: str, state: str, situation: Situation) -> bool:
    try:
        steps(kind, state, situation)
    except Impossible:
        return False
    return True
