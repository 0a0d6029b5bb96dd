# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds of every Vault: real hvac against a Stage, which a real server can be, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import NoCredential
from ansible_collections.openchami.bmc.plugins.module_utils._credentials.account import Account
from ansible_collections.openchami.bmc.plugins.module_utils._credentials.resolver import Resolver
from tests.vault.stage import FORBIDDEN, Stage, reference

from .conftest import Ask

XNAME = "hms-creds/x1000c0s0b0"
ENTRY = {"username": "root", "password": "initial0"}
METHODS = ["approle", "cert", "jwt", "kubernetes", "token", "userpass"]


@pytest.mark.parametrize("auth_method", METHODS)
def test_every_login_reads(vault: Stage, ask: Ask, auth_method: str) -> None:
    vault.store("secret", XNAME, ENTRY)
    assert ask(XNAME, **vault.login(auth_method)) == Account("root", "initial0")
    assert vault.logins == (0 if auth_method == "token" else 1)


@pytest.mark.parametrize("version", [1, 2])
def test_both_versions_of_the_engine(vault: Stage, ask: Ask, version: int) -> None:
    vault.mount("bmc", version)
    vault.store("bmc", "rack 1/é", ENTRY)
    assert ask("rack 1/é", engine_version=version, engine_mount_point="bmc") == Account("root", "initial0")


@pytest.mark.parametrize("names", [("Username", "Password"), ("USERNAME", "password")])
def test_names_in_any_case(vault: Stage, ask: Ask, names: tuple[str, str]) -> None:
    """The state manager and power control write Go's names of the fields, and more of them."""
    vault.store("secret", XNAME, {"Xname": "x1000c0s0b0", names[0]: "root", names[1]: "initial0", "SNMPAuthPass": ""})
    assert ask(XNAME) == Account("root", "initial0")


def test_namespace(vault: Stage, ask: Ask) -> None:
    vault.mount("secret", 1, "site/hpc")
    vault.store("secret", XNAME, ENTRY, "site/hpc")
    assert ask(XNAME, namespace="site/hpc") == Account("root", "initial0")
    with pytest.raises(NoCredential, match="no source has a credential"):
        ask(XNAME)


@pytest.mark.parametrize("version", [1, 2])
def test_entry_that_never_was_lets_the_chain_go_on(vault: Stage, resolver: Resolver, version: int) -> None:
    vault.mount("bmc", version)
    vault.mount("other", 1)
    vault.store("other", XNAME, ENTRY)
    chain = [
        reference(vault, XNAME, engine_version=version, engine_mount_point="bmc"),
        reference(vault, XNAME, engine_mount_point="other"),
    ]
    assert resolver.account(chain) == Account("root", "initial0")
    assert vault.logins == 1


def test_deleted_entry_is_none(vault: Stage, ask: Ask) -> None:
    vault.mount("bmc", 2)
    vault.store("bmc", XNAME, ENTRY)
    vault.delete("bmc", XNAME)
    with pytest.raises(NoCredential, match="no source has a credential"):
        ask(XNAME, engine_version=2, engine_mount_point="bmc")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"engine_mount_point": "nowhere"}, "no handler for route"),
        ({"engine_mount_point": "bmc"}, "Invalid path for a versioned K/V secrets engine"),
    ],
)
def test_wrong_mount_or_engine_is_no_missing_entry(
    vault: Stage, resolver: Resolver, options: dict[str, Any], words: str
) -> None:
    vault.mount("bmc", 2)
    vault.store("secret", XNAME, ENTRY)
    with pytest.raises(NoCredential, match=words):
        resolver.account([reference(vault, XNAME, **options), reference(vault, XNAME)])


def test_refused_entry_ends_the_chain_and_the_login_serves_on(vault: Stage, resolver: Resolver, ask: Ask) -> None:
    vault.store("secret", XNAME, ENTRY)
    vault.store("secret", f"{FORBIDDEN}/x", ENTRY)
    for _host in range(3):
        assert ask(XNAME) == Account("root", "initial0")
        with pytest.raises(NoCredential, match=f"refused reading {FORBIDDEN}/x: .*permission denied"):
            resolver.account([reference(vault, f"{FORBIDDEN}/x"), reference(vault, XNAME)])
    assert vault.logins == 1


WRONG = {
    "approle": {"secret_id": "canary-wrong"},
    "jwt": {"jwt": "canary.wrong.jwt"},
    "kubernetes": {"jwt": "canary.wrong.jwt"},
    "token": {"token": "canary-wrong"},
    "userpass": {"password": "canary-wrong"},
}


@pytest.mark.parametrize("auth_method", sorted(WRONG))
def test_wrong_login_is_refused_once_and_shows_no_secret(vault: Stage, ask: Ask, auth_method: str) -> None:
    vault.store("secret", XNAME, ENTRY)
    for path in (XNAME, "hms-creds/x1000c0s0b1"):
        with pytest.raises(NoCredential, match="refused") as refusal:
            ask(path, **vault.login(auth_method) | WRONG[auth_method])
        assert "canary" not in str(refusal.value)
    assert vault.logins == 0


def test_certificate_that_is_not_known_is_refused(vault: Stage, ask: Ask) -> None:
    with pytest.raises(NoCredential):
        ask(
            XNAME,
            **vault.login("cert") | {"cert_auth_public_key": vault.ca_cert, "cert_auth_private_key": vault.ca_cert},
        )
    assert vault.logins == 0


@pytest.mark.parametrize("mount_point", ["nowhere", "approle/elsewhere"])
def test_login_at_a_wrong_mount_point_is_refused(vault: Stage, ask: Ask, mount_point: str) -> None:
    with pytest.raises(NoCredential, match="refused the login"):
        ask(XNAME, mount_point=mount_point)


def test_expired_token_is_replaced_by_one_more_login(vault: Stage, ask: Ask) -> None:
    vault.store("secret", XNAME, ENTRY)
    vault.store("secret", "hms-creds/x1000c0s1b0", {"username": "root", "password": "initial1"})
    ask(XNAME)
    vault.expire_tokens()
    assert ask("hms-creds/x1000c0s1b0") == Account("root", "initial1")
    assert vault.logins == 2


def test_token_of_a_login_is_given_back(vault: Stage, resolver: Resolver, ask: Ask) -> None:
    vault.store("secret", XNAME, ENTRY)
    ask(XNAME)
    assert vault.known_tokens() == 1
    resolver.close()
    assert vault.known_tokens() == 0


def test_given_token_is_not_given_back(vault: Stage, resolver: Resolver, ask: Ask) -> None:
    vault.store("secret", XNAME, ENTRY)
    vault.store("secret", "other", ENTRY)
    ask(XNAME, **vault.login("token"))
    resolver.close()
    assert Resolver({}).account([reference(vault, "other", **vault.login("token"))]) == Account("root", "initial0")


def test_vault_that_is_not_trusted_gets_no_login(vault: Stage, ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(NoCredential, match="certificate is not trusted"):
        ask(XNAME, ca_cert="")
    assert vault.logins == 0
