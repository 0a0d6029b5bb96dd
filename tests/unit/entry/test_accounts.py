# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which account a discovered BMC gets."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest
from ansible_collections.openchami.bmc.plugins.module_utils._entry.accounts import Accounts, Called
from ansible_collections.openchami.bmc.plugins.module_utils._transport.bmc import Credential
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import parse_address

ALL = {"type": "magellan", "path": "/secrets.json", "id": "https://{host}:443"}
RACK = {"type": "environment", "username_variable": "RACK_USER", "password_variable": "RACK_PASSWORD"}
NOBODY = Credential()


def called(address: str = "10.1.2.3:8443", given: str = "", name: str = "x1000c0s0b0") -> Called:
    return Called(address, parse_address(address), given, name)


def rule(*match: str, references: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"match": list(match), "bmc_credentials": [RACK] if references is None else references}


@pytest.mark.parametrize(
    "pattern", ["10.1.2.0/24", "10.1.2.3", "10.1.2.3:8443", "10.1.*", "x1000c0*", "x1000c[01]s0b0"]
)
def test_a_rule_matches_addresses_networks_and_names(pattern: str) -> None:
    assert Accounts([rule(pattern)], [ALL], NOBODY).references(called()) == [RACK]


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("10.1.2.3:443", "10.1.2.3"),
        ("https://10.1.2.3/", "10.1.2.3"),
        ("10.1.*:443", "10.1.2.3"),
        ("BMC1", "bmc1"),
        ("BMC*", "bmc1.example.org"),
        ("bmc1:443", "bmc1"),
        ("X1000C0S0B0", "10.1.2.3"),
        ("[fd00::1]", "fd00::1"),
        ("[FD00:0::1]:443", "fd00::1"),
        ("[fd00::1]:8443", "[fd00::1]:8443"),
        ("fd00::1", "[fd00::1]:8443"),
    ],
)
def test_a_rule_matches_however_an_address_is_spelled(pattern: str, address: str) -> None:
    """Else a BMC with a rule of its own would get the password of all others."""
    assert Accounts([rule(pattern)], [ALL], NOBODY).references(called(address)) == [RACK]


@pytest.mark.parametrize(
    "pattern", ["10.1.2.3:443", "[fd00::1]", "bmc", "10.1.3.0/24", "10.1.2.30", "x1001*", "fd00::/8"]
)
def test_what_no_rule_matches_gets_the_references_for_all(pattern: str) -> None:
    assert Accounts([rule(pattern)], [ALL], NOBODY).references(called()) == [{**ALL, "id": "https://10.1.2.3:443"}]


def test_the_first_rule_that_matches_counts() -> None:
    accounts = Accounts([rule("10.1.2.3", references=[]), rule("10.0.0.0/8")], [ALL], NOBODY)
    assert accounts.references(called()) == []
    assert accounts.credential(called(), lambda _references: Credential("somebody", "x")) is None


def test_the_words_of_a_bmc_are_filled_in_and_nothing_else() -> None:
    reference = {**ALL, "path": "/{name}/{address}/{host.__class__}/{other}"}
    (filled,) = Accounts([], [reference], NOBODY).references(called())
    assert filled["path"] == "/x1000c0s0b0/10.1.2.3:8443/{host.__class__}/{other}"


def test_the_own_account_serves_only_where_there_is_no_reference() -> None:
    own = Credential("admin", "secret")
    asked: list[Any] = []

    def ask(references: list[dict[str, Any]]) -> Credential:
        asked.append(references)
        return Credential("resolved", "x")

    assert Accounts([], [], own).credential(called(), ask) == own
    assert Accounts([], [], NOBODY).credential(called(), ask) is None
    assert asked == []
    assert Accounts([], [RACK], own).credential(called(), ask) == Credential("resolved", "x")
    assert asked == [[RACK]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"match": ["10.0.0.1"]},
        {"bmc_credentials": [RACK]},
        {"match": [], "bmc_credentials": [RACK]},
        {"match": [5], "bmc_credentials": [RACK]},
        {"match": [""], "bmc_credentials": [RACK]},
        {"match": ["10.0.0.1"], "bmc_credentials": RACK},
        {"match": ["10.0.0.1"], "bmc_credentials": "vault"},
        {"match": ["10.0.0.1"], "bmc_credentials": [{"type": "vualt"}]},
        {"match": ["10.0.0.1"], "bmc_credentials": [RACK], "matches": []},
        "10.0.0.1",
    ],
)
def test_what_no_rule_can_mean_is_refused_at_once(wrong: Any) -> None:
    with pytest.raises(InvalidRequest):
        Accounts([wrong], [], NOBODY)


@pytest.mark.parametrize("secret", ["token", "secret_id", "jwt", "password"])
@pytest.mark.parametrize("ruled", [True, False], ids=["rule", "for-all"])
def test_a_reference_that_holds_a_secret_is_refused_and_not_repeated(secret: str, ruled: bool) -> None:
    """References become variables of hosts: they would be in --export, in caches and in AWX's database."""
    vault = {"type": "hashi_vault", "engine_version": 2, "path": "bmc/{name}", secret: "canary-7f3a"}
    with pytest.raises(InvalidRequest, match="VAULT_") as refusal:
        Accounts([rule("*", references=[vault])] if ruled else [], [] if ruled else [vault], NOBODY)
    assert "canary" not in str(refusal.value)
