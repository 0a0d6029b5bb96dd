# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware updates by the standard."""

from __future__ import annotations

from collections.abc import Iterator

from ..._core.errors import RefusedByBmc
from ..._redfish.resource import Document, id_of, link, objects, text, uri_of
from ..._redfish.service import Service
from ..._redfish.task import task_status

# Task.TaskState (Task 1.0) of a task that has begun and has not ended; New and Pending wait for something.
_RUNNING = ("Starting", "Running", "Stopping", "Cancelling", "Suspended", "Service")


class GenericFirmwareUpdate:
    """By the UpdateService's own state, else by a running task that an update made."""

    def under_way(self, service: Service, update_service: Document) -> str:
        if text(update_service, "Status", "State") == "Updating":
            return f"{uri_of(update_service)}: Status.State is Updating"
        for task in _tasks(service):
            state = text(task, "TaskState")
            if state in _RUNNING and self.made_by_update(task, update_service):
                said = task_status(task).said or text(task, "Name") or ""
                return f"task {id_of(task)} is {state}" + f": {said}" * bool(said)
        return ""

    def made_by_update(self, task: Document, update_service: Document) -> bool:
        """Whether an update made a task: its Payload went to the UpdateService (Task 1.3), or it speaks of updates.

        The messages of the registry Update (DSP2065) are of updates alone; bmcweb's and NVIDIA's tasks carry both.
        """
        prefix = uri_of(update_service).rstrip("/").lower() + "/"
        messages = (text(message, "MessageId") or "" for message in objects(task, "Messages"))
        return (text(task, "Payload", "TargetUri") or "").lower().startswith(prefix) or any(
            message.startswith("Update.") for message in messages
        )


def _tasks(service: Service) -> Iterator[Document]:
    """The tasks as they are now; none where there is no TaskService."""
    home = link(service.root(), "Tasks")
    collection = link(service.find(home) or {}, "Tasks") if home else None
    for uri in service.members(collection) if collection else ():
        try:
            yield service.fresh(uri)
        except RefusedByBmc as error:
            # A finished task may vanish between the list and the look at it.
            if error.status != 404:
                raise
