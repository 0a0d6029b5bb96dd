# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a task's references are followed, and what is refused before one is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest, NoCredential
from ansible_collections.openchami.bmc.plugins.module_utils._credentials.account import Account
from ansible_collections.openchami.bmc.plugins.module_utils._credentials.resolver import Resolver
from ansible_collections.openchami.bmc.plugins.module_utils._entry.credentials import resolved
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import (
    CONNECTION_SPEC,
    secrets,
    settings,
    validated,
)

VARIABLES = {"type": "environment", "username_variable": "BMC_USER", "password_variable": "BMC_PASS"}
FOUND = {"bmc_username": "admin", "bmc_password": "canary-1"}


class Sources:
    """A Resolver that counts how often it is asked."""

    def __init__(self, **environ: str) -> None:
        self._resolver = Resolver(environ)
        self.asked = 0

    def account(self, references: Sequence[Mapping[str, Any]]) -> Account:
        self.asked += 1
        return self._resolver.account(references)


@pytest.fixture
def sources() -> Sources:
    return Sources(BMC_USER="admin", BMC_PASS="canary-1")


def options(**given: Any) -> dict[str, Any]:
    return validated(CONNECTION_SPEC, {"bmc_address": "10.1.2.3", "bmc_credentials": [VARIABLES], **given})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"bmc_username": "", "bmc_password": None, "bmc_token": ""},
        {"bmc_auth": "session"},
        {"bmc_auth": "session", "bmc_token": "token-1"},
    ],
    ids=["nothing", "emptiness", "session", "session-beside-a-token"],
)
def test_references_bring_the_account_that_is_not_given(given: dict[str, Any], sources: Sources) -> None:
    assert resolved(options(**given), sources) == FOUND


@pytest.mark.parametrize(
    "given",
    [
        {"bmc_username": "root", "bmc_password": "own"},
        {"bmc_token": "token-1"},
        {"bmc_auth": "token"},
        {"bmc_credentials": []},
        {"bmc_credentials": None},
    ],
    ids=["account", "token", "token-that-is-missing", "no-reference", "none"],
)
def test_what_is_given_comes_first_and_nothing_is_asked(given: dict[str, Any], sources: Sources) -> None:
    assert resolved(options(**given), sources) == {}
    assert sources.asked == 0


@pytest.mark.parametrize("given", [{}, {"bmc_username": "root", "bmc_password": "own"}, {"bmc_token": "token-1"}])
def test_a_wrong_reference_is_refused_before_any_is_asked(given: dict[str, Any], sources: Sources) -> None:
    """Also the second of a chain, and also where none would be needed."""
    wrong = {"type": "magellan", "path": "/secrets.json", "ID": "default"}
    with pytest.raises(InvalidRequest, match=r"bmc_credentials\[1\] has no option 'ID'"):
        resolved(options(bmc_credentials=[VARIABLES, wrong], **given), sources)
    assert sources.asked == 0


@pytest.mark.parametrize("half", ["bmc_username", "bmc_password"])
def test_half_an_account_beside_references_is_refused(half: str, sources: Sources) -> None:
    with pytest.raises(InvalidRequest, match=f"half an account .*: {half} is set alone"):
        resolved(options(**{half: "canary-2"}), sources)
    assert sources.asked == 0


def test_no_entry_is_no_account() -> None:
    with pytest.raises(NoCredential, match="no source has a credential"):
        resolved(options(), Sources())


def test_a_module_that_nobody_resolved_for_does_not_pass_over_references() -> None:
    """Run as a program, or by another action plugin than its own."""
    with pytest.raises(InvalidRequest, match="only the controller follows bmc_credentials"):
        settings(options(), Path("/nonexistent"))
    assert settings(options(**FOUND), Path("/nonexistent")).credential.username == "admin"


@pytest.mark.parametrize("references", [{**VARIABLES}, "environment", 1, [["environment"]]])
def test_what_is_no_list_of_dicts_is_refused(references: Any) -> None:
    with pytest.raises(InvalidRequest, match="bmc_credentials"):
        options(bmc_credentials=references)


def test_a_login_in_a_reference_is_a_secret() -> None:
    login = {"type": "hashi_vault", "token": "canary-3", "role_id": "reader"}
    assert "canary-3" in secrets({"bmc_credentials": [login]})
    assert "reader" not in secrets({"bmc_credentials": [login]})
