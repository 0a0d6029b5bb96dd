# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Never the wrong machine (promise 1)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import WrongMachine
from ansible_collections.openchami.bmc.plugins.module_utils._operations.identity import (
    bmc_identity,
    recorded_system,
    same_machine,
    verify_bmc,
    verify_system,
)
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.dell.driver import Dell
from tests.unit.json_documents import json_objects, quick
from tests.unit.redfish.fake_reader import reference

from .scripted_bmc import World, manager, resource, system

UUID = "4c4c4544-0043-3710-8052-b4c04f4a3733"
MAC = "aa:bb:cc:00:11:22"
INTERFACES = "/redfish/v1/Managers/BMC/EthernetInterfaces"
CHASSIS = "/redfish/v1/Chassis/1"

PLACEHOLDERS = [
    None, "", "  ", "0", "0000000000", "00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
    "N/A", "NA", "None", "null", "Unknown", "Default string", "Not Specified", "To be filled by O.E.M.",
    "To Be Filled By O.E.M.", "System Serial Number", "0123456789", "03000200-0400-0500-0006-000700080009",
]  # fmt: skip


def behind_a_bmc(**of_system: Any) -> World:
    """One system, with a manager that has a MAC address and stands in a chassis."""
    held = {"ManagerInChassis": reference(CHASSIS)}
    world = World(
        system(**of_system),
        Managers=[manager(EthernetInterfaces=reference(INTERFACES), Links=held, UUID="bmc-uuid-1")],
        Chassis=[resource(CHASSIS, None, SerialNumber="CH-1")],
    )
    world.client.documents |= {
        INTERFACES: {"Members": [reference(f"{INTERFACES}/1")]},
        f"{INTERFACES}/1": {"MACAddress": MAC.upper()},
    }
    return world


def verified(world: World, identity: dict[str, Any]) -> bool:
    return verify_system(world.bmc, identity, world.client.documents["/redfish/v1/Systems/1"])


@pytest.mark.parametrize("recorded", [UUID, UUID.upper(), f" {UUID} ", UUID.replace("-", "")])
def test_uuid_is_compared_whatever_its_spelling(recorded: str) -> None:
    assert same_machine({"uuid": recorded}, system(UUID=UUID))


def test_uuid_decides_also_where_the_serial_number_is_another() -> None:
    assert same_machine({"uuid": UUID, "serial_number": "A1"}, system(UUID=UUID, SerialNumber="B2"))


def test_another_uuid_is_another_machine_also_where_the_serial_number_is_the_same() -> None:
    with pytest.raises(WrongMachine, match=r"uuid is .*, recorded was .*Nothing is written"):
        same_machine({"uuid": UUID, "serial_number": "A1"}, system(UUID=UUID.replace("4", "5"), SerialNumber="A1"))


@pytest.mark.parametrize("shown", PLACEHOLDERS)
def test_placeholder_identifies_nothing(shown: str | None) -> None:
    assert not same_machine({"uuid": shown, "serial_number": shown}, system(UUID=shown, SerialNumber=shown))
    assert not same_machine({"uuid": UUID, "serial_number": "A1"}, system(UUID=shown, SerialNumber=shown))


def test_serial_number_decides_where_the_uuid_is_a_placeholder() -> None:
    assert same_machine({"uuid": UUID, "serial_number": "A1"}, system(UUID=PLACEHOLDERS[5], SerialNumber="a1 "))
    with pytest.raises(WrongMachine, match="serial_number"):
        same_machine({"uuid": UUID, "serial_number": "A1"}, system(UUID=PLACEHOLDERS[5], SerialNumber="B2"))


def test_number_of_an_asset_list_is_compared_as_text() -> None:
    assert same_machine({"serial_number": 12345678}, system(SerialNumber="12345678"))


def test_nodes_that_share_a_serial_number_are_told_apart_by_their_ids() -> None:
    world = World(system("Node0", SerialNumber="BLADE1"), system("Node1", SerialNumber="BLADE1"))
    recorded = {"systems": {"Node0": {"serial_number": "BLADE1"}}}
    node0, node1 = (world.client.documents[f"/redfish/v1/Systems/Node{number}"] for number in range(2))
    assert verify_system(world.bmc, recorded, node0)
    with pytest.raises(WrongMachine, match="could not be verified"):
        verify_system(world.bmc, recorded, node1)


@pytest.mark.parametrize(
    "identity",
    [
        {"uuid": UUID},
        {"uuid": "bmc-uuid-1"},
        {"serial_number": "A1"},
        {"serial_number": "CH-1"},
        {"mac_address": MAC},
        {"mac_address": MAC.upper().replace(":", "-")},
        {"mac_address": MAC.replace(":", "")},
        {"uuid": "00000000-0000-0000-0000-000000000000", "serial_number": "A1"},
        {"uuid": None, "serial_number": None, "mac_address": MAC},
    ],
)
def test_machine_is_recognised_by_what_is_known_of_it_or_its_bmc(identity: dict[str, Any]) -> None:
    assert verified(behind_a_bmc(UUID=UUID, SerialNumber="A1"), identity)


@pytest.mark.parametrize(
    "identity", [{"uuid": "another-uuid"}, {"serial_number": "B2"}, {"mac_address": "aa:bb:cc:00:11:23"}]
)
def test_another_machine_is_refused(identity: dict[str, Any]) -> None:
    with pytest.raises(WrongMachine, match="the BMC is not the recorded one"):
        verified(behind_a_bmc(UUID=UUID, SerialNumber="A1"), identity)


def test_service_tag_of_a_dell_is_compared() -> None:
    world = behind_a_bmc(SerialNumber="CNBOARD1")
    world.driver = Dell()
    world.client.documents["/redfish/v1"]["Oem"] = {"Dell": {"ServiceTag": "TAG1234"}}
    assert verified(world, {"serial_number": "TAG1234"})


@pytest.mark.parametrize(
    "identity",
    [
        {},
        {"dialect": "hpe", "vendor": "hpe"},
        {"uuid": None},
        {"serial_number": ""},
        # What bmc_info records of a BMC that shows no number at all: its own power must not be refused.
        {"uuid": None, "serial_number": None, "systems": {"1": {"uri": "/x", "uuid": None, "serial_number": "N/A"}}},
        {"systems": "1"},
    ],
)
def test_without_a_record_nothing_is_compared_and_nothing_refused(identity: dict[str, Any]) -> None:
    world = behind_a_bmc(UUID=UUID)
    assert not verified(world, identity)
    assert world.client.reads == []


@pytest.mark.parametrize("identity", [{"serial_number": "A1"}, {"systems": {"1": {"uuid": UUID}}}])
def test_record_that_cannot_be_compared_is_refused(identity: dict[str, Any]) -> None:
    with pytest.raises(WrongMachine, match="could not be verified"):
        verify_system(World(system()).bmc, identity, system())


def test_bmc_is_compared_for_a_manager() -> None:
    world = behind_a_bmc()
    assert verify_bmc(world.bmc, {"mac_address": MAC}, manager())
    with pytest.raises(WrongMachine):
        verify_bmc(world.bmc, {"mac_address": "aa:bb:cc:00:11:23"}, manager())


def test_identity_of_a_bmc_is_read() -> None:
    world = behind_a_bmc(UUID=UUID)
    assert bmc_identity(world.bmc.service) == {"uuid": "bmc-uuid-1", "serial_number": "CH-1", "mac_address": MAC}


@pytest.mark.parametrize(
    "identity", [{}, {"systems": None}, {"systems": []}, {"systems": {"1": None}}, {"systems": {"2": {}}}]
)
def test_what_was_not_recorded_of_a_system_is_nothing(identity: dict[str, Any]) -> None:
    assert recorded_system(identity, "1") == {}


@quick
@given(json_objects("uuid", "serial_number"), json_objects("@odata.id", "Id", "UUID", "SerialNumber"))
def test_no_record_and_no_resource_break_the_comparison(recorded: dict[str, Any], shown: dict[str, Any]) -> None:
    try:
        same = same_machine(recorded, {**shown, "Id": "1"})
    except WrongMachine:
        return
    assert isinstance(same, bool)
