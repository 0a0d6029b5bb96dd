# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks (Task 1.0): what a BMC says of work that it took but did not finish yet."""

from __future__ import annotations

from dataclasses import dataclass

from .._core.errors import BadAnswer
from .._transport.extended_info import messages_of
from .._transport.http import Response
from .resource import Document, link, member, text

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
    """The task that an answer leads to: its body, if that is a task, else the Location of a 202; None without a task.

    The body comes first: a task monitor (Location) may vanish with the first look at it (Lenovo, bmclib).
    """
    try:
        body: Document = response.document()
    except BadAnswer:
        body = {}
    if "#Task." in (text(body, "@odata.type") or ""):
        return link(body)
    return response.headers.get("location") if response.status == 202 else None


def task_status(task: Document) -> TaskStatus:
    """What a task or job says. A completed task whose status is critical failed (iLO, as firmware-updater meets it)."""
    state = text(task, "TaskState") or text(task, "JobState") or ""
    failed = state in _FAILED or (state == "Completed" and text(task, "TaskStatus") == "Critical")
    messages = messages_of({"@Message.ExtendedInfo": member(task, "Messages")})
    said = "; ".join(message.text for message in messages if message.text) or text(task, "Message") or ""
    return TaskStatus(state, state in _FINISHED, failed, said, next((m.message_id for m in messages), ""))
