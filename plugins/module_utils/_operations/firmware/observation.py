# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a firmware task finds before it writes: what runs, what is wanted, what is under way, and the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..._core.clock import Clock
from ..._core.errors import BmcError, Busy
from ..._redfish.reset import has_reset
from ..._redfish.resource import Document, uri_of
from ...vendor_api.v1 import UpdateMethod
from ..connect import Bmc
from ..identity import bmc_identity, machine, usable, verify_bmc, verify_system
from ..managers import bmc_manager
from ..writes import Write, WriteGate
from .course import CURRENT, Batch, Course
from .earlier import Earlier
from .image import Image
from .inventory import chosen, hardware_names, inventory, nodes_of, system_of, systems, update_service
from .plan import Requests, Transfers, batches, course_of, require_allowed
from .request import FirmwareRequest, Tell
from .restart import Restart
from .stages import Stages
from .submission import BMC, HANDED, SENDING, Submission, read_handle, remembered


@dataclass
class Tools:
    """What an operation works with, besides its BMC and its request. tell: takes phase, percent and a note."""

    gate: WriteGate
    clock: Clock
    image: Image
    stages: Stages
    tell: Tell


@dataclass
class FirmwareResult:
    """What was found, and what came of it.

    courses: all that the task is about, in order. batches: what needs a request or is under way. machine: see
    Submission. model: of the machine, None where it is not told. busy: what the BMC says of an update that is not this
    one. abandoned: whether that is what a task sent that was cut off before the BMC had the image, which was gone with
    it. handle: of what still runs, or may.
    """

    courses: list[Course]
    batches: list[Batch]
    machine: dict[str, Any]
    requests: Requests
    model: str | None = None
    busy: str = ""
    abandoned: bool = False
    handle: dict[str, Any] | None = None

    @property
    def plan(self) -> list[Write]:
        """All writes of a run, in order."""
        return [write for batch in self.batches for write in (*batch.writes, *batch.resets)]

    @property
    def escalation(self) -> list[Write]:
        """What a run sends only when a deadline passes."""
        return [write for batch in self.batches for write in batch.escalation]

    @property
    def rebooted(self) -> bool:
        """Whether a host was restarted."""
        return any(batch.rebooted for batch in self.batches)

    @property
    def fetches(self) -> bool:
        """Whether this task has the BMC fetch an image."""
        return any(batch.method.pull and batch.writes for batch in self.batches)

    @property
    def attached(self) -> bool:
        """Whether an update that was under way already was followed."""
        return any(batch.attached for batch in self.batches)

    @property
    def changed(self) -> bool:
        """Whether the BMC took anything of this task, or what an earlier one sent came to run meanwhile."""
        # As of bmc_power: what had no answer may have happened, and is not said to have.
        answered = (batch.sent and batch.submission.phase not in (SENDING, HANDED) for batch in self.batches)
        took = any(answered) or self.rebooted
        return took or any(course.moved for course in self.courses)

    @property
    def error(self) -> BmcError | None:
        """The first error of a batch."""
        return next((batch.error for batch in self.batches if batch.error), None)

    def require_idle(self) -> None:
        """Raises Busy while the BMC is at an update that is not this one."""
        if self.busy and self.batches and not self.abandoned:
            raise Busy(
                "another firmware update runs on this BMC",
                why=self.busy,
                way_out="Nothing was sent. Wait for it to end; the same task on this controller would follow its own.",
            )


def observe(bmc: Bmc, request: FirmwareRequest, tools: Tools, restart: Restart) -> FirmwareResult:
    """Make sure of the machine, read what runs, and plan. Writes nothing.

    Raises InvalidRequest, TargetUnknown, BundleRefused, NotSupported, WrongMachine.
    """
    given = read_handle(request.handle, str(bmc.origin), tools.image.key) if request.handle is not None else None
    update = update_service(bmc)
    found = systems(bmc, request.which.system)
    _verify(bmc, request, found)
    courses = _courses(bmc, request, tools, update, found)
    wanting = (course.state != CURRENT or request.allowed.force or _settles(given, course) for course in courses)
    pending = [course for course, wants in zip(courses, wanting, strict=True) if wants]
    require_allowed(pending, request.allowed)
    requests = Requests(bmc, update, tools.image, request.allowed.force)
    machines = _machines(bmc, found)
    # Now, as the BMC may be away when the task ends.
    result = FirmwareResult(courses, [], machines, requests, bmc.model(bmc_manager(bmc.service)))
    if not pending:
        return result
    earlier = Earlier(bmc, update, tools.stages, request.times, tools.clock.wall(), given, remembered(tools.gate))
    method = Transfers(bmc, update, tools.image, tools.stages, request.transfer).method()
    for group in batches(method, pending):
        shown = requests.request(method, group, tools.stages.shown(tools.image))
        batch = Batch(method, group, requests.writes(shown), _submission(group, method, tools.image, result.machine))
        earlier.meet(batch)
        if not batch.restarted:
            restart.plan(batch)
        result.batches.append(batch)
    result.busy, result.abandoned = earlier.busy, earlier.abandoned
    if result.plan and not result.busy:
        result.busy = earlier.unseen()
    return result


def _verify(bmc: Bmc, request: FirmwareRequest, found: Sequence[Document]) -> None:
    for document in found:
        if has_reset(document):
            verify_system(bmc, request.identity, document)
    if not any(map(has_reset, found)):
        verify_bmc(bmc, request.identity)


def _machines(bmc: Bmc, found: Sequence[Document]) -> dict[str, Any]:
    """See Submission: of the systems, and of the BMC where these have no numbers, or there is none."""
    machines: dict[str, Any] = {uri_of(document): machine(document) for document in found}
    numbered = any(usable(number) for known in machines.values() for number in known.values())
    return machines if numbered else {**machines, BMC: bmc_identity(bmc.service)}


def _courses(
    bmc: Bmc, request: FirmwareRequest, tools: Tools, update: Document, found: Sequence[Document]
) -> list[Course]:
    driver = bmc.driver.firmware_update
    known = inventory(bmc.service, bmc.driver, update)
    hardware = [*hardware_names(bmc, found), *(name for software in known for name in software.hardware)]
    wishes = chosen(known, tools.image.components(hardware), request.which, nodes_of(found))
    able = [document for document in found if has_reset(document)]
    return [
        course_of(wish, request.version, driver.restart(wish.software), system_of(able, wish.software))
        for wish in wishes
    ]


def _settles(given: Submission | None, course: Course) -> bool:
    """Whether a handle's update is what brought the version: then that is seen through, however late."""
    key = course.software.key
    return given is not None and given.wanted.get(key) == course.wanted != given.before.get(key)


def _submission(
    courses: Sequence[Course], method: UpdateMethod, image: Image, machines: Mapping[str, Any]
) -> Submission:
    return Submission(
        image=image.key,
        method=method.name,
        before={course.software.key: course.software.version for course in courses},
        wanted={course.software.key: course.wanted for course in courses},
        machine=machines,
    )
