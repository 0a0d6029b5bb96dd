# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings, both ways to run: what is special of a BMC, each as a task of its own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Outcome

NTP = {"ntp": {"servers": ["10.0.0.1"]}}
LADDER = ("optional", "demanded", "weak_refused", "star_only", "refused")


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    reset = {"timing": {"manager_reset": 0.5}}
    ladder = [{"name": f"ladder-{rule}", "profile": "ami_gigabyte", "if_match": rule} for rule in LADDER]
    return start_fleet(
        [
            {"name": "ilo", "profile": "hpe_ilo5", **reset},
            {"name": "later", "profile": "hpe_ilo5", **reset},
            {"name": "idrac", "profile": "dell_idrac9"},
            {"name": "forgetful", "profile": "openbmc", "drops": ["NTPServers"]},
            *ladder,
        ]
    )


def tried(
    controller: Controller, fleet: Fleet, name: str, *tasks: dict[str, Any], check: bool = False
) -> list[Outcome]:
    """The outcomes of tasks on one BMC, one after the other."""
    numbered: list[dict[str, Any]] = [
        {"name": f"task {number}", "openchami.bmc.bmc_settings": {"poll_interval": 0.1, "wait_timeout": 20, **options}}
        for number, options in enumerate(tasks)
    ]
    run = controller.run({name: fleet.variables(name)}, numbered, arguments=["--check"] if check else [])
    return [run.of(name, task["name"]) for task in numbered]


def test_what_waits_for_a_reset_is_told_and_a_later_task_resets(controller: Controller, fleet: Fleet) -> None:
    """As after a task that was killed before the reset."""
    waiting, again, done, idle = tried(
        controller, fleet, "later", NTP, NTP, {**NTP, "reset_manager": "when_needed"}, NTP
    )
    assert waiting.result["settings"][0]["pending"] is True
    assert waiting.result["reset_needed"] is True
    assert "reset_manager: when_needed" in str(waiting.result["warnings"])
    assert (again.result["changed"], again.result["reset_needed"]) == (False, True)
    assert [write["body"] for write in done.result["plan"]] == [{"ResetType": "GracefulRestart"}]
    assert (done.result["changed"], done.result["reset_needed"]) == (True, False)
    assert [setting["pending"] for setting in done.result["settings"]] == [False]
    assert fleet.simulator.state("later")["manager"]["resets"] == 1
    assert (idle.result["changed"], idle.result["reset_needed"]) == (False, False)


def test_a_reset_is_refused_while_an_update_runs_and_nothing_is_written(controller: Controller, fleet: Fleet) -> None:
    fleet.simulator.fault(
        "ilo",
        "status",
        status=200,
        uri="/UpdateService/?$",
        count=None,
        body={"@odata.id": "/redfish/v1/UpdateService/", "Oem": {"Hpe": {"State": "Updating"}}},
    )
    task = {**NTP, "reset_manager": "when_needed"}
    (checked,) = tried(controller, fleet, "ilo", task, check=True)
    (refused,) = tried(controller, fleet, "ilo", task)
    assert (checked.kind, refused.kind) == ("Busy", "Busy")
    assert fleet.simulator.writes("ilo") == []
    fleet.simulator.clear_faults("ilo")


def test_a_setting_that_is_dropped_is_an_error_that_names_it(controller: Controller, fleet: Fleet) -> None:
    (dropped,) = tried(controller, fleet, "forgetful", {**NTP, "hostname": "bmc1", "wait_timeout": 0.5})
    assert dropped.status == "failed"
    assert "the BMC took ntp.servers and did not keep it" in dropped.msg
    assert {entry["name"]: entry["state"] for entry in dropped.result["settings"]} == {
        "ntp.servers": "failed",
        "hostname": "changed",
    }
    assert dropped.result["changed"] is True


def test_lockdown_is_said_plainly(controller: Controller, fleet: Fleet) -> None:
    fleet.simulator.set_state(
        "idrac",
        configuration={
            "/redfish/v1/Managers/iDRAC.Embedded.1/Oem/Dell/DellAttributes/iDRAC.Embedded.1": {
                "Attributes": {"Lockdown.1.SystemLockdown": "Enabled"}
            }
        },
    )
    (refused,) = tried(controller, fleet, "idrac", NTP)
    assert refused.kind == "InvalidRequest"
    assert "locked down" in refused.msg
    assert "Lockdown.1.SystemLockdown" in refused.msg
    assert fleet.simulator.writes("idrac") == []


def test_if_match_goes_the_ladder(controller: Controller, fleet: Fleet) -> None:
    hosts = {f"ladder-{rule}": fleet.variables(f"ladder-{rule}") for rule in LADDER}
    run = controller.run(hosts, [{"name": "set", "openchami.bmc.bmc_settings": {**NTP, "hostname": "bmc1"}}])
    for name in hosts:
        done = run.of(name, "set")
        assert done.status == "ok", done.msg
        assert done.result["changed"] is True
        assert len(done.result["plan"]) == 2


def test_one_refused_write_does_not_stop_the_others(controller: Controller, fleet: Fleet) -> None:
    fleet.simulator.fault("forgetful", "status", status=400, method="PATCH", uri="/NetworkProtocol")
    (mixed,) = tried(controller, fleet, "forgetful", {"ntp": {"enabled": False}, "dns": {"servers": ["10.0.0.9"]}})
    assert mixed.kind == "RefusedByBmc"
    assert {entry["name"]: entry["state"] for entry in mixed.result["settings"]} == {
        "ntp.enabled": "failed",
        "dns.servers": "changed",
    }
