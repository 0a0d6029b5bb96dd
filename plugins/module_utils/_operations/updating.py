# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""While an update runs, nothing else takes its BMC or host away (promise 5)."""

from __future__ import annotations

from .._core.clock import Clock, timestamp
from .._core.errors import Busy, RefusedByBmc
from .._firmware.staging.paths import without_tokens
from .._redfish.resource import Document, link
from ..vendor_api.firmware_v1 import RUNNING, UNTOLD, WAITING
from .connect import Bmc
from .firmware.inventory import inventory
from .firmware.submission import CLAIM, PENDING, Submission, remembered
from .firmware.versions import same_version
from .writes import WriteGate


def refuse_while_updating(bmc: Bmc, gate: WriteGate, clock: Clock) -> None:
    """Raises Busy while a firmware update runs: by this controller's tasks, by what they sent, by the BMC's word.

    Reads anew what the BMC says.
    """
    told = "another task of this controller is at it" if gate.holder(CLAIM) is not None else ""
    uri = link(bmc.service.root(), "UpdateService")
    update_service = _fresh(bmc, uri) if uri is not None and not told else None
    if update_service is not None:
        told = without_tokens(bmc.driver.firmware_update.under_way(bmc.service, update_service))
        sent = [submission for submission in remembered(gate).values() if submission.phase != PENDING]
        for submission in sent if not told else ():
            if clock.wall() < submission.until and _may_run(bmc, update_service, submission):
                told = f"one was sent at {timestamp(submission.started)}, and its end was not seen"
    if told:
        raise Busy(
            "a firmware update runs on this BMC",
            why=told,
            way_out="A reset now could break it for good: wait for the update to end. Nothing was reset.",
        )


def _may_run(bmc: Bmc, update_service: Document, submission: Submission) -> bool:
    """Whether an update that nobody saw end may still run. HPE Cray EX tells of none: there the version does."""
    state = bmc.driver.firmware_update.status(bmc.service, update_service, submission.task).state
    if state != UNTOLD:
        return state in (RUNNING, WAITING)
    shown = {software.key: software.version for software in inventory(bmc.service, bmc.driver, update_service)}
    return not all(same_version(shown.get(key, ""), wanted) for key, wanted in submission.wanted.items())


def _fresh(bmc: Bmc, uri: str) -> Document | None:
    """The UpdateService as it is now; None where its link leads nowhere."""
    try:
        return bmc.service.fresh(uri)
    except RefusedByBmc as error:
        if error.status != 404:
            raise
        return None
