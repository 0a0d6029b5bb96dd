# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was sent to a BMC earlier: which of it a task follows, sends anew, or leaves alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._core.clock import timestamp
from ..._firmware.staging.paths import without_tokens
from ..._redfish.resource import Document, uri_of
from ...vendor_api.firmware_v1 import FINISHED, RUNNING, UNTOLD, WAITING
from ..connect import Bmc
from .course import HOST, PENDING_REBOOT, Batch
from .request import Times
from .stages import Stages
from .submission import PENDING, SENDING, TRANSFERRING, Submission
from .told import FLASHED_WITHIN, status_of, unseen_end


@dataclass
class Earlier:
    """All of it, as far as a task knows at one moment.

    now: seconds since the epoch. given: by a handle. known: remembered, by name. busy: what runs that is not what was
    met, or may, in one line. abandoned: that is what was cut off before the BMC had the image, which is gone.
    """

    bmc: Bmc
    update_service: Document
    stages: Stages
    times: Times
    now: float
    given: Submission | None
    known: Mapping[str, Submission]
    busy: str = field(init=False)
    abandoned: bool = field(default=False, init=False)
    _met: set[str] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        told = self.bmc.driver.firmware_update.under_way(self.bmc.service, self.update_service)
        self.busy = without_tokens(told)

    def meet(self, batch: Batch) -> None:
        """Have a batch follow what brings it about already, if anything does and may still come to its end."""
        handed, sent = self._sent(batch)
        if sent is None:
            return
        self._met.add(sent.id)
        lost = handed is None and self._lost(sent)
        state = status_of(self.bmc, self.update_service, sent, self.now).state if lost else UNTOLD
        if lost and state != FINISHED:
            self.busy = self.busy or self._undecided(sent, state)
            self.abandoned = bool(self.busy)
        elif handed is not None or self.busy or sent.phase == PENDING or self.now < sent.until:
            self._attach(batch, sent)
            self.busy = ""

    def unseen(self) -> str:
        """What else was sent and may still run, in one line; "" for nothing."""
        others = [submission for submission in self.known.values() if submission.id not in self._met]
        return unseen_end(self.bmc, self.update_service, others, self.now)

    def _sent(self, batch: Batch) -> tuple[Submission | None, Submission | None]:
        """What brings a batch about: by the handle, and the last of all that is known; None for nothing.

        A handle may be given twice, and more was seen of it, or sent for its component, meanwhile.
        """
        ours, given = batch.submission, self.given
        handed = given if given is not None and given.is_of(ours.image, ours.wanted) else None
        sent = [submission for submission in self.known.values() if submission.is_of(ours.image, ours.wanted)]
        found = [*sent, *([handed] if handed else [])]
        return handed, max(found, key=lambda submission: submission.started, default=None)

    def _lost(self, sent: Submission) -> bool:
        """Whether it was cut off before it was seen to arrive, and what served it ended with its task or play."""
        served = sent.outlives or (bool(sent.source) and sent.source == self.stages.source)
        return sent.phase in (SENDING, TRANSFERRING) and not served

    def _undecided(self, sent: Submission, state: str) -> str:
        """Why nobody can say yet whether the image was lost with its server; "" where it was.

        state: of the BMC's status. One that tells nothing may have had the last byte the moment before, and flash it.
        """
        if state in (RUNNING, WAITING):
            return "the BMC is still at what a task has sent that was cut off"
        silent = state == UNTOLD and sent.phase == TRANSFERRING
        if silent and self.now < sent.started + min(FLASHED_WITHIN, self.times.transfer):
            return f"one was cut off that was sent at {timestamp(sent.started)}, and the BMC does not say what it is at"
        return ""

    def _attach(self, batch: Batch, sent: Submission) -> None:
        """Have a batch follow it for as long as this task looks.

        That counts from when it was sent, and for what waits for its host, maybe for days, from now.
        """
        batch.submission, batch.attached, batch.writes = sent, True, []
        begun = self.now if sent.phase == PENDING else sent.started
        sent.until = max(sent.until, begun + self.times.overall)
        for course in batch.courses:
            course.before = sent.before.get(course.software.key, course.before)
        # What a host flashes while it starts must not be sent a second time, nor be cut off.
        batch.restarted = sent.phase == PENDING and _restarted_since(self.bmc, sent)


def _restarted_since(bmc: Bmc, sent: Submission) -> bool:
    """Whether the hosts were restarted since the update waited for that."""
    power = bmc.driver.power
    for document in bmc.service.collection("Systems"):
        before = sent.evidence.get(uri_of(document))
        if isinstance(before, dict) and power.restarted(before, power.boot_evidence(document)):
            return True
    return False


def boot_evidence(bmc: Bmc, batch: Batch) -> dict[str, Any]:
    """What tells a later restart of the hosts that the batch waits for, by URI of the system."""
    power = bmc.driver.power
    waits = {course.system for course in batch.courses if course.restart == HOST and course.state == PENDING_REBOOT}
    found = bmc.service.collection("Systems") if waits else ()
    return {uri_of(document): dict(power.boot_evidence(bmc.service.fresh(uri_of(document)))) for document in found}
