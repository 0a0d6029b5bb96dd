# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was sent to a BMC before: it is followed by its own task, and nothing else is sent meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import Busy
from ansible_collections.openchami.bmc.plugins.module_utils._operations.updating import refuse_while_updating
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.ami.driver import Ami
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.hpe.driver import Hpe

from .firmware_world import UPDATE, FirmwareWorld, bundle, image
from .test_firmware import BMC, states
from .test_firmware_end import ami_says, ilo_says

BOTH = bundle("bmc", "bios")


def silent() -> FirmwareWorld:
    """A BMC that tells nothing of its updates, and takes as many as it is sent."""
    world = FirmwareWorld()
    world.taskless, world.answers = True, [lambda: None] * 3
    return world


@pytest.mark.parametrize("component", ["bmc", "bios"])
@pytest.mark.parametrize("check_mode", [False, True])
def test_another_image_is_refused_while_the_end_of_what_was_sent_was_not_seen(component: str, check_mode: bool) -> None:
    world, other = silent(), replace(image(component, "3.0"), key="another image")
    world.update(BMC, waits=False)
    world.gate.next_task()
    world.clock.advance(30)
    with pytest.raises(Busy, match="another firmware update") as caught:
        world.update(other, check_mode=check_mode)
    assert "its end was not seen" in caught.value.why
    assert len(world.bodies) == 1


@pytest.mark.parametrize("seconds", [0, 7200], ids=["its version shows", "its time is over"])
def test_another_image_is_sent_once_that_is_over(seconds: float) -> None:
    world = silent()
    world.update(BMC, waits=False)
    world.gate.next_task()
    world.clock.advance(seconds)
    if not seconds:
        world.show("BMC", "2.0")()
    assert states(world.update(replace(image("bios", "3.0"), key="another"), waits=False)) == ["submitted"]
    assert len(world.bodies) == 2


def test_another_image_is_sent_while_one_waits_for_its_host() -> None:
    world = silent()
    assert states(world.update(image("bios"))) == ["pending_reboot"]
    world.gate.next_task()
    assert states(world.update(replace(BMC, key="another"), waits=False)) == ["submitted"]


@pytest.mark.parametrize(("driver", "said"), [(Ami(), ami_says("Completed")), (Hpe(), ilo_says("Complete"))])
def test_end_of_the_update_before_frees_no_bmc(driver: Ami | Hpe, said: dict[str, object]) -> None:
    world = FirmwareWorld(driver=driver)
    world.client.documents[UPDATE]["Oem"] = said
    world.taskless, world.answers = True, [lambda: None]
    world.update(BMC, waits=False)
    world.gate.next_task()
    with pytest.raises(Busy):
        refuse_while_updating(world.bmc, world.gate, world.clock)


def test_handle_that_is_given_again_does_not_hide_what_was_sent_after_it() -> None:
    world = silent()
    first = world.update(BOTH, waits=False)
    assert states(first) == ["submitted", "planned"]
    world.gate.next_task()
    world.show("BMC", "2.0")()
    assert states(world.update(BOTH, waits=False, handle=first.handle)) == ["updated", "submitted"]
    assert len(world.bodies) == 2
    world.gate.next_task()
    again = world.update(BOTH, waits=False, handle=first.handle)
    assert (states(again), again.attached, len(world.bodies)) == (["updated", "submitted"], True, 2)


def test_handle_of_a_bmc_does_not_flash_a_bios_again_that_waits_for_its_host() -> None:
    world = silent()
    first = world.update(BOTH, waits=False)
    world.gate.next_task()
    world.show("BMC", "2.0")()
    assert states(world.update(BOTH, handle=first.handle)) == ["updated", "pending_reboot"]
    world.gate.next_task()
    assert states(world.update(BOTH, handle=first.handle)) == ["updated", "pending_reboot"]
    assert len(world.bodies) == 2


def test_rest_of_an_image_that_names_its_own_components_is_followed_and_not_sent_again() -> None:
    """An iLO is sent one image for all that it holds; the BMC part runs, the BIOS waits for the host."""
    world = FirmwareWorld(driver=Hpe())
    world.answers = [world.later((20, world.show("BMC", "2.0")), (20, world.task("Completed")))]
    assert states(world.update(BOTH)) == ["updated", "pending_reboot"]
    world.gate.next_task()
    again = world.update(BOTH)
    assert (states(again), again.attached, len(world.bodies)) == (["current", "pending_reboot"], True, 1)
