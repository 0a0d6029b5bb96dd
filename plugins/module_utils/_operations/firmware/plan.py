# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of an update: what needs it, by which method, and every request that a run sends."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..._core.errors import InvalidRequest, NotSupported
from ..._redfish.resource import Document, member
from ..._transport.upload import Upload
from ...vendor_api.v1 import Change, UpdateMethod, UpdateRequest
from ..connect import Bmc
from ..writes import Write
from .course import CURRENT, MANAGER, PLANNED, POWER_CYCLE, Course
from .image import Image
from .inventory import Wish
from .request import PULL, PUSH, Allowed
from .stages import Stages
from .versions import is_older, same_version

HIDDEN = "…"
"""Stands for the token of a session while a plan is made."""


def course_of(wish: Wish, version: str, restart: str, system: str) -> Course:
    """version: as the task says it, "" for what the image says. restart: as the driver says it.

    Raises InvalidRequest.
    """
    component = wish.component
    wanted = version or component.version
    if not wanted:
        raise InvalidRequest(
            f"nothing says which version {wish.software.id} is to show",
            why="neither the task nor the image tells it, and without it nobody can see whether the update worked",
            way_out="Give version, as the BMC's inventory will show it.",
        )
    return Course(
        software=wish.software,
        component=component.component or wish.software.component,
        wanted=wanted,
        restart=component.reboot or restart,
        system=system,
        duration=component.expected_duration,
        state=CURRENT if same_version(wish.software.version, wanted) else PLANNED,
    )


def require_allowed(courses: Sequence[Course], allowed: Allowed) -> None:
    """Raises InvalidRequest for what the task would have to allow, all of it in one message."""
    problems = [problem for course in courses for problem in _problems(course, allowed)]
    if problems:
        raise InvalidRequest(
            "the task does not allow what this update takes",
            why="; ".join(what for what, _option in problems),
            way_out=f"Nothing was sent. Set {', '.join(dict.fromkeys(option for _what, option in problems))}.",
        )


def _problems(course: Course, allowed: Allowed) -> Iterator[tuple[str, str]]:
    name, now, wanted = course.software.id, course.software.version, course.wanted
    if not allowed.downgrade and course.state == PLANNED:
        older = is_older(wanted, now) if now else False
        if older:
            yield f"{name} runs {now}, which is newer than {wanted}", "downgrade: true"
        elif older is None:
            yield f"nobody can tell whether {wanted} is newer than {now}, which {name} runs", "downgrade: true"
    if course.restart in (MANAGER, POWER_CYCLE) and not allowed.bmc_reset:
        yield f"{name} takes the BMC away while it restarts", "allow_bmc_reset: true"


@dataclass(frozen=True)
class Transfers:
    """How images can reach a BMC. wanted: of request.TRANSFERS."""

    bmc: Bmc
    update_service: Document
    image: Image
    stages: Stages
    wanted: str

    def method(self) -> UpdateMethod:
        """The first that serves. Raises NotSupported, which names what was offered and why it does not do."""
        offered = self.bmc.driver.firmware_update.methods(self.bmc.service, self.update_service)
        refused = {method: self._unfit(method) for method in offered}
        fit = next((method for method, why in refused.items() if not why), None)
        if fit is not None:
            return fit
        told = "; ".join(f"{method.name}: {why}" for method, why in refused.items()) or self._offered()
        raise self.bmc.cannot(
            "this update",
            f"the UpdateService offers {told}",
            "methods to FirmwareUpdate",
            "Another transfer or stage_certificate may serve; docs/firmware-methods.md says which BMC takes what.",
        )

    def _offered(self) -> str:
        """What stands there, where the driver knows no way to use it."""
        actions = member(self.update_service, "Actions")
        named = [name for name in ("MultipartHttpPushUri", "HttpPushUri") if name in self.update_service]
        named += [name.rpartition(".")[2] for name in actions] if isinstance(actions, Mapping) else []
        return f"nothing that an image can be sent by, only {', '.join(named) or 'an inventory'}"

    def _unfit(self, method: UpdateMethod) -> str:
        if self.wanted != {True: PULL, False: PUSH}[method.pull] and self.wanted in (PULL, PUSH):
            return f"transfer is {self.wanted}"
        if method.largest and self.image.size > method.largest:
            return f"takes {method.largest} bytes at most, the image has {self.image.size}"
        if method.pull and method.protocols and self.stages.protocol not in method.protocols:
            return f"fetches by {', '.join(method.protocols)}, it is staged by {self.stages.protocol}"
        return ""


def batches(method: UpdateMethod, courses: Sequence[Course]) -> list[list[Course]]:
    """What goes into one request each, in order."""
    return [[course] for course in courses] if method.names_targets else [list(courses)] if courses else []


@dataclass(frozen=True)
class Requests:
    """The requests of a driver for one batch."""

    bmc: Bmc
    update_service: Document
    image: Image
    force: bool

    def request(self, method: UpdateMethod, courses: Sequence[Course], image_uri: str = "") -> UpdateRequest:
        software = tuple(course.software for course in courses)
        return UpdateRequest(method, software, self.image.file_name, image_uri, self.force)

    def writes(self, request: UpdateRequest) -> list[Write]:
        """All of them, as a plan shows them: the token of a session, and that in a URL, are not in it."""
        driver = self.bmc.driver.firmware_update
        try:
            sent = driver.pull(request) if request.method.pull else uploaded(driver.push(request, HIDDEN))
        except NotSupported as error:
            raise self.bmc.named(error, "what such a request says to FirmwareUpdate") from error
        changes = [*driver.before(request, self.update_service), sent]
        start = driver.start(self.update_service, "") if not request.method.pull else None
        return [write_of(change) for change in (*changes, *([start] if start else []))]


def write_of(change: Change) -> Write:
    return Write(change.method, change.uri, dict(change.body))


def uploaded(upload: Upload) -> Change:
    """An upload as a plan shows it: the name of its file, and the fields of its form but the token of a session."""
    fields = {field.name: _shown(field.content) for field in upload.fields if field.content != HIDDEN}
    return Change("POST", upload.uri, {"<file>": upload.file_name, **fields})


def _shown(content: str) -> Any:
    return json.loads(content) if content.startswith("{") else content
