# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A BMC that fetches, flashes and restarts in virtual time and keeps account of it, and a task that dies on the way."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import Unreachable
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.fetched import Fetched
from ansible_collections.openchami.bmc.plugins.module_utils._operations.firmware.image import Image
from ansible_collections.openchami.bmc.plugins.module_utils._operations.firmware.observation import FirmwareResult
from ansible_collections.openchami.bmc.plugins.module_utils._operations.writes import Write
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import Response
from ansible_collections.openchami.bmc.plugins.module_utils._transport.upload import Upload
from tests.unit.redfish.fake_reader import collection, reference

from .firmware_world import ACTION, INVENTORY, SIZE, UPDATE, FakeStage, FakeStages, FirmwareWorld, bundle

TASKS = "/redfish/v1/TaskService/Tasks"
UPLOADS = f"{UPDATE}/upload"
HOST = "/redfish/v1/Systems/1"
NEW = "2.0"
FETCH, FLASH, AWAY, START = 2.0, 30.0, 25.0, 25.0
"""Seconds for which the BMC fetches, flashes, is away with a new image of its own, and the host starts with one."""


class Killed(BaseException):
    """Stands for SIGKILL: no code catches it."""


class Server(FakeStage):
    """Serves an image. asked: called at each look at how far it is. received: None where it cannot tell."""

    def __init__(self, received: int | None, asked: Callable[[], None]) -> None:
        super().__init__(received)
        self._asked = asked

    def fetched(self) -> Fetched | None:
        self._asked()
        return super().fetched()


@dataclass
class Servers(FakeStages):
    """Of one image. makes: one for each request of an update."""

    makes: Callable[[], FakeStage] = FakeStage

    @contextmanager
    def open(self, image: Image) -> Iterator[FakeStage]:
        self.stage = self.makes()
        yield self.stage


OWN, PLAY, ITS_PLAY, SITE, UPLOAD = "own", "play", "its play", "site", "upload"
"""Servers of an image: of a task; of a play that is killed with its task; of one that is not; of the site; none."""


class FlashingBmc(FirmwareWorld):
    """A firmware BMC and a BIOS, both 1.0.

    tells: it makes tasks. serves: one of the above. flashed: how often each component was written. wrongs: what would
    have broken the machine. steps: of the task that runs now: requests, parts of an upload, answers, looks at the
    server.
    """

    def __init__(self, folder: Path, *, tells: bool, serves: str) -> None:
        super().__init__(LastResetTime="0")
        self.tells, self.serves = tells, serves
        self.flashed: Counter[str] = Counter()
        self.wrongs: list[str] = []
        self.steps = self.kill_at = self.resets = 0
        self._at_work = ""
        self._waits_for_host = False
        self._tasks: list[str] = []
        self._file = folder / "image.bin"
        self._file.write_bytes(bytes(SIZE))
        self._server: Server | None = None
        self._fetching: Callable[[str], None] | None = None
        self._killed = False
        documents = self.client.documents
        documents["/redfish/v1/TaskService"]["Tasks"] = reference(TASKS)
        documents[TASKS] = collection(TASKS)
        if serves == UPLOAD:
            documents[UPDATE] |= {"MultipartHttpPushUri": UPLOADS, "Actions": {}}
        get = self.client.get

        def counted(uri: str) -> dict[str, Any]:
            self._step()
            return get(uri)

        self.client.get = counted  # type: ignore[method-assign]
        self.client.post = self._post  # type: ignore[method-assign]
        self.client.upload = self._upload  # type: ignore[attr-defined]

    def task_for(self, *components: str, kill_at: int = 0) -> FirmwareResult | None:
        """A task for an image of these; None for one that was killed at a step, 0 for none."""
        source = {ITS_PLAY: "play", PLAY: f"play {self._killed}"}.get(self.serves, "")
        self.stages = Servers(stage=FakeStage(), outlives=self.serves == SITE, source=source, makes=self._serve)
        self.steps, self.kill_at = 0, kill_at
        image = replace(bundle(*components, expected_duration=60), file=self._file)
        try:
            return self.update(image, allow={"reboot": "when_needed"}, times={"interval": 20.0})
        except Killed:
            self._killed = True
            if self._fetching and self.serves in (OWN, PLAY):
                self._fetching("Exception")
            self.gate.next_task()
            return None

    def _serve(self) -> FakeStage:
        # A task that looks again at what its play serves finds what was fetched meanwhile.
        if self._server is None or not (self._killed and self.serves == ITS_PLAY):
            self._server = Server(None if self.serves == SITE else 0, self._step)
        return self._server

    def versions(self, *components: str) -> set[str]:
        """That truly run."""
        return {self.client.documents[f"{INVENTORY}/{name.upper()}"]["Version"] for name in components}

    def _step(self) -> None:
        self.steps += 1
        if self.steps == self.kill_at:
            raise Killed

    def _post(self, uri: str, body: Mapping[str, Any]) -> Response:
        self._step()
        if uri != ACTION:
            self.gate.check(Write("POST", uri, dict(body)))
        response = self._fetch(body) if uri == ACTION else self._restart(uri)
        self._step()
        return response

    def _upload(
        self,
        _upload: Upload,
        file: BinaryIO,
        size: int,
        watch: Callable[[int], None],
        _seconds: float,
        last: Callable[[], None],
    ) -> Response:
        self._step()
        watch(len(file.read(size // 2)))
        self._step()
        file.read()
        last()
        self._step()
        named = json.loads(_upload.fields[0].content)["Targets"]
        response = self._accepted(named)
        self._flash(named, self._tasks[-1:])
        self._step()
        watch(size)
        self._step()
        return response

    def _fetch(self, body: Mapping[str, Any]) -> Response:
        named, server = body["Targets"], self.stages.stage
        response = self._accepted(named)
        task = self._tasks[-1:]

        def failed(state: str) -> None:
            self._fetching = None
            self._end(task, state)

        def arrived() -> None:
            if self._fetching is failed:
                self._fetching = None
                server.received = SIZE if self.serves != SITE else None
                self._flash(named, task)

        self._fetching = failed
        self.clock.after(FETCH, arrived)
        return response

    def _accepted(self, named: list[str]) -> Response:
        if self._at_work:
            self.wrongs.append(f"{named} was sent while it was at {self._at_work}")
        if not self.tells:
            return Response("POST", ACTION, 204)
        uri = f"{TASKS}/{len(self._tasks) + 1}"
        self._tasks.append(uri)
        self._told(uri, "Running")
        self.client.documents[TASKS] = collection(TASKS, *self._tasks)
        return Response("POST", ACTION, 202, {"location": uri}, json.dumps(self.client.documents[uri]).encode())

    def _told(self, uri: str, state: str) -> None:
        messages = [{"MessageId": "Update.1.0.UpdateInProgress", "Message": "an update"}]
        task = {"@odata.id": uri, "@odata.type": "#Task.v1_4_3.Task", "Id": uri[-1], "TaskState": state}
        self.client.documents[uri] = {**task, "Messages": messages}

    def _end(self, task: list[str], state: str) -> None:
        self._at_work = ""
        for uri in task:
            self._told(uri, state)

    def _flash(self, named: list[str], task: list[str]) -> None:
        (name,) = (uri.rpartition("/")[2] for uri in named)
        self._at_work = f"flashing {name}"
        self.flashed[name] += 1

        def flashed() -> None:
            self._end(task, "Completed")
            if name == "BIOS":
                self._waits_for_host = True
                return
            self._at_work = "restarting"
            self.client.fault = Unreachable("no answer")
            self.clock.after(AWAY, back)

        def back() -> None:
            self._at_work, self.client.fault = "", None
            self.show("BMC", NEW)()

        self.clock.after(FLASH, flashed)

    def _restart(self, uri: str) -> Response:
        if self._at_work:
            self.wrongs.append(f"the host was restarted while it was at {self._at_work}")
        self.resets += 1
        self.client.documents[HOST]["LastResetTime"] = str(self.resets)
        if self._waits_for_host:
            self._waits_for_host, self._at_work = False, "starting the host with a new BIOS"
            self.clock.after(START, self._started)
        return Response("POST", uri, 204)

    def _started(self) -> None:
        self._at_work = ""
        self.show("BIOS", NEW)()
