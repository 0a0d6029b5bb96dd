# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An image that others serve: what is known of it, and what a later task makes of a server that is gone."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    BadArtifact,
    BmcError,
    LocalFailure,
    NotReached,
)
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.fetched import Fetched
from ansible_collections.openchami.bmc.plugins.module_utils._operations.firmware.image import FileImage
from ansible_collections.openchami.bmc.plugins.module_utils._operations.updating import refuse_while_updating

from .firmware_world import FILE, SIZE, UPDATE, FakeStage, FakeStages, FirmwareWorld, image
from .test_firmware import AWAY, BMC, states


class Killed(BaseException):
    """Nobody catches it."""


@dataclass
class CutOff(FakeStage):
    """Its task is killed while the BMC fetches."""

    received: int | None = 400
    looks: int = field(default=3)

    def fetched(self) -> Fetched | None:
        self.looks -= 1
        if not self.looks:
            raise Killed
        return super().fetched()


def killed_while_fetching(*, lasts: bool = False) -> FirmwareWorld:
    """A BMC that tells nothing, and a server of the play; the next task may come."""
    world = FirmwareWorld()
    world.taskless, world.answers = True, [lambda: None]
    world.stages = FakeStages(CutOff(), outlives=lasts, source="this play's")
    with pytest.raises(Killed):
        world.update(BMC)
    world.gate.next_task()
    return world


def test_image_of_a_server_that_ended_with_its_play_is_sent_anew() -> None:
    world = killed_while_fetching()
    world.stages = FakeStages(FakeStage(), source="the next play's")
    world.answers = [world.later((20, world.show("BMC", "2.0")))]
    done = world.update(BMC)
    assert (states(done), done.attached, len(world.bodies)) == (["updated"], False, 2)


def test_image_that_the_server_of_this_play_still_serves_is_waited_for() -> None:
    world = killed_while_fetching()
    stage = FakeStage(received=400)
    world.stages = FakeStages(stage, source="this play's")
    world.clock.after(100, lambda: setattr(stage, "received", SIZE))
    begun = world.update(BMC, waits=False)
    assert (states(begun), begun.attached, len(world.bodies)) == (["submitted"], True, 1)
    assert world.clock.now >= 1_800_000_000 + 100
    assert begun.courses[0].note == ""


def test_image_of_a_server_that_lasts_is_not_sent_twice() -> None:
    world = killed_while_fetching(lasts=True)
    world.stages = FakeStages(FakeStage(received=0), outlives=True, source="the next play's")
    world.clock.after(60, world.show("BMC", "2.0"))
    done = world.update(BMC)
    assert (states(done), done.attached, len(world.bodies)) == (["updated"], True, 1)


def test_silent_host_firmware_that_nobody_saw_fetched_is_not_called_flashed() -> None:
    world = FirmwareWorld()
    world.taskless, world.answers = True, [lambda: None]
    world.stages = FakeStages(FakeStage(received=None), outlives=True)
    result = world.update(image("bios", expected_duration=120), allow={"reboot": "when_needed"})
    assert isinstance(result.error, NotReached)
    assert "nothing shows whether the update of BIOS has begun" in str(result.error)
    assert (states(result), world.sent, result.handle is None) == (["failed"], [], False)


def test_task_that_does_not_wait_says_that_nobody_saw_the_image_fetched() -> None:
    world = FirmwareWorld()
    world.answers = [lambda: None]
    world.stages = FakeStages(FakeStage(received=None), outlives=True)
    begun = world.update(BMC, waits=False)
    assert states(begun) == ["submitted"]
    assert "nobody here can see" in begun.courses[0].note


@dataclass(frozen=True)
class Spoilt(FileImage):
    """Its registry holds something else by now, or its file is gone."""

    why: BmcError | None = None

    def path(self) -> Path:
        if self.why is not None:
            raise self.why
        return Path("/nowhere")


@pytest.mark.parametrize("why", [BadArtifact("the layer is damaged"), None], ids=["damaged", "gone"])
@pytest.mark.parametrize("method", ["MultipartHttpPushUri", "HttpPushUri"])
def test_upload_whose_image_cannot_be_had_sends_nothing_and_blocks_nobody(method: str, why: BmcError | None) -> None:
    """The client of this world cannot even change HttpPushUriTargets."""
    world = FirmwareWorld()
    world.client.documents[UPDATE] |= {method: "/upload", "HttpPushUriTargets": []}
    result = world.update(Spoilt(FILE.file, FILE.component, FILE.key, FILE.size, why), transfer="push")
    assert isinstance(result.error, type(why) if why else LocalFailure)
    assert (result.changed, result.handle, world.gate.memories) == (False, None, {})
    world.gate.next_task()
    refuse_while_updating(world.bmc, world.gate, world.clock)


def test_update_that_could_not_be_sent_for_any_reason_blocks_nobody() -> None:
    world = FirmwareWorld()
    world.answers = [AWAY]
    result = world.update(BMC)
    assert (result.error, result.changed, world.gate.memories) == (AWAY, False, {})
