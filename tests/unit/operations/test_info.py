# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The facts of a BMC, and what can be done with it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest, NotSupported
from ansible_collections.openchami.bmc.plugins.module_utils._operations import info
from ansible_collections.openchami.bmc.plugins.module_utils._operations.power_rules import STATES
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.cray.driver import Cray
from tests.unit.redfish.fake_reader import reference

from .scripted_bmc import World, manager, resource, system

NODE0, NODE1 = "/redfish/v1/Systems/Node0", "/redfish/v1/Systems/Node1"


def facts_of(world: World) -> dict[str, Any]:
    facts = info.run(world.bmc)
    assert world.client.posts == []
    return facts


def test_resources_are_described_in_the_order_of_their_uris() -> None:
    node: dict[str, Any] = {
        "Manufacturer": "HPE",
        "Model": "EX425",
        "SerialNumber": "BLADE1",
        "Status": {"Health": "OK"},
    }
    world = World(
        system("Node1", **node),
        system("Node0", BiosVersion="1.7", Links={"ManagedBy": [reference("/redfish/v1/Managers/BMC")]}, **node),
        Managers=[manager(FirmwareVersion="1.6.19", Links={"ManagerForServers": [reference(NODE0)]})],
        Chassis=[resource("/redfish/v1/Chassis/Blade", None, Links={"ComputerSystems": [reference(NODE0)]})],
    )
    facts = facts_of(world)
    assert [entry["uri"] for entry in facts["systems"]] == [NODE0, NODE1]
    first = facts["systems"][0]
    assert (first["manufacturer"], first["model"], first["serial_number"]) == ("HPE", "EX425", "BLADE1")
    assert (first["power_state"], first["health"], first["bios_version"]) == ("On", "OK", "1.7")
    assert first["managed_by"] == ["/redfish/v1/Managers/BMC"]
    assert first["reset_target"] == f"{NODE0}/Actions/ComputerSystem.Reset"
    assert facts["managers"][0]["manager_for_servers"] == [NODE0]
    assert facts["managers"][0]["firmware_version"] == "1.6.19"
    assert facts["chassis"][0]["computer_systems"] == [NODE0]
    assert (facts["chassis"][0]["reset_target"], facts["chassis"][0]["reset_types"]) == (None, [])


def test_what_is_not_told_is_none() -> None:
    (described,) = facts_of(World(resource("/redfish/v1/Systems/1", None)))["systems"]
    assert described["id"] == "1"
    assert {key: value for key, value in described.items() if value} == {"id": "1", "uri": "/redfish/v1/Systems/1"}


def test_identity_holds_what_the_next_task_needs() -> None:
    baseboard = resource("/redfish/v1/Systems/HGX_Baseboard_0", None)
    world = World(system("1", resets=("On", "Off"), UUID="u-1", SerialNumber="A1"), baseboard, Managers=[manager()])
    identity = facts_of(world)["bmc"]["identity"]
    assert identity["dialect"] == "generic"
    assert identity["systems"] == {
        "1": {"uri": "/redfish/v1/Systems/1", "uuid": "u-1", "serial_number": "A1", "reset_types": ["On", "Off"]}
    }


def test_identity_lets_the_next_task_find_the_system_and_trust_it() -> None:
    world = World(system("Node0", UUID="u-0"), system("Node1", UUID="u-1"))
    identity = facts_of(world)["bmc"]["identity"]
    world.client.reads.clear()
    assert world.run("on", name="Node1", identity=identity).changed is False
    assert world.client.reads == [NODE1]


@pytest.mark.parametrize(
    "resets", [("On", "ForceOff"), ("On", "ForceOff", "Off"), ("GracefulShutdown",), ("Nmi", "On")]
)
def test_capabilities_are_the_states_that_a_run_does_not_refuse(resets: tuple[str, ...]) -> None:
    for driver in (None, Cray()):
        able = facts_of(World(system(resets=resets), driver=driver))["capabilities"]["power"]["/redfish/v1/Systems/1"]
        for state in STATES:
            world = World(system(resets=resets, power_state="Off" if state == "on" else "On"), driver=driver)
            try:
                world.run(state, check_mode=True)
            except (NotSupported, InvalidRequest):
                assert state not in able
            else:
                assert state in able


def test_capabilities_are_told_for_all_that_has_a_reset() -> None:
    world = World(
        system(),
        Managers=[manager()],
        Chassis=[resource("/redfish/v1/Chassis/A"), resource("/redfish/v1/Chassis/B", None)],
    )
    able = facts_of(world)["capabilities"]["power"]
    assert set(able) == {"/redfish/v1/Systems/1", "/redfish/v1/Managers/BMC", "/redfish/v1/Chassis/A"}
    assert able["/redfish/v1/Managers/BMC"] == ["soft_restart", "hard_restart"]
    assert "nmi" not in able["/redfish/v1/Chassis/A"]


@pytest.mark.parametrize(
    ("systems", "chassis_model", "manager_model", "model"),
    [
        (("X1",), "C1", "M1", "X1"),
        ((), "C1", "M1", "C1"),
        ((), None, "M1", "M1"),
        ((None,), None, None, None),
    ],
)
def test_model_is_the_one_of_the_machine(
    systems: tuple[str | None, ...], chassis_model: str | None, manager_model: str | None, model: str | None
) -> None:
    held = "/redfish/v1/Chassis/1"
    world = World(
        *(system(Model=name) for name in systems),
        Managers=[manager(Model=manager_model, Links={"ManagerInChassis": reference(held)})],
        Chassis=[resource(held, None, Model=chassis_model)],
    )
    assert facts_of(world)["bmc"]["model"] == model


def test_model_is_the_one_of_the_host_whatever_is_listed_first() -> None:
    """GB300 and DGX list a GPU baseboard, which has no reset, beside the host."""
    baseboard = resource("/redfish/v1/Systems/HGX_Baseboard_0", None, Model="HGX B200")
    host = system("System_0", Model="ARS-121GL")
    for systems in ([baseboard, host], [host, baseboard]):
        assert facts_of(World(*systems))["bmc"]["model"] == "ARS-121GL"
