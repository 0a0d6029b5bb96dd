# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware updates by the standard (UpdateService 1.x, SoftwareInventory 1.x, Task 1.x)."""

from __future__ import annotations

import ipaddress
import json
import re
from typing import Any
from urllib.parse import urlsplit

from ..._core.errors import Busy, InvalidRequest, NotSupported
from ..._redfish.resource import Document, id_of, member, objects, same_resource, strings, text, uri_of
from ..._redfish.service import Service
from ..._redfish.task import task_status
from ..._transport.upload import FormField, Upload
from ...vendor_api.v1 import RUNNING, UNTOLD, Change, Software, UpdateMethod, UpdateRequest, UpdateStatus
from .software import is_spare, named_component, placed_component, system_of
from .update_offers import HTTP_PUSH, MULTIPART, http_push, multipart, simple_update
from .update_status import of_task, read_task, tasks

# Task.TaskState (Task 1.0) of a task that has begun and has not ended; New and Pending wait for something.
_RUNNING = ("Starting", "Running", "Stopping", "Cancelling", "Suspended", "Service")

# What must restart for new firmware; all that is not here waits for the host. A CPLD is loaded when its board gets
# power (iLO, recorded in its ComponentRepository: Activates AfterHardPowerCycle).
_RESTARTS = {"bmc": "manager", "cpld": "power_cycle"}


class GenericFirmwareUpdate:
    """By what the UpdateService offers. A dialect overrides the questions that it answers in another way."""

    def under_way(self, service: Service, update_service: Document) -> str:
        if text(update_service, "Status", "State") == "Updating":
            return f"{uri_of(update_service)}: Status.State is Updating"
        for task in tasks(service):
            state = text(task, "TaskState")
            at_work = state in _RUNNING and self.of_task(task).state == RUNNING
            if at_work and self.made_by_update(task, update_service):
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

    # What the inventory holds

    def software(self, service: Service, inventory: Document) -> Software:
        return Software(
            uri=uri_of(inventory),
            id=id_of(inventory),
            name=text(inventory, "Name") or "",
            key=self.key(inventory),
            component=self.component(inventory),
            version=text(inventory, "Version") or "",
            spare=self.spare(inventory),
            updateable=member(inventory, "Updateable") is not False,
            system=self.system(service, inventory),
            hardware=self.hardware(inventory),
            target=self.target(inventory),
            manager=self.manager(service, inventory),
        )

    def key(self, inventory: Document) -> str:
        """What stays the same while the version changes."""
        return id_of(inventory)

    def component(self, inventory: Document) -> str:
        """By its id and name, else by what it is related to, else by its description (OpenBMC: "BMC image")."""
        named = named_component(id_of(inventory), text(inventory, "Name") or "")
        if named is None:
            named = placed_component(inventory)
        return (named_component(text(inventory, "Description") or "") or "") if named is None else named

    def spare(self, inventory: Document) -> bool:
        """Whether it is not the image in use."""
        return is_spare(inventory)

    def system(self, service: Service, inventory: Document) -> str:
        """URI of the system that it belongs to, "" for none."""
        return system_of(service, inventory)

    def hardware(self, inventory: Document) -> tuple[str, ...]:
        """Names by which a bundle may know it."""
        return tuple(filter(None, [text(inventory, "SoftwareId")]))

    def target(self, inventory: Document) -> str:
        """What a request calls it; "" for its URI."""
        return ""

    def manager(self, service: Service, inventory: Document) -> str:
        """URI of the manager that a client must reset for it; "" for none."""
        return ""

    # What is offered, and what is sent

    def methods(self, service: Service, update_service: Document) -> tuple[UpdateMethod, ...]:
        """An upload of a form first: it needs no way from the BMC to a server, and its parameters come with it."""
        found = (multipart(update_service), simple_update(service, update_service), http_push(update_service))
        return tuple(method for method in found if method is not None)

    def restart(self, software: Software) -> str:
        return _RESTARTS.get(software.component, "host")

    def before(self, request: UpdateRequest, update_service: Document) -> tuple[Change, ...]:
        if request.method.name != HTTP_PUSH:
            return ()
        if member(update_service, "HttpPushUriTargetsBusy") is True:
            raise Busy(
                "another client has reserved this BMC's upload of firmware",
                why=f"{uri_of(update_service)}: HttpPushUriTargetsBusy is true",
                way_out="Wait for its end. If there is none, set HttpPushUriTargetsBusy to false, or reset the BMC.",
            )
        body: dict[str, Any] = {}
        named = self.targets(request)
        if request.method.names_targets and list(strings(update_service, "HttpPushUriTargets")) != named:
            body["HttpPushUriTargets"] = named
        options = self._options(request, update_service)
        if options:
            body["HttpPushUriOptions"] = options
        return (Change("PATCH", uri_of(update_service), body),) if body else ()

    def _options(self, request: UpdateRequest, update_service: Document) -> dict[str, Any]:
        """The HttpPushUriOptions that are to change."""
        options: dict[str, Any] = {}
        time = self.apply_time(request)
        if time and text(update_service, "HttpPushUriOptions", "HttpPushUriApplyTime", "ApplyTime") != time:
            options["HttpPushUriApplyTime"] = {"ApplyTime": time}
        if request.method.forces and member(update_service, "HttpPushUriOptions", "ForceUpdate") != request.force:
            options["ForceUpdate"] = request.force
        return options

    def pull(self, request: UpdateRequest) -> Change:
        return Change("POST", request.method.uri, {**self.fetched(request), **self.parameters(request)})

    def fetched(self, request: UpdateRequest) -> dict[str, Any]:
        """The image's URI, and the protocol where the BMC lists those that it knows.

        Raises NotSupported, InvalidRequest.
        """
        parts = urlsplit(request.image_uri)
        protocol, known = parts.scheme.upper(), request.method.protocols
        if known and protocol not in known:
            raise NotSupported(
                f"this BMC fetches no firmware by {protocol}",
                why=f"{request.method.name} takes {', '.join(known)}",
                way_out="Stage the image on a server that it takes, or have it uploaded (transfer: push).",
            )
        if request.method.by_address and not _is_address(parts.hostname or ""):
            raise InvalidRequest(
                "this BMC resolves no names",
                why=f"the image would be at {parts.hostname}",
                way_out="Give the address of the server, in stage_url or stage_advertise.",
            )
        return {"ImageURI": request.image_uri, **({"TransferProtocol": protocol} if known else {})}

    def push(self, request: UpdateRequest, token: str) -> Upload:
        if request.method.name != MULTIPART:
            return Upload(request.method.uri, request.file_name)
        parameters = FormField("UpdateParameters", json.dumps(self.parameters(request)), "application/json")
        return Upload(request.method.uri, request.file_name, "UpdateFile", (parameters,))

    def parameters(self, request: UpdateRequest) -> dict[str, Any]:
        """What a request says beside the image. Raises NotSupported."""
        named, time = self.targets(request), self.apply_time(request)
        return {
            **({"Targets": named} if named else {}),
            **({"@Redfish.OperationApplyTime": time} if time else {}),
            **({"ForceUpdate": True} if request.force and request.method.forces else {}),
        }

    def targets(self, request: UpdateRequest) -> list[str]:
        """What the request calls the software that it is for; [] where the image alone says it. Raises NotSupported."""
        method = request.method
        named = [self.named(software, method) for software in request.software] if method.names_targets else []
        for target in named if method.targets else ():
            if not any(_takes(offered, target) for offered in method.targets):
                raise NotSupported(
                    f"this BMC takes no update of {target} by {method.name}",
                    why="it offers " + ", ".join(method.targets[:20]),
                    way_out="Look whether another method reaches it (transfer), or name another component.",
                )
        return list(dict.fromkeys(named))

    def named(self, software: Software, method: UpdateMethod) -> str:
        """What a request by this method calls it."""
        return software.target or software.uri

    def apply_time(self, request: UpdateRequest) -> str:
        """Of the offered times the one that never restarts a host; "" where that is not offered, or none is."""
        restarts = {self.restart(software) for software in request.software}
        wanted = "Immediate" if restarts <= {"none", "manager"} else "OnReset"
        return wanted if wanted in request.method.apply_times else ""

    # How it goes on

    def start(self, update_service: Document, task: str) -> Change | None:
        return None

    def status(self, service: Service, update_service: Document, task: str) -> UpdateStatus:
        if not task:
            return self.without_task(update_service)
        document, status = read_task(service, task)
        return self.of_task(document) if document is not None else status

    def without_task(self, update_service: Document) -> UpdateStatus:
        """What the UpdateService itself tells of the last update."""
        return UpdateStatus(RUNNING if text(update_service, "Status", "State") == "Updating" else UNTOLD)

    def of_task(self, task: Document) -> UpdateStatus:
        """What a task or job tells."""
        return of_task(task)


def _takes(offered: str, target: str) -> bool:
    """Whether an offered target is this one. Supermicro offers a pattern: ".../CPLD_Backplane_(\\d+)"."""
    if same_resource(offered, target):
        return True
    head, pattern, tail = offered.partition(r"(\d+)")
    return bool(pattern) and re.fullmatch(re.escape(head) + r"\d+" + re.escape(tail), target) is not None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
