# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One piece of firmware on its way to another version, and the request that brings it there."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..._core.errors import BmcError
from ..._firmware.oci.metadata import REBOOTS
from ...vendor_api.v1 import Software, UpdateMethod
from ..writes import Write
from .submission import Submission
from .versions import same_version

CURRENT, PLANNED, SUBMITTED = "current", "planned", "submitted"
PENDING_REBOOT, UPDATED, FAILED = "pending_reboot", "updated", "failed"

UNSEEN = "nobody here can see whether the BMC has fetched the whole image"

_NOTHING, MANAGER, HOST, POWER_CYCLE = REBOOTS


@dataclass
class Course:
    """software: as it was at the start; now: as last read. before: the version before the update, which an earlier task
    may have begun. wanted: the version that the inventory is to show.

    restart: what must restart before it runs, of metadata.REBOOTS. system: Id of the host that this takes away, ""
    where nobody can tell. duration: seconds that it takes as the image says, 0 where it does not. state: one of the
    above. note: why it is not done, in a sentence.
    """

    software: Software
    component: str
    wanted: str
    restart: str
    system: str
    duration: int
    state: str
    now: Software = field(init=False)
    before: str = field(init=False)
    note: str = ""

    def __post_init__(self) -> None:
        self.now, self.before = self.software, self.software.version

    @property
    def reached(self) -> bool:
        """Whether the inventory shows what is wanted."""
        return same_version(self.now.version, self.wanted)

    @property
    def moved(self) -> bool:
        """Whether it shows another version than at the start."""
        return not same_version(self.now.version, self.software.version)

    @property
    def waits_for_others(self) -> bool:
        """Whether it runs only after a restart that the BMC does not do by itself."""
        return self.restart in (HOST, POWER_CYCLE) or (self.restart == MANAGER and bool(self.software.manager))


@dataclass
class Batch:
    """What one request brings about: one course, or all that an image holds where the image alone names them.

    writes: the requests before, for and after the image; resets: those of the host's restart, and escalation: what
    that forces at its deadline. submission: as it is sent. attached: it was sent by another task. sent: by this one.
    restarted: its hosts were, since it waited for that. reboots: they are to be by this task; rebooted: they were.
    """

    method: UpdateMethod
    courses: list[Course]
    writes: list[Write]
    submission: Submission
    resets: list[Write] = field(default_factory=list)
    escalation: list[Write] = field(default_factory=list)
    attached: bool = False
    sent: bool = False
    restarted: bool = False
    reboots: bool = False
    rebooted: bool = False
    error: BmcError | None = None

    @property
    def reached(self) -> bool:
        """Whether the inventory shows all that is wanted."""
        return all(course.reached for course in self.courses)

    def become(self, state: str, note: str = "") -> None:
        """Set the state of all of it."""
        for course in self.courses:
            course.state, course.note = state, note

    def unavailable(self, course: Course) -> list[str]:
        """What this task, or what it follows, takes away for a course: the BMC restarts with its own firmware, a host
        only where the task restarts it; nobody here cuts the power that POWER_CYCLE waits for.
        """
        taken = {MANAGER: ["bmc"], HOST: ["host"] if self.reboots else []}
        return taken.get(course.restart, [])

    def about(self) -> str:
        """What it is about, for messages."""
        return ", ".join(course.software.id for course in self.courses)
