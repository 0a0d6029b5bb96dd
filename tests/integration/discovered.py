# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts as discovery makes them, for tests of what works on host variables alone: an inventory in AWX's database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ANSWERED = {
    "status": "answered",
    "since": "2026-11-24T17:00:00Z",
    "why": "",
    "last_seen": "2026-11-24T18:00:00Z",
    "crawled": "2026-11-24T18:00:00Z",
    "incomplete": [],
    "changed": [],
    "changed_resources": [],
    "new": False,
    "same_as": None,
}

Hosts = dict[str, dict[str, Any]]


def hosts(name: str, facts: Mapping[str, Any], address: str, **story: Any) -> Hosts:
    """A BMC and its nodes, from what bmc_info says. story: what is different from a BMC that answered."""
    bmc = facts["bmc"]
    own = {
        "ansible_connection": "local",
        "bmc_address": address,
        "bmc_name": name,
        "bmc_chassis_id": name.partition("s")[0] if name.startswith("x") else name,
        "bmc_vendor": bmc["vendor"],
        "bmc_model": bmc["model"],
        "bmc_dialect": bmc["dialect"],
        "bmc_firmware_version": bmc["firmware_version"],
        "bmc_power_state": None,
        "bmc_health": None,
        "bmc_identity": bmc["identity"],
        "bmc_info": dict(facts),
        "bmc_discovery": {**ANSWERED, **story},
    }
    nodes = {
        f"{name}n{ordinal}": {
            **own,
            "bmc_system": system["id"],
            "bmc_node": system,
            "bmc_power_state": system["power_state"],
            "bmc_health": system["health"],
            "bmc_model": system["model"] or bmc["model"],
        }
        for ordinal, system in enumerate(facts["systems"])
        if system["reset_target"]
    }
    return {name: own, **nodes}


def facts(**told: Any) -> dict[str, Any]:
    """What bmc_info says of a server of one node. told: what is different from an ordinary one."""
    system = {
        "id": "1",
        "uri": "/redfish/v1/Systems/1",
        "reset_target": "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset",
        "system_type": "Physical",
        "model": told.get("model", "ProLiant DL385 Gen10 Plus v2"),
        "serial_number": told.get("serial_number", "CZ1234"),
        "power_state": told.get("power_state", "On"),
        "health": told.get("health", "OK"),
    }
    bmc = {
        "vendor": told.get("vendor", "hpe"),
        "dialect": "hpe",
        "model": system["model"],
        "firmware_version": told.get("firmware_version", "iLO 5 v2.72"),
        "identity": {"uuid": None, "serial_number": system["serial_number"]},
    }
    return {"bmc": bmc, "systems": [system], "managers": [], "chassis": [], "capabilities": {}}


def many(count: int) -> Hosts:
    """The nodes of so many BMCs in cabinets of 8 chassis, of 8 blades, of 2; some off, ill, silent or behind."""
    found: Hosts = {}
    for number in range(count):
        place = f"x{1000 + number // 128}c{number // 16 % 8}s{number // 2 % 8}b{number % 2}"
        told: dict[str, Any] = {}
        story: dict[str, Any] = {}
        if number % 9 == 4:
            told["power_state"] = "Off"
        if number % 53 == 7:
            told["health"] = "Critical" if number % 2 else "Warning"
        if number % 97 == 11:
            told["firmware_version"] = "iLO 5 v2.65"
        if number % 71 == 13:
            story = {"status": "silent", "why": f"no connection to 10.1.{number // 250}.{number % 250}: timed out"}
        if number % 211 == 17:
            story = {"status": "refused", "why": "the login was refused (401)"}
        if number % 3 == 1:
            told |= {"vendor": "dell", "model": "PowerEdge R750", "firmware_version": "7.00.30.00"}
        address = f"10.1.{number // 250}.{number % 250 + 1}"
        one = hosts(place, facts(serial_number=f"CZ{number:06}", **told), address, **story)
        found |= {name: variables for name, variables in one.items() if name != place}
    return found
