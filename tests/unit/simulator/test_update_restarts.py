# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a new firmware runs: what must restart for it, who does that, and what the dialect tells until then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.simulator.control import Simulator, eventually
from tests.simulator.images import build

from .by_hand import APPLY, INVENTORY, SERVICE, ended, push, push_to_ilo, update, version
from .conftest import MANAGERS, SYSTEMS, Client

Connect = Callable[[str], Client]
Powered = Callable[[str], str]

TASKS = "/redfish/v1/TaskService/Tasks"
IDRAC_BIOS = "Installed-159-1.12.1__BIOS.Setup.1-1"


def completed(simulator: Simulator, name: str) -> dict[str, Any]:
    eventually(lambda: update(simulator, name)["state"] == "Completed")
    return update(simulator, name)


def is_back(connect: Connect, name: str) -> bool:
    try:
        return bool(connect(name).get(SERVICE))
    except OSError:
        return False


def reset_manager(connect: Connect, name: str) -> Client:
    """Reset the BMC and return a new connection to it when it is back."""
    connect(name).reset(MANAGERS.get(name, "/redfish/v1/Managers/1"), "ForceRestart")
    eventually(lambda: is_back(connect, name))
    return connect(name)


# iDRAC


def test_idrac_schedules_a_job_until_the_host_boots(simulator: Simulator, connect: Connect) -> None:
    client = connect("idrac")
    answer = push(client, {APPLY: "OnReset"}, build("BIOS", "2.0.0"))
    task = client.get(answer.headers["Location"])
    assert (task["TaskState"], task["Oem"]["Dell"]["JobState"]) == ("Starting", "Scheduled")
    assert update(simulator, "idrac")["state"] == "Pending"
    assert [member["@odata.id"] for member in client.get(TASKS)["Members"]] == [task["@odata.id"]]
    job = client.get(f"/redfish/v1/Managers/iDRAC.Embedded.1/Oem/Dell/Jobs/{task['Id']}")
    assert (job["JobType"], job["JobState"]) == ("FirmwareUpdate", "Scheduled")
    assert version(simulator, "idrac", IDRAC_BIOS) == "1.12.1"
    client.reset(SYSTEMS["idrac"], "ForceRestart")
    found = completed(simulator, "idrac")
    assert (found["reboots"], found["boots"]) == (0, 1)
    assert client.get(f"{INVENTORY}/Installed-159-2.0.0__BIOS.Setup.1-1")["Version"] == "2.0.0"
    assert client.ask("GET", f"{INVENTORY}/{IDRAC_BIOS}").status == 404
    assert client.get(answer.headers["Location"])["Oem"]["Dell"]["JobState"] == "Completed"


@pytest.mark.parametrize("parameters", [{APPLY: "Immediate"}, {}])
def test_idrac_reboots_the_host_itself(simulator: Simulator, connect: Connect, parameters: dict[str, str]) -> None:
    push(connect("idrac"), parameters, build("NIC", "22.0"))
    found = completed(simulator, "idrac")
    assert (found["reboots"], found["boots"], len(found["images"])) == (1, 1, 2)
    assert simulator.state("idrac")["systems"]["System.Embedded.1"]["boots"] == 1


def test_idrac_keeps_the_version_before_in_an_entry(simulator: Simulator, connect: Connect) -> None:
    push(connect("idrac"), {}, build("BMC", "7.10.00.00"))
    ended(simulator, "idrac", "Completed")
    eventually(lambda: is_back(connect, "idrac"))
    client = connect("idrac")
    ids = {member["@odata.id"].rpartition("/")[2] for member in client.get(INVENTORY)["Members"]}
    assert {
        f"{state}-25227-{each}__iDRAC.Embedded.1-1"
        for state, each in (("Installed", "7.10.00.00"), ("Previous", "6.10.80.00"))
    } <= ids
    assert not {entry for entry in ids if "6.00.30.00" in entry}


# iLO


def test_ilo_is_done_with_a_bios_that_waits(simulator: Simulator, connect: Connect) -> None:
    client = connect("ilo")
    push_to_ilo(client, build("BIOS", "A42 v3.00 (01/01/2026)"))
    ended(simulator, "ilo", "Pending")
    assert client.get(SERVICE)["Oem"]["Hpe"]["State"] == "Complete"
    assert client.get(f"{INVENTORY}/2")["Version"] != "A42 v3.00 (01/01/2026)"
    client.reset(SYSTEMS["ilo"], "ForceRestart")
    completed(simulator, "ilo")
    assert client.get(f"{INVENTORY}/2")["Version"] == "A42 v3.00 (01/01/2026)"
    assert client.get(f"{INVENTORY}/8")["Version"] == "A42 v2.80 (04/20/2023)"


def test_logic_needs_the_power_to_be_off(simulator: Simulator, connect: Connect, powered: Powered) -> None:
    client = connect("ilo")
    push_to_ilo(client, build("CPLD", "0x31"))
    ended(simulator, "ilo", "Pending")
    client.reset(SYSTEMS["ilo"], "ForceRestart")
    eventually(lambda: simulator.state("ilo")["systems"]["1"]["boots"] == 1)
    assert update(simulator, "ilo")["state"] == "Pending"
    client.reset(SYSTEMS["ilo"], "ForceOff")
    eventually(lambda: powered("ilo") == "Off")
    client.reset(SYSTEMS["ilo"], "On")
    assert completed(simulator, "ilo")["boots"] == 1
    assert version(simulator, "ilo", "4") == "0x31"


def test_ilo_tells_nothing_after_its_own_restart(simulator: Simulator, connect: Connect) -> None:
    push_to_ilo(connect("ilo"), build("BMC", "3.00"))
    ended(simulator, "ilo", "Completed")
    eventually(lambda: is_back(connect, "ilo"))
    assert connect("ilo").get(SERVICE)["Oem"]["Hpe"]["State"] == "Idle"
    assert simulator.state("ilo")["sessions"] == 0


def test_ilo_monitors_a_task(simulator: Simulator, connect: Connect) -> None:
    client = connect("ilo")
    simulator.fault("ilo", "download", how="never")
    body = {"ImageURI": "http://127.0.0.1:1/x", "UpdateTarget": True, "UpdateRepository": False}
    target = client.get(SERVICE)["Oem"]["Hpe"]["Actions"]["#HpeiLOUpdateServiceExt.AddFromUri"]["target"]
    answer = client.ask("POST", target, body)
    assert (answer.status, update(simulator, "ilo")["method"]) == (202, "AddFromUri")
    assert answer.headers["Location"] == "/redfish/v1/TaskService/TaskMonitors/1"
    assert client.ask("GET", answer.headers["Location"]).status == 202
    client.reset("/redfish/v1/Managers/1", "ForceRestart")
    assert "restarted" in ended(simulator, "ilo", "Failed")["why"]
    eventually(lambda: is_back(connect, "ilo"))
    ended_answer = connect("ilo").ask("GET", answer.headers["Location"])
    assert (ended_answer.status, ended_answer.message_id) == (200, "Base.1.4.Success")


# XCC


def test_xcc_runs_a_new_version_after_its_reset(simulator: Simulator, connect: Connect) -> None:
    client = connect("xcc")
    answer = push(client, {"Targets": []}, build("BMC", "42S-2.83"))
    assert "Location" not in answer.headers
    ended(simulator, "xcc", "Pending")
    assert client.get(answer.document["@odata.id"])["TaskState"] == "Completed"
    shown = {key: client.get(f"{INVENTORY}/BMC-{key}")["Version"] for key in ("Primary", "Primary-Pending", "Backup")}
    assert shown == {"Primary": "36K-2.60", "Primary-Pending": "42S-2.83", "Backup": "36K-2.60"}
    client = reset_manager(connect, "xcc")
    shown = {key: client.get(f"{INVENTORY}/BMC-{key}")["Version"] for key in ("Primary", "Primary-Pending", "Backup")}
    assert shown == {"Primary": "42S-2.83", "Primary-Pending": "-*", "Backup": "36K-2.60"}


def test_the_backup_is_updated_only_where_it_is_named(simulator: Simulator, connect: Connect) -> None:
    push(connect("xcc"), {"Targets": [f"{INVENTORY}/BMC-Backup"]}, build("BMC", "9"))
    assert ended(simulator, "xcc", "Completed")["images"] == ["BMC-Backup"]
    assert version(simulator, "xcc", "BMC-Primary") == "36K-2.60"


def test_a_task_hands_over_to_a_job(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("xcc3", timing={"flash": 60})
    client = connect("xcc3")
    task = client.get(push(client, {}, build("BIOS", "9")).document["@odata.id"])
    [message] = task["Messages"]
    assert (task["TaskState"], message["MessageId"]) == ("Completed", "Update.1.0.OperationTransitionedToJob")
    assert client.get(message["MessageArgs"][0])["JobState"] == "Running"
    assert client.get(TASKS)["Members@odata.count"] == 1


# OpenBMC


def test_an_image_that_waits_is_in_the_inventory_before_it_runs(simulator: Simulator, connect: Connect) -> None:
    client = connect("openbmc")
    answer = push(client, {}, build("BMC", "3.0.0"))
    monitor = answer.headers["Location"]
    assert (answer.status, monitor) == (202, f"{TASKS}/1/Monitor")
    ended(simulator, "openbmc", "Pending")
    assert client.get(f"{TASKS}/1")["TaskState"] == "Completed"
    assert [client.ask("GET", monitor).status for _time in range(2)] == [204, 404]
    uris = [member["@odata.id"] for member in client.get(INVENTORY)["Members"]]
    assert [client.get(uri)["Version"] for uri in uris] == ["2.16.0-dev-112-g3b7c51d0e2", "3.0.0"]
    assert client.get(MANAGERS["openbmc"])["FirmwareVersion"] == "2.16.0-dev-112-g3b7c51d0e2"
    client = reset_manager(connect, "openbmc")
    assert [member["@odata.id"] for member in client.get(INVENTORY)["Members"]] == uris[1:]
    assert client.get(MANAGERS["openbmc"])["FirmwareVersion"] == "3.0.0"
    assert client.ask("GET", f"{TASKS}/1").status == 404


def test_the_apply_time_of_an_upload_may_be_set_before(simulator: Simulator, connect: Connect) -> None:
    client = connect("openbmc")
    options = {"HttpPushUriOptions": {"HttpPushUriApplyTime": {"ApplyTime": "Immediate"}}}
    assert client.ask("PATCH", SERVICE, options).status == 204
    client.ask("POST", f"{SERVICE}/update", build("BMC", "3.0.0"), Content_Type="application/octet-stream")
    assert ended(simulator, "openbmc", "Completed")["apply"] == "Immediate"
    assert simulator.state("openbmc")["manager"]["resets"] == 1


def test_gh200_needs_the_power_off_for_its_processors(simulator: Simulator, connect: Connect, powered: Powered) -> None:
    client = connect("gh200")
    push(client, {}, build("CPU", "02.00"))
    assert ended(simulator, "gh200", "Pending")["images"] == ["HGX_FW_CPU_0", "HGX_FW_CPU_1"]
    client.reset(SYSTEMS["gh200"], "ForceOff")
    eventually(lambda: powered("gh200") == "Off")
    client.reset(SYSTEMS["gh200"], "On")
    completed(simulator, "gh200")
    assert version(simulator, "gh200", "HGX_FW_CPU_1") == "02.00"


def test_the_manager_beside_runs_its_own_after_its_own_reset(simulator: Simulator, connect: Connect) -> None:
    client = connect("gh200")
    client.ask("PATCH", SERVICE, {"HttpPushUriTargets": [f"{INVENTORY}/HGX_FW_BMC_0"]})
    client.ask("POST", f"{SERVICE}/update", build("HMC", "25.01"), Content_Type="application/octet-stream")
    ended(simulator, "gh200", "Pending")
    client.reset("/redfish/v1/Managers/HGX_BMC_0", "ForceRestart")
    completed(simulator, "gh200")
    assert simulator.state("gh200")["manager"]["resets"] == 0


# Supermicro


def accepted(answer: Any) -> str:
    assert answer.status == 202
    found: str = answer.document["Accepted"]["@Message.ExtendedInfo"][0]["MessageArgs"][0]
    return found


def test_an_upload_is_verified_and_waits_to_be_started(simulator: Simulator, connect: Connect) -> None:
    client = connect("smc")
    simulator.set_state("smc", timing={"flash": 60})
    image = build("BIOS", "BIOS Date: 01/01/2027 Ver 3.0")
    verify = accepted(push(client, {"Targets": ["/redfish/v1/Systems/1/Bios"], APPLY: "OnStartUpdateRequest"}, image))
    task = client.get(verify)
    assert (task["Name"], task["TaskState"]) == ("BIOS Verify", "Completed")
    assert update(simulator, "smc")["state"] == "Waiting"
    write = accepted(client.ask("POST", f"{SERVICE}/Actions/UpdateService.StartUpdate", {}))
    assert (client.get(write)["Name"], client.get(write)["TaskState"]) == ("BIOS Update", "Running")
    assert verify != write
    assert client.ask("POST", f"{SERVICE}/Actions/UpdateService.StartUpdate", {}).status == 400


def test_what_waits_to_be_started_is_gone_with_a_reset(simulator: Simulator, connect: Connect) -> None:
    client = connect("smc")
    push(client, {APPLY: "OnStartUpdateRequest"}, build("BMC", "9"))
    assert push(client, {}, build("BMC", "9")).message_id == "SMC.1.0.OemFirmwareAlreadyInUpdateMode"
    client.reset(MANAGERS["smc"], "GracefulRestart")
    ended(simulator, "smc", "Failed")
    eventually(lambda: is_back(connect, "smc"))
    push(connect("smc"), {}, build("BMC", "9"))
    ended(simulator, "smc", "Completed")
    shown = simulator.state("smc")["firmware"]
    assert {name: shown[name]["version"] for name in ("BMC", "Golden_BMC", "Staging_BMC", "Backup_BMC")} == {
        "BMC": "9", "Golden_BMC": "01.02.20", "Staging_BMC": "01.03.14", "Backup_BMC": "Not Present",
    }  # fmt: skip


# DGX


def test_dgx_is_told_before_what_an_upload_is_for(simulator: Simulator, connect: Connect) -> None:
    client = connect("dgx")
    etag = client.get(SERVICE)["@odata.etag"]
    targets = {"HttpPushUriTargets": [f"{INVENTORY}/HostBIOS_0"]}
    assert client.ask("PATCH", SERVICE, targets).status == 428
    assert client.ask("PATCH", SERVICE, targets, If_Match=etag).status == 204
    answer = client.ask("POST", f"{SERVICE}/upload", build("BIOS", "9"), Content_Type="application/octet-stream")
    assert (answer.status, answer.document["TaskMonitor"]) == (202, answer.headers["Location"])
    assert ended(simulator, "dgx", "Pending")["image"] == "HostBIOS_0"
