# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an accepted update is answered with, and what a monitor of its task answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..messages import Cause
from ..profile import Document, Reply
from ..standard import TASKS

if TYPE_CHECKING:
    from ..bmc import Bmc
    from ..updates import Update


def _task(bmc: Bmc, update: Update) -> Document:
    """Return the task that follows the update from now on."""
    found = update.rules.tasks(update)
    uri = next(uri for uri in found if uri.startswith(f"{TASKS}/"))
    return bmc.profile.finish(bmc, uri, found[uri])


def nothing(bmc: Bmc, update: Update) -> Reply:
    """Status 204: there is no task."""
    return Reply(204)


def plain(bmc: Bmc, update: Update) -> Reply:
    """Status 200 and no word more."""
    return Reply(200)


def with_task(bmc: Bmc, update: Update) -> Reply:
    """The task, and where it is."""
    shown = _task(bmc, update)
    return Reply(202, shown, {"Location": shown["@odata.id"]})


def in_body(bmc: Bmc, update: Update) -> Reply:
    """The task; no header tells where it is (XCC)."""
    return Reply(202, _task(bmc, update))


def location_alone(bmc: Bmc, update: Update) -> Reply:
    """Where the task is, and no body (iDRAC)."""
    return Reply(202, headers={"Location": _task(bmc, update)["@odata.id"]})


def with_monitor(bmc: Bmc, update: Update) -> Reply:
    """The task, and where its monitor is."""
    shown = _task(bmc, update)
    return Reply(202, shown, {"Location": shown["TaskMonitor"]})


def supermicro(bmc: Bmc, update: Update) -> Reply:
    """An `Accepted` object in the form of an error, whose one message has the task as its argument; no Location."""
    found = update.rules.tasks(update)
    uri, shown = list(found.items())[-1]
    part, what = shown["Name"].split()
    entry = {
        "MessageId": "SMC.1.0.OemSimpleupdateAcceptedMessage",
        "Severity": "Ok",
        "Resolution": "No resolution was required.",
        "Message": f"Please also check Task Resource {uri} to see more information.",
        "MessageArgs": [uri],
        "RelatedProperties": [f"{part.capitalize()}{what}Accepted"],
    }
    text = "Successfully Accepted Request. Please see the location header and ExtendedInfo for more information."
    code = f"{bmc.profile.base_registry}.Accepted"
    return Reply(202, {"Accepted": {"code": code, "Message": text, "@Message.ExtendedInfo": [entry]}})


def monitor(bmc: Bmc, update: Update) -> Reply:
    """What GET of a monitor answers: 202 while the task runs, then what the action would have answered."""
    if update.runs:
        return Reply(202, _task(bmc, update))
    return bmc.profile.accepted(bmc)


def monitor_once(bmc: Bmc, update: Update) -> Reply:
    """The same, but the end is told once and with no word; then there is no monitor any more (bmcweb, task.hpp)."""
    if update.runs:
        shown = _task(bmc, update)
        return Reply(202, shown, {"Location": shown["TaskMonitor"], "Retry-After": "60"})
    if update.result_read:
        return bmc.profile.refusal(Cause.NOT_FOUND, "Monitor")
    update.result_read = True
    return Reply(204)
