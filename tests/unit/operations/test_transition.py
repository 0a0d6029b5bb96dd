# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is remembered of a transition when its handle comes to nothing."""

from __future__ import annotations

from tests.unit.redfish.fake_reader import refused

from .scripted_bmc import World, system


def test_restart_whose_handle_failed_half_way_is_completed_by_the_next_task() -> None:
    world = World(system(resets=("On", "GracefulShutdown", "ForceOff")))
    world.expect("GracefulShutdown", world.change(seconds=5, PowerState="Off"))
    submitted = world.run("soft_restart", wait=False)
    world.gate.next_task()
    world.expect("On", refused(500, "InternalError"))
    assert world.run("soft_restart", handle=submitted.handle).error is not None
    world.gate.next_task()
    world.expect("On", world.change(PowerState="On"))
    result = world.run("soft_restart")
    assert (result.changed, result.error) == (True, None)
    assert world.sent == ["GracefulShutdown", "On", "On"]
    world.finished()
