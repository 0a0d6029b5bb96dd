# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an entry may hold, whatever its source."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import NoCredential
from ansible_collections.openchami.bmc.plugins.module_utils._credentials.account import Account, account_in

CANARY = "canary-88d0"


@pytest.mark.parametrize(
    "entry",
    [
        {"username": "root", "password": "p"},
        {"Username": "root", "PASSWORD": "p", "URL": "x"},
        {"username": "root", "Username": "root", "password": "p"},
    ],
)
def test_names_in_any_case(entry: dict[str, Any]) -> None:
    assert account_in(entry, "it") == Account("root", "p")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (["root", CANARY], "it is no object"),
        (None, "it is no object"),
        ({"username": "root", "pass": CANARY}, "it has no password"),
        ({"username": "", "password": CANARY}, "its username is empty or no text"),
        ({"username": "root", "password": 12345678}, "its password is empty or no text"),
        ({"username": "root", "password": CANARY, "Password": "other"}, "it has password in several spellings"),
    ],
)
def test_entry_without_a_whole_account_is_malformed_and_not_shown(entry: Any, words: str) -> None:
    with pytest.raises(NoCredential, match=f"it is malformed: {words}") as refusal:
        account_in(entry, "it")
    assert CANARY not in str(refusal.value)
