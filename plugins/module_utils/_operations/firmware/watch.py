# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at a BMC that updates itself: what it tells of the update, and which versions it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..._core.clock import Clock
from ..._core.errors import BadAnswer, CutOff, RefusedByBmc, Unreachable
from ..._firmware.staging.paths import without_tokens
from ..._redfish.resource import uri_of
from ...vendor_api.firmware_v1 import RUNNING
from ...vendor_api.v1 import Software, UpdateStatus
from ..connect import Bmc
from ..identity import same_bmc, same_machine, verify_bmc
from .course import Batch, Course
from .inventory import inventory, update_service
from .submission import BMC, Submission
from .told import status_of
from .versions import same_version


@dataclass
class Watch:
    """Looks at one BMC. identity: as recorded. away_since: when it was first found away, None while it answers.

    doubted: it may be another than the one that was sent the update: it was away since, or another task has sent it.
    """

    bmc: Bmc
    clock: Clock
    identity: Mapping[str, Any]
    away_since: float | None = None
    doubted: bool = False
    said: str = field(default="", init=False)

    def look(self, batch: Batch) -> UpdateStatus | None:
        """What the BMC says of the update, and in the batch the versions that it shows; None while it is away.

        Raises WrongMachine for another machine in its place, LoginRefused, and what a broken service raises.
        """
        submission = batch.submission
        try:
            with self.bmc.client.apart():
                if self.doubted:
                    self._same(submission)
                    self.doubted = False
                status = self._status(submission)
                status = replace(status, said=without_tokens(status.said))
                if status.state != RUNNING or submission.gone:
                    for course in batch.courses:
                        course.now = self._now(course)
        except (Unreachable, CutOff, BadAnswer) as error:
            # What restarts shows half documents and pages of its web server, too.
            self._away(str(error), batch)
            return None
        except RefusedByBmc as error:
            if error.status < 500 and error.status != 404:
                raise
            self._away(str(error), batch)
            return None
        self.away_since = None
        self.said = status.said
        return status

    def _away(self, why: str, batch: Batch) -> None:
        self.said = why
        batch.submission.gone = self.doubted = True
        if self.away_since is None:
            self.away_since = self.clock.wall()

    def _same(self, submission: Submission) -> None:
        """Whoever returns is compared with what went away (promise 1). Raises WrongMachine."""
        service = self.bmc.service
        service.forget()
        documents = {uri_of(document): document for document in service.collection("Systems")}
        for uri, known in submission.machine.items():
            if uri in documents and isinstance(known, Mapping):
                same_machine(known, documents[uri])
        if isinstance(known := submission.machine.get(BMC), Mapping):
            same_bmc(known, service)
        verify_bmc(self.bmc, self.identity, *documents.values())

    def _status(self, submission: Submission) -> UpdateStatus:
        status = status_of(self.bmc, update_service(self.bmc), submission, self.clock.wall())
        if status.follow:
            submission.task = status.follow
        return status

    def _now(self, course: Course) -> Software:
        """The same firmware as it is now, wherever the BMC lists it: its Id may hold the version."""
        service, driver = self.bmc.service, self.bmc.driver
        try:
            found = driver.firmware_update.software(service, service.fresh(course.now.uri))
            if found.key == course.software.key and not found.spare:
                return found
        except RefusedByBmc as error:
            if error.status != 404:
                raise
        service.forget()
        known = inventory(service, driver, update_service(self.bmc))
        same = [entry for entry in known if entry.key == course.software.key and not entry.spare]
        # Four equal backplanes have one key on an iLO: all of them must show it.
        others = [entry for entry in same if not same_version(entry.version, course.wanted)]
        return next(iter([*others, *same]), course.now)
