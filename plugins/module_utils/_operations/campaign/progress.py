# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a result of bmc_firmware makes of a BMC, and whether a campaign may go on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .values import (
    BEGUN,
    CANARY,
    CURRENT,
    ENDED,
    FAILED,
    NOT_READY,
    PENDING,
    PREPARING,
    SUBMITTED,
    SUBMITTING,
    UNFIT,
    UPDATED,
    WAITING,
    Bmc,
    Campaign,
)

Result = Mapping[str, Any]
"""A module's result on a host; {} where the task did not run."""

# Errors that come before anything was sent that could flash: the BMC is as it was, and a later run may try again.
_UNTOUCHED = frozenset(
    {
        *("InvalidRequest", "TargetUnknown", "LocalFailure", "NoCredential", "RegistryFailure", "BadArtifact"),
        *("BundleRefused", "Unreachable", "Untrusted", "PinMismatch", "LoginRefused", "NotRedfish", "NotSupported"),
        *("WrongMachine", "Busy"),
    }
)
# The one error that tells how an update ended.
_OVER = "UpdateFailed"


def has_failed(result: Result) -> bool:
    return bool(result.get("failed") or result.get("unreachable"))


def compared(bmc: Bmc, result: Result) -> Bmc:
    """After a look at what an update would do."""
    if has_failed(result):
        # That the policies accept the bundle was found out before: what is refused here is the hardware.
        if _kind(result) == "BundleRefused":
            return replace(bmc, state=UNFIT, why=str(result["error"].get("why") or ""))
        return replace(bmc, state=NOT_READY, why=_why(result))
    updates = _updates(result)
    state = CURRENT if all(update.get("state") == "current" for update in updates) else WAITING
    return replace(bmc, state=state, why="", updates=updates)


def prepared(bmc: Bmc, told: Mapping[str, str] | None, now: float) -> Bmc:
    """After the site's own tasks on each host. told: what each host's came to, "" for well; None where there are none.

    A host that tells nothing is not ready: its tasks did not come to their end.
    """
    if told is not None:
        unready = {host: told.get(host, "the tasks before the update did not end") for host in bmc.hosts}
        why = "; ".join(f"{host}: {reason}" for host, reason in unready.items() if reason)
        if why:
            return replace(bmc, state=NOT_READY, why=why)
    return replace(bmc, state=SUBMITTING, begun=now)


def not_staged(bmc: Bmc, result: Result, now: float) -> Bmc:
    """After its image could not be staged: nothing was sent by this run."""
    why = f"the image could not be staged: {_why(result)}"
    return replace(bmc, why=why) if bmc.cut_off else replace(bmc, state=NOT_READY, why=why, ended=now)


def submitted(bmc: Bmc, result: Result, now: float) -> Bmc:
    """After an update was submitted."""
    handle = result.get("handle")
    if has_failed(result):
        why = _why(result)
        if handle:
            return replace(bmc, state=SUBMITTED, why=why, handle=handle)
        untouched = _kind(result) in _UNTOUCHED and not result.get("changed")
        if not _kind(result) or (untouched and bmc.cut_off):
            # Without a kind it is a defect, or a worker that died: it may have sent, or not.
            return replace(bmc, why=why)
        return replace(bmc, state=NOT_READY if untouched else FAILED, why=why, ended=now)
    if handle:
        return replace(bmc, state=SUBMITTED, why="", handle=handle, updates=_updates(result) or bmc.updates)
    return _ended(bmc, result, now)


def settled(bmc: Bmc, result: Result, now: float) -> Bmc:
    """After an update was waited for. One whose end was not seen keeps its handle: it may still run."""
    if not has_failed(result):
        return _ended(bmc, result, now)
    if _kind(result) != _OVER:
        return replace(bmc, why=_why(result), handle=result.get("handle") or bmc.handle)
    return replace(bmc, state=FAILED, why=_why(result), handle=None, updates=_kept(bmc, result), ended=now)


def _ended(bmc: Bmc, result: Result, now: float) -> Bmc:
    updates = _kept(bmc, result)
    states = {str(update.get("state")) for update in updates}
    if states - {"current", "updated", "pending_reboot"}:
        why = "; ".join(filter(None, (str(update.get("note") or "") for update in updates)))
        return replace(bmc, state=FAILED, why=why or "bmc_firmware does not say how it ended", handle=None, ended=now)
    state = PENDING if "pending_reboot" in states else UPDATED
    return replace(bmc, state=state, why="", handle=None, updates=updates, ended=now)


def _kept(bmc: Bmc, result: Result) -> tuple[Mapping[str, Any], ...]:
    """As told now; the version before is that of the first look: after an interruption it is the new one already.

    A URI may have moved with the version (Dell, OpenBMC); the order of the components has not.
    """
    told = _updates(result)
    if not told:
        return bmc.updates
    earlier = {update.get("uri"): update for update in bmc.updates}
    if len(told) == len(bmc.updates):
        earlier = dict(zip((update.get("uri") for update in told), bmc.updates, strict=True)) | earlier
    return tuple({**update, "before": earlier.get(update.get("uri"), update).get("before")} for update in told)


def retried(bmc: Bmc) -> Bmc:
    """One that a later run begins anew."""
    return replace(bmc, state=WAITING, why="", handle=None, cut_off=False, hook="", begun=None, ended=None)


def resumed(bmc: Bmc, *, retry_failed: bool) -> Bmc:
    """As a later run takes it up: what is done stays, what was submitted is settled, what never began begins.

    What may have been submitted is submitted again: bmc_firmware looks before it writes, and follows what runs.
    """
    if bmc.state in (PREPARING, NOT_READY) or (bmc.state == FAILED and retry_failed):
        return retried(bmc)
    if bmc.state in BEGUN:
        return replace(bmc, why="", cut_off=bmc.state == SUBMITTING)
    return bmc


def why_stopped(campaign: Campaign, budget: int) -> str:
    """Why no further wave may begin; "" where one may."""
    canaries = [bmc.hosts[0] for bmc in campaign.bmcs if bmc.wave == CANARY and bmc.failed]
    if canaries:
        return f"a canary failed: {', '.join(canaries)}"
    if campaign.failed > budget:
        return f"the failure budget is spent: {campaign.failed} BMCs failed, at most {budget} may"
    return ""


def is_over(campaign: Campaign) -> bool:
    """Whether no later run has anything to take up."""
    return all(bmc.state in ENDED and not bmc.away for bmc in campaign.bmcs)


def begin(campaign: Campaign, wave: int, present: Collection[str], *, tasks_after: bool) -> Campaign:
    """A wave's waiting BMCs are prepared. present: the keys of those that this run has hosts of.

    tasks_after: whether the site has tasks to take the hosts back.
    """
    waiting = [bmc for bmc in campaign.bmcs if (bmc.wave, bmc.state) == (wave, WAITING) and bmc.key in present]
    return campaign.with_bmcs([replace(bmc, state=PREPARING, away=tasks_after) for bmc in waiting])


def taken_back(bmc: Bmc, told: Mapping[str, str]) -> Bmc:
    """After the site's tasks after the update. told: what each host's came to, "" for well.

    One that tells nothing is not back, and one of which the end is not known gets them once more when it is.
    """
    hook = "; ".join(f"{host}: {why}" for host, why in told.items() if why)
    return replace(bmc, hook=hook, away=bmc.state in BEGUN or not set(bmc.hosts) <= set(told))


def acting(bmcs: Sequence[Bmc]) -> dict[str, dict[str, Any]]:
    """The hosts that prepare, submit, settle with their handles, and are taken back with what became of their BMCs.

    The first host of a BMC submits and settles for all.
    """
    return {
        "prepare": {host: True for bmc in bmcs if bmc.state == PREPARING for host in bmc.hosts},
        "submit": {bmc.hosts[0]: True for bmc in bmcs if bmc.state == SUBMITTING},
        "settle": {bmc.hosts[0]: bmc.handle for bmc in bmcs if bmc.state == SUBMITTED},
        "take_back": {host: bmc.state for bmc in bmcs if bmc.away for host in bmc.hosts},
    }


def _updates(result: Result) -> tuple[Mapping[str, Any], ...]:
    return tuple(result.get("updates") or ())


def _kind(result: Result) -> str:
    error = result.get("error")
    return str(error.get("kind", "")) if isinstance(error, Mapping) else ""


def _why(result: Result) -> str:
    """What happened and why, without the name of the host and the advice, for which a table has no room."""
    error = result.get("error")
    told = (error.get("what"), error.get("why")) if isinstance(error, Mapping) else (result.get("msg"),)
    return ": ".join(str(part) for part in told if part) or "no reason was told"
