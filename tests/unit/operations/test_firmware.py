# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An update from its request to the version that is read back, and every way in which it does not come to that."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    Busy,
    InvalidRequest,
    MayHaveHappened,
    NotReached,
    RefusedByBmc,
    Unreachable,
    UpdateFailed,
    WrongMachine,
)
from ansible_collections.openchami.bmc.plugins.module_utils._operations.firmware.submission import CLAIM
from ansible_collections.openchami.bmc.plugins.module_utils._operations.updating import refuse_while_updating
from tests.unit.redfish.fake_reader import collection, reference, refused

from .firmware_world import ACTION, INVENTORY, TASK, TOKEN, FirmwareWorld, image

BMC = image("bmc")
AWAY = Unreachable("no answer")


def states(result: Any) -> list[str]:
    return [course.state for course in result.courses]


def test_version_that_runs_already_is_left_alone() -> None:
    world = FirmwareWorld()
    world.add("BIOS", "2.0")
    result = world.update()
    assert (states(result), result.plan, result.changed, world.gate.claimed) == (["current"], [], False, [])


def test_check_mode_plans_what_a_run_sends() -> None:
    world = FirmwareWorld()
    check = world.update(check_mode=True)
    world.answers = [world.later((5, world.task("Completed")))]
    run = world.update()
    assert check.plan == run.plan
    shown = {**run.plan[0].body, "ImageURI": world.stages.stage.url}
    assert (shown, states(check), states(run)) == (world.bodies[0], ["planned"], ["pending_reboot"])


def test_bmc_that_went_away_is_believed_after_three_good_answers_in_a_row() -> None:
    world = FirmwareWorld()
    world.answers = [world.later((15, world.show("BMC", "2.0")), (15, world.task("Completed")))]
    world.leave(AWAY, 16, 45)
    world.leave(AWAY, 66, 75)
    result = world.update(BMC)
    assert states(result) == ["updated"]
    assert world.clock.now >= 1_800_000_000 + 100
    assert world.gate.memories == {}


def test_host_firmware_waits_for_its_restart_and_is_read_back_after_it() -> None:
    world = FirmwareWorld()
    world.answers = [world.later((20, world.task("Completed")))]
    pending = world.update()
    assert (states(pending), pending.handle, pending.changed) == (["pending_reboot"], None, True)
    world.gate.next_task()
    again = world.update()
    assert (states(again), again.plan, again.changed) == (["pending_reboot"], [], False)
    world.gate.next_task()
    world.clock.advance(3 * 3600)
    world.expect("GracefulRestart", world.later((30, world.show("BIOS", "2.0"))))
    done = world.update(allow={"reboot": "when_needed"})
    assert [write.body for write in done.plan] == [{"ResetType": "GracefulRestart"}]
    assert (states(done), done.rebooted, len(world.bodies)) == (["updated"], True, 1)


def test_host_that_somebody_else_restarts_long_after_is_seen_to_start() -> None:
    world = FirmwareWorld(LastResetTime="noon")
    world.answers = [world.later((20, world.task("Completed")))]
    world.update()
    world.gate.next_task()
    world.clock.advance(3 * 3600)
    world.later((0, world.change(LastResetTime="night")), (60, world.show("BIOS", "2.0")))()
    world.clock.advance(10)
    done = world.update()
    assert (states(done), done.rebooted, len(world.bodies)) == (["updated"], False, 1)


def test_host_that_is_restarted_has_the_time_of_this_task_alone() -> None:
    """What it took until it waited for its restart is not given a second time."""
    world = FirmwareWorld()
    world.answers = [world.later((500, world.task("Completed")))]
    world.expect("GracefulRestart")
    result = world.update(allow={"reboot": "when_needed"}, times={"overall": 600.0})
    assert isinstance(result.error, UpdateFailed)
    assert 600 <= world.clock.now - 1_800_000_000 < 620


def test_host_that_is_off_is_not_powered_on() -> None:
    world = FirmwareWorld(power_state="Off")
    world.answers = [world.later((20, world.task("Completed")))]
    result = world.update(allow={"reboot": "when_needed"})
    assert (states(result), world.sent) == (["pending_reboot"], [])
    assert "PowerState is Off" in result.courses[0].note


@pytest.mark.parametrize(("version", "word"), [("1.0", "1.0, as before, wanted 2.0"), ("1.5", "shows 1.5, wanted 2.0")])
def test_update_that_is_over_with_another_version_failed(version: str, word: str) -> None:
    world = FirmwareWorld()
    world.answers = [world.later((20, world.show("BMC", version)), (20, world.task("Completed")))]
    world.leave(AWAY, 21, 60)
    result = world.update(BMC)
    assert isinstance(result.error, UpdateFailed)
    assert word in result.error.why
    assert (result.handle, world.gate.memories, result.changed) == (None, {}, True)


@pytest.mark.parametrize(
    "end",
    [{"state": "Exception"}, {"state": "Completed", "TaskStatus": "Critical"}, {"state": "Cancelled"}],
    ids=lambda end: " ".join(end.values()),
)
def test_task_that_failed_is_an_error_with_the_words_of_the_bmc(end: dict[str, str]) -> None:
    world = FirmwareWorld()
    message = {"Message": "the image is damaged", "MessageId": "Update.1.0.ApplyFailed"}
    world.answers = [world.later((20, world.task(**end, Messages=[message])))]
    error = world.update(BMC).error
    assert isinstance(error, UpdateFailed)
    assert "the image is damaged" in error.why


def test_task_that_vanished_with_the_restart_of_its_bmc_is_judged_by_the_version() -> None:
    world = FirmwareWorld()
    world.answers = [
        world.later((20, world.show("BMC", "2.0")), (20, lambda: world.client.documents.update({TASK: refused(404)})))
    ]
    world.leave(AWAY, 21, 60)
    assert states(world.update(BMC)) == ["updated"]


def test_task_that_never_ends_may_still_be_running_and_its_handle_settles_it() -> None:
    world = FirmwareWorld()
    world.answers = [lambda: None]
    result = world.update(BMC, times={"apply": 300.0})
    assert isinstance(result.error, NotReached)
    assert result.handle is not None
    world.gate.next_task()
    world.show("BMC", "2.0")()
    world.task("Completed")()
    # The same version is read: only the handle knows that an update is to be seen through.
    done = world.update(BMC, handle=result.handle, allow={"force": True})
    assert (states(done), done.attached, done.handle, len(world.bodies)) == (["updated"], True, None, 1)


def test_bmc_that_does_not_come_back_in_time() -> None:
    world = FirmwareWorld()
    world.answers = [lambda: None]
    world.leave(AWAY, 20, 10_000)
    result = world.update(BMC)
    assert isinstance(result.error, NotReached)
    assert "do not cut its power" in result.error.way_out
    assert result.handle is not None


def test_another_machine_in_its_place_is_refused() -> None:
    world = FirmwareWorld()
    other = world.change(UUID="99999999-2222-4333-8444-555555555555")
    world.answers = [world.later((20, world.show("BMC", "2.0")), (20, other))]
    world.leave(AWAY, 15, 45)
    assert isinstance(world.update(BMC).error, WrongMachine)


def test_not_waiting_returns_a_handle_once_the_bmc_has_the_image() -> None:
    world = FirmwareWorld()
    world.answers = [lambda: None]
    begun = world.update(BMC, waits=False)
    assert (states(begun), begun.changed) == (["submitted"], True)
    world.gate.next_task()
    look = world.update(BMC, waits=False, handle=begun.handle)
    assert (states(look), look.changed, look.attached) == (["submitted"], False, True)
    world.gate.next_task()
    world.later((20, world.show("BMC", "2.0")), (20, world.task("Completed")))()
    done = world.update(BMC, handle=look.handle)
    assert (states(done), done.changed, len(world.bodies)) == (["updated"], True, 1)


def test_answer_that_is_missing_leaves_it_open_and_is_not_sent_again_while_the_bmc_is_at_it() -> None:
    """The next task waits until the BMC has given it up, or has come to run it."""
    world = FirmwareWorld()
    world.answers = [MayHaveHappened("the answer is missing")]
    result = world.update(BMC)
    assert isinstance(result.error, MayHaveHappened)
    assert (result.changed, states(result)) == (False, ["failed"])
    world.gate.next_task()
    world.client.documents["/redfish/v1/UpdateService"]["Status"] = {"State": "Updating"}
    world.later(
        (20, world.show("BMC", "2.0")),
        (20, lambda: world.client.documents["/redfish/v1/UpdateService"].update(Status={"State": "Enabled"})),
    )()
    world.leave(AWAY, 25, 45)
    done = world.update(BMC)
    assert (states(done), done.attached, len(world.bodies)) == (["current"], False, 1)


def test_image_that_a_bmc_could_not_get_any_more_is_sent_anew_once_it_has_given_up() -> None:
    world = FirmwareWorld()
    world.answers = [MayHaveHappened("the answer is missing"), world.later((20, world.show("BMC", "2.0")))]
    world.update(BMC)
    world.gate.next_task()
    update_service = world.client.documents["/redfish/v1/UpdateService"]
    update_service["Status"] = {"State": "Updating"}
    world.later((30, lambda: update_service.update(Status={"State": "Enabled"})))()
    check = world.update(BMC, check_mode=True)
    world.clock.after(75, world.task("Completed"))
    done = world.update(BMC)
    assert (states(done), len(world.bodies), len(check.plan)) == (["updated"], 2, 1)


def test_update_of_somebody_else_is_not_disturbed() -> None:
    world = FirmwareWorld()
    world.client.documents["/redfish/v1/UpdateService"]["Status"] = {"State": "Updating"}
    with pytest.raises(Busy, match="another firmware update"):
        world.update(BMC)
    with pytest.raises(Busy):
        world.update(BMC, check_mode=True)
    assert world.bodies == []


def test_refused_update_leaves_nothing_behind() -> None:
    world = FirmwareWorld()
    world.answers = [refused(400, "ActionParameterUnknown")]
    result = world.update(BMC)
    assert (result.changed, result.handle, world.gate.memories, states(result)) == (False, None, {}, ["failed"])


@pytest.mark.parametrize(("status", "told"), [(400, "Nothing is flashed"), (503, "Nothing is"), (500, "is not known")])
def test_a_refusal_says_whether_it_may_flash_nevertheless(status: int, told: str) -> None:
    world = FirmwareWorld()
    world.answers = [refused(status)]
    error = world.update(BMC).error
    assert isinstance(error, RefusedByBmc)
    assert told in error.way_out


def test_what_the_task_does_not_allow_is_said_in_one_message() -> None:
    world = FirmwareWorld()
    world.add("BMC", "3.0")
    with pytest.raises(InvalidRequest) as caught:
        world.update(BMC, allow={"bmc_reset": False})
    assert "downgrade: true, allow_bmc_reset: true" in caught.value.way_out
    assert world.bodies == []


def test_id_that_moves_while_the_bmc_restarts_is_found_by_its_name() -> None:
    world = FirmwareWorld()

    def moved() -> None:
        world.client.documents[f"{INVENTORY}/BMC"] = refused(404)
        world.task("Completed")()

    world.answers = [world.later((20, moved))]
    result = world.update(BMC, times={"apply": 400.0})
    assert isinstance(result.error, UpdateFailed)
    assert world.gate.claimed[0] == CLAIM


def test_token_of_the_image_is_in_nothing_that_a_bmc_says() -> None:
    world = FirmwareWorld()
    refusal = refused(400, "ActionParameterValueError")
    refusal.why = f"HTTP 400, the value {world.stages.stage.url} is not acceptable"
    world.answers = [refusal]
    assert "…" in str(error := world.update(BMC).error)
    assert TOKEN not in str(error)
    world.gate.next_task()
    world.answers = [world.later((20, world.task("Exception", Messages=[_names_the_image(world)])))]
    failed = world.update(BMC)
    assert "could not fetch http://10.0.0.1:8080/…/bios.bin" in str(failed.error)


@pytest.mark.parametrize("hours", [1, 48])
def test_handle_of_a_silent_bmc_settles_however_late(hours: int) -> None:
    """What is wanted runs: three looks show it, also where all times have passed before the first one."""
    world = FirmwareWorld()
    world.taskless, world.answers = True, [lambda: None]
    begun = world.update(BMC, waits=False)
    world.gate.next_task()
    world.show("BMC", "2.0")()
    world.clock.sleep(hours * 3600)
    assert states(world.update(BMC, handle=begun.handle)) == ["updated"]


def test_token_of_the_image_is_in_nothing_that_a_later_task_hears() -> None:
    """Neither in what it settles, nor in what is said to others, nor in what a handle carries of the update before."""
    world = FirmwareWorld()
    world.answers = [lambda: None]
    begun = world.update(BMC, waits=False)
    world.gate.next_task()
    world.task("Running", Name="Update", Payload={"TargetUri": ACTION}, Messages=[_names_the_image(world)])()
    world.client.documents["/redfish/v1/TaskService"]["Tasks"] = reference(f"{TASK.rpartition('/')[0]}")
    world.client.documents[TASK.rpartition("/")[0]] = collection(TASK.rpartition("/")[0], TASK)
    for refuses in (lambda: world.update(image("bios", "3.0")), lambda: refuse_while_updating(*others(world))):
        with pytest.raises(Busy, match="could not fetch") as busy:
            refuses()
        assert TOKEN not in str(busy.value)
        world.gate.next_task()
    world.task("Exception", Messages=[_names_the_image(world)])()
    settled = world.update(BMC, handle=begun.handle)
    assert "could not fetch http://10.0.0.1:8080/…/bios.bin" in str(settled.error)


def others(world: FirmwareWorld) -> tuple[Any, Any, Any]:
    """What an operation has that would take the BMC away."""
    return world.bmc, world.gate, world.clock


def _names_the_image(world: FirmwareWorld) -> dict[str, str]:
    return {"Message": f"could not fetch {world.stages.stage.url}", "MessageId": "Update.1.0.TransferFailed"}
