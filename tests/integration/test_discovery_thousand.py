# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A thousand mixed BMCs, some tarpits, slow and malformed ones among them: found, looked at again, told truly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.site import Listed, Site

BMCS = 1000
KINDS = (
    *("hpe_ilo5", "hpe_ilo7", "dell_idrac9", "dell_idrac10", "cray_ex_nc", "cray_ex_sc", "supermicro_x10"),
    *("openbmc", "ami_gigabyte", "lenovo_xcc", "intel_s2600"),
)
TARPITS = [f"bmc{number:05}" for number in range(50, 1000, 100)]
SLOW = [f"bmc{number:05}" for number in range(3, 1000, 100)]
MALFORMED = [f"bmc{number:05}" for number in range(7, 1000, 200)]
SWITCHED = "bmc00123"


@dataclass(frozen=True)
class Rounds:
    """The first round, of all; the second, after one BMC was switched off: only what shows a change."""

    first: Listed
    second: Listed
    reads: dict[str, int]


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    # Every dialect, and those of each whose resources are the fewest: a thousand BMCs cost enough as they are.
    return start_fleet([{"name": f"bmc{number:05}", "profile": KINDS[number % len(KINDS)]} for number in range(BMCS)])


@pytest.fixture(scope="module")
def rounds(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Rounds:
    site = Site.of(tmp_path_factory.mktemp("site"), fleet)
    # So few at once, because the fleet and who asks it share two cores here.
    options: dict[str, Any] = {"gather_subset": [], "hosts": "bmcs", "concurrency": 64}
    for name in TARPITS:
        fleet.simulator.fault(name, "tarpit", stage="request", count=None)
    for name in SLOW:
        fleet.simulator.fault(name, "latency", seconds=0.1, count=None)
    for name in MALFORMED:
        fleet.simulator.fault(name, "truncate", count=None)
    first = site.listed(**options)
    for name in fleet.addresses:
        fleet.simulator.clear_requests(name)
    fleet.simulator.set_state(SWITCHED, systems={system: {"power_state": "Off"} for system in fleet.power(SWITCHED)})
    second = site.listed(**options, refresh="changed")
    reads = {name: len(fleet.simulator.requests(name)) for name in fleet.addresses}
    return Rounds(first, second, reads)


def well(fleet: Fleet) -> dict[str, str]:
    ill = {*TARPITS, *MALFORMED}
    return {name: address for name, address in fleet.addresses.items() if name not in ill}


def test_all_that_are_well_are_found_and_no_other_spoils_them(fleet: Fleet, rounds: Rounds) -> None:
    found = {
        host["bmc_address"] for host in rounds.first.hostvars.values() if host["bmc_discovery"]["status"] == "answered"
    }
    assert found == set(well(fleet).values())
    assert rounds.first.summary["answered"] == BMCS - len(TARPITS) - len(MALFORMED)
    assert rounds.first.summary["silent"] == len(TARPITS)
    assert rounds.first.summary["failed"] == len(MALFORMED)
    assert f"{len(TARPITS)} BMCs" in rounds.first.stderr


def test_what_is_told_is_true_of_each(fleet: Fleet, rounds: Rounds) -> None:
    shown = {
        host["bmc_address"]: host["bmc_info"]["systems"] for host in rounds.first.hostvars.values() if host["bmc_info"]
    }
    for name in list(well(fleet))[::50]:
        power = {system["id"]: system["power_state"] for system in shown[fleet.addresses[name]]}
        truth = fleet.power(name) | ({} if name != SWITCHED else dict.fromkeys(fleet.power(name), "On"))
        assert {system: power[system] for system in truth} == truth


def test_in_the_second_round_the_changed_one_alone_is_read_whole(fleet: Fleet, rounds: Rounds) -> None:
    told = {host["bmc_address"]: host["bmc_discovery"] for host in rounds.second.hostvars.values()}
    changed = {address for address, story in told.items() if story["changed"]}
    assert changed == {fleet.addresses[SWITCHED]}
    again = {address for address, story in told.items() if (story["crawled"] or "") >= rounds.second.summary["started"]}
    assert again == {fleet.addresses[SWITCHED]}
    assert rounds.reads[SWITCHED] > min(rounds.reads[name] for name in well(fleet))
