# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The BIOS of a system (Bios 1.2) and what became of its settings (Settings 1.3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._transport.extended_info import messages_of
from .resource import Document, link, member, objects, strings, text
from .service import Service

_SETTINGS = "@Redfish.Settings"
_SUCCESS = "Success"
_RESET_PENDING = "ResetBiosToDefaultsPending"


@dataclass(frozen=True)
class SettingsResult:
    """What a BIOS says of the settings that it last took up.

    mark: other than before once it took up settings again. refused: message text by attribute, "" for what names none.
    """

    mark: str
    refused: Mapping[str, str]


def flat_attributes(document: Document | None) -> dict[str, Any]:
    """The Attributes of a Bios resource or settings object by name; X13 has no such property when nothing waits."""
    found = member(document, "Attributes") if document is not None else None
    return {str(name): value for name, value in found.items()} if isinstance(found, Mapping) else {}


def settings_link(bios: Document) -> str | None:
    """The URI of the settings object, where the resource names it."""
    return link(bios, _SETTINGS, "SettingsObject")


def supported_apply_times(bios: Document) -> tuple[str, ...]:
    """When it can take up settings, as far as it says so."""
    return strings(bios, _SETTINGS, "SupportedApplyTimes")


def registry_name(bios: Document) -> str:
    """The attribute registry that it names, or ""."""
    return text(bios, "AttributeRegistry") or ""


def defaults_pending(bios: Document) -> bool:
    """Whether a reset to the defaults waits (ResetBiosToDefaultsPending, Bios 1.2)."""
    return bios.get(_RESET_PENDING) is True


def without_reset(bios: Document) -> Document:
    """The resource as it is when the reset has happened."""
    return {name: value for name, value in bios.items() if name != _RESET_PENDING}


def reset_bios(service: Service, bios: Document) -> tuple[str, dict[str, Any]] | None:
    """Target and body of the ResetBios action; None where there is none.

    The body has what the action's ActionInfo demands and what allows one value only: AMI's ResetType is "Reset".
    """
    target = text(bios, "Actions", "#Bios.ResetBios", "target")
    if target is None:
        return None
    info_uri = text(bios, "Actions", "#Bios.ResetBios", "@Redfish.ActionInfo")
    info = service.find(info_uri) if info_uri else None
    body: dict[str, Any] = {}
    for parameter in objects(info, "Parameters") if info is not None else ():
        name, allowed = text(parameter, "Name"), strings(parameter, "AllowableValues")
        if name and parameter.get("Required") is True and len(allowed) == 1:
            body[name] = allowed[0]
    return target, body


def settings_result(bios: Document) -> SettingsResult:
    """The messages of @Redfish.Settings. An iLO has one for each attribute that it refused."""
    told = member(bios, _SETTINGS)
    told = told if isinstance(told, Mapping) else {}
    refused: dict[str, str] = {}
    for entry in objects(told, "Messages"):
        message = messages_of({"@Message.ExtendedInfo": [dict(entry)]})[0]
        if message.key and message.key != _SUCCESS:
            said = " ".join(filter(None, (f"[{message.message_id}]", message.text)))
            refused |= dict.fromkeys(_named(entry) or ("",), said)
    mark = json.dumps([told.get("Time"), told.get("ETag"), told.get("Messages")], default=str)
    return SettingsResult(mark, refused)


def _named(entry: Document) -> tuple[str, ...]:
    """The attributes that a message speaks of: what it is related to, and its arguments."""
    related = [pointer.rpartition("/")[2] for pointer in strings(entry, "RelatedProperties")]
    return tuple(dict.fromkeys([*related, *strings(entry, "MessageArgs")]))
