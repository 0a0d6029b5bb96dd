# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that every module shares: typed, checked before anything is sent, and never shown."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest, LocalFailure
from ansible_collections.openchami.bmc.plugins.module_utils._core.redact import Redactor
from ansible_collections.openchami.bmc.plugins.module_utils._entry.bmc_power import ARGUMENT_SPEC
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import (
    CONNECTION_SPEC,
    secrets,
    settings,
    validated,
)
from ansible_collections.openchami.bmc.plugins.module_utils._operations.connect import Settings
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin
from ansible_collections.openchami.bmc.plugins.module_utils._transport.tls import Trust
from tests.unit.transport.scripted_server import ScriptedServer, certificate

CANARY = "canary-7f3a"
GIVEN = {"bmc_address": "10.1.2.3", "bmc_username": "admin", "bmc_password": CANARY}
NOWHERE = Path("/nonexistent")


def settings_of(**given: Any) -> Settings:
    return settings(validated(CONNECTION_SPEC, GIVEN | given), NOWHERE)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as scripted:
        yield scripted


def test_options_get_their_types_and_defaults() -> None:
    options = validated(
        ARGUMENT_SPEC, {**GIVEN, "state": "on", "wait": "no", "bmc_timeout": "5", "bmc_validate_certs": "no"}
    )
    assert set(options) == set(ARGUMENT_SPEC)
    assert (options["wait"], options["bmc_timeout"], options["bmc_validate_certs"]) == (False, 5.0, False)
    assert (options["wait_timeout"], options["escalate"], options["target"]) == (300, False, "system")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"bmc_address": None}, "bmc_address is not set"),
        ({"bmc_address": ""}, "bmc_address is not set"),
        ({"state": "of"}, "state"),
        ({"state": None}, "state"),
        ({"wiat": True}, "wiat"),
        ({"wait_timeout": "soon"}, "wait_timeout"),
        ({"bmc_auth": "digest"}, "bmc_auth"),
    ],
)
def test_typo_is_refused_in_words_that_name_the_option(given: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        validated(ARGUMENT_SPEC, {**GIVEN, "state": "on", **given})


def test_refused_options_show_no_secret() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        validated(ARGUMENT_SPEC, {**GIVEN, "state": CANARY, "wait_timeout": f"x{CANARY}"})
    assert CANARY not in str(refusal.value)


def test_connection_by_default_verifies_and_sends_the_account() -> None:
    how = settings_of()
    assert how.origin == Origin("https", "10.1.2.3", 443)
    assert how.trust == Trust(validate=True)
    assert (how.auth, how.credential.username, how.credential.password) == ("basic", "admin", CANARY)
    assert (how.limits.connect, how.limits.read, how.limits.task) == (10.0, 30.0, 300.0)
    assert how.identity == {}


def test_short_timeout_is_also_the_one_of_the_connection() -> None:
    limits = settings_of(bmc_timeout=3).limits
    assert (limits.connect, limits.read) == (3.0, 3.0)


def test_short_deadline_is_also_the_one_of_the_connection() -> None:
    limits = settings_of(bmc_deadline=2).limits
    assert (limits.connect, limits.read, limits.task) == (2.0, 30.0, 2.0)


@pytest.mark.parametrize("option", ["bmc_timeout", "bmc_deadline"])
@pytest.mark.parametrize("seconds", [0, -1, "nan", "inf"])
def test_timeout_that_is_no_time_is_refused(option: str, seconds: Any) -> None:
    with pytest.raises(InvalidRequest, match=option):
        settings_of(**{option: seconds})


def test_token_comes_without_the_account() -> None:
    how = settings_of(bmc_token="token-1")
    assert (how.auth, how.credential.token, how.credential.username) == ("token", "token-1", "")


def test_account_is_used_where_it_is_asked_for_also_beside_a_token() -> None:
    how = settings_of(bmc_token="token-1", bmc_auth="session")
    assert (how.auth, how.credential.token, how.credential.username) == ("session", "", "admin")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"bmc_auth": "token"}, "there is no token"),
        ({"bmc_username": None}, "bmc_username is not set"),
        ({"bmc_password": ""}, "bmc_password is not set"),
        ({"bmc_auth": "session", "bmc_token": "t", "bmc_password": None}, "bmc_password is not set"),
        ({"bmc_token": "token-1\n"}, "bmc_token is not one line of ASCII"),
        ({"bmc_address": "http://10.1.2.3"}, "is not the address of a BMC"),
        ({"bmc_fingerprint": "ab"}, "is not a SHA-256 fingerprint"),
    ],
)
def test_connection_that_cannot_be_meant_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        settings_of(**given)


@pytest.mark.parametrize(
    ("given", "trust"),
    [
        ({"bmc_validate_certs": False}, Trust(validate=False)),
        ({"bmc_ca_path": "/etc/ca.pem"}, Trust(ca_path="/etc/ca.pem")),
        ({"bmc_fingerprint": "SHA256:" + "AB" * 32}, Trust(fingerprint="ab" * 32)),
        (
            {"bmc_fingerprint": "ab" * 32, "bmc_validate_certs": False, "bmc_ca_path": "/x"},
            Trust(fingerprint="ab" * 32),
        ),
    ],
)
def test_trust_is_what_was_decided(given: dict[str, Any], trust: Trust) -> None:
    assert settings_of(**given).trust == trust


def test_first_use_pins_what_is_shown(server: ScriptedServer, tmp_path: Path) -> None:
    address = f"127.0.0.1:{server.origin.port}"
    options = validated(CONNECTION_SPEC, {**GIVEN, "bmc_address": address, "bmc_fingerprint": "trust-on-first-use"})
    assert settings(options, tmp_path).trust == Trust(fingerprint=certificate().sha256)
    assert list(tmp_path.iterdir())


def test_first_use_without_a_place_for_pins_is_a_local_failure(server: ScriptedServer, tmp_path: Path) -> None:
    (tmp_path / "pins").write_text("", encoding="utf-8")
    address = f"127.0.0.1:{server.origin.port}"
    options = validated(CONNECTION_SPEC, {**GIVEN, "bmc_address": address, "bmc_fingerprint": "trust-on-first-use"})
    with pytest.raises(LocalFailure):
        settings(options, tmp_path / "pins")


@pytest.mark.parametrize("password", ["abc", "1234", "with space", "päss-wörd", 'quo"te', "back\\slash"])
def test_secret_is_known_in_the_form_in_which_it_travels(password: str) -> None:
    given = {"bmc_username": "admin", "bmc_password": password, "bmc_token": "token-12"}
    pair = base64.b64encode(f"admin:{password}".encode()).decode()
    shown = Redactor(secrets(given)).text(f"Authorization: Basic {pair}, X-Auth-Token: token-12")
    assert pair not in shown
    assert "token-12" not in shown


def test_password_that_is_a_number_is_a_secret_too() -> None:
    assert "12345678" in secrets({"bmc_password": 12345678})


def test_nothing_secret_among_the_options_is_no_secret() -> None:
    assert not any(secrets({"bmc_username": "admin"}))


@pytest.mark.parametrize("option", ["attributes", "oem"])
def test_an_attribute_whose_name_says_so_is_a_secret_however_it_is_given(option: str) -> None:
    given = {"Dev1ChapSecret": "canary-1", "CHAP Secret": 12345678, "SecretSharing": "Enabled", "AssetTag": "rack-12"}
    for written in (given, json.dumps(given)):
        assert [secret for secret in secrets({option: written}) if secret] == ["canary-1", "12345678"]
    assert not any(secrets({option: "{no dictionary"}))
