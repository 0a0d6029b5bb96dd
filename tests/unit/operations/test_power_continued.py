# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an earlier task began: settled by its handle, waited for, or completed where it was cut off."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    InvalidRequest,
    MayHaveHappened,
    WrongMachine,
)
from ansible_collections.openchami.bmc.plugins.module_utils._operations.power import PowerResult
from tests.unit.redfish.fake_reader import refused

from .scripted_bmc import WITHOUT_RESTART, World, system

URI = "/redfish/v1/Systems/1"


def handle_of(result: PowerResult) -> dict[str, Any]:
    """The handle as the next task gets it: through JSON."""
    assert result.handle is not None
    handle: dict[str, Any] = json.loads(json.dumps(result.handle))
    return handle


# Submitted, then settled


def submitted(world: World, state: str = "off", **request: Any) -> PowerResult:
    """The result of a task that does not wait; the gate is another task's afterwards."""
    result = world.run(state, wait=False, **request)
    world.finished()
    world.gate.next_task()
    return result


def test_submission_does_not_wait() -> None:
    world = World(system())
    world.expect("GracefulShutdown")
    result = submitted(world)
    assert (result.changed, world.clock.slept, result.error) == (True, [], None)
    json.dumps(result.handle)


def test_handle_is_settled_without_sending_again() -> None:
    world = World(system())
    world.expect("GracefulShutdown")
    handle = handle_of(submitted(world))
    world.change(seconds=5, PowerState="Off")()
    result = world.run("off", handle=handle)
    assert (result.changed, result.plan, result.handle, result.error) == (False, [], None, None)
    assert result.transitions[0].power_state == "Off"
    assert world.sent == ["GracefulShutdown"]


def test_handle_is_forced_once_at_its_own_deadline() -> None:
    world = World(system())
    world.expect("GracefulShutdown")
    handle = handle_of(submitted(world, timeout=60))
    world.clock.advance(50)
    world.expect("ForceOff", world.change(PowerState="Off"))
    result = world.run("off", handle=handle, timeout=60)
    assert (result.changed, result.error) == (True, None)
    assert world.clock.slept[0:5] == [2.0] * 5
    assert [write.body["ResetType"] for write in result.escalation] == ["ForceOff"]
    world.finished()


def test_handle_whose_force_was_sent_is_not_forced_again() -> None:
    world = World(system())
    world.expect("GracefulShutdown")
    handle = handle_of(submitted(world, timeout=60))
    world.clock.advance(60)
    world.expect("ForceOff")
    handle = handle_of(submitted(world, handle=handle, timeout=60))
    world.clock.advance(1)
    handle = handle_of(submitted(world, handle=handle, timeout=60))
    world.change(PowerState="Off")()
    assert world.run("off", handle=handle).error is None
    assert world.sent == ["GracefulShutdown", "ForceOff"]


def test_handle_is_looked_at_once_where_nobody_waits() -> None:
    world = World(system())
    world.expect("GracefulShutdown")
    handle = handle_of(submitted(world))
    again = submitted(world, handle=handle)
    assert world.clock.slept == []
    assert handle_of(again) == handle


def test_handle_of_a_restart_carries_what_is_still_to_be_sent() -> None:
    world = World(system(resets=WITHOUT_RESTART))
    world.expect("GracefulShutdown", world.change(seconds=5, PowerState="Off"))
    handle = handle_of(submitted(world, "hard_restart"))
    predicted = world.run("hard_restart", handle=handle, check_mode=True)
    assert world.gate.claimed == []
    assert [write.body["ResetType"] for write in predicted.plan] == ["On"]
    world.expect("On", world.change(seconds=5, PowerState="On"))
    result = world.run("hard_restart", handle=handle)
    assert result.error is None
    assert world.sent == ["GracefulShutdown", "On"]
    assert predicted.changed is result.changed is True
    world.finished()


def test_evidence_of_a_restart_travels_in_the_handle() -> None:
    world = World(system(LastResetTime="t1"))
    world.expect("GracefulRestart", world.change(seconds=5, LastResetTime="t2"))
    handle = handle_of(submitted(world, "soft_restart"))
    result = world.run("soft_restart", handle=handle)
    assert (result.error, result.transitions[0].confirmed) == (None, True)


def test_another_machine_is_noticed_by_the_task_that_settles() -> None:
    world = World(system(resets=WITHOUT_RESTART, UUID="1111-aaaa"))
    world.expect("GracefulShutdown")
    handle = handle_of(submitted(world, "hard_restart"))
    world.client.documents[URI] |= {"PowerState": "Off", "UUID": "2222-bbbb"}
    assert isinstance(world.run("hard_restart", handle=handle).error, WrongMachine)
    assert world.sent == ["GracefulShutdown"]


@pytest.mark.parametrize("failure", [MayHaveHappened("POST was cut off"), refused(400)])
def test_target_that_failed_is_never_sent_again_by_the_task_that_settles(failure: Any) -> None:
    world = World(system("Node0"), system("Node1"))
    world.expect("GracefulShutdown", failure)
    world.expect("GracefulShutdown", world.change("/redfish/v1/Systems/Node1", 5, PowerState="Off"))
    first = submitted(world, name="all")
    assert first.error is failure
    result = world.run("off", handle=handle_of(first))
    assert [target.id for target in result.transitions] == ["Node1"]
    assert len(world.sent) == 2


@pytest.mark.parametrize(
    "damage", [{"version": 2}, {"state": "on"}, {"origin": "https://10.1.2.4:443"}, {"targets": None},
               {"targets": [{"kind": "system"}]}, {"targets": [7]}]
)  # fmt: skip
def test_handle_of_another_task_or_a_damaged_one_is_refused(damage: dict[str, Any]) -> None:
    world = World(system())
    world.expect("GracefulShutdown")
    handle = handle_of(submitted(world)) | damage
    with pytest.raises(InvalidRequest, match="handle"):
        world.run("off", handle=handle)
    assert len(world.sent) == 1


def test_handle_that_is_given_twice_finds_nothing_left_to_do() -> None:
    world = World(system(resets=WITHOUT_RESTART))
    world.expect("GracefulShutdown", world.change(seconds=5, PowerState="Off"))
    handle = handle_of(submitted(world, "hard_restart"))
    world.expect("On", world.change(seconds=5, PowerState="On"))
    assert world.run("hard_restart", handle=handle).changed
    world.gate.next_task()
    world.change(PowerState="Off")()
    again = world.run("hard_restart", handle=handle)
    assert (again.changed, again.plan, again.error) == (False, [], None)
    assert world.sent == ["GracefulShutdown", "On"]


def test_handle_that_is_given_twice_tells_what_was_seen_and_not_what_was_submitted() -> None:
    world = World(system())
    world.expect("GracefulShutdown", world.change(seconds=5, PowerState="Off"))
    handle = handle_of(submitted(world))
    world.run("off", handle=handle)
    world.gate.next_task()
    assert world.run("off", handle=handle).transitions[0].power_state == "Off"


def test_handle_long_after_its_deadline_is_refused() -> None:
    world = World(system())
    world.expect("GracefulShutdown")
    handle = handle_of(submitted(world))
    world.clock.advance(24 * 3600)
    with pytest.raises(InvalidRequest, match="too old"):
        world.run("off", handle=handle)


# On its way already


def test_host_that_is_shutting_down_already_is_forced_at_the_deadline_with_permission() -> None:
    world = World(system(power_state="PoweringOff"))
    world.expect("ForceOff", world.change(PowerState="Off"))
    result = world.run("off", timeout=60)
    assert (result.changed, result.error) == (True, None)
    assert [write.body["ResetType"] for write in world.gate.allowed] == ["ForceOff"]
    world.finished()


@pytest.mark.parametrize(
    ("state", "power_state", "end"),
    [("soft_off", "PoweringOff", "Off"), ("off", "PoweringOff", "Off"), ("on", "PoweringOn", "On")],
)
def test_host_that_is_on_its_way_already_is_waited_for(state: str, power_state: str, end: str) -> None:
    world = World(system(power_state=power_state))
    handle = handle_of(submitted(world, state))
    world.change(PowerState=end)()
    result = world.run(state, handle=handle)
    assert (result.changed, result.error, result.transitions[0].power_state) == (False, None, end)
    assert world.sent == []


# Killed, then run again


class Killed(BaseException):
    """Stands for SIGKILL: nothing of the task runs after it."""


def killed(*_seconds: float) -> None:
    raise Killed


def run_killed(world: World, state: str) -> None:
    with pytest.raises(Killed):
        world.run(state)
    world.gate.next_task()


@pytest.mark.parametrize("state", ["soft_restart", "hard_restart"])
def test_restart_that_was_killed_while_the_target_was_off_is_completed(state: str) -> None:
    world = World(system(resets=WITHOUT_RESTART))
    world.expect("GracefulShutdown", world.change(seconds=5, PowerState="Off"))
    world.clock.after(5.5, killed)
    run_killed(world, state)
    world.expect("On", world.change(PowerState="On"))
    result = world.run(state)
    assert (result.changed, result.error) == (True, None)
    assert world.sent == ["GracefulShutdown", "On"]
    assert world.gate.memories == {}
    world.finished()


@pytest.mark.parametrize("begun", ["off", "hard_restart"])
def test_restart_of_what_is_off_is_refused_where_it_was_not_this_restart_that_was_killed(begun: str) -> None:
    world = World(system(resets=WITHOUT_RESTART))
    world.expect("GracefulShutdown", world.change(seconds=5, PowerState="Off"))
    world.clock.after(5.5, killed)
    run_killed(world, begun)
    with pytest.raises(InvalidRequest, match="is off"):
        world.run("soft_restart")


def test_restart_of_what_is_off_is_refused_where_nothing_was_begun() -> None:
    with pytest.raises(InvalidRequest, match="is off"):
        World(system(power_state="Off", resets=WITHOUT_RESTART)).run("soft_restart")


def test_restart_that_was_settled_by_its_handle_is_not_completed_again() -> None:
    world = World(system(resets=WITHOUT_RESTART))
    world.expect("GracefulShutdown", world.change(seconds=5, PowerState="Off"))
    handle = handle_of(submitted(world, "soft_restart"))
    world.expect("On", world.change(PowerState="On"))
    world.run("soft_restart", handle=handle)
    world.gate.next_task()
    world.client.documents[URI]["PowerState"] = "Off"
    with pytest.raises(InvalidRequest, match="is off"):
        world.run("soft_restart")
