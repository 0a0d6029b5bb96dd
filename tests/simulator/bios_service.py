# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to the BIOS of a system: what is refused at once, and what waits for the next boot."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from .bios import JOB_TASKS, Bios
from .bios_state import AT_WORK, DONE, FAILED, WAITS, BiosState, Job
from .documents import resource
from .messages import Cause
from .profile import Document, Reply

if TYPE_CHECKING:
    from .bmc import Bmc

_APPLY_TIME = "@Redfish.SettingsApplyTime"
CLEAR_PENDING = "Actions/Oem/DellManager.ClearPending"
_TASK_STATES = {WAITS: "New", AT_WORK: "Running", DONE: "Completed", FAILED: "Exception"}


def methods(bmc: Bmc, uri: str) -> tuple[str, ...]:
    """Return what can be done with a URI that belongs to a BIOS; () for one that does not, or is not there."""
    for bios in bmc.layout.bioses:
        state = bmc.bioses[bios.system]
        if uri == bios.settings:
            return ("GET", "HEAD", "PATCH")
        if uri == bios.reset_target or (bios.jobs and uri == f"{bios.settings}/{CLEAR_PENDING}"):
            return ("POST",)
        if bios.registry is not None and uri == bios.registry.body:
            return () if bmc.settings.bios_registry == "missing" else ("GET", "HEAD")
        job = _job(state, bios, uri)
        if job is not None:
            return ("GET", "HEAD", "DELETE")
    return ()


def respond(bmc: Bmc, method: str, uri: str, headers: Mapping[str, str], body: Document | None) -> Reply | None:
    """Do what a request to a BIOS asks for; None for a read that is like any other."""
    for bios in bmc.layout.bioses:
        state = bmc.bioses[bios.system]
        job = _job(state, bios, uri)
        if job is not None:
            return _delete(bmc, state, job) if method == "DELETE" else Reply(200, _job_document(bios, uri, job))
        if bios.registry is not None and uri == bios.registry.body and bmc.settings.bios_registry == "packed":
            return _packed(bmc, uri, headers)
        if uri == bios.settings and method == "PATCH":
            return _patch(bmc, bios, state, body)
        if uri == bios.settings and bios.pending == "absent" and not state.waiting:
            return bmc.profile.refusal(Cause.NOT_FOUND, uri)
        if method == "POST" and uri == bios.reset_target:
            return _reset(bmc, bios, state, body)
        if method == "POST" and uri == f"{bios.settings}/{CLEAR_PENDING}":
            return _clear(bmc, state)
    return None


def _refused_now(bmc: Bmc) -> Reply | None:
    if bmc.settings.lockdown:
        return bmc.profile.refusal(Cause.LOCKED_DOWN)
    return None if bmc.settings.bios_licensed else bmc.profile.refusal(Cause.UNLICENSED, "SFT-OOB-LIC")


def _patch(bmc: Bmc, bios: Bios, state: BiosState, body: Document | None) -> Reply:
    profile = bmc.profile
    if body is None:
        return profile.refusal(Cause.MALFORMED_BODY)
    refused = _refused_now(bmc)
    if refused is not None:
        return refused
    values = body.get("Attributes")
    for name in body:
        if name not in ("Attributes", _APPLY_TIME) or (name == _APPLY_TIME and not bios.applies):
            return profile.refusal(Cause.UNKNOWN_PROPERTY, name)
    if not isinstance(values, dict) or not values:
        return profile.refusal(Cause.MALFORMED_BODY)
    for name in values:
        if name not in state.active:
            return profile.refusal(Cause.UNKNOWN_PROPERTY, name)
    if state.open_job is not None:
        return profile.refusal(Cause.JOB_WAITS)
    state.wait(values, "PATCH")
    if bios.jobs and _APPLY_TIME in body:
        job = state.make_job()
        return Reply(202, headers={"Location": f"{JOB_TASKS}/{job.id}"})
    return profile.patched(bmc)


def _reset(bmc: Bmc, bios: Bios, state: BiosState, body: Document | None) -> Reply:
    wanted = {"ResetType": bios.reset_type} if bios.reset_type else {}
    if body != wanted:
        return bmc.profile.refusal(Cause.MISSING_PARAMETER, "Bios.ResetBios", "ResetType")
    refused = _refused_now(bmc)
    if refused is None:
        state.reset()
    return refused or bmc.profile.accepted(bmc)


def _clear(bmc: Bmc, state: BiosState) -> Reply:
    """An iDRAC clears what waits in no job."""
    if state.open_job is not None:
        return bmc.profile.refusal(Cause.JOB_WAITS)
    state.discard("ClearPending")
    return bmc.profile.accepted(bmc)


def _job(state: BiosState, bios: Bios, uri: str) -> Job | None:
    place, _slash, identifier = uri.rpartition("/")
    if not bios.jobs or place not in (bios.jobs, JOB_TASKS):
        return None
    return next((job for job in state.jobs if job.id == identifier), None)


def _job_document(bios: Bios, uri: str, job: Job) -> Document:
    """A job, or the same work as a task."""
    if uri.startswith(JOB_TASKS):
        messages = [{"Message": job.message, "MessageId": "PR19"}]
        return resource(
            uri, "Task.v1_5_1.Task", "Configure: BIOS.Setup.1-1", TaskState=_TASK_STATES[job.state], Messages=messages
        )
    return resource(
        uri,
        "DellJob.v1_2_0.DellJob",
        "Configure: BIOS.Setup.1-1",
        JobState=job.state,
        JobType="BIOSConfiguration",
        Message=job.message,
        MessageId="PR19",
        PercentComplete=100 if job.state in (DONE, FAILED) else 0,
    )


def _delete(bmc: Bmc, state: BiosState, job: Job) -> Reply:
    if job.state != WAITS:
        return bmc.profile.refusal(Cause.JOB_WAITS)
    state.discard("DELETE")
    return bmc.profile.accepted(bmc)


def _packed(bmc: Bmc, uri: str, headers: Mapping[str, str]) -> Reply:
    """Some iLOs have a registry packed only, and answer 406 to who wants it otherwise (sushy, connector.py)."""
    if "gzip" not in headers.get("Accept-Encoding", ""):
        return bmc.profile.refusal(Cause.NOT_PACKED)
    document = bmc.profile.document(bmc, uri)
    packed = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    return Reply(200, gzip.compress(json.dumps(document).encode()), packed)
