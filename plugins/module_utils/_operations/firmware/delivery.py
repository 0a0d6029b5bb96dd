# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hands an image over to a BMC: the one thing here that must never happen twice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO

from ..._core.clock import Clock
from ..._core.errors import BmcError, MayHaveHappened, RefusedByBmc
from ..._firmware.staging.paths import without_tokens
from ..._firmware.staging.stage import Stage
from ..._redfish.resource import Document
from ..._redfish.service import session_collection
from ..._redfish.task import task_uri
from ...vendor_api.v1 import UpdateRequest
from ..connect import Bmc
from ..writes import WriteGate
from .course import Batch
from .image import Image, opened
from .inventory import update_service
from .plan import Requests
from .request import Tell, Times
from .stages import Stages
from .submission import APPLYING, HANDED, PLANNED, SENDING, TRANSFERRING, Submission, drop, keep, said_by

_REFUSED = "Nothing is flashed. See whether the image is for this hardware, and the BMC's log."
# One that flashes nevertheless mostly has a task for it, which the next run meets.
_UNCLEAR = "Whether it flashes all the same is not known: look at its tasks, log and versions before this is run again."


@dataclass
class Delivery:
    """To one BMC. allow: authorization and the line of intent, before the first write."""

    bmc: Bmc
    gate: WriteGate
    clock: Clock
    image: Image
    stages: Stages
    requests: Requests
    times: Times
    allow: Callable[[], None]
    tell: Tell

    def send(self, batch: Batch, open_things: ExitStack) -> Stage | None:
        """Send the request of a batch; the stage that the BMC fetches from, None for an upload.

        open_things: holds the image. The caller holds the gate. Raises MayHaveHappened where the answer is missing;
        after any other error nothing was taken.
        """
        submission = batch.submission
        # Whatever keeps the image from being had shows before anything is sent, and before it is remembered as sent.
        stage = self._staged(batch, submission, open_things)
        file = None if batch.method.pull else open_things.enter_context(opened(self.image))
        request = self.requests.request(batch.method, batch.courses, stage.url if stage is not None else "")
        update = update_service(self.bmc)
        submission.stale = said_by(self.bmc.driver.firmware_update.status(self.bmc.service, update, ""))
        self.allow()
        submission.phase, submission.started = SENDING, self.clock.wall()
        submission.until = submission.started + self.times.overall
        keep(self.gate, submission)
        try:
            self._prepare(request, update)
            task = self._pulled(request) if file is None else self._pushed(request, file, submission)
        except MayHaveHappened:
            batch.sent = True
            raise
        except BmcError as error:
            submission.phase = PLANNED
            drop(self.gate, submission)
            error.why = without_tokens(error.why)
            unclear = isinstance(error, RefusedByBmc) and error.unclear
            error.way_out = error.way_out or (_UNCLEAR if unclear else _REFUSED)
            raise
        batch.sent = True
        submission.task = task
        if stage is None:
            submission.seen = True
            self.arrived(submission)
            return None
        submission.phase = TRANSFERRING
        keep(self.gate, submission)
        return stage

    def still(self, batch: Batch, open_things: ExitStack) -> Stage | None:
        """The stage that the BMC fetches from still, as an earlier task of this play told it; None for others."""
        submission = batch.submission
        if submission.arrived or not submission.source or submission.source != self.stages.source:
            return None
        return open_things.enter_context(self.stages.open(self.image))

    def arrived(self, submission: Submission) -> None:
        """The BMC has the whole image."""
        submission.phase, submission.arrived = APPLYING, self.clock.wall()
        keep(self.gate, submission)

    def start(self, batch: Batch) -> None:
        """Send the request that begins the update of an image that was uploaded."""
        submission = batch.submission
        change = self.bmc.driver.firmware_update.start(update_service(self.bmc), submission.task)
        if change is None:
            return
        self.allow()
        again, submission.begun = submission.begun, True
        keep(self.gate, submission)
        with self.gate.exclusively():
            try:
                submission.task = task_uri(self.bmc.client.post(change.uri, change.body)) or ""
            except RefusedByBmc:
                if not again:
                    raise
                # A task that was cut off had sent it.
                submission.task = ""
        keep(self.gate, submission)

    def _staged(self, batch: Batch, submission: Submission, open_things: ExitStack) -> Stage | None:
        if not batch.method.pull:
            return None
        submission.outlives, submission.source = self.stages.outlives, self.stages.source
        return open_things.enter_context(self.stages.open(self.image))

    def _prepare(self, request: UpdateRequest, update: Document) -> None:
        """Send what goes before the image."""
        client = self.bmc.client
        for change in self.bmc.driver.firmware_update.before(request, update):
            if change.method == "PATCH":
                client.patch(change.uri, change.body, dict(self.bmc.service.fresh(change.uri)))
            else:
                client.post(change.uri, change.body)

    def _pulled(self, request: UpdateRequest) -> str:
        change = self.bmc.driver.firmware_update.pull(request)
        return task_uri(self.bmc.client.post(change.uri, change.body)) or ""

    def _pushed(self, request: UpdateRequest, file: BinaryIO, submission: Submission) -> str:
        driver, client = self.bmc.driver.firmware_update, self.bmc.client
        token = client.token(session_collection(self.bmc.service.root())) if request.method.session else ""
        size = self.image.size
        response = client.upload(
            driver.push(request, token),
            file,
            size,
            lambda sent: self.tell("transfer", 100 * sent // size, ""),
            self.times.transfer,
            lambda: self._handed(submission),
        )
        return task_uri(response) or ""

    def _handed(self, submission: Submission) -> None:
        """From here on the BMC may have the whole image, and flash it, though nobody hears its answer."""
        submission.phase = HANDED
        keep(self.gate, submission)
