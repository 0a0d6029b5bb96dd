# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a BMC says beside the status."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from ansible_collections.openchami.bmc.plugins.module_utils._transport.extended_info import Message, messages_of
from tests.unit.json_documents import json_values, quick

INFO = {"MessageId": "Base.1.8.PropertyUnknown", "Message": "Unknown.", "Resolution": "Remove it."}


@pytest.mark.parametrize(
    "answer",
    [{"error": {"code": "Base.1.8.GeneralError", "@Message.ExtendedInfo": [INFO]}}, {"@Message.ExtendedInfo": [INFO]}],
    ids=["error object", "beside the properties"],
)
def test_message_is_found(answer: dict[str, Any]) -> None:
    (message,) = messages_of(answer)
    assert message == Message("Base.1.8.PropertyUnknown", "Unknown.", "Remove it.")
    assert message.key == "PropertyUnknown"


def test_arguments_stand_in_for_a_message_that_is_left_out() -> None:
    (message,) = messages_of({"error": {"@Message.ExtendedInfo": [{"MessageId": "x", "MessageArgs": ["Off", 7]}]}})
    assert message.text == "Off, 7"


def test_error_without_extended_information_speaks_for_itself() -> None:
    assert messages_of({"error": {"code": "Base.1.8.GeneralError", "message": "No."}}) == (
        Message("Base.1.8.GeneralError", "No.", ""),
    )


def test_long_text_is_cut() -> None:
    (message,) = messages_of({"error": {"@Message.ExtendedInfo": [{"Message": "x" * 10_000}]}})
    assert len(message.text) < 1000


def test_long_text_is_cut_between_words() -> None:
    """Half a password that a BMC repeats would not be known as one to the redaction."""
    spoken = "a " * 145 + "correct-horse-battery-staple refused"
    (message,) = messages_of({"error": {"@Message.ExtendedInfo": [{"Message": spoken}]}})
    assert message.text == "a " * 145 + "..."


@quick
@given(json_values("error", "@Message.ExtendedInfo", "MessageId", "MessageArgs", "Message", "code", "message"))
def test_no_answer_breaks_the_reading(answer: Any) -> None:
    for message in messages_of(answer):
        assert all(isinstance(part, str) for part in (message.message_id, message.text, message.resolution))
        assert message.key in message.message_id
