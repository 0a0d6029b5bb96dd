# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A campaign of many BMCs of mixed dialects, of which 5 % fail in one way or another: its report is the truth."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import pytest

from tests.integration.campaigns import TIMING, VERSION, Site
from tests.integration.conftest import StartFleet
from tests.integration.playbook import Controller

PROFILES = {
    "hpe_ilo5": "ProLiant DL365 Gen10 Plus",
    "dell_idrac9": "PowerEdge R650",
    "cray_ex_nc": "HPE CRAY EX425 (MILAN)",
    "openbmc": "OpenBmc",
    "ami_gigabyte": "R272-Z32-00",
    "supermicro_x13": "SYS-741GE-TNRT",
}
# Each on BMCs that are no canaries: those are the first of their models.
FAULTS = ("old_version", "fails", "third_version", "refuses")
LONGEST = 900.0


@pytest.mark.parametrize("count", [20, pytest.param(200, marks=pytest.mark.soak)])
def test_its_report_is_the_truth(start_fleet: StartFleet, tmp_path: Path, count: int) -> None:
    kinds = cycle(PROFILES)
    profiles = {f"bmc{number:03}": next(kinds) for number in range(count)}
    entries = [{"name": name, "profile": profile, "timing": TIMING} for name, profile in profiles.items()]
    fleet = start_fleet(entries)
    hosts = {name: fleet.variables(name, bmc_model=profile) for name, profile in profiles.items()}
    site = Site(fleet, Controller(tmp_path / "controller"), hosts, tmp_path)
    bundle = site.publish(list(PROFILES.values()))
    faults = cycle(FAULTS)
    faulty = {f"bmc{len(PROFILES) + 19 * number:03}": next(faults) for number in range(count // 20)}
    for name, how in faulty.items():
        fleet.simulator.fault(name, "update", how=how)
    playing = site.start(
        firmware_campaign_bundle=bundle,
        firmware_campaign_budget="5%",
        firmware_campaign_waves=["25%", "100%"],
        firmware_campaign_poll_interval=1,
    )
    run = playing.finish(LONGEST)
    report = site.report()
    states = site.states()
    # What a BMC never tells an end of is not known, and left for a later run to look at.
    assert report["phase"] in ("finished", "paused"), (report["why"], run.stdout[-3000:])
    assert run.status != 0
    updated = {name for name in hosts if _runs_it(site, name)}
    assert {name for name, state in states.items() if state == "updated"} == updated
    assert set(hosts) - updated == set(faulty)
    assert report["counts"]["counted"] == report["budget"] == len(faulty)
    assert all(len(site.updates(name)) <= 1 for name in hosts)
    markdown = (site.output / "campaign.md").read_text(encoding="utf-8")
    assert sum(line.startswith("| bmc") for line in markdown.splitlines()) == count
    failed = {bmc["hosts"][0]: bmc["why"] for bmc in report["bmcs"] if bmc["state"] != "updated"}
    assert all(failed.values())


def _runs_it(site: Site, name: str) -> bool:
    """Whether a BMC truly runs the new version."""
    firmware = site.fleet.simulator.state(name)["firmware"]
    return any(shown["version"] == VERSION for shown in firmware.values())
