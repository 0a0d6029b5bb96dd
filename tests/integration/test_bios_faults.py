# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The BIOS and the consoles under faults of reading: a true answer or a clear error, before a write and after it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.integration.bios_cases import TIMING
from tests.integration.conftest import StartFleet
from tests.integration.fault_cases import HAZARDS, OWN_ROOT
from tests.integration.fleet import Fleet
from tests.integration.test_settings_faults import READING
from tests.trees.tasks import Result, assert_in_order, bios, consoles

ILO, IDRAC, CRAY = "hpe_ilo5", "dell_idrac9", "cray_ex_nc"
# A switch of each, its system, and the request that begins the restart.
SWITCH = {ILO: "ProcSMT", IDRAC: "LogicalProc", CRAY: "Core Performance Boost"}
SYSTEM = {ILO: "1", IDRAC: "System.Embedded.1", CRAY: "Node1"}
QUICK: dict[str, Any] = {
    "bmc_timeout": 5,
    "bmc_deadline": 20,
    "poll_interval": 0.1,
    "reboot_timeout": 5,
    "wait_timeout": 2,
}


def share(*often: str) -> list[Any]:
    return [pytest.param(name, marks=() if name in often else pytest.mark.soak) for name in SWITCH]


each_hazard = pytest.mark.parametrize("hazard", READING)


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    return start_fleet([{"name": name, "profile": name, "timing": TIMING} for name in SWITCH])


@pytest.fixture(autouse=True)
def untouched(fleet: Fleet, own_state: Path) -> None:
    fleet.simulator.reset()


def harm(fleet: Fleet, name: str, hazard: str, skip: int = 0) -> None:
    """skip: requests that are answered before."""
    for fault in HAZARDS[hazard].faults:
        if fault.get("body") != OWN_ROOT:
            fleet.simulator.fault(name, **{**fault, "skip": fault.get("skip", 0) + skip})


def task(fleet: Fleet, name: str, **options: Any) -> Result:
    result = bios(
        fleet.addresses[name],
        attributes={SWITCH[name]: "Disabled"},
        bmc_system=SYSTEM[name],
        reboot_type="hard_restart" if name == CRAY else "soft_restart",
        **QUICK,
        **options,
    )
    assert_in_order(result)
    return result


def truth(fleet: Fleet, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = fleet.bios(name)[SYSTEM[name]]
    return found


@pytest.mark.parametrize("name", share(IDRAC, CRAY))
@each_hazard
def test_before_the_write(fleet: Fleet, name: str, hazard: str) -> None:
    harm(fleet, name, hazard)
    result = task(fleet, name)
    if result.get("changed"):
        assert truth(fleet, name)["waiting"] == {SWITCH[name]: "Disabled"}
    elif "systems" not in result:
        assert fleet.simulator.writes(name) == []


@pytest.fixture(scope="module")
def until_taken(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, int]:
    """How many requests an unharmed task sends until the change is taken, by BMC."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENCHAMI_BMC_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        fleet.simulator.reset()
        for name in SWITCH:
            assert task(fleet, name, reboot="when_needed")["applied"] is True
            methods = [entry["method"] for entry in fleet.simulator.requests(name)]
            found[name] = methods.index("PATCH") + 1
    return found


@pytest.mark.parametrize("name", share(ILO))
@each_hazard
def test_after_the_write(fleet: Fleet, name: str, hazard: str, until_taken: Mapping[str, int]) -> None:
    """From the write on, through the restart and the wait for the values: what was written is told as written."""
    fleet.simulator.reset()
    harm(fleet, name, hazard, until_taken[name])
    result = task(fleet, name, reboot="when_needed")
    state = truth(fleet, name)
    assert "Disabled" in (state["active"][SWITCH[name]], state["waiting"].get(SWITCH[name]))
    if "systems" in result:
        assert result["changed"] is True
        assert not result["applied"] or state["active"][SWITCH[name]] == "Disabled"
    else:
        assert result["error"]["kind"] in ("MayHaveHappened", "NotReached", "Unreachable", "BadAnswer", "RefusedByBmc")
    assert sum(fleet.boots(name).values()) <= 1
    assert sum(write["method"] == "PATCH" for write in fleet.simulator.writes(name)) == 1


@pytest.mark.parametrize("name", share(ILO))
@each_hazard
def test_consoles(fleet: Fleet, name: str, hazard: str) -> None:
    whole = consoles(fleet.addresses[name])
    harm(fleet, name, hazard)
    result = consoles(fleet.addresses[name], bmc_timeout=5, bmc_deadline=20)
    assert_in_order(result)
    if hazard in ("slow", "busy-once", "dropped-once"):
        assert result == whole
    assert fleet.simulator.writes(name) == []
