# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a BMC tells of one update, apart from what it still tells of the one before."""

from __future__ import annotations

from collections.abc import Iterable

from ..._core.clock import timestamp
from ..._redfish.resource import Document
from ...vendor_api.firmware_v1 import RUNNING, UNTOLD, WAITING
from ...vendor_api.v1 import UpdateStatus
from ..connect import Bmc
from .inventory import inventory
from .submission import PENDING, Submission, said_by
from .versions import same_version

FLASHED_WITHIN = 600.0
"""Seconds after which an image of unknown duration counts as flashed by a BMC that tells nothing."""


def status_of(bmc: Bmc, update_service: Document, submission: Submission, now: float) -> UpdateStatus:
    """update_service: as it is now. now: seconds since the epoch. Notes in the submission when the words have changed.

    An iLO and a MegaRAC have one state for all updates: it is that of the update before until this one begins. Who
    looks for the first time when this one may be over cannot tell one "Completed" from the next.

    Nobody knows the task of an upload whose answer is missing; that the BMC is at one, it may say nevertheless.
    """
    status = bmc.driver.firmware_update.status(bmc.service, update_service, submission.task)
    if submission.task or said_by(status) != submission.stale:
        submission.stale = ""
    elif not submission.arrived or now - submission.arrived < FLASHED_WITHIN:
        status = UpdateStatus(UNTOLD)
    if submission.task or status.state != UNTOLD:
        return status
    said = bmc.driver.firmware_update.under_way(bmc.service, update_service)
    return UpdateStatus(RUNNING, said=said) if said else status


def unseen_end(bmc: Bmc, update_service: Document, sent: Iterable[Submission], now: float) -> str:
    """Which of what was sent to a BMC may still run, in one line; "" for none. What waits for its host does not."""
    for submission in sent:
        if submission.phase != PENDING and now < submission.until and _may_run(bmc, update_service, submission, now):
            return f"one was sent at {timestamp(submission.started)}, and its end was not seen"
    return ""


def _may_run(bmc: Bmc, update_service: Document, submission: Submission, now: float) -> bool:
    """Whether an update that nobody saw end may still run. HPE Cray EX tells of none: there the version does."""
    state = status_of(bmc, update_service, submission, now).state
    if state != UNTOLD:
        return state in (RUNNING, WAITING)
    shown = {software.key: software.version for software in inventory(bmc.service, bmc.driver, update_service)}
    return not all(same_version(shown.get(key, ""), wanted) for key, wanted in submission.wanted.items())
