# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chassis and second managers: each state of a Cray chassis controller's slot, and what a reset says it takes down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_power
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import validated
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Task, answer
from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.trees.tasks import Result, info, login, resets

TIMING = {"on": 0.1, "graceful": 0.1, "force": 0.1, "manager_reset": 0.3}
# State, the power of the slot before and after, and the resets that the operation means.
STATES = {
    "on": ("Off", "On", ("On",)),
    "off": ("On", "Off", ("Off",)),
    "soft_off": ("On", "Off", ("Off",)),
    "force_off": ("On", "Off", ("ForceOff",)),
    "soft_restart": ("On", "On", ("Off", "On")),
    "hard_restart": ("On", "On", ("Off", "On")),
    "init": ("Off", "On", ("On",)),
}
BLADE_WARNING = (
    "chassis Blade3: the BMC does not name the systems in it; its reset takes down the nodes of compute blade"
)
HMC = "/redfish/v1/Managers/HGX_BMC_0"


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    profiles = {
        "cmm": "cray_ex_cc",
        "switch": "cray_ex_sc",
        "rack": "unknown_maker",
        "gh200": "nvidia_gh200",
        "dgx": "ami_dgx_h100",
    }
    return start_fleet([{"name": name, "profile": profile, "timing": TIMING} for name, profile in profiles.items()])


@pytest.fixture(autouse=True)
def fresh(fleet: Fleet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The fleet as it was started, and nothing kept of earlier tasks."""
    fleet.simulator.reset()
    monkeypatch.setenv("OPENCHAMI_BMC_STATE_DIR", str(tmp_path / "state"))


def power(address: str, state: str, host: str = "x1000c0b0", check_mode: bool = False, **options: Any) -> Result:
    """The result of bmc_power."""
    given = login(address) | {"state": state, "wait_timeout": 20.0, "poll_interval": 0.05} | options
    return answer(bmc_power.run, validated(bmc_power.ARGUMENT_SPEC, given), Task(host, check_mode))


def slots(fleet: Fleet) -> dict[str, str]:
    """The true power of each chassis of the chassis controller."""
    chassis = fleet.simulator.state("cmm")["chassis"]
    return {name: str(slot["power_state"]) for name, slot in chassis.items()}


@pytest.mark.parametrize("state", STATES)
def test_each_state_of_a_blade(fleet: Fleet, state: str) -> None:
    before, after, meant = STATES[state]
    fleet.simulator.set_state("cmm", chassis={"Blade3": {"power_state": before}})
    named: dict[str, Any] = {"target": "chassis", "resource_id": "Blade3"}
    predicted = power(fleet.addresses["cmm"], state, check_mode=True, **named)
    assert fleet.sent("cmm") == []
    result = power(fleet.addresses["cmm"], state, **named)
    assert "error" not in result, result
    assert resets(result["plan"]) == resets(predicted["plan"]) == tuple(fleet.sent("cmm")) == meant
    assert result["power_state"] == predicted["power_state"] == slots(fleet)["Blade3"] == after
    assert {name for name, power_state in slots(fleet).items() if power_state == "Off"} <= {"Blade3"}
    assert result["warnings"] == predicted["warnings"]
    told = [f"{BLADE_WARNING} x1000c0s3"] if "Off" in meant or "ForceOff" in meant else []
    assert result["warnings"] == told
    assert result["affected_systems"] == predicted["affected_systems"] == []


def test_what_is_there_already_is_no_change_and_no_warning(fleet: Fleet) -> None:
    result = power(fleet.addresses["cmm"], "on", target="chassis", resource_id="Perif1")
    assert (result["changed"], result["warnings"], fleet.sent("cmm")) == (False, [], [])


def test_enclosure_takes_everything_down_and_says_so(fleet: Fleet) -> None:
    result = power(fleet.addresses["cmm"], "force_off", host="cmm0", target="chassis", resource_id="Enclosure")
    assert set(slots(fleet).values()) == {"Off"}
    [warning] = result["warnings"]
    assert warning.endswith("its reset takes down every blade and switch of the chassis")


def test_one_of_many_chassis_must_be_named(fleet: Fleet) -> None:
    result = power(fleet.addresses["cmm"], "off", target="chassis")
    assert result["error"]["kind"] == "TargetUnknown"
    assert fleet.sent("cmm") == []


@pytest.mark.parametrize(("name", "kind", "firmware"), [("cmm", "CMM", "cc."), ("switch", "Switch", "sc.")])
def test_controller_without_systems_is_known(fleet: Fleet, name: str, kind: str, firmware: str) -> None:
    facts = info(fleet.addresses[name])
    assert (facts["bmc"]["vendor"], facts["bmc"]["dialect"], facts["bmc"]["model"]) == ("cray", "cray", kind)
    assert facts["bmc"]["firmware_version"].startswith(firmware)
    assert (facts["systems"], facts["bmc"]["identity"]["systems"]) == ([], {})
    refused = power(fleet.addresses[name], "off")
    assert refused["error"]["kind"] == "NotSupported"
    assert "leads to no system" in refused["msg"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_rack_names_the_systems_of_what_it_contains(fleet: Fleet, check_mode: bool) -> None:
    result = power(fleet.addresses["rack"], "force_off", target="chassis", check_mode=check_mode)
    assert result["affected_systems"] == ["/redfish/v1/Systems/host/"]
    assert result["warnings"] == []
    assert fleet.power("rack") == {"host": "On" if check_mode else "Off"}


@pytest.mark.parametrize("name", ["gh200", "dgx"])
def test_second_manager_restarts_alone(fleet: Fleet, name: str) -> None:
    result = power(fleet.addresses[name], "hard_restart", target="manager", resource_id="HGX_BMC_0")
    assert "error" not in result, result
    assert [target["confirmed"] for target in result["targets"]] == [True]
    state = fleet.simulator.state(name)
    assert (state["manager"]["resets"], state["other_managers"]) == (0, {HMC: {"resets": 1}})
