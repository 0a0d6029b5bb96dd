# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an operation acts on: named or unambiguous, never simply the first."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import NotSupported, TargetUnknown
from ansible_collections.openchami.bmc.plugins.module_utils._operations.managers import bmc_manager, bmc_managers
from ansible_collections.openchami.bmc.plugins.module_utils._operations.targets import choose
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.cray.driver import Cray
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.generic import GenericDriver
from tests.unit.redfish.fake_reader import reference, refused

from .scripted_bmc import World, manager, resource, system

SYSTEM_1 = "/redfish/v1/Systems/1"
BASEBOARD = resource("/redfish/v1/Systems/HGX_Baseboard_0", None)


def chosen(world: World, name: str = "", kind: str = "system", identity: dict[str, Any] | None = None) -> list[str]:
    return [target.id for target in choose(world.bmc, kind, name, identity or {})]


def test_only_system_needs_no_name() -> None:
    assert chosen(World(system("1"))) == ["1"]


def test_system_without_a_reset_does_not_count() -> None:
    assert chosen(World(BASEBOARD, system("System_0"))) == ["System_0"]


def test_one_of_several_systems_must_be_named() -> None:
    with pytest.raises(TargetUnknown, match=r"2 resources.*Node0, Node1.*bmc_system"):
        chosen(World(system("Node1"), system("Node0")))


def test_all_are_chosen_in_the_order_of_their_uris() -> None:
    assert chosen(World(system("Node1"), BASEBOARD, system("Node0")), "all") == ["Node0", "Node1"]


@pytest.mark.parametrize("name", ["Node1", "The second", "/redfish/v1/Systems/Node1", "/redfish/v1/systems/node1/"])
def test_system_is_named_by_id_name_or_uri(name: str) -> None:
    assert chosen(World(system("Node0", Name="The first"), system("Node1", Name="The second")), name) == ["Node1"]


def test_name_that_several_systems_have_names_none() -> None:
    with pytest.raises(TargetUnknown, match="Node0, Node1"):
        chosen(
            World(system("Node0", Name="Computer System"), system("Node1", Name="Computer System")), "Computer System"
        )


def test_id_comes_before_the_name_of_another_system() -> None:
    assert chosen(World(system("Node0", Name="Node1"), system("Node1", Name="Node0")), "Node1") == ["Node1"]


def test_unknown_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(TargetUnknown, match=r"no system 'Node7'.*Node0, Node1"):
        chosen(World(system("Node1"), system("Node0")), "Node7")


def test_named_system_without_a_reset_is_not_supported() -> None:
    with pytest.raises(NotSupported, match="HGX_Baseboard_0 has no Reset action"):
        chosen(World(BASEBOARD, system("System_0")), "HGX_Baseboard_0")


@pytest.mark.parametrize("name", ["", "all"])
@pytest.mark.parametrize(("systems", "missing"), [((), "leads to no system"), ((BASEBOARD,), "has a Reset action")])
def test_bmc_without_anything_to_reset_is_not_supported(systems: Any, missing: str, name: str) -> None:
    with pytest.raises(NotSupported, match=missing):
        chosen(World(*systems), name)


def test_recorded_uri_saves_reading_the_collection() -> None:
    world = World(system("Node0"), system("Node1"))
    identity = {
        "systems": {"Node0": {"uri": "/redfish/v1/Systems/Node0"}, "Node1": {"uri": "/redfish/v1/Systems/Node1"}}
    }
    assert chosen(world, "Node1", identity=identity) == ["Node1"]
    assert world.client.reads == ["/redfish/v1/Systems/Node1"]


def test_only_recorded_system_needs_no_name() -> None:
    world = World(system("1"))
    assert chosen(world, identity={"systems": {"1": {"uri": "/redfish/v1/Systems/1"}}}) == ["1"]
    assert world.client.reads == ["/redfish/v1/Systems/1"]


def test_recorded_reset_values_save_reading_the_action_info() -> None:
    document = system("1", resets=())
    document["Actions"]["#ComputerSystem.Reset"]["@Redfish.ActionInfo"] = "/nobody/provided/this"
    identity = {"systems": {"1": {"uri": "/redfish/v1/Systems/1", "reset_types": ["On", "Off"]}}}
    (target,) = choose(World(document).bmc, "system", "", identity)
    assert target.action.values == ("On", "Off")


def test_recorded_uri_that_is_gone_is_looked_for_anew() -> None:
    world = World(system("Node1"))
    world.client.documents["/redfish/v1/Systems/Old"] = refused(404)
    assert chosen(world, "Node1", identity={"systems": {"Node1": {"uri": "/redfish/v1/Systems/Old"}}}) == ["Node1"]


def test_recorded_uri_of_another_system_is_not_believed() -> None:
    world = World(system("Node0"), system("Node1"))
    identity = {"systems": {"Node1": {"uri": "/redfish/v1/Systems/Node0"}}}
    assert chosen(world, "Node1", identity=identity) == ["Node1"]


@pytest.mark.parametrize("systems", [None, [], {}, {"Node0": None}, {"Node0": {"uri": 7}}, {"Node0": {}}])
def test_record_without_a_uri_saves_nothing_and_breaks_nothing(systems: Any) -> None:
    assert chosen(World(system("Node0")), "Node0", identity={"systems": systems}) == ["Node0"]


# What a driver's author would add


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("system", ""),
        ("system", "all"),
        ("system", "HGX_Baseboard_0"),
        ("chassis", ""),
        ("chassis", "Rack"),
        ("manager", ""),
    ],
)
def test_what_cannot_be_reset_says_what_a_driver_would_add(kind: str, name: str) -> None:
    """Only where the dialect has no driver: for the others the BMC itself lacks it."""
    rack = resource("/redfish/v1/Chassis/Rack", None)
    told = {}
    for driver in (GenericDriver(), Cray()):
        world = World(BASEBOARD, driver=driver, Chassis=[rack], Managers=[manager("BMC", None, Model="M-1")])
        with pytest.raises(NotSupported) as refusal:
            chosen(world, name, kind)
        told[driver.dialect] = str(refusal.value)
    assert f"power control of {'a ' if name in ('', 'all') else ''}{kind}" in told["generic"]
    assert "(unknown, M-1, firmware unknown version, dialect generic)" in told["generic"]
    assert told["generic"].endswith(
        "one would add a new capability, which leads to the reset, to Power (vendor_api/v1, docs/drivers.md)."
    )
    assert "vendor_api" not in told["cray"]
    assert len(told["generic"].splitlines()) == 1


# Managers and chassis

AUXILIARY = resource("/redfish/v1/Managers/Aux", None, ManagerType="AuxiliaryController")


def test_manager_is_the_bmc_and_not_an_auxiliary_controller() -> None:
    assert chosen(World(Managers=[AUXILIARY, manager("BMC", ManagerType="EnclosureManager")]), kind="manager") == [
        "BMC"
    ]


def test_one_of_several_managers_must_be_named() -> None:
    world = World(Managers=[manager("BMC_0"), manager("HGX_BMC_0")])
    with pytest.raises(TargetUnknown, match=r"BMC_0, HGX_BMC_0.*resource_id"):
        chosen(world, kind="manager")
    assert chosen(world, "HGX_BMC_0", kind="manager") == ["HGX_BMC_0"]


def test_chassis_is_chosen_by_its_reset() -> None:
    world = World(Chassis=[resource("/redfish/v1/Chassis/Rack", None), resource("/redfish/v1/Chassis/Enclosure")])
    assert chosen(world, kind="chassis") == ["Enclosure"]


def test_bmc_that_answers_here_manages_a_system_with_a_reset() -> None:
    gpu = manager("HGX_BMC_0", Links={"ManagerForServers": [reference(BASEBOARD["@odata.id"])]})
    host = manager("BMC_0", Links={"ManagerForServers": [reference("/redfish/v1/Systems/System_0")]})
    world = World(BASEBOARD, system("System_0"), Managers=[gpu, host])
    found = bmc_manager(world.bmc.service)
    assert found is not None
    assert found["Id"] == "BMC_0"


def test_bmc_that_answers_here_is_the_one_that_the_root_names() -> None:
    world = World(Managers=[manager("A", ServiceEntryPointUUID="a-1"), manager("B", ServiceEntryPointUUID="b-2")])
    assert bmc_manager(world.bmc.service) is None
    world.client.documents["/redfish/v1"]["UUID"] = "b-2"
    found = bmc_manager(world.bmc.service)
    assert found is not None
    assert found["Id"] == "B"


def two_managers(**of_the_second: Any) -> World:
    """A BMC whose second manager answers, if of_the_second says so."""
    return World(system("1"), Managers=[manager("A", UUID="a-1"), manager("B", **of_the_second)])


def chosen_manager(world: World) -> str | None:
    found = bmc_manager(world.bmc.service)
    return found["Id"] if found else None


def test_bmc_that_answers_here_is_the_one_that_provides_the_service() -> None:
    world = two_managers()
    assert chosen_manager(world) is None
    providing = {"ManagerProvidingService": reference("/redfish/v1/managers/b/")}
    world.client.documents["/redfish/v1"]["Links"] = providing
    # It is the surest sign: another that points elsewhere does not count.
    world.client.documents["/redfish/v1/Managers/A"]["Links"] = {"ManagerForServers": [reference(SYSTEM_1)]}
    assert chosen_manager(world) == "B"


def test_manager_that_provides_the_service_and_is_not_there_says_nothing() -> None:
    world = two_managers(Links={"ManagerForServers": [reference(SYSTEM_1)]})
    world.client.documents["/redfish/v1"]["Links"] = {"ManagerProvidingService": reference("/redfish/v1/Managers/bmc")}
    assert chosen_manager(world) == "B"


def test_bmc_that_answers_here_is_the_one_that_a_system_with_a_reset_names() -> None:
    world = two_managers()
    world.client.documents[SYSTEM_1]["Links"] = {"ManagedBy": [reference("/redfish/v1/Managers/B")]}
    assert chosen_manager(world) == "B"


def test_bmc_that_answers_here_has_the_uuid_of_the_root() -> None:
    world = two_managers(UUID="b-2")
    world.client.documents["/redfish/v1"]["UUID"] = "b-2"
    assert chosen_manager(world) == "B"


def test_bmc_that_does_not_tell_its_type_counts_where_none_tells_it() -> None:
    untyped = resource("/redfish/v1/Managers/Untyped")
    assert chosen_manager(World(Managers=[untyped, AUXILIARY])) == "Untyped"
    assert chosen_manager(World(Managers=[untyped, manager("BMC")])) == "BMC"


def test_model_is_that_of_a_system_with_a_reset() -> None:
    """The recorded baseboard of a GH200 is a system too, and has neither; others' may have a model."""
    world = World({**BASEBOARD, "Model": "Baseboard"}, system("System_0", Model="Server"))
    assert world.bmc.model(None) == "Server"
    assert World({**BASEBOARD, "Model": "Baseboard"}).bmc.model(None) == "Baseboard"


def test_bmc_without_a_reset_counts_where_none_has_one() -> None:
    world = World(Managers=[AUXILIARY, manager("BMC", None)])
    assert [found["Id"] for found in bmc_managers(world.bmc.service)] == ["BMC"]


def test_service_without_managers_has_none() -> None:
    assert bmc_manager(World(Managers=[AUXILIARY]).bmc.service) is None
