# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A chassis reset names what it takes down, from whichever side the BMC links it, or says that the BMC does not."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._operations.contents import systems_in
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.cray.driver import Cray
from tests.unit.redfish.fake_reader import reference, refused

from .scripted_bmc import World, resource, system

CHASSIS = "/redfish/v1/Chassis"
SYSTEMS = "/redfish/v1/Systems"
CRAY_RESETS = ("On", "ForceOff", "Off")


def chassis(name: str, resets: Any = None, **linked: Any) -> dict[str, Any]:
    """A chassis; linked: its Links, as URIs."""

    def references(uris: Any) -> Any:
        return reference(uris) if isinstance(uris, str) else [reference(uri) for uri in uris]

    links = {key: references(uris) for key, uris in linked.items()}
    return resource(f"{CHASSIS}/{name}", resets, PowerState="On", Links=links)


def named(world: World, name: str) -> list[str]:
    """The Ids of the systems in a chassis."""
    service = world.bmc.service
    return [uri.rpartition("/")[2] for uri in systems_in(service, service.get(f"{CHASSIS}/{name}"))]


def test_systems_of_the_chassis_itself() -> None:
    assert named(World(Chassis=[chassis("Rack", ComputerSystems=[f"{SYSTEMS}/2", f"{SYSTEMS}/1"])]), "Rack") == [
        "2",
        "1",
    ]


def test_systems_of_all_that_it_contains_however_deep() -> None:
    rack = chassis("Rack", Contains=[f"{CHASSIS}/Shelf"])
    shelf = chassis("Shelf", Contains=[f"{CHASSIS}/Blade"], ComputerSystems=[f"{SYSTEMS}/1"])
    blade = chassis("Blade", ComputerSystems=[f"{SYSTEMS}/2"])
    world = World(Chassis=[rack, shelf, blade])
    assert named(world, "Rack") == ["1", "2"]
    assert named(world, "Blade") == ["2"]


def test_what_says_itself_that_it_is_inside() -> None:
    rack, blade = chassis("Rack"), chassis("Blade", ContainedBy=f"{CHASSIS}/Rack/", ComputerSystems=[f"{SYSTEMS}/1"])
    by_name = system("2", Links={"Chassis": [reference(f"{CHASSIS}/rack")]})
    elsewhere = system("3", Links={"Chassis": [reference(f"{CHASSIS}/Other")]})
    assert named(World(by_name, elsewhere, Chassis=[rack, blade]), "Rack") == ["1", "2"]


def test_system_that_both_sides_name_is_named_once() -> None:
    one = system("1", Links={"Chassis": [reference(f"{CHASSIS}/Rack")]})
    assert named(World(one, Chassis=[chassis("Rack", ComputerSystems=[f"{SYSTEMS}/1/"])]), "Rack") != []
    world = World(one, Chassis=[chassis("Rack", ComputerSystems=[f"{SYSTEMS}/1/"])])
    assert len(named(world, "Rack")) == 1


def test_chassis_that_contain_each_other_and_one_that_is_not_there() -> None:
    world = World(
        Chassis=[
            chassis("A", Contains=[f"{CHASSIS}/B", f"{CHASSIS}/Gone"]),
            chassis("B", Contains=[f"{CHASSIS}/A"], ComputerSystems=[f"{SYSTEMS}/1"]),
        ]
    )
    world.client.documents[f"{CHASSIS}/Gone"] = refused(404)
    assert named(world, "A") == ["1"]


@pytest.mark.parametrize("links", [None, 7, [], {"Contains": 1, "ComputerSystems": [{}]}, {"ComputerSystems": {}}])
def test_links_of_a_wrong_type_name_nothing(links: Any) -> None:
    assert named(World(Chassis=[resource(f"{CHASSIS}/Rack", Links=links)]), "Rack") == []


# What a result says


def blade(power_state: str = "On", name: str = "Blade3", **more: Any) -> World:
    slot = resource(f"{CHASSIS}/{name}", CRAY_RESETS, PowerState=power_state, **more)
    return World(driver=Cray(), Chassis=[slot])


@pytest.mark.parametrize("check_mode", [True, False])
def test_chassis_whose_systems_nobody_names_is_a_warning_before_and_after(check_mode: bool) -> None:
    world = World(Chassis=[chassis("Rack", ("On", "ForceOff"))])
    if not check_mode:
        world.expect("ForceOff", world.change(f"{CHASSIS}/Rack", PowerState="Off"))
    result = world.run("force_off", kind="chassis", check_mode=check_mode)
    assert result.warnings == [
        "chassis Rack: the BMC does not name the systems in it; find out what it powers before it is reset"
    ]
    assert (result.affected_systems, result.changed) == ([], True)


@pytest.mark.parametrize(
    ("name", "host", "told"),
    [
        ("Blade3", "x1000c0b0", "takes down the nodes of compute blade x1000c0s3"),
        ("Blade3", "x1000c0b0.example.com", "takes down the nodes of compute blade x1000c0s3"),
        ("Blade11", "rack1-cmm", "takes down the nodes of compute blade s11"),
        ("Perif7", "x1000c3b0", "takes down the switch x1000c3r7, and for all nodes the network through it"),
        ("Blade3x", "x1000c0b0", "find out what it powers"),
    ],
)
def test_slot_of_a_cray_chassis_is_named_by_its_xname(name: str, host: str, told: str) -> None:
    (warning,) = blade(name=name).run("off", kind="chassis", host=host, check_mode=True).warnings
    assert warning.startswith(f"chassis {name}: the BMC does not name the systems in it; ")
    assert warning.removesuffix(" before it is reset").endswith(told)


@pytest.mark.parametrize(("host", "place"), [("x9c1b0", " x9c1"), ("cmm", "")])
def test_enclosure_of_a_cray_chassis_is_everything_in_it(host: str, place: str) -> None:
    (warning,) = blade(name="Enclosure", Model="CMM").run("off", kind="chassis", host=host, check_mode=True).warnings
    assert warning.endswith(f"its reset takes down every blade and switch of the chassis{place}")


@pytest.mark.parametrize(("power_state", "state"), [("Off", "on"), ("Off", "off"), ("On", "on")])
def test_nothing_goes_down_where_no_power_is_cut(power_state: str, state: str) -> None:
    assert blade(power_state).run(state, kind="chassis", check_mode=True).warnings == []


def test_handle_keeps_what_a_chassis_took_down() -> None:
    uri = f"{SYSTEMS}/1"
    world = World(Chassis=[chassis("Rack", ("On", "ForceOff"), ComputerSystems=[uri])])
    world.expect("ForceOff", world.change(f"{CHASSIS}/Rack", PowerState="Off"))
    submitted = world.run("force_off", kind="chassis", wait=False)
    world.gate.next_task()
    settled = world.run("force_off", kind="chassis", handle=submitted.handle)
    assert submitted.affected_systems == settled.affected_systems == [uri]
    assert submitted.warnings == settled.warnings == []
