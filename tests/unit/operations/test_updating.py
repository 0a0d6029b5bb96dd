# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""While an update runs nothing else may take the BMC away."""

from __future__ import annotations

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import Busy, RefusedByBmc
from ansible_collections.openchami.bmc.plugins.module_utils._operations.updating import refuse_while_updating
from tests.unit.operations.scripted_bmc import World, system
from tests.unit.redfish.fake_reader import reference, refused

from .firmware_world import FirmwareWorld, image

UPDATE = "/redfish/v1/UpdateService"


def test_it_is_asked_anew_each_time() -> None:
    world = World(system())
    world.client.documents["/redfish/v1"]["UpdateService"] = reference(UPDATE)
    world.client.documents[UPDATE] = {"@odata.id": UPDATE, "Status": {"State": "Enabled"}}
    bmc = world.bmc
    refuse_while_updating(bmc, world.gate, world.clock)
    world.client.documents[UPDATE] = {"@odata.id": UPDATE, "Status": {"State": "Updating"}}
    with pytest.raises(Busy, match="a firmware update runs on this BMC"):
        refuse_while_updating(bmc, world.gate, world.clock)


def test_a_bmc_without_an_update_service_runs_none() -> None:
    world = World(system())
    refuse_while_updating(world.bmc, world.gate, world.clock)


def test_a_link_that_leads_nowhere_tells_of_no_update() -> None:
    world = World(system())
    world.client.documents["/redfish/v1"]["UpdateService"] = reference(UPDATE)
    world.client.documents[UPDATE] = refused(404)
    refuse_while_updating(world.bmc, world.gate, world.clock)


def test_a_bmc_that_refuses_to_tell_is_believed_in_nothing() -> None:
    world = World(system())
    world.client.documents["/redfish/v1"]["UpdateService"] = reference(UPDATE)
    world.client.documents[UPDATE] = refused(503)
    with pytest.raises(RefusedByBmc):
        refuse_while_updating(world.bmc, world.gate, world.clock)


def test_task_of_this_controller_that_is_at_it_is_enough() -> None:
    world = World(system())
    world.gate.holders["firmware"] = {"image": "sha256:0"}
    with pytest.raises(Busy, match="another task of this controller"):
        refuse_while_updating(world.bmc, world.gate, world.clock)


def test_update_that_was_sent_to_a_bmc_that_tells_nothing_counts_until_its_version_shows_or_its_time_is_over() -> None:
    world = FirmwareWorld()
    world.taskless, world.answers = True, [lambda: None]
    assert world.update(image("bmc"), waits=False, times={"overall": 600.0}).handle is not None
    world.gate.next_task()
    with pytest.raises(Busy, match="its end was not seen"):
        refuse_while_updating(world.bmc, world.gate, world.clock)
    with pytest.raises(Busy):
        world.run("force_off")
    assert world.run("on").changed is False
    world.show("BMC", "2.0")()
    refuse_while_updating(world.bmc, world.gate, world.clock)
    world.show("BMC", "1.0")()
    world.clock.advance(600)
    refuse_while_updating(world.bmc, world.gate, world.clock)


def test_update_that_waits_for_its_host_lets_the_host_be_restarted() -> None:
    world = FirmwareWorld()
    world.answers = [world.later((20, world.task("Completed")))]
    world.update()
    world.gate.next_task()
    refuse_while_updating(world.bmc, world.gate, world.clock)
