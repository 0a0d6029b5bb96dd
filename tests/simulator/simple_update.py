# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SimpleUpdate (UpdateService v1): what a request may say, in which dialect, and what is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .messages import Cause
from .profile import Document, Reply

if TYPE_CHECKING:
    from .bmc import Bmc
    from .updates import Updates

ACTION = "UpdateService.SimpleUpdate"


def simple_update(bmc: Bmc, body: Document) -> Reply:
    """Begin an update, or refuse what cannot be meant."""
    profile, rules = bmc.profile, bmc.profile.updates
    assert rules is not None
    refused = _refused(rules, body)
    if refused is not None:
        return profile.refusal(refused[0], *refused[1])
    if bmc.updates.running is not None:
        return profile.refusal(Cause.UPDATING)
    image = ""
    named = body.get(rules.names) if rules.names else None
    for target in named if isinstance(named, list) else [named] if named else []:
        found = bmc.updates.image_of(str(target))
        if found is None:
            return profile.refusal(Cause.VALUE_NOT_IN_LIST, str(target), rules.names, ACTION)
        image = found
    update = bmc.updates.begin(body["ImageURI"], image, bmc.faults.download(body["ImageURI"]))
    uri = bmc.updates.task_uri(update)
    if uri is None:
        return Reply(204, then_download=update)
    return Reply(202, profile.finish(bmc, uri, update.task(uri)), {"Location": uri}, then_download=update)


def _refused(rules: Updates, body: Document) -> tuple[Cause, tuple[str, ...]] | None:
    for name in body:
        if name not in rules.parameters:
            return Cause.UNKNOWN_PARAMETER, (ACTION, name)
    for name in ("ImageURI", *(["TransferProtocol"] if rules.protocol_required else [])):
        if not isinstance(body.get(name), str):
            return Cause.MISSING_PARAMETER, (ACTION, name)
    scheme = body["ImageURI"].partition("://")[0].upper()
    protocol = body.get("TransferProtocol", scheme)
    if protocol not in rules.protocols or protocol != scheme:
        return Cause.VALUE_NOT_IN_LIST, (str(protocol), "TransferProtocol", ACTION)
    return None
