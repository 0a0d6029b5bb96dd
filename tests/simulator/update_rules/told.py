# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What dialects tell of an update: tasks, jobs, and words of their own in the UpdateService.

Where each shape comes from stands in the reference of the project (vendors, UpdateService and tasks); what no source
tells is invented, within the standard (Task v1.4, Job v1.0).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..documents import resource
from ..standard import ROOT, TASK_SERVICE, TASKS
from ..updates import ARRIVING, COMPLETED, DOWNLOADING, FAILED, FLASHING, PENDING, UPLOADING, WAITING

if TYPE_CHECKING:
    from ..profile import Document
    from ..updates import Update

JOBS = f"{ROOT}/JobService/Jobs"
VERIFYING_BELOW = 10
# iDRAC: a job's state, and the TaskState beside it (Dell's scripts follow the first).
_DELL_STATES = {
    DOWNLOADING: ("Downloading", "Running"),
    UPLOADING: ("Downloading", "Running"),
    WAITING: ("New", "Pending"),
    PENDING: ("Scheduled", "Starting"),
    FLASHING: ("Running", "Running"),
    COMPLETED: ("Completed", "Completed"),
    FAILED: ("Failed", "Exception"),
}
_DELL_WORDS = {
    PENDING: ("JCP001", "Task successfully scheduled."),
    COMPLETED: ("PR19", "Job completed successfully."),
    FAILED: ("RED008", "The update package could not be applied."),
}


def task(update: Update, uri: str, schema: str = "v1_4_3", **more: object) -> Document:
    """Return an update as a task. What waits for a restart is done, for the task."""
    failed, waits = update.state == FAILED, update.state == WAITING
    message = ("ApplyFailed", update.why) if failed else ("InstallingOnComponent", "The image is being installed.")
    shown: Document = {
        "Messages": [{"MessageId": f"Update.1.0.{message[0]}", "Message": message[1]}],
        "PercentComplete": update.percent,
        "TaskState": "Exception" if failed else "Pending" if waits else "Running" if update.runs else "Completed",
        "TaskStatus": "Critical" if failed or update.lied else "OK",
    }
    return resource(uri, f"Task.{schema}.Task", "Update", **shown | more)


def numbered(update: Update) -> dict[str, Document]:
    """A task with the number of the update."""
    uri = f"{TASKS}/{update.number}"
    return {uri: task(update, uri)}


def monitored(update: Update) -> dict[str, Document]:
    """The same, and it names its monitor."""
    uri = f"{TASKS}/{update.number}"
    return {uri: task(update, uri, TaskMonitor=f"{TASK_SERVICE}/TaskMonitors/{update.number}")}


def bmcweb(update: Update) -> dict[str, Document]:
    """bmcweb (task.hpp): the monitor is below the task, which keeps the request; a failure is a mere warning."""
    uri = f"{TASKS}/{update.number}"
    word = "TaskAborted" if update.state == FAILED else "TaskStarted" if update.runs else "TaskCompletedOK"
    target = next(push.uri for push in update.rules.pushes if push.name == update.request.method)
    messages = [{"MessageId": f"TaskEvent.1.0.1.{word}", "Message": update.why or word, "MessageArgs": ["1"]}]
    payload = {"HttpHeaders": [], "HttpOperation": "POST", "JsonBody": "null", "TargetUri": target}
    shown = task(update, uri, Messages=messages, Payload=payload, TaskMonitor=f"{uri}/Monitor")
    return {uri: shown | ({"TaskStatus": "Warning"} if update.state == FAILED else {})}


def dell_job(number: int) -> str:
    """Return the id of an update's job."""
    return f"JID_{900000000000 + number}"


def dell(update: Update, jobs: str) -> dict[str, Document]:
    """iDRAC: a job, in the collection `jobs` and as a task."""
    identifier = dell_job(update.number)
    uri = f"{TASKS}/{identifier}"
    state, task_state = _DELL_STATES[update.state]
    state = "CompletedWithErrors" if update.lied else state
    word, text = _DELL_WORDS.get(update.state, ("RED001", "Job in progress."))
    word, text = ("PR21", "Job completed with errors.") if update.lied else (word, text)
    name = f"Firmware Update: {update.component or 'Unknown'}"
    job = {
        "JobState": state,
        "JobType": "FirmwareUpdate",
        "Message": update.why or text,
        "MessageId": word,
        "Name": name,
    }
    percent = 100 if not update.runs and update.state != PENDING else update.percent % 100
    shown = {"TaskState": task_state, "Name": name, "PercentComplete": percent, "Oem": {"Dell": job}}
    messages = [{"Message": text, "MessageId": f"IDRAC.2.7.{word}"}]
    own = f"{jobs}/{identifier}"
    return {
        uri: task(update, uri, "v1_5_1", Messages=messages) | shown,
        own: resource(own, "DellJob.v1_2_0.DellJob", name) | job | {"PercentComplete": percent},
    }


def supermicro(update: Update) -> dict[str, Document]:
    """X12, X13: an upload is verified by one task and, once started, written by another (bmclib, x13.go)."""
    verify, write = (f"{TASKS}/{2 * update.number - 1}", f"{TASKS}/{2 * update.number}")
    part = update.component or "BMC"
    tasks = {}
    if not update.request.url:
        early = {"TaskState": "Running", "PercentComplete": 0} if update.state in ARRIVING else {}
        broke = update.state == FAILED and update.started is None
        done = {"TaskState": "Completed", "TaskStatus": "OK", "PercentComplete": 100} | early
        tasks[verify] = task(update, verify, Name=f"{part} Verify") | ({} if broke else done)
    if update.request.url or update.started is not None:
        tasks[write] = task(update, write, Name=f"{part} Update")
    return tasks


def lenovo_job(update: Update) -> dict[str, Document]:
    """Later XCCs: the task ends when the image is there, and names the job that writes it (confluent)."""
    uri, job = f"{TASKS}/{update.number}", f"{JOBS}/{update.number}"
    if update.started is None:
        return {uri: task(update, uri)}
    message = {
        "MessageId": "Update.1.0.OperationTransitionedToJob",
        "Message": f"The update operation has transitioned to the job at URI '{job}'.",
        "MessageArgs": [job],
    }
    state = task(update, uri)["TaskState"]
    shown = {"JobState": state, "JobStatus": "Critical" if state == "Exception" or update.lied else "OK"}
    done = {"Messages": [message], "PercentComplete": 100, "TaskState": "Completed", "TaskStatus": "OK"}
    writes = resource(job, "Job.v1_0_7.Job", "Update", PercentComplete=update.percent, **shown)
    return {uri: task(update, uri) | done, job: writes}


def hpe_state(update: Update) -> Document:
    """What iLO says of an update in UpdateService (HpeiLOUpdateServiceExt): nothing more after its own restart."""
    if update.restarted:
        return {}
    if update.state == FLASHING:
        state = "Verifying" if update.percent < VERIFYING_BELOW else "Writing" if update.percent < 90 else "Updating"
    else:
        state = "Uploading" if update.runs else "Error" if update.state == FAILED else "Complete"
    told = {"State": state} | ({"FlashProgressPercent": update.percent} if update.runs else {})
    return {"Oem": {"Hpe": told}}


def ami_state(update: Update) -> Document:
    """What MegaRAC says of an update in UpdateService (AMIUpdateService): nothing more after its own restart."""
    if update.restarted:
        return {}
    verifies = update.state == FLASHING and update.percent < VERIFYING_BELOW
    state = "Preparing" if update.state == DOWNLOADING and not update.taken else update.state
    information = {
        "UpdateStatus": "VerifyingFirmware" if verifies else "Completed" if update.state == PENDING else state,
        "FlashPercentage": f"{update.percent}% done",
        "UpdateTarget": update.told()["image"],
    }
    return {"Oem": {"AMIUpdateService": {"UpdateInformation": information}}}
