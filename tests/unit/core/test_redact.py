# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets are replaced everywhere (promise 8)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._core.redact import REDACTED, Redactor
from tests.unit.json_documents import json_values, quick

CANARY = "canary-7f3a"


def test_secret_is_replaced_inside_a_text() -> None:
    assert Redactor([CANARY]).text(f"user admin, {CANARY}: HTTP 401") == f"user admin, {REDACTED}: HTTP 401"


def test_secret_that_contains_another_is_replaced_whole() -> None:
    assert Redactor(["canary", CANARY]).text(CANARY) == REDACTED


def test_secret_is_replaced_in_nested_data_and_in_keys() -> None:
    data = {"a": [{"b": (f"x{CANARY}",)}], f"key-{CANARY}": 1}
    assert Redactor([CANARY]).data(data) == {"a": [{"b": [f"x{REDACTED}"]}], f"key-{REDACTED}": 1}


@pytest.mark.parametrize(
    "key",
    ["Password", "passwd", "X-Auth-Token", "Authorization", "api_key", "PrivateKey", "client_secret", "Set-Cookie"],
)
def test_text_under_a_key_that_names_a_secret_is_replaced(key: str) -> None:
    assert Redactor().data({key: "xy"}) == {key: REDACTED}


@pytest.mark.parametrize("value", [1234, ["xy"], [["xy"]], {"token": "xy"}, [{"token": "xy"}]])
def test_whatever_stands_under_a_key_that_names_a_secret_is_replaced(value: Any) -> None:
    shown = repr(Redactor().data({"Password": value}))
    assert "xy" not in shown
    assert "1234" not in shown


@pytest.mark.parametrize("value", [None, "", True])
def test_what_cannot_be_a_secret_stays(value: Any) -> None:
    assert Redactor().data({"Password": value}) == {"Password": value}


@pytest.mark.parametrize("key", ["UserName", "uri", "Monkey", "PassThrough"])
def test_other_keys_keep_their_values(key: str) -> None:
    assert Redactor().data({key: "abc"}) == {key: "abc"}


def test_secret_too_short_to_search_for_does_not_destroy_texts() -> None:
    redactor = Redactor(["o"])
    assert redactor.text("power off") == "power off"
    assert redactor.data({"Password": "o"}) == {"Password": REDACTED}


def test_absent_secrets_replace_nothing() -> None:
    assert Redactor([None, ""]).text("power off") == "power off"


def test_redaction_copies() -> None:
    data = {"Password": "abcd", "list": [CANARY]}
    Redactor([CANARY]).data(data)
    assert data == {"Password": "abcd", "list": [CANARY]}


@quick
@given(json_values("Password", "uri", texts=(CANARY, f"a {CANARY} b")))
def test_secret_survives_in_no_json_document(value: Any) -> None:
    assert CANARY not in repr(Redactor([CANARY]).data(value))


@quick
@given(json_values("uri", "Members"))
def test_document_without_secrets_stays_as_it_is(value: Any) -> None:
    assert Redactor([CANARY]).data(value) == value


@quick
@given(st.text(), st.lists(st.text(min_size=4, alphabet="abcdefgh"), max_size=4))
def test_no_secret_survives_in_any_text(text: str, secrets: list[str]) -> None:
    shown = Redactor(secrets).text("".join([text, *secrets]))
    assert not any(secret in shown for secret in secrets)
