# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks (Task 1.0): what a BMC says of work that it took but did not finish yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .._core.errors import BadAnswer
from .._transport.extended_info import Message, messages_of
from .._transport.http import Response
from .resource import Document, link, member, objects, strings, text

# TaskState (Task 1.0) and what a DellJob has besides; half done is not done.
_FAILED = ("Killed", "Exception", "Cancelled", "Failed", "CompletedWithErrors")
_FINISHED = ("Completed", "Interrupted", *_FAILED)


@dataclass(frozen=True)
class TaskStatus:
    """State of a task. state: TaskState. said: the BMC's messages, in one line. message_id: of the first."""

    state: str
    finished: bool
    failed: bool
    said: str
    message_id: str


def task_uri(response: Response) -> str | None:
    """The task that an answer leads to, wherever it is told; None without one.

    In this order: the job that a task in the body was handed to (Lenovo); that task itself; a TaskMonitor; a link to
    a task among the arguments of the messages below "Accepted" (Supermicro, as bmclib reads it); Location of a 202.
    The body comes first: a task monitor may vanish with the first look at it (Lenovo, bmclib).
    """
    try:
        body: Document = response.document()
    except BadAnswer:
        body = {}
    if "#Task." in (text(body, "@odata.type") or ""):
        own = transitioned(body) or link(body) or text(body, "TaskMonitor")
        if own:
            return own
    told = text(body, "TaskMonitor") or _task_in(member(body, "Accepted"))
    return told or (response.headers.get("location") if response.status == 202 else None)


def transitioned(task: Document) -> str:
    """The job at which a task goes on (message OperationTransitionedToJob of registry Update, DSP2065); "" for none."""
    for message in objects(task, "Messages"):
        arguments = strings(message, "MessageArgs")
        if (text(message, "MessageId") or "").endswith(".OperationTransitionedToJob") and arguments:
            return arguments[0] if arguments[0].startswith("/") else ""
    return ""


def messages_in(document: Document) -> tuple[Message, ...]:
    """The messages of a task, or of any other answer."""
    return messages_of({"@Message.ExtendedInfo": member(document, "Messages")}) or messages_of(document)


def _task_in(accepted: object) -> str | None:
    if not isinstance(accepted, Mapping):
        return None
    told = (uri for message in objects(accepted, "@Message.ExtendedInfo") for uri in strings(message, "MessageArgs"))
    return next((uri for uri in told if uri.startswith("/") and "/TaskService/Tasks/" in uri), None)


def task_status(task: Document) -> TaskStatus:
    """What a task or job says. A completed task whose status is critical failed (iLO, as firmware-updater meets it)."""
    state = text(task, "TaskState") or text(task, "JobState") or ""
    critical = "Critical" in (text(task, "TaskStatus"), text(task, "JobStatus"))
    failed = state in _FAILED or (state == "Completed" and critical)
    messages = messages_of({"@Message.ExtendedInfo": member(task, "Messages")})
    said = "; ".join(message.text for message in messages if message.text) or text(task, "Message") or ""
    return TaskStatus(state, state in _FINISHED, failed, said, next((m.message_id for m in messages), ""))
