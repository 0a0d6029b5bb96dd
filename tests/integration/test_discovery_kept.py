# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a discovery leaves behind: what it learned, also when it is killed, and never a secret."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.integration.canary import HEART, PASSWORD, leaking_files, leaks
from tests.integration.conftest import StartFleet
from tests.integration.fleet import USERNAME, Fleet
from tests.integration.playbook import Controller
from tests.integration.site import Listed, Site, Source
from tests.simulator.control import eventually

BMCS = 12


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    return start_fleet([{"name": f"bmc{number:02}", "profile": "hpe_ilo5"} for number in range(BMCS)])


@pytest.fixture
def site(fleet: Fleet, tmp_path: Path) -> Site:
    fleet.simulator.reset()
    return Site.of(tmp_path, fleet)


def records(site: Source) -> list[dict[str, object]]:
    (file,) = (site.folder / "state" / "discovery").glob("*.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_a_killed_run_keeps_what_it_learned_and_the_next_one_goes_on(site: Site) -> None:
    # One BMC at a time: the first is known when the second one hangs.
    second = list(site.fleet.addresses)[1]
    site.fleet.simulator.fault(second, "tarpit", stage="request", count=None)
    site.write(concurrency=1, gather_subset=[])
    run = subprocess.Popen(site.command("--list"), env=site.environment(), cwd=site.folder, stdout=subprocess.DEVNULL)
    try:
        eventually(lambda: bool(site.fleet.simulator.requests(second)), 60)
    finally:
        run.kill()
        run.wait()
    assert [record["address"] for record in records(site)] == [site.fleet.addresses["bmc00"]]
    site.fleet.simulator.clear_faults(second)
    assert site.listed(gather_subset=[]).summary["answered"] == BMCS


def test_two_runs_at_once_share_one_file(site: Site) -> None:
    site.write(gather_subset=[])
    runs = [
        subprocess.Popen(site.command("--list"), env=site.environment(), cwd=site.folder, stdout=subprocess.DEVNULL)
        for _number in range(2)
    ]
    assert [run.wait(120) for run in runs] == [0, 0]
    assert sorted(str(record["address"]) for record in records(site)) == sorted(site.fleet.addresses.values())


def test_who_was_not_asked_in_time_keeps_its_record(site: Site) -> None:
    before = site.listed(gather_subset=[])
    after = site.listed(gather_subset=[], deadline=0.001)
    assert after.summary["not_asked"] == BMCS
    assert after.hostvars.keys() == before.hostvars.keys()
    assert {host["bmc_discovery"]["status"] for host in after.hostvars.values()} == {"answered"}


def test_no_secret_is_left_anywhere(fleet: Fleet, tmp_path: Path) -> None:
    """The account stands in the environment and in the source itself; each is told once to those who may know it."""
    fleet.simulator.reset()
    for name in fleet.addresses:
        fleet.simulator.set_state(name, username=USERNAME, password=PASSWORD)
    site = Source(tmp_path, list(fleet.addresses.values()), (USERNAME, PASSWORD))
    cached = {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(tmp_path / "cache")}
    for given in ({}, {"bmc_credentials": None, "bmc_username": USERNAME, "bmc_password": PASSWORD}):
        listed = site.listed("--flush-cache", gather_subset=[], **cached, **given)
        assert listed.summary["answered"] == BMCS, listed.summary
        assert HEART not in json.dumps(listed.content)
        told = site.call("-vvvv", "--list", "--flush-cache")
        assert leaks((told.stdout + told.stderr).encode()) == []
        assert leaking_files(tmp_path, {site.source.name}) == {}


def test_a_bmc_at_two_addresses_is_told_and_its_node_powered_once_where_it_answers(site: Site) -> None:
    same = {
        "uuid": "5d4d0b8c-1111-4222-8333-444455556666",
        "mac_address": "00:11:22:33:44:55",
        "serial_number": "SAME01",
    }
    for name in ("bmc00", "bmc01"):
        site.fleet.simulator.set_state(name, identity=same)
    first, second = (site.fleet.addresses[name] for name in ("bmc00", "bmc01"))
    listed = site.listed(gather_subset=[], hosts="nodes")
    assert further(listed) == {second: first}
    assert f"{second} is {first}" in listed.stderr
    # It moved: nobody is at its old address, under which it is still known.
    site.fleet.simulator.fault("bmc00", "tarpit", stage="connection", count=None)
    listed = site.listed(gather_subset=[], hosts="nodes", bmc_timeout=1)
    assert further(listed) == {first: second}
    controller = Controller(site.folder / "controller", {"SITE_USER": USERNAME, "SITE_PASSWORD": site.account[1]})
    nodes = {name: host for name, host in listed.hostvars.items() if host["bmc_address"] in (first, second)}
    run = controller.run_playbook(nodes, "openchami.bmc.power", arguments=["-e", "state=force_off", "-l", "all"])
    assert run.status == 0, run.stdout
    assert (site.fleet.sent("bmc00"), site.fleet.sent("bmc01")) == ([], ["ForceOff"])


def further(listed: Listed) -> dict[str, str]:
    """The further addresses, and those that they lead to."""
    told = {host["bmc_address"]: host["bmc_discovery"]["same_as"] for host in listed.hostvars.values()}
    return {address: same_as for address, same_as in told.items() if same_as}
