# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happens after a reset was refused: it got there meanwhile, it is sent again later, or it is told as it is."""

from __future__ import annotations

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    BmcError,
    MayHaveHappened,
    RefusedByBmc,
)
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.dell.driver import Dell
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.hpe.driver import Hpe
from tests.unit.redfish.fake_reader import refused

from .scripted_bmc import World, system
from .test_settlement import URI, seen


@pytest.mark.parametrize("status", [400, 409])
def test_refusal_of_what_happened_meanwhile_is_no_failure(status: int) -> None:
    def gone_off() -> None:
        world.change(PowerState="Off")()
        world.clock.advance(0)
        raise refused(status, "PSU501")

    world = World(system())
    world.expect("GracefulShutdown", gone_off)
    changed, confirmed, error = seen(world.run("off"))
    assert (changed, confirmed, error) == (False, True, None)
    world.finished()


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_bmc_that_fails_and_does_it_all_the_same_was_changed(status: int) -> None:
    def gone_off() -> None:
        world.change(PowerState="Off")()
        world.clock.advance(0)
        raise refused(status)

    world = World(system())
    world.expect("ForceOff", gone_off)
    result = world.run("force_off")
    assert seen(result) == (True, True, None)
    assert [sent["answered"] for sent in result.transitions[0].sent] == [False]
    world.finished()


@pytest.mark.parametrize("state", ["off", "soft_restart"])
@pytest.mark.parametrize(
    ("status", "error"),
    [(500, MayHaveHappened), (502, MayHaveHappened), (504, MayHaveHappened), (501, RefusedByBmc), (503, RefusedByBmc)],
)
def test_bmc_that_fails_may_have_done_it(status: int, error: type[BmcError], state: str) -> None:
    world = World(system())
    world.expect("GracefulShutdown" if state == "off" else "GracefulRestart", refused(status))
    result = world.run(state)
    assert result.error.__class__ is error
    assert len(result.transitions[0].sent) == (error is MayHaveHappened)
    world.finished()


def test_refusal_is_the_error_of_its_target() -> None:
    world = World(system())
    refusal = refused(400, "ActionParameterNotSupported")
    world.expect("GracefulShutdown", refusal)
    result = world.run("off")
    assert seen(result) == (False, False, refusal)
    assert result.transitions[0].sent == []
    assert world.gate.recall(URI) != {}


NOT_NOW = refused(400, "UnableToModifyDuringSystemPOST")
TOO_SOON = refused(409, "ActionParameterValueConflict")


def test_refusal_for_now_is_sent_again_until_it_is_taken() -> None:
    world = World(system(), driver=Hpe())
    world.expect("GracefulShutdown", NOT_NOW, NOT_NOW, world.change(PowerState="Off"))
    result = world.run("off", interval=2)
    assert seen(result) == (True, True, None)
    assert len(result.transitions[0].sent) == 1
    assert sum(world.clock.slept) == 6
    world.finished()


def test_refusal_for_now_until_the_deadline_is_the_error() -> None:
    world = World(system(), driver=Hpe())
    world.expect("GracefulShutdown", NOT_NOW, NOT_NOW, NOT_NOW)
    assert seen(world.run("off", interval=2, timeout=4)) == (False, False, NOT_NOW)
    world.finished()


def test_refusal_for_now_leaves_the_transition_open_where_nobody_waits() -> None:
    world = World(system(), driver=Hpe())
    world.expect("GracefulShutdown", NOT_NOW)
    submitted = world.run("off", wait=False)
    assert seen(submitted) == (False, False, None)
    assert "refused for now" in submitted.transitions[0].note
    world.gate.next_task()
    predicted = world.run("off", handle=submitted.handle, check_mode=True)
    world.expect("GracefulShutdown", NOT_NOW, world.change(PowerState="Off"))
    settled = world.run("off", handle=submitted.handle)
    assert (*seen(settled), settled.handle) == (True, True, None, None)
    assert settled.transitions[0].note == ""
    assert [write.body for write in predicted.plan] == [sent["body"] for sent in settled.transitions[0].sent]
    world.finished()


def test_looks_at_a_handle_send_again_until_it_is_taken() -> None:
    world = World(system(), driver=Dell())
    world.expect("GracefulShutdown", world.change(PowerState="Off"))
    world.expect("On", TOO_SOON, TOO_SOON, world.change(PowerState="On"))
    result = world.run("hard_restart", wait=False)
    changed = [result.changed]
    while result.handle is not None:
        world.gate.next_task()
        world.clock.advance(2)
        result = world.run("hard_restart", wait=False, handle=result.handle)
        changed.append(result.changed)
        assert result.error is None
    assert changed == [True, False, False, True, False]
    world.finished()


def test_looks_at_a_handle_end_at_its_deadline_and_claim_no_change_of_an_earlier_task() -> None:
    world = World(system(), driver=Dell())
    world.expect("GracefulShutdown", world.change(PowerState="Off"))
    world.expect("On", TOO_SOON, TOO_SOON)
    submitted = world.run("hard_restart", wait=False, timeout=60)
    world.gate.next_task()
    world.clock.advance(1)
    looked = world.run("hard_restart", wait=False, timeout=60, handle=submitted.handle)
    world.gate.next_task()
    world.clock.advance(60)
    late = world.run("hard_restart", wait=False, timeout=60, handle=looked.handle)
    assert (*seen(late), late.handle) == (False, False, TOO_SOON, None)
    world.finished()


def test_reset_that_is_taken_late_gets_its_own_time_before_it_is_forced() -> None:
    world = World(system(), driver=Hpe())
    world.expect("GracefulShutdown", NOT_NOW)
    submitted = world.run("off", wait=False, timeout=60)
    world.gate.next_task()
    world.clock.advance(59)
    world.expect("GracefulShutdown", world.change(seconds=30, PowerState="Off"))
    assert seen(world.run("off", timeout=60, handle=submitted.handle)) == (True, True, None)
    world.finished()


def test_boot_that_ended_while_the_restart_was_refused_is_not_taken_for_it_by_the_first_handle() -> None:
    world = World(system(LastResetTime="t1"), driver=Hpe())
    world.expect("GracefulRestart", NOT_NOW)
    submitted = world.run("soft_restart", wait=False)
    world.client.documents[URI]["LastResetTime"] = "t2"
    world.expect("GracefulRestart", lambda: None)
    world.gate.next_task()
    world.run("soft_restart", wait=False, handle=submitted.handle)
    world.gate.next_task()
    again = world.run("soft_restart", wait=False, handle=submitted.handle)
    assert again.handle is not None
    world.finished()


def test_post_that_ends_between_the_look_and_the_restart_is_not_taken_for_it() -> None:
    def post(state: str, ended: str) -> None:
        shown = {"PostState": state, "PostDiscoveryCompleteTimeStamp": ended}
        world.client.documents[URI]["Oem"] = {"Hpe": shown}

    world = World(system(), driver=Hpe())
    post("InPost", "t1")
    world.expect("GracefulRestart", NOT_NOW)
    handle = world.run("soft_restart", wait=False).handle
    world.expect("GracefulRestart", lambda: post("InPostDiscoveryComplete", "t2"))
    world.gate.next_task()
    assert world.run("soft_restart", wait=False, handle=handle).handle is not None
    world.gate.next_task()
    assert world.run("soft_restart", wait=False, handle=handle).handle is not None
    post("InPostDiscoveryComplete", "t3")
    world.gate.next_task()
    settled = world.run("soft_restart", wait=False, handle=handle)
    assert (settled.handle, seen(settled)[1:]) == (None, (True, None))
    world.finished()


def test_force_that_is_refused_for_now_is_sent_again() -> None:
    world = World(system(), driver=Hpe())
    world.expect("GracefulShutdown")
    world.expect("ForceOff", NOT_NOW, world.change(PowerState="Off"))
    assert seen(world.run("off")) == (True, True, None)
    world.finished()


def test_on_that_is_refused_for_now_until_the_deadline_is_the_error() -> None:
    world = World(system(power_state="Off"), driver=Dell())
    world.expect("On", TOO_SOON, TOO_SOON, TOO_SOON)
    result = world.run("on", interval=2, timeout=4)
    assert seen(result) == (False, False, TOO_SOON)
    assert result.transitions[0].sent == []
    world.finished()


def test_restart_by_two_resets_waits_until_on_is_taken() -> None:
    world = World(system(), driver=Dell())
    world.expect("GracefulShutdown", world.change(PowerState="Off"))
    world.expect("On", TOO_SOON, TOO_SOON, world.change(PowerState="On"))
    result = world.run("hard_restart", interval=2)
    assert seen(result) == (True, True, None)
    assert [sent["body"]["ResetType"] for sent in result.transitions[0].sent] == ["GracefulShutdown", "On"]
    world.finished()


def test_conflict_that_is_not_about_on_is_the_error_at_once() -> None:
    world = World(system(), driver=Dell())
    world.expect("GracefulShutdown", TOO_SOON)
    assert seen(world.run("off")) == (False, False, TOO_SOON)
    assert world.clock.slept == []
    world.finished()


def test_write_that_was_cut_off_is_told_as_sent_without_an_answer_and_not_repeated() -> None:
    world = World(system())
    cut = MayHaveHappened("POST was cut off")
    world.expect("GracefulShutdown", cut)
    result = world.run("off")
    assert result.error is cut
    (sent,) = result.transitions[0].sent
    assert (sent["body"], sent["answered"]) == ({"ResetType": "GracefulShutdown"}, False)
    world.finished()


def test_error_of_one_target_does_not_stop_the_other() -> None:
    world = World(system("Node0"), system("Node1"))
    world.expect("GracefulShutdown", refused(400))
    world.expect("GracefulShutdown", world.change("/redfish/v1/Systems/Node1", 3, PowerState="Off"))
    result = world.run("off", name="all")
    assert isinstance(result.error, RefusedByBmc)
    assert [(target.id, target.power_state, target.error is None) for target in result.transitions] == [
        ("Node0", "On", False),
        ("Node1", "Off", True),
    ]
    assert result.changed
    assert list(world.gate.memories) == ["/redfish/v1/Systems/Node0"]
    world.finished()


def test_target_that_got_there_while_it_was_refused_for_now_gets_no_further_write() -> None:
    world = World(system(), driver=Hpe())
    world.expect("GracefulShutdown", NOT_NOW)
    world.clock.after(1, world.change(PowerState="Off"))
    assert seen(world.run("off")) == (False, True, None)
    world.finished()
