# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests that begin an update: what they may say, in which dialect, and what is answered.

SimpleUpdate and StartUpdate are the standard's (UpdateService v1), AddFromUri is HPE's. An upload is judged by the same
rules; push.py takes its bytes.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..messages import Cause
from ..profile import Document, Reply
from ..standard import UPDATE_SERVICE
from ..updates import WAITING, Request
from .rules import APPLY_TIME, NEVER, Pull, Push, Updates

if TYPE_CHECKING:
    from ..bmc import Bmc

Refused = tuple[Cause, tuple[str, ...]]
START = "UpdateService.StartUpdate"
# What an upload may say beside its targets. Supermicro's Oem says what of the old settings is kept.
_UPLOAD_PARAMETERS = ("Targets", "Oem", "ForceUpdate", APPLY_TIME)


class RefusedRequest(Exception):
    """A request that begins nothing; `reply` says why."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def pull(bmc: Bmc, action: Pull, body: Document) -> Reply:
    """Begin an update whose image the BMC fetches, or refuse what cannot be meant."""
    rules = _rules(bmc)
    try:
        _check(bmc, _misfit(rules, action, body))
        apply = _stored(action, body) or _apply(bmc, rules, body, action.name)
        named = body.get(action.names) if action.names else None
        targets = _targets(bmc, named, action.names, action.name)
        faults = begin(bmc, action.uri)
    except RefusedRequest as refused:
        return refused.reply
    url = body["ImageURI"]
    update = bmc.updates.begin(Request(action.name, url, targets, apply, faults, bmc.faults.download(url)))
    answer = rules.answer(bmc, update)
    if action.numeric and not _is_address(urlsplit(url).hostname or ""):
        update.fail("the name of the server could not be resolved")
        return answer
    return Reply(answer.status, answer.document, answer.headers, then_download=update)


def upload(bmc: Bmc, push: Push, parameters: Mapping[str, Any]) -> Request:
    """Return what an upload asks for. Raise RefusedRequest."""
    rules = _rules(bmc)
    if push.flag:
        return Request(push.name, faults=begin(bmc, push.uri), apply=_stored(push, parameters))
    for name in parameters:
        if name not in _UPLOAD_PARAMETERS or (name == APPLY_TIME and not rules.apply_times):
            _check(bmc, (Cause.UNKNOWN_PARAMETER, (push.name, name)))
    options = bmc.profile.document(bmc, UPDATE_SERVICE) if rules.options else {}
    named = parameters.get("Targets") if push.multipart else options.get("HttpPushUriTargets")
    targets = _targets(bmc, named, "Targets", push.name)
    chosen = options.get("HttpPushUriOptions", {}).get("HttpPushUriApplyTime", {}).get("ApplyTime", "")
    apply = _apply(bmc, rules, parameters, push.name) if APPLY_TIME in parameters or not chosen else chosen
    forced = parameters.get("ForceUpdate", options.get("HttpPushUriOptions", {}).get("ForceUpdate")) is True
    return Request(push.name, "", targets, apply, begin(bmc, push.uri), forced=forced)


def begin(bmc: Bmc, uri: str) -> tuple[str, ...]:
    """Return the faults that an update begins with. Raise RefusedRequest where another one runs, or for a fault."""
    if bmc.updates.running is not None:
        raise RefusedRequest(bmc.profile.refusal(Cause.UPDATING))
    faults = bmc.faults.update(uri)
    if "refuses" in faults:
        raise RefusedRequest(bmc.profile.refusal(Cause.IMAGE_REFUSED, uri))
    return faults


def start(bmc: Bmc) -> Reply:
    """Start what was uploaded to be started."""
    update = bmc.updates.running
    if update is None or update.state != WAITING:
        return bmc.profile.refusal(Cause.NOTHING_WAITS, START)
    update.start()
    return update.rules.answer(bmc, update)


def _stored(way: Pull | Push, given: Mapping[str, Any]) -> str:
    """Return NEVER where a request asks for no flash (iLO: the image then lies in its repository), "" else."""
    return NEVER if way.flag and given.get(way.flag) is not True else ""


def _rules(bmc: Bmc) -> Updates:
    rules = bmc.profile.updates
    assert rules is not None
    return rules


def _check(bmc: Bmc, refused: Refused | None) -> None:
    if refused is not None:
        raise RefusedRequest(bmc.profile.refusal(refused[0], *refused[1]))


def _misfit(rules: Updates, action: Pull, body: Document) -> Refused | None:
    for name in body:
        if name not in action.parameters and not (name == APPLY_TIME and rules.apply_times):
            return Cause.UNKNOWN_PARAMETER, (action.name, name)
    if not isinstance(body.get("ImageURI"), str):
        return Cause.MISSING_PARAMETER, (action.name, "ImageURI")
    for name in action.required:
        if name not in body:
            return Cause.MISSING_PARAMETER, (action.name, name)
    if action.local:
        return Cause.VALUE_NOT_IN_LIST, (body["ImageURI"], "ImageURI", action.name)
    scheme = body["ImageURI"].partition("://")[0].upper()
    protocol = body.get("TransferProtocol", scheme)
    if protocol not in action.protocols or protocol != scheme:
        return Cause.VALUE_NOT_IN_LIST, (str(protocol), "TransferProtocol", action.name)
    return None


def _apply(bmc: Bmc, rules: Updates, given: Mapping[str, Any], action: str) -> str:
    if APPLY_TIME not in given:
        return rules.apply_times[0] if rules.apply_times else ""
    if given[APPLY_TIME] not in rules.apply_times:
        _check(bmc, (Cause.VALUE_NOT_IN_LIST, (str(given[APPLY_TIME]), APPLY_TIME, action)))
    return str(given[APPLY_TIME])


def _targets(bmc: Bmc, named: object, parameter: str, action: str) -> tuple[str, ...]:
    """Return the ids of what is named, () for the image to decide."""
    targets: list[str] = []
    for target in named if isinstance(named, list) else [named] if named else []:
        found = bmc.updates.named(str(target))
        if not found:
            _check(bmc, (Cause.VALUE_NOT_IN_LIST, (str(target), parameter, action)))
        targets += found
    return tuple(dict.fromkeys(targets))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
