# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One task from the plan to the end: check mode, gate, updates, and who else is at it."""

from __future__ import annotations

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    Busy,
    InvalidRequest,
    NotSupported,
    WrongMachine,
)
from ansible_collections.openchami.bmc.plugins.module_utils._operations import power
from ansible_collections.openchami.bmc.plugins.module_utils._operations.power import PowerRequest, PowerResult
from ansible_collections.openchami.bmc.plugins.module_utils._operations.power_rules import STATES
from ansible_collections.openchami.bmc.plugins.module_utils._operations.settlement import Patience
from tests.unit.redfish.fake_reader import reference

from .scripted_bmc import ALL_RESETS, WITHOUT_RESTART, World, manager, resource, system

URI = "/redfish/v1/Systems/1"
UPDATE = "/redfish/v1/UpdateService"
NODES = tuple(f"/redfish/v1/Systems/Node{number}" for number in range(2))


def planned(result: PowerResult) -> list[str]:
    return [write.body["ResetType"] for write in result.plan]


@pytest.mark.parametrize(
    ("state", "power_state"), [("on", "On"), ("off", "Off"), ("soft_off", "Off"), ("force_off", "Off")]
)
def test_what_is_there_already_needs_no_write_and_no_permission(state: str, power_state: str) -> None:
    world = World(system(power_state=power_state))
    result = world.run(state)
    assert (result.changed, result.plan, result.handle, result.error) == (False, [], None, None)
    assert world.gate.allowed == []


@pytest.mark.parametrize("resets", [ALL_RESETS, WITHOUT_RESTART], ids=["all resets", "no restart"])
@pytest.mark.parametrize("power_state", ["On", "Off", "PoweringOn", "PoweringOff"])
@pytest.mark.parametrize("state", STATES)
def test_check_mode_predicts_the_writes_and_the_change_of_a_run(
    state: str, power_state: str, resets: tuple[str, ...]
) -> None:
    world = World(system(power_state=power_state, resets=resets, LastResetTime="t1"))
    try:
        predicted = world.run(state, check_mode=True)
    except (InvalidRequest, NotSupported) as refusal:
        with pytest.raises(type(refusal)):
            world.run(state)
        assert world.sent == []
        return
    assert world.sent == []
    assert (world.gate.allowed, world.gate.claimed, world.gate.memories) == ([], [], {})
    if power_state.startswith("Powering"):
        world.change(seconds=1, PowerState=power_state.removeprefix("Powering"))()
    for reset_type in planned(predicted):
        after = "Off" if reset_type in ("GracefulShutdown", "ForceOff") else "On"
        world.expect(reset_type, world.change(seconds=1, PowerState=after, LastResetTime="t2"))
    result = world.run(state)
    world.finished()
    assert world.sent == planned(predicted)
    assert world.sent == planned(result)
    assert result.changed is predicted.changed
    assert result.error is None


def test_plan_and_escalation_are_allowed_as_a_whole_before_the_first_write() -> None:
    world = World(system(resets=WITHOUT_RESTART))
    world.expect("GracefulShutdown", world.change(PowerState="Off"))
    world.expect("On", world.change(PowerState="On"))
    world.run("hard_restart")
    assert [write.body["ResetType"] for write in world.gate.allowed] == ["GracefulShutdown", "On", "ForceOff"]
    world.finished()


def test_plan_that_is_forbidden_sends_nothing() -> None:
    world = World(system("Node0"), system("Node1"))
    world.gate.forbids = Busy("an update runs")
    result = world.run("off", name="all")
    assert (result.changed, result.error, world.sent) == (False, world.gate.forbids, [])
    assert all(transition.error for transition in result.transitions)


def updates(world: World, state: str = "Updating") -> None:
    """From now on the BMC says of a firmware update that runs, or with another state of none."""
    world.client.documents["/redfish/v1"]["UpdateService"] = reference(UPDATE)
    world.client.documents[UPDATE] = {"@odata.id": UPDATE, "Status": {"State": state}}


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("state", [state for state in STATES if state != "on"])
def test_nothing_is_taken_away_from_a_firmware_update(state: str, check_mode: bool) -> None:
    world = World(system())
    updates(world)
    with pytest.raises(Busy, match="a firmware update runs on this BMC"):
        world.run(state, check_mode=check_mode)
    assert (world.sent, world.gate.memories) == ([], {})


def test_a_firmware_update_keeps_its_manager() -> None:
    world = World(Managers=[manager()])
    updates(world)
    with pytest.raises(Busy, match="a firmware update runs on this BMC"):
        world.run("hard_restart", "manager")
    assert world.sent == []


def test_power_on_takes_nothing_away_from_a_firmware_update() -> None:
    world = World(system(power_state="Off"))
    updates(world)
    world.expect("On", world.change(PowerState="On"))
    assert world.run("on").changed
    assert UPDATE not in world.client.reads


@pytest.mark.parametrize(("state", "power_state"), [("on", "On"), ("off", "Off"), ("force_off", "Off")])
def test_what_is_there_already_asks_no_bmc_whether_it_updates(state: str, power_state: str) -> None:
    world = World(system(power_state=power_state))
    updates(world)
    assert not world.run(state).changed
    assert UPDATE not in world.client.reads


def test_an_update_that_began_since_is_not_cut_off_by_force() -> None:
    world = World(system())
    updates(world, "Enabled")
    world.expect("GracefulShutdown", lambda: world.clock.after(1, lambda: updates(world)))
    result = world.run("off", timeout=30)
    assert isinstance(result.error, Busy)
    assert world.sent == ["GracefulShutdown"]


def test_plan_of_several_targets_is_in_the_order_in_which_it_is_sent() -> None:
    world = World(system("Node0", resets=WITHOUT_RESTART), system("Node1", resets=WITHOUT_RESTART))
    for uri in NODES:
        world.expect("GracefulShutdown", world.change(uri, 1, PowerState="Off"))
    for uri in NODES:
        world.expect("On", world.change(uri, 1, PowerState="On"))
    result = world.run("soft_restart", name="all")
    assert [
        (write.uri.partition("/Actions")[0], write.body["ResetType"]) for write in result.plan
    ] == world.client.posts
    world.finished()


def test_what_another_task_did_while_this_one_waited_is_seen() -> None:
    def another_task_powered_off() -> bool:
        world.client.documents[URI]["PowerState"] = "Off"
        return True

    world = World(system())
    bmc = world.bmc
    bmc.service.get(URI)
    world.gate.waits = another_task_powered_off
    request = PowerRequest("off", "system", "", {}, Patience(60.0, 2.0, True))
    assert power.run(bmc, request, world.gate, world.clock).changed is False
    assert world.sent == []


def test_other_machine_than_recorded_gets_no_write() -> None:
    world = World(system(SerialNumber="B2"))
    with pytest.raises(WrongMachine, match="serial_number is b2, recorded was a1"):
        world.run("off", identity={"serial_number": "A1"})
    assert world.sent == []


def test_what_the_bmc_does_not_offer_is_not_supported_and_names_bmc_and_values() -> None:
    world = World(
        system(resets=("On", "ForceOff"), Model="X1", Manufacturer="Dell"), Managers=[manager(FirmwareVersion="1.2.3")]
    )
    with pytest.raises(NotSupported) as refusal:
        world.run("off")
    line = str(refusal.value)
    assert "a graceful shutdown is not supported by this BMC" in line
    assert "offers no ResetType GracefulShutdown, only On, ForceOff" in line
    assert "one would add the ResetType that means it to Power.vocabulary() (vendor_api/v1, docs/drivers.md)." in line
    assert "(dell, X1, firmware 1.2.3, dialect generic)" in line
    assert "escalate" in line


def test_chassis_names_the_systems_that_it_takes_down() -> None:
    chassis = resource(
        "/redfish/v1/Chassis/Enclosure", PowerState="On", Links={"ComputerSystems": [reference(NODES[1])]}
    )
    world = World(Chassis=[chassis])
    assert world.run("off", kind="chassis", check_mode=True).affected_systems == [NODES[1]]
