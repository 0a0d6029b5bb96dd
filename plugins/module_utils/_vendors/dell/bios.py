# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""BIOS of Dell servers (evidence: recorded iDRAC9 6.00.30; writes as dellemc.openmanage, idrac_bios, sends them)."""

from __future__ import annotations

from typing import Any

from ..._core.errors import Busy
from ..._redfish.resource import Document, id_of, link, member, text, uri_of
from ..._redfish.service import Service
from ...vendor_api.v1 import Change, Meaning
from ..standard.bios import GenericBios

_CLEAR_PENDING = "#DellManager.ClearPending"
_WAITING = ("Scheduled", "Scheduling", "New", "ReadyForExecution")
_ENDED = ("Completed", "CompletedWithErrors", "Failed", "RebootFailed")

_JOB_WAITS = Meaning(
    "a BIOS job already waits on this iDRAC",
    "It was made since this task looked: run the task again, or look at the job queue.",
)
_LOCKED_DOWN = Meaning(
    "this iDRAC is in lockdown mode, in which nothing can be configured",
    "End the lockdown (attribute Lockdown.1.SystemLockdown of the iDRAC), then run the task again.",
)


class DellBios(GenericBios):
    """A change becomes a job, if it is sent with an apply time. While that job waits a second change is refused.

    A waiting job is deleted, values without a job are cleared by an action of the settings object
    (dellemc.openmanage, idrac_bios: clear_pending).
    """

    apply_time = "OnReset"
    one_at_a_time = True

    def __init__(self) -> None:
        super().__init__({"SYS011": _JOB_WAITS, "SYS406": _LOCKED_DOWN, "BIOS031": _LOCKED_DOWN})

    def discard(self, service: Service, settings: Document | None) -> tuple[Change, ...] | None:
        if settings is None:
            return ()
        found = []
        for job in _open_jobs(service, settings):
            state = text(job, "JobState") or ""
            if state not in _WAITING:
                raise Busy(
                    f"the BIOS job {id_of(job)} is at work",
                    why=f"JobState {state}: {text(job, 'Message') or 'without a word'}",
                    way_out="Wait for it to end, then run the task again. Nothing was written.",
                )
            found.append(Change("DELETE", uri_of(job), {}))
        target = _clear_pending(settings)
        return tuple(found) or ((Change("POST", target, {}),) if target and member(settings, "Attributes") else ())

    def scheduled(self, service: Service, settings: Document | None) -> bool:
        """What was written without an apply time is shown, and stays so over every boot until a job takes it.

        Evidence: community.general, _redfish_utils.py, and Dell's GetSetBiosAttributesREDFISH.py send an apply time
        because no job is made without one. An iDRAC that names no queue does not tell, and is believed.
        """
        if settings is None or link(settings, "Oem", "Dell", "Jobs") is None:
            return True
        return bool(_open_jobs(service, settings))

    def unfinished(self, service: Service, settings: Document | None) -> str:
        """iDRAC shows the wanted values as current before its job has ended (libredfish, pull request 25)."""
        jobs = _open_jobs(service, settings, fresh=True) if settings is not None else []
        return "; ".join(f"the BIOS job {id_of(job)} is {text(job, 'JobState')}" for job in jobs)


def _open_jobs(service: Service, settings: Document, *, fresh: bool = False) -> list[Document]:
    """The BIOS jobs that have not ended. fresh: as they are now."""
    queue = link(settings, "Oem", "Dell", "Jobs")
    if queue and fresh:
        service.fresh(queue)
    found = []
    for uri in service.members(queue) if queue else ():
        job = (service.fresh(uri) if fresh else service.find(uri)) or {}
        if text(job, "JobType") == "BIOSConfiguration" and text(job, "JobState") not in _ENDED:
            found.append(job)
    return found


def _clear_pending(settings: Document) -> str | None:
    """The target of ClearPending, whose key has its schema's version in front: DellManager.v1_0_0#DellManager.C..."""
    actions: Any = member(settings, "Actions", "Oem")
    for name in actions if isinstance(actions, dict) else ():
        if name.endswith(_CLEAR_PENDING):
            return text(actions, name, "target")
    return None
