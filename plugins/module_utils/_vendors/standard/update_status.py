# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task says of an update (Task 1.x and Job 1.x), and how the task is found again."""

from __future__ import annotations

from collections.abc import Iterator

from ..._core.errors import BadAnswer, CutOff, ForeignLink, RefusedByBmc
from ..._redfish.resource import Document, integer, link, same_resource, text, uri_of
from ..._redfish.service import Service
from ..._redfish.task import messages_in, task_status, transitioned
from ...vendor_api.v1 import FAILED, FINISHED, RUNNING, UNTOLD, UpdateStatus

# Registry Update (DSP2065): each is of a part that did not get its image, also in a task that calls itself complete.
_FAILURES = ("ApplyFailed", "TransferFailed", "VerificationFailed", "ActivateFailed")


def of_task(task: Document) -> UpdateStatus:
    """A task, or a job. A task that handed its work to a job is followed there, whatever its own state (Lenovo)."""
    told = task_status(task)
    percent = percentage(integer(task, "PercentComplete"))
    job = transitioned(task)
    if job:
        return UpdateStatus(RUNNING, percent, told.said, told.message_id, follow=job)
    failure = next((m for m in messages_in(task) if m.key in _FAILURES), None) if told.finished else None
    if told.failed or failure or told.state == "Interrupted":
        message_id = failure.message_id if failure else told.message_id
        return UpdateStatus(FAILED, percent, told.said or told.state, message_id)
    return UpdateStatus(FINISHED if told.finished else RUNNING, percent, told.said, told.message_id)


def read_task(service: Service, uri: str) -> tuple[Document | None, UpdateStatus]:
    """The task at a URI; None where that answers with none, and then what is to be made of it.

    A task monitor (DSP0266, "Asynchronous operations") answers with its task only while that runs, and may do without:
    then the task is the one that names it. A finished one answers as the update would have: iLO with an error object
    that holds Success.
    """
    try:
        document = service.fresh(uri)
    except RefusedByBmc as error:
        if error.status not in (404, 410):
            raise
        return None, UpdateStatus(UNTOLD, said="the task is gone")
    except (CutOff, ForeignLink):
        raise
    except BadAnswer:
        # 202 or 204 without a body.
        document = {}
    if text(document, "TaskState") or text(document, "JobState"):
        return document, UpdateStatus(RUNNING)
    for task in tasks(service):
        if same_resource(text(task, "TaskMonitor") or "", uri):
            return None, UpdateStatus(RUNNING, follow=uri_of(task))
    messages = messages_in(document)
    said = "; ".join(message.text for message in messages if message.text) or "the task tells nothing"
    state = FINISHED if any(message.key == "Success" for message in messages) else UNTOLD
    return None, UpdateStatus(state, said=said)


def tasks(service: Service) -> Iterator[Document]:
    """The tasks as they are now; none where there is no TaskService."""
    home = link(service.root(), "Tasks")
    collection = link(service.find(home) or {}, "Tasks") if home else None
    # Also the list is read anew: a task may be younger than the last look at it.
    if collection is None or _anew(service, collection) is None:
        return
    for uri in service.members(collection):
        # A finished task may vanish between the list and the look at it.
        task = _anew(service, uri)
        if task is not None:
            yield task


def _anew(service: Service, uri: str) -> Document | None:
    try:
        return service.fresh(uri)
    except RefusedByBmc as error:
        if error.status != 404:
            raise
        return None


def percentage(number: int | None) -> int | None:
    """0 to 100; None for what is none."""
    return number if number is not None and 0 <= number <= 100 else None
