# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The messages in a Redfish answer (DSP0266, "Error responses" and "Extended information")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# A person reads them in one line.
_LONGEST = 300
_MOST = 20


@dataclass(frozen=True)
class Message:
    """One entry of @Message.ExtendedInfo.

    message_id: "Base.1.8.ResourceNotFound"; key: its last part, "ResourceNotFound", the same in every registry version.
    """

    message_id: str
    text: str
    resolution: str

    @property
    def key(self) -> str:
        return self.message_id.rpartition(".")[2]


def messages_of(document: object) -> tuple[Message, ...]:
    """The messages of an answer, whatever its status: HPE sends an "error" object with successes too."""
    if not isinstance(document, dict):
        return ()
    error = document.get("error")
    holder = error if isinstance(error, dict) else document
    told = holder.get("@Message.ExtendedInfo")
    entries = told[:_MOST] if isinstance(told, list) else []
    found = tuple(_message(entry) for entry in entries if isinstance(entry, dict))
    if not found and isinstance(error, dict):
        return (Message(_text(error, "code"), _text(error, "message"), ""),)
    return found


def _message(entry: dict[str, Any]) -> Message:
    # iLO fills MessageArgs and leaves Message out: then the arguments are all there is to say.
    told = entry.get("MessageArgs")
    arguments = told[:_MOST] if isinstance(told, list) else []
    spoken = ", ".join(str(argument) for argument in arguments if isinstance(argument, (str, int, float)))
    return Message(_text(entry, "MessageId"), _text(entry, "Message") or _cut(spoken), _text(entry, "Resolution"))


def _text(entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    return _cut(value) if isinstance(value, str) else ""


def _cut(spoken: str) -> str:
    """At most so many characters, as whole words: half a password that a BMC repeats would not be redacted."""
    return spoken if len(spoken) <= _LONGEST else f"{spoken[:_LONGEST].rpartition(' ')[0]} ...".strip()
