# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each dialect says of an update that runs, and what is no update."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import RefusedByBmc
from ansible_collections.openchami.bmc.plugins.module_utils._vendors import registry
from tests.unit.redfish.fake_reader import collection, reference, service_of

UPDATE = "/redfish/v1/UpdateService"
TASKS = "/redfish/v1/TaskService/Tasks"


def said(dialect: str, update: dict[str, Any], *tasks: dict[str, Any] | Exception) -> str:
    """What a BMC of these documents says of an update that runs."""
    service = {"@odata.id": UPDATE, **update}
    found = {f"{TASKS}/{number}": task for number, task in enumerate(tasks)}
    documents: dict[str, Any] = {
        "/redfish/v1": {
            "@odata.id": "/redfish/v1",
            "RedfishVersion": "1.6.0",
            "UpdateService": reference(UPDATE),
            "Tasks": reference("/redfish/v1/TaskService"),
        },
        UPDATE: service,
        "/redfish/v1/TaskService": {"@odata.id": "/redfish/v1/TaskService", "Tasks": reference(TASKS)},
        TASKS: collection(TASKS, *found),
        **{uri: {"@odata.id": uri, **task} if isinstance(task, dict) else task for uri, task in found.items()},
    }
    return registry.known(dialect, "").firmware_update.under_way(service_of(documents), service)


def hpe(state: str | None) -> dict[str, Any]:
    return {"Oem": {"Hpe": {"State": state}}}


def ami(status: str) -> dict[str, Any]:
    return {"Oem": {"AMIUpdateService": {"UpdateInformation": {"UpdateStatus": status, "UpdateTarget": "BIOS"}}}}


PUSHED = {"TaskState": "Running", "Name": "Task 0", "Payload": {"TargetUri": f"{UPDATE}/update"}}
TOLD = {"TaskState": "Running", "Messages": [{"MessageId": "Update.1.0.TransferringToComponent", "Message": "to BMC"}]}
JOB = {"TaskState": "Running", "Name": "Firmware Update: BIOS", "Oem": {"Dell": {"JobType": "FirmwareUpdate"}}}
OTHER = {"TaskState": "Running", "Name": "Task to POST an event", "Payload": {"TargetUri": "/redfish/v1/EventService"}}


@pytest.mark.parametrize(
    ("dialect", "update", "tasks", "expected"),
    [
        ("generic", {"Status": {"State": "Updating"}}, (), f"{UPDATE}: Status.State is Updating"),
        ("openbmc", {}, (OTHER, PUSHED), "task 1 is Running: Task 0"),
        ("openbmc", {}, (TOLD,), "task 0 is Running: to BMC"),
        ("openbmc", {}, ({**PUSHED, "TaskState": "Completed"}, {**PUSHED, "TaskState": "New"}, OTHER), ""),
        ("openbmc", {}, ({**PUSHED, "Payload": {"TargetUri": f"{UPDATE}2/x"}},), ""),
        ("openbmc", {}, (RefusedByBmc("gone", status=404), PUSHED), "task 1 is Running: Task 0"),
        ("dell", {}, (JOB,), "task 0 is Running: Firmware Update: BIOS"),
        ("dell", {}, ({**JOB, "Oem": {"Dell": {"JobType": "BIOSConfiguration"}}},), ""),
        ("supermicro", {}, ({"TaskState": "Running", "Name": "BMC Update"},), "task 0 is Running: BMC Update"),
        ("supermicro", {}, ({"TaskState": "Running", "Name": "BIOS Verify"},), "task 0 is Running: BIOS Verify"),
        ("supermicro", {}, ({"TaskState": "Running", "Name": "Crash dump"},), ""),
        ("hpe", hpe("Writing"), (), "the iLO is Writing"),
        ("hpe", hpe("Complete"), (), ""),
        ("hpe", hpe(None), (), ""),
        ("ami", ami("Flashing"), (), "the BMC is Flashing (BIOS)"),
        ("ami", ami("Completed"), (OTHER,), ""),
        ("ami", ami(""), (PUSHED,), "task 0 is Running: Task 0"),
    ],
)
def test_an_update_that_runs_is_seen(
    dialect: str, update: dict[str, Any], tasks: tuple[dict[str, Any] | Exception, ...], expected: str
) -> None:
    assert said(dialect, update, *tasks) == expected


def test_a_bmc_that_refuses_its_tasks_is_not_taken_for_idle() -> None:
    with pytest.raises(RefusedByBmc):
        said("openbmc", {}, RefusedByBmc("out of order", status=500))
