# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be wrong or in the way with BIOS settings: what is said, and what the BMC truly received and became."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.bios_cases import TIMING
from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.simulator.control import eventually
from tests.trees.tasks import Result, assert_in_order, bios, power

ILO, IDRAC, X13, GH200, CRAY, XCC, GIGABYTE = (
    "hpe_ilo5",
    "dell_idrac9",
    "supermicro_x13",
    "nvidia_gh200",
    "cray_ex_nc",
    "lenovo_xcc",
    "ami_gigabyte",
)
PROFILES = (ILO, IDRAC, X13, GH200, CRAY, XCC, GIGABYTE)
SYSTEM = {IDRAC: "System.Embedded.1", GH200: "System_0", CRAY: "Node1", GIGABYTE: "Self"}
# A switch of each, that is Enabled at first.
SWITCH = {
    ILO: "ProcSMT",
    IDRAC: "LogicalProc",
    X13: "ADDDCSparing_3C3F",
    CRAY: "Core Performance Boost",
    XCC: "Processors_HyperThreading",
    GIGABYTE: "GBT0001",
}
each_switch = pytest.mark.parametrize("profile", SWITCH)


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    return start_fleet([{"name": name, "profile": name, "timing": TIMING} for name in PROFILES])


@pytest.fixture(autouse=True)
def untouched(fleet: Fleet, own_state: Path) -> None:
    fleet.simulator.reset()


def run(fleet: Fleet, profile: str, attributes: dict[str, Any] | None = None, **options: Any) -> Result:
    given: dict[str, Any] = {"poll_interval": 0.1, "wait_timeout": 20, "reboot_timeout": 20, **options}
    if profile == CRAY:
        given["bmc_system"] = "Node1"
    result = bios(fleet.addresses[profile], attributes=attributes or {}, **given)
    assert_in_order(result)
    return result


def truth(fleet: Fleet, profile: str) -> dict[str, Any]:
    return fleet.bios(profile)[SYSTEM.get(profile, "1")]


def set_bios(fleet: Fleet, profile: str, **changes: Any) -> None:
    fleet.simulator.set_state(profile, bios={SYSTEM.get(profile, "1"): changes})
    fleet.simulator.clear_requests(profile)


def boot(fleet: Fleet, profile: str) -> None:
    """Somebody restarts the host."""
    system, before = SYSTEM.get(profile, "1"), truth(fleet, profile)["jobs"]
    state = "hard_restart" if profile == CRAY else "soft_restart"
    power(fleet.addresses[profile], state, wait_timeout=20, poll_interval=0.1, bmc_system=system)
    eventually(lambda: not truth(fleet, profile)["waiting"], 20)
    assert truth(fleet, profile)["jobs"] != before or not before


# Current and pending both count


@each_switch
def test_a_contrary_value_that_waits_is_taken_back(fleet: Fleet, profile: str) -> None:
    name = SWITCH[profile]
    set_bios(fleet, profile, waiting={name: "Disabled"}, job=profile == IDRAC)
    predicted = run(fleet, profile, {name: "Enabled"}, check_mode=True)
    result = run(fleet, profile, {name: "Enabled"})
    assert result["changed"] is predicted["changed"] is True
    assert predicted["plan"] == result["plan"] == fleet.plan(profile)
    assert (result["pending"], result["applied"]) == (False, True)
    assert run(fleet, profile, {name: "Enabled"})["changed"] is False
    if truth(fleet, profile)["waiting"]:
        boot(fleet, profile)
    assert truth(fleet, profile)["active"][name] == "Enabled"


@each_switch
def test_a_contrary_value_that_waits_is_replaced_and_others_go_on_waiting(fleet: Fleet, profile: str) -> None:
    name = SWITCH[profile]
    other = next(key for key, value in truth(fleet, profile)["active"].items() if key != name)
    theirs = truth(fleet, profile)["active"][other]
    theirs = not theirs if isinstance(theirs, bool) else theirs + 1 if isinstance(theirs, int) else "Custom"
    set_bios(fleet, profile, active={name: "Auto"}, waiting={name: "Enabled", other: theirs}, job=profile == IDRAC)
    result = run(fleet, profile, {name: "Disabled"})
    assert result["changed"] is True, result
    assert truth(fleet, profile)["waiting"] == {name: "Disabled", other: theirs}
    assert [write["method"] for write in fleet.plan(profile)] == (
        ["DELETE", "PATCH"] if profile == IDRAC else ["PATCH"]
    )


def test_a_running_job_is_left_alone(fleet: Fleet) -> None:
    fleet.simulator.set_state(IDRAC, timing={"post": 60})
    set_bios(fleet, IDRAC, waiting={"LogicalProc": "Disabled"}, job=True)
    power(fleet.addresses[IDRAC], "soft_restart", wait_timeout=20, poll_interval=0.1)
    eventually(lambda: truth(fleet, IDRAC)["jobs"][0]["state"] == "Running")
    fleet.simulator.clear_requests(IDRAC)
    result = run(fleet, IDRAC, {"AssetTag": "A1"})
    assert result["error"]["kind"] == "Busy"
    assert "JID_" in result["msg"]
    assert fleet.methods(IDRAC) == {"GET"}


@each_switch
def test_clear_pending_takes_everything_back_once(fleet: Fleet, profile: str) -> None:
    name = SWITCH[profile]
    set_bios(fleet, profile, waiting={name: "Disabled"})
    assert run(fleet, profile, clear_pending=True)["changed"] is True
    assert truth(fleet, profile)["waiting"].get(name, "Enabled") == "Enabled"
    assert run(fleet, profile, clear_pending=True)["changed"] is False


@pytest.mark.parametrize("profile", [ILO, X13, GH200, GIGABYTE])
def test_reset_to_default_is_sent_once_and_then_true(fleet: Fleet, profile: str) -> None:
    name, value = ("EGM", True) if profile == GH200 else (SWITCH[profile], "Disabled")
    assert run(fleet, profile, reset_to_default=True)["changed"] is False
    before = truth(fleet, profile)["active"][name]
    set_bios(fleet, profile, active={name: value})
    result = run(fleet, profile, reset_to_default=True, reboot="when_needed")
    assert result["changed"] is True, result
    assert result["applied"] is True
    assert truth(fleet, profile)["active"][name] == before
    assert run(fleet, profile, reset_to_default=True, reboot="when_needed")["changed"] is False


# Nothing is written where anything is wrong


def test_every_problem_is_named_at_once_and_nothing_is_written(fleet: Fleet) -> None:
    wrong = {
        "WorkloadProfle": "Custom",
        "ProcSMT": "Bananas",
        "SerialNumber": "X",
        "PatrolScrubDuration": "60",
        "ServerName": "x" * 29,
        "PerformanceDeterminism": "PowerDeterministic",
        "BootMode": "Uefi",
        "Boot Mode": "Uefi",
    }
    result = run(fleet, ILO, wrong)
    assert result["error"]["kind"] == "InvalidRequest"
    for said in (
        "WorkloadProfle: there is no such attribute; near are WorkloadProfile",
        "ProcSMT: 'Bananas' is none of Enabled, Disabled",
        "SerialNumber: it is read-only",
        "PatrolScrubDuration: 60 is above 24",
        "ServerName: 'xxx",
        "at most 28",
        "PerformanceDeterminism: it is read-only while WorkloadProfile is 'GeneralPowerEfficientCompute'",
        "Boot Mode: it is named twice",
        "7 problems",
    ):
        assert said in result["msg"], said
    assert fleet.methods(ILO) == {"GET"}


def test_a_dependency_counts_with_what_the_same_task_sets(fleet: Fleet) -> None:
    wanted = {"WorkloadProfile": "Custom", "PerformanceDeterminism": "PowerDeterministic"}
    assert run(fleet, ILO, wanted)["changed"] is True


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "nothing is asked for"),
        ({"reset_to_default": True, "clear_pending": True}, "reset_to_default goes alone"),
        ({"clear_pending": True, "apply_time": "AtMaintenanceWindowStart"}, "do not go together"),
        ({"clear_pending": True, "wait_timeout": 0}, "wait_timeout"),
        ({"clear_pending": True, "apply_time": "Immediate", "reboot": "always"}, "exclude each other"),
    ],
    ids=["nothing", "both", "no-window", "no-time", "immediately"],
)
def test_a_request_that_cannot_be_meant_reaches_no_bmc(fleet: Fleet, options: dict[str, Any], said: str) -> None:
    result = run(fleet, ILO, **options)
    assert result["error"]["kind"] == "InvalidRequest"
    assert said in result["msg"]
    assert fleet.simulator.requests(ILO) == []


def test_an_apply_time_that_is_not_offered_is_a_problem_beside_others(fleet: Fleet) -> None:
    result = run(fleet, IDRAC, {"LogicalProc": "Bananas"}, apply_time="Immediate")
    assert "LogicalProc: 'Bananas'" in result["msg"]
    assert "apply_time Immediate: this BIOS offers OnReset" in result["msg"]
    assert fleet.methods(IDRAC) == {"GET"}


def test_a_maintenance_window_is_sent_as_it_is_given(fleet: Fleet) -> None:
    window = {"start_time": "2026-12-24T02:00:00-06:00", "duration": 3600}
    wanted = {"LogicalProc": "Disabled"}
    result = run(fleet, IDRAC, wanted, apply_time="AtMaintenanceWindowStart", maintenance_window=window)
    assert result["pending"] is True
    (patch,) = fleet.plan(IDRAC)
    assert patch["body"]["@Redfish.SettingsApplyTime"] == {
        "ApplyTime": "AtMaintenanceWindowStart",
        "MaintenanceWindowStartTime": "2026-12-24T02:00:00-06:00",
        "MaintenanceWindowDurationInSeconds": 3600,
    }


# The registry


def test_a_registry_that_comes_packed_only_is_read(fleet: Fleet) -> None:
    fleet.simulator.set_state(ILO, bios_registry="packed")
    assert run(fleet, ILO, {"Workload Profile": "Custom"})["changed"] is True


def test_without_a_registry_nothing_is_written_unchecked(fleet: Fleet) -> None:
    fleet.simulator.set_state(X13, bios_registry="missing")
    result = run(fleet, X13, {"ADDDCSparing_3C3F": "Disabled"})
    assert result["error"]["kind"] == "InvalidRequest"
    assert "validate: false" in result["msg"]
    assert fleet.methods(X13) == {"GET"}
    assert (
        run(fleet, X13, {"ADDDCSparing_3C3F": "Disabled", "KMSTimeOut_0102": "30"}, validate=False)["changed"] is True
    )
    assert truth(fleet, X13)["waiting"] == {"ADDDCSparing_3C3F": "Disabled", "KMSTimeOut_0102": 30}


# What the BMC refuses


@pytest.mark.parametrize(
    ("profile", "setting", "message_id", "said"),
    [
        (X13, {"bios_licensed": False}, "SMC.1.0.OemLicenseNotPassed", "SFT-OOB-LIC"),
        (X13, {"lockdown": True}, "SMC.1.0.OemSystemLockdownEnabled", "lockdown"),
        (ILO, {"bios_licensed": False}, "iLO.2.15.LicenseKeyRequired", "licence"),
        (IDRAC, {"lockdown": True}, "IDRAC.2.7.SYS406", "lockdown"),
    ],
)
def test_a_licence_or_lockdown_is_said_plainly(
    fleet: Fleet, profile: str, setting: dict[str, Any], message_id: str, said: str
) -> None:
    fleet.simulator.set_state(profile, **setting)
    result = run(fleet, profile, {SWITCH[profile]: "Disabled"}, reboot="when_needed")
    assert (result["error"]["kind"], result["error"]["message_id"]) == ("NotSupported", message_id)
    assert said in result["msg"]
    assert result["changed"] is False
    assert truth(fleet, profile)["waiting"] == {}
    assert [write["method"] for write in fleet.plan(profile)] == ["PATCH"]


@pytest.mark.parametrize("profile", [ILO, IDRAC, X13, CRAY, XCC])
def test_a_value_refused_after_the_restart_is_a_failure_that_names_it(fleet: Fleet, profile: str) -> None:
    name = SWITCH[profile]
    fleet.simulator.set_state(profile, bios_refuses=[name])
    result = run(fleet, profile, {name: "Disabled"}, reboot="when_needed")
    assert result["error"]["kind"] == "NotReached"
    assert f"did not take up {name}" in result["msg"]
    assert "'Enabled', wanted 'Disabled'" in result["msg"]
    assert (result["changed"], result["rebooted"], result["applied"]) == (True, True, False)
    if profile == ILO:
        assert "PropertyNotWritable" in result["msg"]
    if profile == IDRAC:
        assert "was not accepted" in result["msg"]


def test_what_was_taken_up_beside_a_refused_value_is_told(fleet: Fleet) -> None:
    fleet.simulator.set_state(ILO, bios_refuses=["ProcSMT"])
    result = run(fleet, ILO, {"ProcSMT": "Disabled", "BootMode": "LegacyBios"}, reboot="when_needed")
    assert "did not take up ProcSMT:" in result["msg"]
    assert result["attributes"]["BootMode"]["after"] == "LegacyBios"


def test_a_change_that_is_dropped_in_silence_is_found_out(fleet: Fleet) -> None:
    fleet.simulator.fault(ILO, "status", status=200, method="PATCH", count=None)
    result = run(fleet, ILO, {"ProcSMT": "Disabled"}, wait_timeout=1)
    assert result["error"]["kind"] == "NotReached"
    assert "does not keep ProcSMT" in result["msg"]


def test_a_write_that_was_cut_off_may_have_happened_and_is_not_repeated(fleet: Fleet) -> None:
    fleet.simulator.fault(ILO, "drop_after", method="PATCH")
    result = run(fleet, ILO, {"ProcSMT": "Disabled"}, reboot="when_needed")
    assert result["error"]["kind"] == "MayHaveHappened"
    assert [write["method"] for write in fleet.plan(ILO)] == ["PATCH"]
    again = run(fleet, ILO, {"ProcSMT": "Disabled"})
    assert (again["changed"], again["pending"]) == (False, True)


@pytest.mark.parametrize("rule", ["optional", "demanded", "weak_refused", "star_only", "refused"])
def test_whatever_if_match_is_wanted_the_change_is_taken_once(fleet: Fleet, rule: str) -> None:
    fleet.simulator.set_state(ILO, if_match=rule)
    assert run(fleet, ILO, {"ProcSMT": "Disabled"})["changed"] is True
    assert [write["status"] for write in fleet.simulator.writes(ILO)].count(200) == 1


# The restart


def test_without_waiting_the_result_tells_what_is_seen_at_once(fleet: Fleet) -> None:
    result = run(fleet, ILO, {"ProcSMT": "Disabled"}, wait=False)
    assert (result["changed"], result["pending"], result["applied"]) == (True, True, False)
    assert result["attributes"]["ProcSMT"] == {
        "before": "Enabled",
        "after": "Enabled",
        "pending_before": None,
        "pending": "Disabled",
    }


def test_without_waiting_a_restart_is_not_repeated_by_the_next_task(fleet: Fleet) -> None:
    first = run(fleet, ILO, {"ProcSMT": "Disabled"}, reboot="when_needed", wait=False)
    assert (first["rebooted"], first["pending"]) == (True, True)
    again = run(fleet, ILO, {"ProcSMT": "Disabled"}, reboot="when_needed")
    assert (again["changed"], again["applied"]) == (False, True)
    assert fleet.boots(ILO) == {"1": 1}


def test_a_host_that_is_off_stays_off_and_it_is_said(fleet: Fleet) -> None:
    fleet.simulator.set_state(ILO, systems={"1": {"power_state": "Off"}})
    result = run(fleet, ILO, {"ProcSMT": "Disabled"}, reboot="when_needed")
    assert (result["changed"], result["pending"], result["rebooted"]) == (True, True, False)
    assert "PowerState is Off" in result["warnings"][0]
    assert fleet.power(ILO) == {"1": "Off"}


def test_always_restarts_also_where_nothing_waits(fleet: Fleet) -> None:
    result = run(fleet, ILO, {"ProcSMT": "Enabled"}, reboot="always")
    assert (result["changed"], result["rebooted"], result["applied"]) == (True, True, True)
    assert fleet.boots(ILO) == {"1": 1}


def test_no_restart_while_an_update_runs(fleet: Fleet) -> None:
    update = {
        "@odata.id": "/redfish/v1/UpdateService",
        "@odata.type": "#UpdateService.v1_2_1.UpdateService",
        "Oem": {"Hpe": {"State": "Updating"}},
    }
    fleet.simulator.fault(ILO, "status", status=200, uri="/UpdateService$", body=update, count=None)
    result = run(fleet, ILO, {"ProcSMT": "Disabled"}, reboot="when_needed")
    assert result["error"]["kind"] == "Busy", result["msg"]
    assert fleet.methods(ILO) == {"GET"}


def test_every_node_of_a_blade_is_brought_along_by_all(fleet: Fleet) -> None:
    result = bios(
        fleet.addresses[CRAY],
        attributes={"SMT Control": "Disabled"},
        bmc_system="all",
        reboot="when_needed",
        poll_interval=0.1,
    )
    assert result["applied"] is True, result
    assert [system["id"] for system in result["systems"]] == ["Node0", "Node1"]
    assert {name: state["active"]["SMT Control"] for name, state in fleet.bios(CRAY).items()} == {
        "Node0": "Disabled",
        "Node1": "Disabled",
    }


def test_another_machine_is_not_written_to(fleet: Fleet) -> None:
    result = run(fleet, ILO, {"ProcSMT": "Disabled"}, bmc_identity={"serial_number": "OTHER1"})
    assert result["error"]["kind"] == "WrongMachine"
    assert fleet.methods(ILO) == {"GET"}
