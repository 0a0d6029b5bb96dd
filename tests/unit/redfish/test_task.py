# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks: found in an answer, and what they say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from ansible_collections.openchami.bmc.plugins.module_utils._redfish.task import task_status, task_uri
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import Response
from tests.unit.json_documents import json_values, quick

TASK = "/redfish/v1/TaskService/Tasks/7"
MONITOR = f"{TASK}/Monitor"
BODY = {"@odata.type": "#Task.v1_4_3.Task", "@odata.id": TASK, "TaskState": "New"}
JOB = "/redfish/v1/JobService/Jobs/3"
HANDED_ON = {"MessageId": "Update.1.0.OperationTransitionedToJob", "MessageArgs": [JOB]}
ACCEPTED = {
    "Accepted": {
        "code": "SMC.v1_0_0.OemSimpleupdateAcceptedMessage",
        "@Message.ExtendedInfo": [{"MessageId": "SMC.v1_0_0.OemSimpleupdateAcceptedMessage", "MessageArgs": [TASK]}],
    }
}


@pytest.mark.parametrize(
    ("status", "location", "body", "uri"),
    [
        (202, MONITOR, BODY, TASK),
        (200, None, BODY, TASK),
        (202, MONITOR, {"error": {}}, MONITOR),
        (202, MONITOR, None, MONITOR),
        (202, None, None, None),
        (201, "/redfish/v1/Something", None, None),
        (204, None, None, None),
        (200, None, {"@odata.type": "#TaskService.v1_0_0.TaskService", "@odata.id": TASK}, None),
        (202, MONITOR, {"@odata.type": "#Task.v1_4_3.Task", "TaskMonitor": MONITOR}, MONITOR),
        (200, None, {"TaskMonitor": MONITOR, "TaskState": "Completed"}, MONITOR),
        (202, None, ACCEPTED, TASK),
        (202, MONITOR, ACCEPTED, TASK),
        (202, MONITOR, {"Accepted": {"@Message.ExtendedInfo": [{"MessageArgs": ["/redfish/v1/x", 7]}]}}, MONITOR),
        (202, MONITOR, {"Accepted": "yes"}, MONITOR),
        (202, None, {**BODY, "Messages": [HANDED_ON]}, JOB),
        (202, None, {**BODY, "Messages": [{**HANDED_ON, "MessageArgs": []}]}, TASK),
        (202, None, {**BODY, "Messages": [{**HANDED_ON, "MessageArgs": ["https://elsewhere/x"]}]}, TASK),
    ],
)
def test_task_is_found_wherever_an_answer_tells_it(
    status: int, location: str | None, body: Any, uri: str | None
) -> None:
    headers = {"location": location} if location else {}
    content = b"" if body is None else json.dumps(body).encode()
    assert task_uri(Response("POST", "/x", status, headers, content)) == uri


@pytest.mark.parametrize(
    ("state", "health", "finished", "failed"),
    [
        ("New", None, False, False),
        ("Running", "OK", False, False),
        ("Running", "Critical", False, False),
        ("Completed", "OK", True, False),
        ("Completed", "Warning", True, False),
        ("Completed", "Critical", True, True),
        ("Exception", None, True, True),
        ("Killed", None, True, True),
        ("Cancelled", None, True, True),
    ],
)
def test_state_of_a_task(state: str, health: str | None, finished: bool, failed: bool) -> None:
    status = task_status({"TaskState": state, "TaskStatus": health})
    assert (status.state, status.finished, status.failed) == (state, finished, failed)


def test_a_job_that_is_complete_and_critical_failed() -> None:
    assert task_status({"JobState": "Completed", "JobStatus": "Critical"}).failed


def test_messages_of_a_task_are_one_line() -> None:
    status = task_status({"Messages": [{"MessageId": "A.1", "Message": "One."}, {"Message": "Two."}]})
    assert (status.said, status.message_id) == ("One.; Two.", "A.1")


@quick
@given(json_values("TaskState", "TaskStatus", "Messages", "Message", "MessageId", texts=("Completed", "Exception")))
def test_no_task_breaks_the_reading(task: Any) -> None:
    status = task_status(task)
    assert not status.failed or status.finished
    assert isinstance(status.said, str)
