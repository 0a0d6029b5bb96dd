# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each dialect tells of an update that was handed over: by its task, by its UpdateService, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BadAnswer, CutOff, RefusedByBmc
from ansible_collections.openchami.bmc.plugins.module_utils._vendors import registry
from ansible_collections.openchami.bmc.plugins.module_utils.vendor_api.firmware_v1 import (
    FAILED,
    FINISHED,
    RUNNING,
    UNTOLD,
    WAITING,
)
from ansible_collections.openchami.bmc.plugins.module_utils.vendor_api.v1 import (
    UpdateMethod,
    UpdateRequest,
    UpdateStatus,
)
from tests.unit.json_documents import json_values, quick
from tests.unit.redfish.fake_reader import collection, reference, service_of

UPDATE = "/redfish/v1/UpdateService"
TASKS = "/redfish/v1/TaskService/Tasks"
TASK = f"{TASKS}/7"
MONITOR = "/redfish/v1/TaskMonitor/abc"
JOB = "/redfish/v1/JobService/Jobs/3"
DIALECTS = ("generic", "ami", "cray", "dell", "hpe", "lenovo", "openbmc", "supermicro")


def status(dialect: str, at: str = TASK, shown: dict[str, Any] | None = None, **documents: Any) -> UpdateStatus:
    """documents: "task", "monitor", "job": what answers there."""
    uris = {"task": TASK, "monitor": MONITOR, "job": JOB}
    found = {
        "/redfish/v1": {
            "@odata.id": "/redfish/v1",
            "RedfishVersion": "1.6.0",
            "Tasks": reference("/redfish/v1/TaskService"),
        },
        "/redfish/v1/TaskService": {"@odata.id": "/redfish/v1/TaskService", "Tasks": reference(TASKS)},
        TASKS: collection(TASKS, TASK) if "task" in documents else collection(TASKS),
        **{uris[name]: document for name, document in documents.items()},
    }
    update_service = {"@odata.id": UPDATE, **(shown or {})}
    return registry.known(dialect, "").firmware_update.status(service_of(found), update_service, at)


def task(state: str, health: str = "OK", **more: Any) -> dict[str, Any]:
    return {"@odata.id": TASK, "@odata.type": "#Task.v1_4_3.Task", "TaskState": state, "TaskStatus": health, **more}


def says(key: str, said: str = "Said.") -> dict[str, Any]:
    return {"Messages": [{"MessageId": key, "Message": said}]}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("document", "state", "percent"),
    [
        (task("New"), RUNNING, None),
        (task("Pending"), RUNNING, None),
        (task("Starting", PercentComplete=0), RUNNING, 0),
        (task("Running", PercentComplete=40), RUNNING, 40),
        (task("Running", "Critical"), RUNNING, None),
        (task("Suspended"), RUNNING, None),
        (task("Running", PercentComplete=4000), RUNNING, None),
        (task("Completed", PercentComplete=100), FINISHED, 100),
        (task("Completed", "Warning"), FINISHED, None),
        (task("Completed", "Critical"), FAILED, None),
        (task("Completed", **says("Update.1.0.ApplyFailed")), FAILED, None),
        (task("Running", **says("Update.1.0.TransferFailed")), RUNNING, None),
        (task("Exception"), FAILED, None),
        (task("Killed"), FAILED, None),
        (task("Cancelled"), FAILED, None),
        (task("Interrupted"), FAILED, None),
    ],
)
def test_a_task_tells_how_far_an_update_is(
    dialect: str, document: dict[str, Any], state: str, percent: int | None
) -> None:
    told = status(dialect, task=document)
    assert (told.state, told.percent, told.follow) == (state, percent, "")


def test_a_failure_is_in_the_words_of_the_bmc() -> None:
    told = status("generic", task=task("Exception", **says("Update.1.0.VerificationFailed", "Image is not signed.")))
    assert (told.said, told.message_id) == ("Image is not signed.", "Update.1.0.VerificationFailed")
    assert status("generic", task=task("Killed")).said == "Killed"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_task_that_handed_its_work_on_is_followed_to_its_job(dialect: str) -> None:
    handed_on = {"MessageId": "Update.1.0.OperationTransitionedToJob", "MessageArgs": [JOB]}
    told = status(dialect, task=task("Completed", Messages=[handed_on]))
    assert (told.state, told.follow) == (RUNNING, JOB)
    done = {"@odata.id": JOB, "JobState": "Completed", "JobStatus": "OK", "PercentComplete": 100}
    assert status(dialect, JOB, job=done).state == FINISHED
    assert status(dialect, JOB, job={**done, "JobState": "Exception"}).state == FAILED


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("gone", [404, 410])
def test_a_task_that_vanished_tells_nothing_any_more(dialect: str, gone: int) -> None:
    assert status(dialect, task=RefusedByBmc("gone", status=gone)).state == UNTOLD


@pytest.mark.parametrize("error", [RefusedByBmc("busy", status=503), CutOff("cut")])
def test_a_bmc_that_is_away_is_not_taken_for_one_that_tells_nothing(error: Exception) -> None:
    with pytest.raises(type(error)):
        status("generic", task=error)


@pytest.mark.parametrize("answer", [BadAnswer("was not answered in JSON"), {"@odata.id": MONITOR}])
def test_a_monitor_that_says_nothing_leads_to_its_task(answer: Any) -> None:
    told = status("generic", MONITOR, monitor=answer, task=task("Running", TaskMonitor=MONITOR))
    assert (told.state, told.follow) == (RUNNING, TASK)


def test_a_monitor_that_answers_with_its_task_is_enough() -> None:
    assert status("generic", MONITOR, monitor=task("Running", PercentComplete=7)).percent == 7


@pytest.mark.parametrize(
    ("key", "state"), [("iLO.2.14.Success", FINISHED), ("Base.1.8.Success", FINISHED), ("iLO.2.14.Odd", UNTOLD)]
)
def test_a_finished_monitor_of_an_ilo_holds_success_in_an_error(key: str, state: str) -> None:
    answer = {"error": {"code": "iLO.0.10.ExtendedInfo", "@Message.ExtendedInfo": [{"MessageId": key}]}}
    assert status("hpe", MONITOR, monitor=answer).state == state


def test_a_monitor_without_a_task_tells_nothing() -> None:
    assert status("generic", MONITOR, monitor=BadAnswer("nothing"), task=task("Running")).state == UNTOLD


# iDRAC


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("Downloading", RUNNING),
        ("Downloaded", RUNNING),
        ("New", RUNNING),
        ("Scheduling", RUNNING),
        ("Running", RUNNING),
        ("RebootPending", RUNNING),
        ("Scheduled", FINISHED),
        ("PendingActivation", FINISHED),
        ("Completed", FINISHED),
        ("CompletedWithErrors", FAILED),
        ("Failed", FAILED),
        ("RebootFailed", FAILED),
    ],
)
def test_the_job_of_an_idrac_that_is_scheduled_is_done_until_the_host_restarts(state: str, expected: str) -> None:
    job = {"JobState": state, "JobType": "FirmwareUpdate", "Message": "Said.", "MessageId": "X1", "PercentComplete": 3}
    told = status("dell", task=task("Starting", Oem={"Dell": job}))
    assert (told.state, told.percent, told.said, told.message_id) == (expected, 3, f"{state}: Said.", "X1")
    assert status("dell", JOB, job={"@odata.id": JOB, **job}).state == expected


def test_a_job_that_will_never_begin_failed() -> None:
    job = {"JobState": "Scheduled", "Message": "Job processing initialization failure.", "MessageId": "PR30"}
    assert status("dell", task=task("Starting", Oem={"Dell": job})).state == FAILED


# Supermicro


def test_an_image_that_an_x13_verified_waits_for_its_start() -> None:
    assert status("supermicro", task=task("Running", Name="BMC Verify")).state == RUNNING
    assert status("supermicro", task=task("Completed", Name="BMC Verify")).state == WAITING
    assert status("supermicro", task=task("Completed", "Critical", Name="BIOS Verify")).state == FAILED
    assert status("supermicro", task=task("Completed", Name="BIOS Update")).state == FINISHED


# Without a task


def ilo(state: str | None, **more: Any) -> dict[str, Any]:
    return {"Oem": {"Hpe": {"State": state, **more}}}


def megarac(update: str, percentage: str = "", *, below: bool = True) -> dict[str, Any]:
    information = {"UpdateStatus": update, "FlashPercentage": percentage}
    return {"Oem": {"AMIUpdateService": {"UpdateInformation": information} if below else information}}


@pytest.mark.parametrize(
    ("dialect", "shown", "state", "percent"),
    [
        ("generic", {}, UNTOLD, None),
        ("generic", {"Status": {"State": "Updating"}}, RUNNING, None),
        ("cray", {"Status": {"State": "Enabled"}}, UNTOLD, None),
        ("hpe", ilo("Uploading", FlashProgressPercent=5), RUNNING, 5),
        ("hpe", ilo("Verifying"), RUNNING, None),
        ("hpe", ilo("Writing", FlashProgressPercent=60), RUNNING, 60),
        ("hpe", ilo("Complete"), FINISHED, None),
        ("hpe", ilo("Error", Result={"MessageId": "iLO.2.14.UpdateFailed"}), FAILED, None),
        ("hpe", ilo("Idle"), UNTOLD, None),
        ("hpe", ilo(None), UNTOLD, None),
        ("ami", megarac("Downloading", "0% done."), RUNNING, 0),
        ("ami", megarac("Flashing", "37% done."), RUNNING, 37),
        ("ami", megarac("Flashing", "done", below=False), RUNNING, None),
        ("ami", megarac("Completed", "100% done."), FINISHED, 100),
        ("ami", megarac("FlashError"), FAILED, None),
        ("ami", megarac("Failed"), FAILED, None),
        ("ami", megarac(""), UNTOLD, None),
        ("ami", {}, UNTOLD, None),
    ],
)
def test_an_update_without_a_task_is_told_by_the_update_service_or_not_at_all(
    dialect: str, shown: dict[str, Any], state: str, percent: int | None
) -> None:
    told = status(dialect, "", shown)
    assert (told.state, told.percent) == (state, percent)


def test_an_error_of_an_ilo_tells_its_message() -> None:
    told = status("hpe", "", ilo("Error", Result={"MessageId": "iLO.2.14.ImageNotSigned"}))
    assert told.message_id == "iLO.2.14.ImageNotSigned"
    assert "ImageNotSigned" in told.said


# Whatever a BMC says

odd = json_values(
    "Id", "Name", "Description", "Version", "Updateable", "RelatedItem", "SoftwareId", "Status", "State", "Oem", "Hpe",
    "Dell", "Actions", "#UpdateService.SimpleUpdate", "target", "HttpPushUri", "MultipartHttpPushUri", "Messages",
    "HttpPushUriOptions", "MaxImageSizeBytes", "TaskState", "PercentComplete", "AMIUpdateService", "UpdateInformation",
    "UpdateStatus", "FlashPercentage", "DeviceContext", "PreserveConfiguration", "HttpPushUriTargets",
    texts=("Completed", "/redfish/v1/UpdateService/x", "BMC", "Installed-1-2__BIOS.Setup.1-1", "Flashing", "-1"),
)  # fmt: skip


@quick
@given(odd)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_document_breaks_a_driver(dialect: str, document: Any) -> None:
    told = document if isinstance(document, dict) else {"Oem": document}
    driver = registry.known(dialect, "").firmware_update
    shown = {**told, "@odata.id": UPDATE}
    service = service_of({"/redfish/v1": {"@odata.id": "/redfish/v1", "RedfishVersion": "1.6.0"}, TASK: told})
    entry = driver.software(service, {**told, "@odata.id": f"{UPDATE}/FirmwareInventory/1"})
    assert entry.component is not None
    assert entry.key
    for method in driver.methods(service, shown):
        assert isinstance(method, UpdateMethod)
        driver.before(UpdateRequest(method, (entry,), "image.bin"), {**shown, "HttpPushUriTargetsBusy": False})
    assert driver.status(service, shown, "").state in (RUNNING, FINISHED, FAILED, UNTOLD)
    assert driver.status(service, shown, TASK).state in (RUNNING, FINISHED, FAILED, UNTOLD, WAITING)
