# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_bios in the worker and shipped: both do the same, and both are done once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.bios_cases import ASKED, TIMING, system_of
from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Run

PROFILES = ("hpe_ilo5", "cray_ex_nc")


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    return start_fleet([{"name": name, "profile": name, "timing": TIMING} for name in PROFILES])


@pytest.fixture(scope="module")
def run(fleet: Fleet, controller: Controller) -> Run:
    """Check mode, a run that restarts, and the same again; a typo beside."""
    hosts = {
        name: fleet.variables(name, wanted=dict(ASKED[name].given), bmc_system=system_of(name)) for name in PROFILES
    }

    def task(name: str, attributes: Any, **others: Any) -> dict[str, Any]:
        options = {"attributes": attributes, "reboot": "when_needed", "poll_interval": 0.2, "wait_timeout": 60}
        return {"name": name, "openchami.bmc.bmc_bios": options, **others}

    wanted = "{{ wanted }}"
    return controller.run(
        hosts,
        [
            task("typo", {"NoSuchThing": 1}),
            task("check", wanted, check_mode=True),
            task("run", wanted),
            task("again", wanted),
        ],
        arguments=["--diff"],
    )


@pytest.mark.parametrize("name", PROFILES)
def test_both_ways_do_the_same(run: Run, fleet: Fleet, name: str) -> None:
    check, done, again = (run.of(name, phase).result for phase in ("check", "run", "again"))
    assert run.of(name, "typo").kind == "InvalidRequest"
    assert check["plan"] == done["plan"] == fleet.plan(name)
    assert check["diff"] == done["diff"]
    assert (done["changed"], done["applied"], again["changed"], again["plan"]) == (True, True, False, [])
    active = fleet.bios(name)[system_of(name) or "1"]["active"]
    assert {key: active[key] for key in ASKED[name].sent} == dict(ASKED[name].sent)
