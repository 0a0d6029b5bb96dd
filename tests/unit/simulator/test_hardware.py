# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of the machines: what Redfish shows of them is the truth, and follows when a test changes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.simulator.control import Simulator, SimulatorError
from tests.simulator.fleet import expand
from tests.simulator.mixed import entries, fleet
from tests.simulator.profile import profile_names

from .conftest import MANAGERS, SYSTEMS, Client

Connect = Callable[[str], Client]

NAMES = (*SYSTEMS, "cmm")
# Those that say nothing of any part.
BARE = ("openbmc",)
ILO_DIMM = "/redfish/v1/Systems/1/Memory/proc1dimm1"
INVENTORY = "/redfish/v1/UpdateService/FirmwareInventory"


def shown(client: Client, uri: str) -> Any:
    """What stands at a URI, which may be a place in a resource."""
    document, _hash, place = uri.partition("#")
    found = client.get(document)
    if place:
        [found] = [entry for entry in found["PowerSupplies"] if entry["@odata.id"] == uri]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_part_is_shown_as_it_is(simulator: Simulator, connect: Connect, name: str) -> None:
    client = connect(name)
    hardware = simulator.state(name)["hardware"]
    assert bool(hardware) != (name in BARE)
    for part in hardware.values():
        assert part["uris"]
        for uri in part["uris"] if part["present"] else ():
            document = shown(client, uri)
            told = {key: document[key] for key in part.keys() & document.keys()}
            spelled = {key: str(part[key]).casefold() for key in told}
            expected = {
                key: str(value).casefold() for key, value in told.items() if value not in ("", None, "Not Available")
            }
            assert expected.items() <= spelled.items()


def test_no_two_parts_of_a_fleet_have_the_same_number(simulator: Simulator) -> None:
    numbers = [
        part[key]
        for name in NAMES
        for part in simulator.state(name)["hardware"].values()
        for key in ("SerialNumber", "MACAddress")
        if key in part
    ]
    assert len(numbers) == len(set(numbers)) > 100
    assert not {bmc["name"] for bmc in simulator.bmcs()} & set(numbers)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BARE])
def test_a_part_that_is_exchanged_has_another_number(simulator: Simulator, connect: Connect, name: str) -> None:
    client = connect(name)
    for identifier, part in simulator.state(name)["hardware"].items():
        if "SerialNumber" not in part or not part["present"]:
            continue
        before = {uri: shown(client, uri) for uri in part["uris"]}
        changed = simulator.set_state(name, hardware={identifier: {"SerialNumber": "EXCHANGED"}})
        assert changed["hardware"][identifier] == part | {"SerialNumber": "EXCHANGED"}
        assert simulator.history(name)[-1]["to"] == "EXCHANGED"
        for uri, document in before.items():
            if document.get("SerialNumber"):
                assert shown(client, uri)["SerialNumber"] == "EXCHANGED"


def test_only_what_changed_has_a_new_etag(simulator: Simulator, connect: Connect) -> None:
    client = connect("ilo")
    others = ("/redfish/v1/Systems/1", "/redfish/v1/Systems/1/Memory", "/redfish/v1/Systems/1/Memory/proc1dimm3")
    etag, *before = [client.ask("GET", uri).headers["ETag"] for uri in (ILO_DIMM, *others)]
    simulator.set_state("ilo", hardware={"proc1dimm1": {"SerialNumber": "NEW"}})
    now, *after = [client.ask("GET", uri).headers["ETag"] for uri in (ILO_DIMM, *others)]
    assert after == before
    assert now != etag


def test_a_pulled_dimm_leaves_an_empty_slot_on_ilo(simulator: Simulator, connect: Connect) -> None:
    client = connect("ilo")
    full = client.get(SYSTEMS["ilo"])["MemorySummary"]["TotalSystemMemoryGiB"]
    etag = client.ask("GET", SYSTEMS["ilo"]).headers["ETag"]
    simulator.set_state("ilo", hardware={"proc1dimm1": {"present": False}})
    slot = client.get(ILO_DIMM)
    assert slot["Status"]["State"] == "Absent"
    assert (slot["CapacityMiB"], slot["DeviceLocator"]) == (0, "proc1dimm1")
    assert "SerialNumber" not in slot
    assert len(client.get("/redfish/v1/Systems/1/Memory")["Members"]) == 6
    assert client.get(SYSTEMS["ilo"])["MemorySummary"]["TotalSystemMemoryGiB"] == full - 64
    assert client.ask("GET", SYSTEMS["ilo"]).headers["ETag"] != etag
    simulator.set_state("ilo", hardware={"proc1dimm1": {"present": True}, "proc1dimm2": {"present": True}})
    assert client.get(ILO_DIMM)["Status"]["State"] == "Enabled"
    assert client.get(SYSTEMS["ilo"])["MemorySummary"]["TotalSystemMemoryGiB"] == full + 64


def test_a_pulled_dimm_is_gone_on_idrac(simulator: Simulator, connect: Connect) -> None:
    client = connect("idrac")
    memory = f"{SYSTEMS['idrac']}/Memory"
    simulator.set_state("idrac", hardware={"DIMM.Socket.A1": {"present": False}})
    assert client.ask("GET", f"{memory}/DIMM.Socket.A1").status == 404
    members = [member["@odata.id"].rpartition("/")[2] for member in client.get(memory)["Members"]]
    assert members == ["DIMM.Socket.B1", "DIMM.Socket.A2", "DIMM.Socket.B2"]
    assert client.get(SYSTEMS["idrac"])["MemorySummary"]["TotalSystemMemoryGiB"] == 192
    assert simulator.state("idrac")["hardware"]["DIMM.Socket.A1"]["present"] is False
    simulator.reset()
    assert connect("idrac").get(f"{memory}/DIMM.Socket.A1")["Status"]["State"] == "Enabled"


def test_a_power_supply_is_taken_out_of_both_places(simulator: Simulator, connect: Connect) -> None:
    client = connect("idrac")
    chassis = "/redfish/v1/Chassis/System.Embedded.1"

    def counts() -> tuple[int, int]:
        supplies = client.get(f"{chassis}/PowerSubsystem/PowerSupplies")
        return len(client.get(f"{chassis}/Power")["PowerSupplies"]), len(supplies["Members"])

    assert counts() == (2, 2)
    simulator.set_state("idrac", hardware={"PSU.Slot.1": {"present": False}})
    assert counts() == (1, 1)
    assert client.ask("GET", f"{chassis}/PowerSubsystem/PowerSupplies/PSU.Slot.1").status == 404
    simulator.set_state("idrac", hardware={"PSU.Slot.1": {"present": True}})
    assert counts() == (2, 2)


def test_another_network_card_has_another_address(simulator: Simulator, connect: Connect) -> None:
    client = connect("xcc")
    new = {"MACAddress": "02:11:22:33:44:aa", "SerialNumber": "CARD2"}
    simulator.set_state("xcc", hardware={"nic15": new})
    port = client.get("/redfish/v1/Systems/1/EthernetInterfaces/NIC1")
    assert port["MACAddress"] == port["PermanentMACAddress"] == "02:11:22:33:44:AA"
    assert client.get("/redfish/v1/Chassis/1/NetworkAdapters/slot-15")["SerialNumber"] == "CARD2"
    assert client.get("/redfish/v1/Chassis/1/PCIeDevices/slot_15")["SerialNumber"] == "CARD2"


def test_another_machine_has_other_parts(simulator: Simulator) -> None:
    before = simulator.state("ilo")["hardware"]
    after = simulator.set_state("ilo", identity={"serial_number": "OTHER"})["hardware"]
    assert all(
        after[key]["SerialNumber"] != part["SerialNumber"] for key, part in before.items() if "SerialNumber" in part
    )


# Firmware


def firmware_of(simulator: Simulator, name: str, uri: str) -> str:
    """The id of the firmware whose version a resource shows."""
    [image] = [key for key, entry in simulator.state(name)["firmware"].items() if uri in entry["shown_by"]]
    return str(image)


@pytest.mark.parametrize(
    ("name", "resource", "new", "shown_as"),
    [
        ("ilo", MANAGERS["ilo"], "3.09 Nov 18 2024", "iLO 5 v3.09"),
        ("ilo7", "/redfish/v1/Managers/1", "1.18.00 Oct 1 2025", "1.18.00 Oct 1 2025"),
        ("idrac", MANAGERS["idrac"], "7.10.30.00", "7.10.30.00"),
        ("xcc", MANAGERS["xcc"], "42S-2.83", "AFBT42S 2.83 2022-12-14"),
        ("smc", MANAGERS["smc"], "11.01.01", "11.01.01"),
        ("ami", MANAGERS["ami"], "12.84.13", "12.84.13"),
        ("openbmc", MANAGERS["openbmc"], "2.17.0", "2.17.0"),
        ("gh200", MANAGERS["gh200"], "GH200-24.09-1", "GH200-24.09-1"),
        ("unknown", f"{MANAGERS['unknown']}/", "8", "8"),
    ],
)
def test_a_new_firmware_shows_everywhere(
    simulator: Simulator, connect: Connect, name: str, resource: str, new: str, shown_as: str
) -> None:
    client = connect(name)
    image = firmware_of(simulator, name, resource)
    entry = simulator.set_state(name, firmware={image: new})["firmware"][image]
    assert entry["version"] == new
    document = client.get(entry["uri"])
    assert (document["@odata.id"], document["Version"]) == (entry["uri"], new)
    assert entry["uri"].rpartition("/")[2] == document["Id"]
    assert client.get(resource)["FirmwareVersion"] == shown_as
    uris, page = [], client.get(INVENTORY)
    while True:
        uris += [member["@odata.id"] for member in page["Members"]]
        if "Members@odata.nextLink" not in page:
            break
        page = client.get(page["Members@odata.nextLink"])
    assert entry["uri"] in uris
    assert all(client.ask("GET", uri).status == 200 for uri in uris)
    assert simulator.history(name)[-1]["to"] == new


def test_the_root_of_ilo_tells_its_firmware(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("ilo", firmware={"1": "3.09 Nov 18 2024"})
    root = connect("ilo").get("/redfish/v1", login=None)
    assert root["Oem"]["Hpe"]["Manager"][0]["ManagerFirmwareVersion"] == "3.09"


def test_the_id_of_a_firmware_may_be_its_version(simulator: Simulator, connect: Connect) -> None:
    client = connect("idrac")
    old = f"{INVENTORY}/Installed-159-1.12.1__BIOS.Setup.1-1"
    image = firmware_of(simulator, "idrac", SYSTEMS["idrac"])
    assert client.ask("GET", old).status == 200
    simulator.set_state("idrac", firmware={image: "1.13.0"})
    assert client.ask("GET", old).status == 404
    assert client.get(old.replace("1.12.1", "1.13.0"))["Version"] == "1.13.0"
    assert client.get(f"{INVENTORY}/Current-159-1.13.0__BIOS.Setup.1-1")["Version"] == "1.13.0"
    assert client.get(SYSTEMS["idrac"])["BiosVersion"] == "1.13.0"
    simulator.set_state("idrac", firmware={image: "1.12.1"})
    assert client.get(old)["Version"] == "1.12.1"
    openbmc = connect("openbmc")
    image = firmware_of(simulator, "openbmc", MANAGERS["openbmc"])
    uri = simulator.set_state("openbmc", firmware={image: "2.17.0"})["firmware"][image]["uri"]
    assert openbmc.get(MANAGERS["openbmc"])["Links"]["ActiveSoftwareImage"] == {"@odata.id": uri}


def test_each_node_has_its_bios(simulator: Simulator, connect: Connect) -> None:
    client = connect("blade2")
    simulator.set_state("blade2", firmware={"Node1.BIOS": "ex425.bios-1.7.4"})
    versions = [client.get(f"/redfish/v1/Systems/Node{number}")["BiosVersion"] for number in (0, 1)]
    assert versions == ["ex425.bios-1.7.2", "ex425.bios-1.7.4"]


# Settings


def test_a_setting_of_the_network_services(simulator: Simulator, connect: Connect) -> None:
    client = connect("idrac")
    uri = f"{MANAGERS['idrac']}/NetworkProtocol"
    simulator.set_state("idrac", network_protocol={"NTP": {"NTPServers": ["ntp1.invalid"]}})
    assert client.get(uri)["NTP"] == {
        "NTPServers": ["ntp1.invalid"],
        "NTPServers@odata.count": 1,
        "ProtocolEnabled": False,
    }
    [entry] = simulator.history("idrac")
    assert (entry["resource"], entry["property"]) == (uri, "NTP")
    simulator.set_state("ilo", network_protocol={"HostName": "renamed"})
    assert connect("ilo").get("/redfish/v1/Managers/1/NetworkProtocol")["HostName"] == "renamed"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hardware": {"dimm99": {"present": False}}}, "unknown key dimm99; known are"),
        ({"hardware": {"proc1dimm1": {"Colour": "red"}}}, "unknown key Colour"),
        ({"hardware": {"proc1dimm1": {"CapacityMiB": "big"}}}, "must be like 65536"),
        ({"hardware": {"proc1dimm1": {"present": "no"}}}, "must be true or false"),
        ({"firmware": {"99": "1"}}, "unknown key 99"),
        ({"firmware": {"1": ""}}, "must be a text"),
        ({"network_protocol": {"NTP": {}}}, "unknown key NTP"),
        ({"network_protocol": {"SSH": {"Port": "22"}}}, "must be like 22"),
    ],
)
def test_what_cannot_be_meant_is_refused_whole(simulator: Simulator, changes: dict[str, Any], message: str) -> None:
    before = simulator.state("ilo")
    with pytest.raises(SimulatorError) as refused:
        simulator.set_state("ilo", **({"hardware": {"proc1dimm3": {"present": False}}} | changes))
    assert message in str(refused.value)
    assert (simulator.state("ilo"), simulator.history("ilo")) == (before, [])


# $expand


@pytest.mark.parametrize(
    ("name", "query", "whole"),
    [
        ("ilo", "$expand=.", True),
        ("ilo", "$expand=.($levels=1)", True),
        ("ilo", "$expand=*", False),
        ("idrac", "$expand=*($levels=1)", True),
        ("idrac", "$expand=.", True),
        ("idrac", "$expand=~", False),
        ("xcc", "$expand=.", True),
        ("smc", "$expand=.", True),
        ("ami", "$expand=.", True),
        ("gh200", "$expand=.($levels=1)", True),
    ],
)
def test_a_collection_answers_whole(connect: Connect, name: str, query: str, whole: bool) -> None:
    client = connect(name)
    uri = f"{SYSTEMS[name]}/Memory"
    plain, expanded = client.get(uri), client.get(f"{uri}?{query}")
    if not whole:
        assert expanded == plain
        return
    assert {**expanded, "Members": None} == {**plain, "Members": None}
    assert expanded["Members"] == [client.get(member["@odata.id"]) for member in plain["Members"]]


@pytest.mark.parametrize("name", ["openbmc", "blade2", "intel", "x10"])
def test_an_expansion_that_is_not_offered_is_refused(connect: Connect, name: str) -> None:
    assert connect(name).ask("GET", f"{SYSTEMS[name]}/Memory?$expand=.").status == 501


@pytest.mark.parametrize("name", ["dgx", "gb300"])
def test_an_expansion_that_loses_properties(connect: Connect, name: str) -> None:
    members = connect(name).get(f"{SYSTEMS[name]}/Memory?$expand=.")["Members"]
    assert members
    assert all(member["@odata.id"] and "Name" not in member for member in members)


# A mixed fleet


def test_a_mixed_fleet_has_every_profile() -> None:
    specs = expand(fleet(1000))
    assert len({spec.address for spec in specs}) == 1000
    assert {spec.profile.name for spec in specs} == set(profile_names())
    assert {spec.nodes for spec in specs} == {1, 2, 4}
    assert len({entry["profile"] for entry in entries(10)}) >= 9
