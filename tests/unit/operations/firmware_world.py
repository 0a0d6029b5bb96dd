# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A BMC of a few documents that updates its firmware as a script says, its image, and where it fetches that."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BmcError
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.metadata import Component
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.fetched import Fetched
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.paths import new_token
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.spans import Span
from ansible_collections.openchami.bmc.plugins.module_utils._operations.firmware import operation
from ansible_collections.openchami.bmc.plugins.module_utils._operations.firmware.image import FileImage, Image
from ansible_collections.openchami.bmc.plugins.module_utils._operations.firmware.observation import (
    FirmwareResult,
    Tools,
)
from ansible_collections.openchami.bmc.plugins.module_utils._operations.firmware.request import (
    Allowed,
    FirmwareRequest,
    Times,
    Which,
)
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import Response
from ansible_collections.openchami.bmc.plugins.module_utils.vendor_api.v1 import Driver
from tests.unit.redfish.fake_reader import collection, reference

from .scripted_bmc import World, manager, system

UPDATE = "/redfish/v1/UpdateService"
INVENTORY = f"{UPDATE}/FirmwareInventory"
ACTION = f"{UPDATE}/Actions/UpdateService.SimpleUpdate"
TASK = "/redfish/v1/TaskService/Tasks/1"
SIZE = 1000
TOKEN = new_token()
FILE = FileImage(Path("/srv/bios.bin"), Component("bios", "2.0", ()), "bios.bin 1000", SIZE)

Effect = Callable[[], object]


def image(component: str, version: str = "2.0", **more: Any) -> FileImage:
    """An image of a component."""
    return replace(FILE, component=Component(component, version, (), **more))


@dataclass(frozen=True)
class FileBundle(FileImage):
    """A file that holds firmware of several components, all of one version."""

    names: tuple[str, ...] = ()

    def components(self, hardware: Iterable[str]) -> tuple[Component, ...]:
        return tuple(replace(self.component, component=name) for name in self.names)


def bundle(*components: str, version: str = "2.0", **more: Any) -> FileBundle:
    """An image of several components, in this order."""
    return FileBundle(FILE.file, Component("", version, (), **more), FILE.key, SIZE, components)


@dataclass
class FakeStage:
    """A stage whose BMC has fetched what a test says. received: bytes, None where nobody can know."""

    received: int | None = SIZE
    url: str = f"http://10.0.0.1:8080/{TOKEN}/bios.bin"
    origin: str = "http://10.0.0.1:8080"
    found: bool = True

    def fetched(self) -> Fetched | None:
        if self.received is None:
            return None
        spans = (Span(0, self.received),) if self.received else ()
        first = 1.0 if self.received else None
        return Fetched(SIZE, gets=bool(spans), spans=spans, first=first, last=1e12 if spans else None)

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class FakeStages:
    stage: FakeStage
    protocol: str = "HTTP"
    outlives: bool = False
    source: str = ""
    unproven: str = ""
    opened: int = 0

    def shown(self, image: Image) -> str:
        return f"http://10.0.0.1/…/{image.file_name}"

    @contextmanager
    def open(self, image: Image) -> Iterator[FakeStage]:
        self.opened += 1
        yield self.stage


class FirmwareWorld(World):
    """Firmware BMC and BIOS, both 1.0, and a host that is on.

    answers: of SimpleUpdate, one by one: an error is raised, else it is called, and a task is begun unless taskless.
    """

    def __init__(self, driver: Driver | None = None, power_state: str = "On", **system_properties: Any) -> None:
        host = system(power_state=power_state, UUID="11111111-2222-4333-8444-555555555555", **system_properties)
        super().__init__(host, driver=driver, Managers=[manager()])
        documents = self.client.documents
        documents["/redfish/v1"] |= {"UpdateService": reference(UPDATE), "Tasks": reference("/redfish/v1/TaskService")}
        documents["/redfish/v1/TaskService"] = {"@odata.id": "/redfish/v1/TaskService"}
        documents[UPDATE] = {
            "@odata.id": UPDATE,
            "FirmwareInventory": reference(INVENTORY),
            "Actions": {"#UpdateService.SimpleUpdate": {"target": ACTION}},
        }
        documents[INVENTORY] = collection(INVENTORY)
        for name in ("BMC", "BIOS"):
            self.add(name, "1.0")
        self.stages = FakeStages(FakeStage())
        self.answers: list[BmcError | Effect] = []
        self.taskless = False
        self.bodies: list[Mapping[str, Any]] = []
        self.told: list[tuple[str, int | None]] = []
        reset = self.client.post
        self.client.post = lambda uri, body: self._update(body) if uri == ACTION else reset(uri, body)  # type: ignore[method-assign]

    def add(self, name: str, version: str, **more: Any) -> None:
        """Put firmware into the inventory."""
        uri = f"{INVENTORY}/{name}"
        self.client.documents[uri] = {"@odata.id": uri, "Id": name, "Name": name, "Version": version, **more}
        members = [member for member in self.client.documents if member.startswith(f"{INVENTORY}/")]
        self.client.documents[INVENTORY] = collection(INVENTORY, *members)

    def show(self, name: str, version: str) -> Effect:
        """An effect: the inventory shows a version."""
        return lambda: self.client.documents[f"{INVENTORY}/{name}"].update(Version=version)

    def task(self, state: str, **more: Any) -> Effect:
        """An effect: the task of the update is at this state."""
        return lambda: self.client.documents.update({TASK: _task(state, **more)})

    def later(self, *appointments: tuple[float, Effect]) -> Effect:
        """An effect: further ones, so many seconds later each."""

        def arrange() -> None:
            for seconds, effect in appointments:
                self.clock.after(seconds, effect)

        return arrange

    def update(self, image: Image = FILE, **request: Any) -> FirmwareResult:
        """bmc_firmware's operation. allow, which, times: what differs from the defaults."""
        allowed = Allowed(**{"downgrade": False, "bmc_reset": True, **request.pop("allow", {})})
        times = Times(**{"interval": 10.0, **request.pop("times", {})})
        asked = FirmwareRequest(
            which=Which(**request.pop("which", {})),
            allowed=allowed,
            times=times,
            **{"version": "", "transfer": "auto", "restart": "soft_restart", "identity": {}} | request,
        )
        tools = Tools(self.gate, self.clock, image, self.stages, lambda phase, at, _note: self.told.append((phase, at)))
        return operation.run(self.bmc, asked, tools)

    def _update(self, body: Mapping[str, Any]) -> Response:
        assert self.gate.held, "a write while others may write too"
        assert any(write.uri == ACTION for write in self.gate.allowed), "a write that nobody allowed"
        assert self.gate.memories, "a write that nobody would remember"
        self.bodies.append(body)
        assert self.answers, "nobody expected an update"
        answer = self.answers.pop(0)
        if isinstance(answer, BmcError):
            raise answer
        answer()
        if self.taskless:
            return Response("POST", ACTION, 204)
        self.client.documents.setdefault(TASK, _task("Running"))
        return Response("POST", ACTION, 202, {"location": TASK}, json.dumps(self.client.documents[TASK]).encode())


def _task(state: str, **more: Any) -> dict[str, Any]:
    return {"@odata.id": TASK, "@odata.type": "#Task.v1_4_3.Task", "Id": "1", "TaskState": state, **more}
