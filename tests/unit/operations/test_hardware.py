# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of a BMC in documents made by hand: what no recorded tree shows."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BadAnswer
from ansible_collections.openchami.bmc.plugins.module_utils._operations import hardware
from ansible_collections.openchami.bmc.plugins.module_utils._operations.parts import Parts
from tests.unit.redfish.fake_reader import collection, reference, refused, service_of, tree

ROOT = "/redfish/v1"
NOWHERE = ".".join(["0"] * 4)
SYSTEM, CHASSIS = f"{ROOT}/Systems/1", f"{ROOT}/Chassis/1"


def system(name: str = "1", **links: Any) -> dict[str, Any]:
    return {"@odata.id": f"{ROOT}/Systems/{name}", "Id": name, **links}


def chassis(name: str = "1", *systems: str, **links: Any) -> dict[str, Any]:
    held = {"ComputerSystems": [reference(f"{ROOT}/Systems/{system}") for system in systems]}
    return {"@odata.id": f"{ROOT}/Chassis/{name}", "Id": name, "Links": held, **links}


def listed(uri: str, **members: dict[str, Any]) -> dict[str, Any]:
    """A collection and its members, by Id."""
    documents: dict[str, Any] = {uri: collection(uri, *(f"{uri}/{name}" for name in members))}
    return documents | {f"{uri}/{name}": {"Id": name, **member} for name, member in members.items()}


def read(documents: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    parts = Parts(service_of(documents))
    found = hardware.read(parts)
    assert parts.incomplete() == []
    return found


def test_a_system_without_storage_shows_the_devices_of_its_simple_storage() -> None:
    uri = f"{SYSTEM}/SimpleStorage"
    devices = [{"Name": "Disk 0", "Model": "M", "CapacityBytes": 5}, {"Name": "Bay 1", "Status": {"State": "Absent"}}]
    documents = tree(Systems=[system(SimpleStorage=reference(uri))], Chassis=[])
    (drive,) = read(documents | listed(uri, sata={"Devices": devices}))["drives"]
    assert (drive["id"], drive["uri"], drive["name"]) == ("0", f"{uri}/sata#/Devices/0", "Disk 0")
    assert (drive["model"], drive["capacity_bytes"], drive["system"]) == ("M", 5, SYSTEM)


def test_a_system_with_storage_is_not_asked_for_simple_storage() -> None:
    links: dict[str, Any] = {
        "SimpleStorage": reference(f"{SYSTEM}/SimpleStorage"),
        "Storage": reference(f"{SYSTEM}/Storage"),
    }
    documents = tree(Systems=[system(**links)], Chassis=[])
    assert read(documents | listed(f"{SYSTEM}/Storage"))["drives"] == []


def test_a_drive_that_storage_and_chassis_list_is_one_with_both_homes() -> None:
    drive = f"{SYSTEM}/Storage/A/Drives/0"
    documents = tree(
        Systems=[system(Storage=reference(f"{SYSTEM}/Storage"))],
        Chassis=[{**chassis(), "Links": {"Drives": [reference(f"{drive.upper()}/"), reference(drive)]}}],
    )
    documents |= listed(f"{SYSTEM}/Storage", A={"Drives": [reference(drive)]})
    documents |= {drive: {"Id": "0", "Revision": "R1"}}
    (found,) = read(documents)["drives"]
    assert (found["system"], found["chassis"], found["firmware_version"]) == (SYSTEM, CHASSIS, "R1")


def test_power_supplies_come_from_the_power_subsystem_where_there_is_no_power() -> None:
    subsystem = f"{CHASSIS}/PowerSubsystem"
    documents = tree(Systems=[system()], Chassis=[chassis("1", "1", PowerSubsystem=reference(subsystem))])
    documents |= {subsystem: {"PowerSupplies": reference(f"{subsystem}/PowerSupplies")}}
    documents |= listed(f"{subsystem}/PowerSupplies", PSU0={"PowerCapacityWatts": 799.6})
    (supply,) = read(documents)["power_supplies"]
    assert (supply["id"], supply["capacity_watts"]) == ("PSU0", 800)
    assert (supply["system"], supply["chassis"]) == (SYSTEM, CHASSIS)


def test_power_without_supplies_leaves_the_power_subsystem_to_be_asked() -> None:
    links: dict[str, Any] = {
        "Power": reference(f"{CHASSIS}/Power"),
        "PowerSubsystem": reference(f"{CHASSIS}/PowerSubsystem"),
    }
    documents = tree(Systems=[], Chassis=[chassis(**links)])
    documents |= {f"{CHASSIS}/Power": {}, f"{CHASSIS}/PowerSubsystem": {"PowerSupplies": reference("/s")}}
    assert len(read(documents | listed("/s", PSU0={}))["power_supplies"]) == 1


def test_what_a_chassis_of_several_systems_lists_belongs_to_none_of_them() -> None:
    documents = tree(
        Systems=[system("1"), system("2", Links={"Chassis": [reference(CHASSIS)]})],
        Chassis=[chassis("1", "1", Power=reference(f"{CHASSIS}/Power"))],
    )
    documents |= {f"{CHASSIS}/Power": {"PowerSupplies": [{"MemberId": "a"}, {}]}}
    first, second = read(documents)["power_supplies"]
    assert (first["id"], first["system"], first["chassis"]) == ("a", None, CHASSIS)
    assert (second["id"], second["uri"]) == ("1", f"{CHASSIS}/Power#/PowerSupplies/1")


def test_a_pcie_device_that_a_chassis_and_its_system_list_under_one_id_is_one() -> None:
    below = f"{SYSTEM}/PCIeDevices"
    documents = tree(
        Systems=[system(PCIeDevices=[reference(f"{below}/0-1"), reference(f"{below}/0-2")])],
        Chassis=[chassis("1", "1", PCIeDevices=reference(f"{CHASSIS}/PCIeDevices"))],
    )
    # 0-1 below the system is not provided: asking for it would fail.
    documents |= listed(f"{CHASSIS}/PCIeDevices", **{"0-1": {}}) | {f"{below}/0-2": {"Id": "0-2"}}
    assert [part["uri"] for part in read(documents)["pcie_devices"]] == [f"{CHASSIS}/PCIeDevices/0-1", f"{below}/0-2"]


@pytest.mark.parametrize(
    ("interface", "mac_address"),
    [
        ({"MACAddress": "AA:BB:CC:00:11:22", "PermanentMACAddress": "aa:bb:cc:00:11:33"}, "aa:bb:cc:00:11:22"),
        ({"MACAddress": "Not Available", "PermanentMACAddress": "00:40:A6:83:52:5F"}, "00:40:a6:83:52:5f"),
        ({"MACAddress": "Not Available", "PermanentMACAddress": ""}, None),
        ({"MACAddress": 5, "PermanentMACAddress": None}, None),
        (
            {"MACAddress": "80:00:02:08:fe:80:00:00:00:00:00:00:b8:ce:f6:03"},
            "80:00:02:08:fe:80:00:00:00:00:00:00:b8:ce:f6:03",
        ),
    ],
)
def test_mac_addresses(interface: dict[str, Any], mac_address: str | None) -> None:
    assert hardware.mac_address(interface) == mac_address


def test_addresses_that_are_none_are_left_out() -> None:
    uri = f"{SYSTEM}/EthernetInterfaces"
    interface = {
        "IPv4Addresses": [{"Address": "10.0.0.1"}, {"Address": NOWHERE}, {"Address": None}, None],
        "IPv6Addresses": [{"Address": "::"}, {"Address": "fd00::1"}],
        "SpeedMbps": "fast",
    }
    documents = tree(Systems=[system(EthernetInterfaces=reference(uri))], Chassis=[]) | listed(uri, eth0=interface)
    (found,) = read(documents)["ethernet_interfaces"]
    assert (found["ip_addresses"], found["speed_mbps"]) == (["10.0.0.1", "fd00::1"], None)


def test_a_collection_or_part_that_cannot_be_read_is_told_once_with_its_cause() -> None:
    memory, processors = f"{SYSTEM}/Memory", f"{SYSTEM}/Processors"
    documents = tree(
        Systems=[system(Memory=reference(memory), Processors=reference(processors))],
        Chassis=[],
    )
    documents |= listed(processors, CPU0={}, CPU1={}) | {memory: BadAnswer("no JSON", why="it is a page")}
    documents[f"{processors}/CPU0"] = refused(500)
    documents[f"{processors}/CPU1"] = refused(404)
    parts = Parts(service_of(documents))
    assert all(found == [] for found in hardware.read(parts).values())
    assert parts.incomplete() == [
        {"uri": memory, "why": "no JSON: it is a page"},
        {"uri": f"{processors}/CPU0", "why": "it was refused: HTTP 500"},
    ]
