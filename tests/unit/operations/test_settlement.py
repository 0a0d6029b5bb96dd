# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happens after a reset was sent: seen, forced at the deadline where asked, or told as it is."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    BadAnswer,
    BmcError,
    CutOff,
    LoginRefused,
    NotReached,
    Unreachable,
    WrongMachine,
)
from ansible_collections.openchami.bmc.plugins.module_utils._operations.power import PowerResult
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import Response
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.hpe.driver import Hpe
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.lenovo.driver import Lenovo
from tests.unit.redfish.fake_reader import refused

from .scripted_bmc import World, manager, system

URI = "/redfish/v1/Systems/1"
BMC = "/redfish/v1/Managers/BMC"


def seen(result: PowerResult) -> tuple[bool, bool, BmcError | None]:
    """Whether it changed, whether it is confirmed, and the error."""
    (transition,) = result.transitions
    return result.changed, result.error is None and transition.done and transition.confirmed, result.error


def test_shutdown_is_watched_until_it_is_seen() -> None:
    world = World(system())
    world.expect("GracefulShutdown", world.change(seconds=7, PowerState="Off"))
    assert seen(world.run("off")) == (True, True, None)
    assert sum(world.clock.slept) == 8
    world.finished()


def test_host_that_ignores_the_shutdown_is_forced_off_once_at_the_deadline() -> None:
    world = World(system())
    world.expect("GracefulShutdown")
    world.expect("ForceOff", world.change(seconds=3, PowerState="Off"))
    result = world.run("off", timeout=60)
    assert seen(result) == (True, True, None)
    first, second = result.transitions[0].sent
    assert (first["body"], second["body"]) == ({"ResetType": "GracefulShutdown"}, {"ResetType": "ForceOff"})
    assert (first["time"], second["time"]) == ("2027-01-15T08:00:00.000Z", "2027-01-15T08:01:00.000Z")
    world.finished()


def test_host_that_ignores_also_the_force_is_told_and_not_forced_again() -> None:
    world = World(system())
    world.expect("GracefulShutdown")
    world.expect("ForceOff")
    _changed, _confirmed, error = seen(world.run("off", timeout=60))
    assert isinstance(error, NotReached)
    assert re.search("PowerState is On 60 s after .*ForceOff", str(error))
    assert sum(world.clock.slept) == 120
    world.finished()


def test_soft_off_is_never_forced() -> None:
    world = World(system())
    world.expect("GracefulShutdown")
    _changed, _confirmed, error = seen(world.run("soft_off", timeout=60))
    assert isinstance(error, NotReached)
    assert "PowerState is On 60 s after GracefulShutdown" in str(error)
    world.finished()


def test_soft_off_is_forced_where_escalation_was_asked_for() -> None:
    world = World(system())
    world.expect("GracefulShutdown")
    world.expect("ForceOff", world.change(PowerState="Off"))
    assert seen(world.run("soft_off", escalate=True)) == (True, True, None)
    world.finished()


def test_effect_at_the_very_deadline_is_not_forced() -> None:
    world = World(system())
    world.expect("GracefulShutdown", world.change(seconds=60, PowerState="Off"))
    assert seen(world.run("off", timeout=60)) == (True, True, None)
    world.finished()


def test_restart_by_two_resets_waits_for_the_first() -> None:
    world = World(system(resets=("On", "GracefulShutdown", "ForceOff")))
    world.expect("GracefulShutdown", world.change(seconds=5, PowerState="Off"))
    world.expect("On", world.change(seconds=5, PowerState="On"))
    assert seen(world.run("soft_restart")) == (True, True, None)
    assert sum(world.clock.slept) == 12
    world.finished()


def test_another_machine_between_two_writes_gets_none() -> None:
    world = World(system(resets=("On", "GracefulShutdown", "ForceOff"), UUID="1111-aaaa"))
    world.expect("GracefulShutdown", world.change(seconds=5, PowerState="Off", UUID="2222-bbbb"))
    result = world.run("hard_restart")
    assert isinstance(result.error, WrongMachine)
    assert world.sent == ["GracefulShutdown"]


def test_another_machine_before_the_force_is_not_forced() -> None:
    world = World(system(SerialNumber="A1"))
    world.expect("GracefulShutdown", world.change(seconds=5, SerialNumber="B2"))
    assert isinstance(world.run("off").error, WrongMachine)
    assert world.sent == ["GracefulShutdown"]


def test_machine_that_cannot_be_read_at_the_deadline_is_not_forced_blindly() -> None:
    world = World(system(UUID="1111-aaaa"))
    world.expect("GracefulShutdown", lambda: world.leave(Unreachable("no connection"), 50, 1000))
    world.run("off", timeout=60)
    assert world.sent == ["GracefulShutdown"]


@pytest.mark.parametrize("fault", [Unreachable("no connection"), CutOff("cut off"), refused(503), refused(500)])
def test_bmc_that_is_away_meanwhile_is_waited_for(fault: BmcError) -> None:
    world = World(system())
    world.expect("GracefulShutdown", lambda: world.leave(fault, 1, 9))
    world.clock.after(5, world.change(PowerState="Off"))
    assert seen(world.run("off")) == (True, True, None)
    assert sum(world.clock.slept) == 10
    world.finished()


@pytest.mark.parametrize("fault", [refused(404), LoginRefused("the login was refused")])
def test_refused_look_is_the_end(fault: BmcError) -> None:
    world = World(system())
    world.expect("GracefulShutdown", lambda: world.leave(fault, 1, 9))
    assert world.run("off").error is fault
    world.finished()


# Tasks that a BMC gives for a reset

TASK = "/redfish/v1/TaskService/Tasks/7"


def run_with_task(task: object, **off: Any) -> PowerResult:
    """off, where the BMC gives a task for the shutdown that reads so, and the system changes after five seconds."""
    world = World(system())
    world.client.documents[TASK] = task

    def taken() -> Response:
        world.change(seconds=5, **off)()
        return Response("POST", URI, 202, {"location": TASK})

    world.expect("GracefulShutdown", taken)
    result = world.run("soft_off", timeout=60)
    world.finished()
    return result


def test_task_that_failed_ends_the_waiting_with_its_own_words() -> None:
    messages = [{"MessageId": "Base.1.8.Failed", "Message": "The fan is in the way."}]
    result = run_with_task({"TaskState": "Exception", "Messages": messages})
    assert isinstance(result.error, NotReached)
    assert "task Exception, The fan is in the way" in str(result.error)
    assert result.error.message_id == "Base.1.8.Failed"


@pytest.mark.parametrize("state", ["Running", "Completed"])
def test_task_that_does_not_fail_changes_nothing(state: str) -> None:
    assert seen(run_with_task({"TaskState": state}, PowerState="Off")) == (True, True, None)


@pytest.mark.parametrize("fault", [refused(404), refused(503), Unreachable("away"), BadAnswer("204 without JSON")])
def test_task_that_cannot_be_read_changes_nothing(fault: BmcError) -> None:
    assert seen(run_with_task(fault, PowerState="Off")) == (True, True, None)


# Restarts by one reset


def restart(before: dict[str, Any], world: World | None = None, **later: Any) -> tuple[World, PowerResult]:
    """soft_restart of a system that shows before, and other properties after five seconds."""
    world = world or World(system(**before))
    world.expect("GracefulRestart", world.change(seconds=5, **later))
    result = world.run("soft_restart", timeout=60, interval=2)
    world.finished()
    return world, result


def test_restart_is_seen_by_the_time_of_the_last_reset() -> None:
    world, result = restart({"LastResetTime": "t1"}, LastResetTime="t2")
    assert seen(result) == (True, True, None)
    assert sum(world.clock.slept) == 6


def test_restart_that_the_time_of_the_last_reset_does_not_show_is_not_reached() -> None:
    _world, result = restart({"LastResetTime": "t1"}, LastResetTime="t1")
    assert isinstance(result.error, NotReached)


def test_restart_is_seen_by_the_progress_of_the_boot() -> None:
    running, booting = {"LastState": "OSRunning"}, {"LastState": "SystemHardwareInitializationComplete"}
    world, result = restart({"BootProgress": running}, BootProgress=booting)
    assert seen(result) == (True, True, None)
    assert sum(world.clock.slept) == 6


def test_restart_is_seen_by_boot_progress_that_goes_back_where_it_never_gets_to_the_operating_system() -> None:
    rests, booting = {"LastState": "SystemHardwareInitializationComplete"}, {"LastState": "MemoryInitializationStarted"}
    world, result = restart({"BootProgress": rests}, BootProgress=booting)
    assert seen(result) == (True, True, None)
    assert sum(world.clock.slept) == 6


def test_restart_is_seen_by_the_count_of_reboots_of_an_xcc() -> None:
    world = World(system(Oem={"Lenovo": {"NumberOfReboots": 16}}), driver=Lenovo())
    world, result = restart({}, world, Oem={"Lenovo": {"NumberOfReboots": 17}})
    assert seen(result) == (True, True, None)
    assert sum(world.clock.slept) == 6


def test_restart_is_seen_by_the_post_state_of_an_ilo() -> None:
    finished, booting = {"Hpe": {"PostState": "FinishedPost"}}, {"Hpe": {"PostState": "InPost"}}
    world, result = restart({}, World(system(Oem=finished), driver=Hpe()), Oem=booting)
    assert seen(result) == (True, True, None)
    assert sum(world.clock.slept) == 6


def test_restart_is_seen_by_off_and_on() -> None:
    world = World(system(BootProgress={"LastState": "OSRunning"}))
    world.expect("GracefulRestart", world.change(seconds=3, PowerState="Off"))
    world.clock.after(7, world.change(PowerState="On"))
    assert seen(world.run("soft_restart")) == (True, True, None)
    assert sum(world.clock.slept) == 8


@pytest.mark.parametrize("shown", [{}, {"BootProgress": {"LastState": "None"}}, {"BootProgress": {"LastState": "OEM"}}])
def test_restart_that_this_bmc_does_not_show_is_not_confirmed_nor_waited_for(shown: dict[str, Any]) -> None:
    world = World(system(**shown))
    world.expect("GracefulRestart")
    result = world.run("soft_restart")
    assert seen(result) == (True, False, None)
    assert "nothing that tells a restart" in result.transitions[0].note
    assert world.clock.slept == []
    world.finished()


def test_restart_that_is_ignored_is_forced_only_where_escalation_was_asked_for() -> None:
    world = World(system(LastResetTime="t1"))
    world.expect("GracefulRestart")
    world.expect("ForceRestart", world.change(seconds=3, LastResetTime="t2"))
    assert seen(world.run("soft_restart", escalate=True)) == (True, True, None)
    world.finished()


def test_interrupt_is_told_as_not_confirmed() -> None:
    world = World(system())
    world.expect("Nmi")
    result = world.run("nmi")
    assert seen(result) == (True, False, None)
    assert "no trace" in result.transitions[0].note


# Restarts of the BMC itself


def restart_of_the_bmc(**properties: Any) -> World:
    world = World(Managers=[manager(**properties)])
    world.expect("GracefulRestart")
    return world


def test_restart_of_a_bmc_is_seen_by_its_going_and_returning() -> None:
    world = restart_of_the_bmc()
    world.leave(Unreachable("no connection"), 10, 40)
    assert seen(world.run("soft_restart", kind="manager")) == (True, True, None)
    assert sum(world.clock.slept) == 40
    world.finished()


def test_restart_of_a_bmc_is_seen_by_the_time_of_its_last_reset() -> None:
    world = restart_of_the_bmc(LastResetTime="t1")
    world.clock.after(5, world.change(BMC, LastResetTime="t2"))
    assert seen(world.run("soft_restart", kind="manager")) == (True, True, None)
    assert sum(world.clock.slept) == 6


def test_restart_of_a_bmc_that_was_not_seen_to_go_is_told_as_not_confirmed() -> None:
    world = restart_of_the_bmc()
    result = world.run("soft_restart", kind="manager", timeout=60)
    assert seen(result) == (True, False, None)
    assert "not seen to go and return" in result.transitions[0].note


def test_restart_of_a_bmc_that_tells_its_last_reset_and_did_none_is_not_reached() -> None:
    world = restart_of_the_bmc(LastResetTime="t1")
    assert isinstance(world.run("soft_restart", kind="manager").error, NotReached)


def test_bmc_that_tells_its_last_reset_and_was_away_for_a_moment_only_is_waited_for() -> None:
    world = restart_of_the_bmc(LastResetTime="t1")
    world.leave(refused(503), 1, 3)
    world.clock.after(20, world.change(BMC, LastResetTime="t2"))
    assert seen(world.run("soft_restart", kind="manager")) == (True, True, None)
    assert sum(world.clock.slept) == 20


def test_bmc_that_never_returns_is_not_reached() -> None:
    world = restart_of_the_bmc(LastResetTime="t1")
    world.leave(Unreachable("no connection"), 10, 1000)
    assert isinstance(world.run("soft_restart", kind="manager").error, NotReached)
