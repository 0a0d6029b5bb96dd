# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task asks counts as its time; what it asks while it waits for a state has the time of the wait."""

from __future__ import annotations

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import NotReached, Unreachable

from .scripted_bmc import World, system

URIS = [f"/redfish/v1/Systems/{name}" for name in ("1", "2", "3")]


def test_reads_before_the_reset_count_and_looks_after_it_do_not() -> None:
    world = World(system())
    world.expect("GracefulShutdown", world.change(seconds=3, PowerState="Off"))
    world.run("off")
    assert world.client.looks == [URIS[0]] * 3
    assert world.client.reads.index(URIS[0]) < len(world.client.reads) - 3


def test_look_at_a_handle_without_waiting_counts() -> None:
    world = World(system())
    world.expect("GracefulShutdown")
    handle = world.run("off", wait=False).handle
    world.gate.next_task()
    assert world.run("off", wait=False, handle=handle).handle is not None
    assert world.client.looks == []


def test_silent_bmc_costs_a_round_one_look_whatever_the_number_of_targets() -> None:
    world = World(*(system(name) for name in ("1", "2", "3")))
    world.expect("GracefulShutdown")
    world.expect("GracefulShutdown")
    world.expect("GracefulShutdown")
    world.client.script[-1] = ("GracefulShutdown", world.fall_silent(Unreachable("no answer in time")))
    result = world.run("off", name="all", timeout=10.0, interval=10.0)
    assert {type(transition.error) for transition in result.transitions} == {NotReached}
    # At once, after the deadline, and after the same time again.
    assert world.client.looks == [URIS[0]] * 3
