# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One login for many: how it is shared, when it is made anew, and that a failing Vault is left alone."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    InvalidRequest,
    LocalFailure,
    NoCredential,
)
from ansible_collections.openchami.bmc.plugins.module_utils._credentials import vault_client, vault_login
from ansible_collections.openchami.bmc.plugins.module_utils._credentials.account import Account
from ansible_collections.openchami.bmc.plugins.module_utils._credentials.resolver import Resolver
from tests.unit.transport.scripted_server import Answer, ScriptedServer, certificate, document, reply
from tests.vault.stage import FORBIDDEN, reference
from tests.vault.stand_in import StandIn

from .conftest import Ask

ENTRY = {"username": "root", "password": "initial0"}


def paths(vault: StandIn, count: int) -> list[str]:
    names = [f"hms-creds/x{number}" for number in range(count)]
    for name in names:
        vault.store("secret", name, {"username": "root", "password": name})
    return names


def asked(vault: StandIn, part: str) -> int:
    return sum(part in path for _method, path, _namespace in vault.requests)


def _wait(event: threading.Event) -> None:
    event.wait()


def test_many_threads_share_one_login(vault: StandIn, ask: Ask) -> None:
    names = paths(vault, 40)
    with ThreadPoolExecutor(20) as pool:
        assert [account.password for account in pool.map(ask, names)] == names
    assert (vault.logins, asked(vault, "hms-creds")) == (1, 40)


def test_many_threads_share_one_more_login_when_the_token_expired(vault: StandIn, ask: Ask) -> None:
    first, *names = paths(vault, 41)
    ask(first)
    vault.expire_tokens()
    with ThreadPoolExecutor(20) as pool:
        assert [account.password for account in pool.map(ask, names)] == names
    assert vault.logins == 2


def test_entry_is_read_once_in_a_run(vault: StandIn, ask: Ask) -> None:
    (name,) = paths(vault, 1)
    for _task in range(3):
        assert ask(name).password == name
    assert asked(vault, name) == 1


def test_two_accounts_of_one_vault_are_two_logins(vault: StandIn, ask: Ask) -> None:
    (name,) = paths(vault, 1)
    ask(name)
    ask(name, **vault.login("userpass"))
    assert vault.logins == 2


def test_refused_login_is_never_tried_again(vault: StandIn, ask: Ask) -> None:
    """Vault locks a user after five."""
    for name in paths(vault, 3):
        with pytest.raises(NoCredential, match="not tried again"):
            ask(name, secret_id="wrong")
    vault.clock.advance(1e6)
    with pytest.raises(NoCredential, match="not tried again"):
        ask("another", secret_id="wrong")
    assert (vault.failed_logins, asked(vault, "login")) == (1, 1)


@pytest.mark.parametrize("default_policy", [True, False])
def test_refused_entries_cost_no_further_login(vault: StandIn, ask: Ask, default_policy: bool) -> None:
    vault.default_policy = default_policy
    for number in range(3):
        with pytest.raises(NoCredential, match="permission denied"):
            ask(f"{FORBIDDEN}/{number}")
    assert vault.logins == 1


def test_secret_in_the_words_of_a_vault_is_not_shown(vault: StandIn, ask: Ask) -> None:
    vault.words = 'secret "canary-9c02" is wrong'
    with pytest.raises(NoCredential, match=r'secret "\*+" is wrong'):
        ask("x", secret_id="canary-9c02")


def test_given_token_that_expires_is_told(vault: StandIn, ask: Ask) -> None:
    first, second = paths(vault, 2)
    ask(first, **vault.login("token"))
    vault.tokens["given-token"] = 0.0
    with pytest.raises(NoCredential, match="the token of the Vault expired"):
        ask(second, **vault.login("token"))


def test_token_file_is_read_again_when_its_token_expired(vault: StandIn, ask: Ask, tmp_path: Path) -> None:
    """An agent writes a new one there."""
    first, second = paths(vault, 2)
    file = tmp_path / ".vault-token"
    file.write_text("given-token\n", encoding="utf-8")
    options = {"auth_method": "token", "token_path": str(tmp_path)}
    ask(first, **options)
    vault.tokens = {"new-token": vault.clock.wall() + 60}
    file.write_text("new-token\n", encoding="utf-8")
    assert ask(second, **options).password == second


def test_service_account_of_a_pod(vault: StandIn, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (name,) = paths(vault, 1)
    login = vault.login("kubernetes")
    monkeypatch.setattr(vault_login, "SERVICE_ACCOUNT", tmp_path / "token")
    (tmp_path / "token").write_text(login.pop("jwt"), encoding="utf-8")
    assert ask(name, **login).password == name


def test_missing_token_file_says_what_to_do(ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(NoCredential, match=r"\.vault-token: No such file.*vault login"):
        ask("x", auth_method="token", token_path=str(tmp_path))


def test_sealed_vault_is_asked_again_only_after_a_rest(vault: StandIn, ask: Ask) -> None:
    names = paths(vault, 3)
    vault.sealed = True
    for name in names:
        with pytest.raises(NoCredential, match=r"does not serve: Vault is sealed.*vault status"):
            ask(name)
    assert len(vault.requests) == 1
    vault.sealed = False
    vault.clock.advance(31)
    assert ask(names[0]).password == names[0]


def test_read_that_fails_for_a_moment_is_repeated(vault: StandIn, ask: Ask) -> None:
    first, second = paths(vault, 2)
    ask(first)
    vault.sealed = True
    vault.answer_first = lambda _path: setattr(vault, "sealed", asked(vault, second) < 2)
    assert ask(second).password == second


def test_vault_that_is_away_is_told_with_its_address(vault: StandIn, resolver: Resolver) -> None:
    vault.stop()
    with pytest.raises(NoCredential, match=rf"{vault.url} does not serve: Connection refused"):
        resolver.account([reference(vault, "x")])


def test_vault_that_does_not_answer_is_waited_for_no_longer_than_timeout(vault: StandIn, ask: Ask) -> None:
    over = threading.Event()
    vault.answer_first = lambda _path: _wait(over)
    with pytest.raises(NoCredential, match="does not serve: timed out"):
        ask("x", timeout=0.2)
    over.set()


def test_redirect_is_not_followed(vault: StandIn, ask: Ask, tmp_path: Path) -> None:
    """requests would keep X-Vault-Token on the way to another host."""
    folder = tmp_path / "other"
    folder.mkdir()
    (name,) = paths(vault, 1)
    with StandIn(folder) as other:
        ask(name)
        vault.redirect_to = other.url
        with pytest.raises(NoCredential, match="active node"):
            ask("another")
        assert other.requests == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(200, b"<html>"), "its answer is none of a Vault"),
        (document(["x"]), "its answer is none of a Vault"),
        (document({"data": None}), "its answer is none of a Vault"),
        (document(["x"], 403), "its answer is none of a Vault"),
        (document({"errors": ["missing client token"]}, 400), "refused reading x: missing client token"),
        (document({"errors": ["unsupported operation"]}, 405), "does not serve: unsupported operation"),
    ],
)
def test_answer_that_is_none_of_a_vault_is_an_error_of_ours(tmp_path: Path, answer: Answer, words: str) -> None:
    (tmp_path / "ca.pem").write_bytes(certificate().pem)
    options = {"auth_method": "token", "token": "t-1", "engine_version": 1, "path": "x"}
    with ScriptedServer() as server:
        server.expect("GET", "/v1/kv/x", answer)
        where = {"type": "hashi_vault", "url": str(server.origin), "ca_cert": str(tmp_path / "ca.pem")}
        with pytest.raises(NoCredential, match=words):
            Resolver({}).account([{**where, **options}])


def test_environment_gives_what_the_reference_leaves_out(vault: StandIn) -> None:
    (name,) = paths(vault, 1)
    environ = {
        "ANSIBLE_HASHI_VAULT_ADDR": vault.url,
        "VAULT_ADDR": "https://127.0.0.1:1",
        "VAULT_CACERT": vault.ca_cert,
        "ANSIBLE_HASHI_VAULT_AUTH_METHOD": "approle",
        "ANSIBLE_HASHI_VAULT_ROLE_ID": "",
        "VAULT_ROLE_ID": "role-1",
        "VAULT_SECRET_ID": "secret-id-1",
        "VAULT_NAMESPACE": "",
        "VAULT_TOKEN": "not-asked-for",
    }
    where = {"type": "hashi_vault", "engine_version": 1, "engine_mount_point": "secret", "path": name}
    assert Resolver(environ).account([where]) == Account("root", name)


def test_environment_of_the_process_is_not_read_by_hvac(
    vault: StandIn, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """hvac would send VAULT_TOKEN with the login, and requests would take a proxy."""
    (name,) = paths(vault, 1)
    monkeypatch.setenv("VAULT_TOKEN", "of-another-vault")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert ask(name).password == name
    assert vault.shown == {"", "hvs.stand-in-1"}


def test_verification_is_switched_off_only_when_told_so(vault: StandIn) -> None:
    (name,) = paths(vault, 1)
    unverified = reference(vault, name) | {"ca_cert": "", "validate_certs": False}
    assert Resolver({}).account([unverified]).password == name
    skipping = Resolver({"VAULT_SKIP_VERIFY": "true"})
    assert skipping.account([unverified | {"validate_certs": None}]).password == name
    with pytest.raises(NoCredential, match="not trusted"):
        Resolver({"VAULT_SKIP_VERIFY": ""}).account([unverified | {"validate_certs": None}])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"url": ""}, "url of the Vault is not set.*VAULT_ADDR"),
        ({"role_id": ""}, "role_id of the Vault is not set: auth_method is approle"),
        (
            {"auth_method": "cert", "cert_auth_public_key": "x", "cert_auth_private_key": "x", "validate_certs": False},
            "ca_cert",
        ),
    ],
)
def test_login_that_lacks_something_is_refused_before_anything_is_sent(
    vault: StandIn, ask: Ask, options: dict[str, object], words: str
) -> None:
    with pytest.raises(InvalidRequest, match=words):
        ask("x", **{**vault.login("approle"), **options})
    assert vault.requests == []


def test_missing_library_says_what_to_install(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_client, "HAS_HVAC", False)
    with pytest.raises(LocalFailure, match="pip install 'hvac"):
        ask("x")
