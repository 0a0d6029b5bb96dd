# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When an update counts as ended: what was fetched, what a BMC tells of another one, and what it does not tell."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import NotReached
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.ami.driver import Ami
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.hpe.driver import Hpe
from ansible_collections.openchami.bmc.plugins.module_utils.vendor_api.v1 import Driver
from tests.unit.redfish.fake_reader import refused

from .firmware_world import UPDATE, FirmwareWorld, image
from .test_firmware import AWAY, BMC, states


def test_handle_that_is_settled_long_after_the_end_is_believed_after_as_many_good_answers() -> None:
    world = FirmwareWorld()
    world.answers = [world.later((60, world.show("BMC", "2.0")), (60, world.task("Completed")))]
    begun = world.update(BMC, waits=False)
    world.gate.next_task()
    world.clock.advance(86_400)
    assert states(world.update(BMC, handle=begun.handle)) == ["updated"]


def test_handle_is_looked_at_for_as_long_as_its_task_says() -> None:
    """The error of the first said that timeout gives it longer."""
    world = FirmwareWorld()
    world.answers = [world.later((900, world.show("BMC", "2.0")), (900, world.task("Completed")))]
    first = world.update(BMC, times={"overall": 600.0})
    assert isinstance(first.error, NotReached)
    world.gate.next_task()
    assert states(world.update(BMC, handle=first.handle)) == ["updated"]


def test_same_version_is_sent_again_by_force_and_its_end_must_be_seen() -> None:
    world = FirmwareWorld()
    world.add("BMC", "2.0")
    world.answers = [world.later((30, world.task("Completed")))]
    result = world.update(BMC, allow={"force": True})
    assert (states(result), result.changed) == (["updated"], True)
    assert world.clock.now >= 1_800_000_000 + 30


@pytest.mark.parametrize("fault", [AWAY, refused(503)], ids=["no answer", "HTTP 503"])
@pytest.mark.parametrize("component", ["bmc", "bios"])
def test_same_version_by_force_has_not_ended_because_one_look_had_no_answer(component: str, fault: Any) -> None:
    world = FirmwareWorld()
    world.add(component.upper(), "2.0")
    world.answers = [world.later((600, world.task("Completed")))]
    world.leave(fault, 20, 32)
    result = world.update(image(component), allow={"force": True})
    assert states(result) == ["updated"]
    assert world.clock.now >= 1_800_000_000 + 600


def test_same_version_by_force_of_a_silent_bmc_that_restarts_counts_once_its_time_has_passed() -> None:
    world = FirmwareWorld()
    world.add("BMC", "2.0")
    world.taskless, world.answers = True, [lambda: None]
    world.leave(AWAY, 20, 32)
    result = world.update(BMC, allow={"force": True})
    assert states(result) == ["updated"]
    assert world.clock.now >= 1_800_000_000 + 600


def test_same_version_by_force_of_a_silent_host_is_not_called_done_because_the_network_was_away() -> None:
    world = FirmwareWorld()
    world.add("BIOS", "2.0")
    world.taskless, world.answers = True, [lambda: None]
    world.leave(AWAY, 20, 32)
    assert isinstance(world.update(image("bios"), allow={"force": True}).error, NotReached)


def test_same_version_by_force_on_a_bmc_that_tells_nothing_is_not_called_done() -> None:
    world = FirmwareWorld()
    world.add("BMC", "2.0")
    world.taskless, world.answers = True, [lambda: None]
    result = world.update(BMC, allow={"force": True}, times={"apply": 300.0})
    assert isinstance(result.error, NotReached)
    assert "nothing shows that this update has ended" in result.error.what


def test_host_firmware_of_a_bmc_that_tells_nothing_waits_once_its_time_has_passed() -> None:
    world = FirmwareWorld()
    world.taskless, world.answers = True, [lambda: None]
    result = world.update(image("bios", expected_duration=120))
    assert states(result) == ["pending_reboot"]
    assert 1_800_000_000 + 120 <= world.clock.now < 1_800_000_000 + 140


def test_network_that_was_away_does_not_make_a_silent_flash_done() -> None:
    world = FirmwareWorld()
    world.taskless, world.answers = True, [lambda: None]
    world.leave(AWAY, 20, 60)
    result = world.update(image("bios", expected_duration=600))
    assert states(result) == ["pending_reboot"]
    assert world.clock.now >= 1_800_000_000 + 600


def ami_says(status: str) -> dict[str, Any]:
    return {"AMIUpdateService": {"UpdateInformation": {"UpdateStatus": status}}}


def ilo_says(state: str) -> dict[str, Any]:
    return {"Hpe": {"State": state}}


@pytest.mark.parametrize(
    ("driver", "says", "before", "busy"),
    [
        (Ami(), ami_says, "Completed", "Flashing"),
        (Hpe(), ilo_says, "Complete", "Writing"),
        (Ami(), ami_says, "Failed", "Flashing"),
        (Hpe(), ilo_says, "Error", "Writing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("received", [None, 1000], ids=["site's server", "own server"])
def test_end_of_the_update_before_is_not_the_end_of_this_one(
    driver: Driver, says: Callable[[str], dict[str, Any]], before: str, busy: str, received: int | None
) -> None:
    """Nor is its host restarted: that would cut off the flash that is about to begin."""
    world = FirmwareWorld(driver=driver)
    world.taskless, world.stages.stage.received = True, received
    update_service = world.client.documents[UPDATE]
    update_service["Oem"] = says(before)
    done = {"Completed": "Completed", "Failed": "Completed"}.get(before, "Complete")
    ahead = [
        (35, partial(update_service.update, Oem=says(busy))),
        (300, partial(update_service.update, Oem=says(done))),
    ]
    world.answers = [world.later(*ahead)]
    begun, restarted = world.clock.now, []

    def starts() -> None:
        restarted.append(world.clock.now - begun)
        world.show("BIOS", "2.0")()

    world.expect("GracefulRestart", starts)
    result = world.update(image("bios"), allow={"reboot": "when_needed"})
    assert (states(result), result.error) == (["updated"], None)
    assert 300 <= restarted[0] < 320


def test_end_that_looks_as_that_of_the_update_before_counts_once_time_has_passed() -> None:
    """Nobody looked while it was flashed, so nobody saw the words change."""
    world = FirmwareWorld(driver=Hpe())
    world.taskless, world.answers = True, [lambda: None]
    world.client.documents[UPDATE]["Oem"] = ilo_says("Complete")
    handle = world.update(image("bios"), waits=False).handle
    world.gate.next_task()
    world.clock.advance(3000)
    looked = world.clock.now
    assert states(world.update(image("bios"), handle=handle)) == ["pending_reboot"]
    assert world.clock.now == looked


@pytest.mark.parametrize("times", [{"transfer": 300.0}, {"transfer": 1800.0, "overall": 900.0}], ids=str)
def test_bmc_that_never_comes_for_the_image_is_told_why_that_may_be(times: dict[str, float]) -> None:
    world = FirmwareWorld()
    world.stages.stage.received, world.answers = 0, [lambda: None]
    error = world.update(BMC, times=times).error
    assert isinstance(error, NotReached)
    assert "the BMC never fetched the file" in error.what
    assert "in a container or pod" in error.way_out
    assert "set advertise" in error.way_out
    assert world.clock.now - 1_800_000_000 < 910


def test_bmc_that_fetches_slowly_is_told_of_the_time() -> None:
    world = FirmwareWorld()
    world.stages.stage.received, world.answers = 400, [lambda: None]
    error = world.update(BMC, times={"transfer": 300.0}).error
    assert isinstance(error, NotReached)
    assert "has not fetched the image in time" in error.what
