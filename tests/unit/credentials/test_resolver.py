# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""References are checked before anything is asked; the first source that has an entry gives the account."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest, NoCredential
from ansible_collections.openchami.bmc.plugins.module_utils._credentials.account import Account
from ansible_collections.openchami.bmc.plugins.module_utils._credentials.chain import checked, secrets
from ansible_collections.openchami.bmc.plugins.module_utils._credentials.resolver import Resolver

VARIABLES = {"type": "environment", "username_variable": "BMC_USER", "password_variable": "BMC_PASS"}
OTHERS = {"type": "environment", "username_variable": "USER_2", "password_variable": "PASS_2"}
VAULT = {"type": "hashi_vault", "engine_version": 1, "path": "hms-creds/x1"}
CANARY = "canary-31c7"


@pytest.mark.parametrize(
    ("references", "words"),
    [
        (None, "no list of references"),
        ([], "no list of references"),
        ({"type": "environment"}, "no list of references"),
        ("environment", "no list of references"),
        (["environment"], r"bmc_credentials\[0\] is no dict"),
        ([{}], r"bmc_credentials\[0\] has no type. Known types: environment, hashi_vault, magellan"),
        ([VARIABLES, {"type": "vault"}], r"bmc_credentials\[1\].type: 'vault' is not known"),
        ([{"type": ["environment"]}], "is not known"),
        (
            [{**VARIABLES, "pasword": CANARY}],
            "has no option 'pasword'. Known: type, password_variable, username_variable",
        ),
        ([{"type": "magellan", "path": "/x"}], r"bmc_credentials\[0\].id is not set. Known: type, id, path"),
        ([{"type": "magellan", "path": "/x", "id": ""}], "id is not set"),
        ([{"type": "magellan", "path": ["/x"], "id": "default"}], "is not a text"),
        ([{"type": "hashi_vault", "path": "x"}], "engine_version is not set"),
        ([{**VAULT, "engine_version": 3}], "engine_version: 3 is not one of 1, 2"),
        ([{**VAULT, "auth_method": "ldap"}], "'ldap' is not one of approle, cert, jwt, kubernetes, token, userpass"),
        ([{**VAULT, "timeout": 0}], "timeout: 0 is not a time"),
        ([{**VAULT, "timeout": "nan"}], "is not a time"),
        ([{**VAULT, "validate_certs": "perhaps"}], "'perhaps' is not true or false"),
        ([{**VAULT, "secret_id": [CANARY]}], "secret_id: its value is not a text"),
        ([{**VAULT, "path": "../sys/mounts"}], "is no path of a Vault"),
        ([{**VAULT, "path": "x?version=1"}], "is no path of a Vault"),
        ([{**VAULT, "engine_mount_point": "/"}], "is no path of a Vault"),
        ([{**VAULT, "url": "http://vault.example.com:8200"}], "secrets in the open"),
        ([{**VAULT, "url": f"https://me:{CANARY}@vault.example.com"}], "no URL of a server"),
        ([{**VAULT, "url": "vault.example.com"}], "no URL of a server"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words_that_name_it(references: Any, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words) as refusal:
        checked(references)
    assert CANARY not in str(refusal.value)


def test_options_get_their_types() -> None:
    given = {**VAULT, "timeout": "5", "validate_certs": "no", "namespace": None, "url": "http://127.0.0.1:8200"}
    [(kind, reference)] = checked([given])
    assert kind == "hashi_vault"
    assert reference == {
        "engine_version": "1",
        "path": "hms-creds/x1",
        "timeout": 5.0,
        "validate_certs": False,
        "url": "http://127.0.0.1:8200",
    }


def test_every_reference_is_checked_before_the_first_is_asked() -> None:
    resolver = Resolver({"BMC_USER": "admin", "BMC_PASS": "p"})
    with pytest.raises(InvalidRequest):
        resolver.account([VARIABLES, {"type": "magellan"}])


def test_secrets_among_references_are_known_also_when_these_are_malformed() -> None:
    login = {"token": "t-1", "secret_id": "s-1", "jwt": "j-1", "password": "p-1", "role_id": "r-1"}
    assert sorted(secrets([VARIABLES, {**VAULT, **login, "typo": 1}, "x", {"type": []}])) == [
        "j-1",
        "p-1",
        "s-1",
        "t-1",
    ]
    assert secrets(None) == []


@pytest.mark.parametrize(
    ("environ", "account"),
    [
        ({"BMC_USER": "admin", "BMC_PASS": "p1", "USER_2": "root", "PASS_2": "p2"}, Account("admin", "p1")),
        ({"USER_2": "root", "PASS_2": "p2"}, Account("root", "p2")),
        ({"BMC_USER": "", "BMC_PASS": "", "USER_2": "root", "PASS_2": "p2"}, Account("root", "p2")),
    ],
)
def test_first_that_has_an_entry_gives_the_account(environ: dict[str, str], account: Account) -> None:
    assert Resolver(environ).account([VARIABLES, OTHERS]) == account


def test_half_an_entry_is_malformed_and_ends_the_chain() -> None:
    with pytest.raises(NoCredential, match=r"environment \(BMC_USER, BMC_PASS\) is malformed: its password is empty"):
        Resolver({"BMC_USER": "admin", "USER_2": "root", "PASS_2": "p2"}).account([VARIABLES, OTHERS])


def test_no_entry_anywhere_names_all_places() -> None:
    with pytest.raises(NoCredential, match=r"asked: the environment \(BMC_USER, BMC_PASS\); .*\(USER_2, PASS_2\)"):
        Resolver({}).account([VARIABLES, OTHERS])


def test_account_shows_no_password() -> None:
    assert CANARY not in repr(Account("admin", CANARY))
