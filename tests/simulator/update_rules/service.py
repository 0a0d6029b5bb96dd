# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of a BMC's Redfish service that is about updates: what begins one by a request, and what tells of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..messages import Cause
from ..profile import Document, Reply
from . import answers, requests

if TYPE_CHECKING:
    from ..bmc import Bmc


def methods(bmc: Bmc, uri: str) -> tuple[str, ...]:
    """Return what can be done with a URI that belongs to updates; () for any other. push.py takes the uploads."""
    rules = bmc.profile.updates
    if rules is None:
        return ()
    if uri in bmc.updates.resources() or bmc.updates.monitored_at(uri) is not None:
        return ("GET", "HEAD")
    removed = "SimpleUpdate" if bmc.settings.remove_simple_update else ""
    pulls = (action.uri for action in rules.pulls if action.name != removed)
    taking = {rules.starts, *pulls, *(push.uri for push in rules.pushes)}
    return ("POST",) if uri in taking else ()


def respond(bmc: Bmc, method: str, uri: str, headers: Mapping[str, str], body: Document | None) -> Reply:
    """Do what a request asks for, and return the reply."""
    rules = bmc.profile.updates
    assert rules is not None
    if method != "POST":
        monitored = bmc.updates.monitored_at(uri)
        if monitored is not None:
            return (rules.monitored or answers.monitor)(bmc, monitored)
        return Reply(200, bmc.profile.finish(bmc, uri, bmc.updates.resources()[uri]))
    if bmc.settings.refuses_if_match_on_action and "If-Match" in headers:
        return bmc.profile.refusal(Cause.ETAG_MISMATCH)
    if body is None:
        return bmc.profile.refusal(Cause.MALFORMED_BODY)
    action = next((action for action in rules.pulls if action.uri == uri), None)
    return requests.start(bmc) if action is None else requests.pull(bmc, action, body)
