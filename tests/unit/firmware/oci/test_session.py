# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins of a registry: the right account goes to the right place, once."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BmcError, LocalFailure, RegistryFailure
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.access import ANONYMOUS, Access, Credential
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.cache import Cache
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.challenge import challenges
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.reference import parse_reference
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.registry import RegistrySource
from tests.registry.stand_in import StandIn
from tests.simulator.certificate import issue
from tests.unit.fake_clock import FakeClock

from .artifacts import REPOSITORY, put_bundle
from .conftest import Open

PASSWORD = "canary-secret"
READER = Credential("reader", PASSWORD)


def read(opened: Open, credential: Credential = ANONYMOUS, **options: str) -> str:
    source = opened(credential=credential, **options)
    return source.resolve(source.reference).digest


@pytest.fixture(autouse=True)
def digest(registry: StandIn) -> str:
    return put_bundle(registry)


def basic(registry: StandIn) -> None:
    registry.manners.username, registry.manners.password = "reader", PASSWORD


def authorizations(registry: StandIn) -> list[str]:
    return [request.headers.get("authorization", "").partition(" ")[0] for request in registry.requests]


def test_basic_is_sent_where_it_is_asked_for(registry: StandIn, opened: Open, digest: str) -> None:
    basic(registry)
    assert read(opened, READER) == digest
    assert authorizations(registry) == ["", "Basic"]


def test_nobody_is_asked_for_nothing(registry: StandIn, opened: Open, digest: str) -> None:
    assert read(opened, READER) == digest
    assert authorizations(registry) == [""]


def test_a_wrong_password_is_tried_once(registry: StandIn, opened: Open) -> None:
    basic(registry)
    with pytest.raises(RegistryFailure, match="refused the login: as reader: HTTP 401: said UNAUTHORIZED") as refused:
        read(opened, Credential("reader", "wrong-canary"))
    assert authorizations(registry) == ["", "Basic"]
    assert "wrong-canary" not in str(refused.value)


@pytest.mark.parametrize("bearer", [False, True])
def test_no_account_for_a_registry_that_wants_one(registry: StandIn, opened: Open, bearer: bool) -> None:
    basic(registry)
    registry.manners.bearer = bearer
    with pytest.raises(RegistryFailure, match="asks for a login, and there is no account"):
        read(opened)


@pytest.mark.parametrize("credential", [ANONYMOUS, READER])
def test_a_token(registry: StandIn, opened: Open, digest: str, credential: Credential) -> None:
    registry.manners.bearer = True
    if credential:
        basic(registry)
    assert read(opened, credential) == digest
    assert authorizations(registry) == ["", "Basic" if credential else "", "Bearer"]
    assert f"scope=repository%3A{REPOSITORY.replace('/', '%2F')}%3Apull%2Cpush" in registry.requests[1].path


def test_an_identity_token(registry: StandIn, opened: Open, digest: str) -> None:
    registry.manners.bearer, registry.manners.identity_token = True, PASSWORD
    assert read(opened, Credential(identity_token=PASSWORD)) == digest
    (asked,) = registry.received("POST", "/token")
    assert b"grant_type=refresh_token" in asked.body
    assert "canary" not in asked.path
    with pytest.raises(RegistryFailure, match="refused the login: as the identity token"):
        read(opened, Credential(identity_token="other"))


def test_a_token_server_elsewhere_gets_an_account_only_when_named(registry: StandIn, opened: Open, digest: str) -> None:
    with StandIn("127.0.0.2") as elsewhere:
        registry.manners.bearer, registry.manners.realm = True, f"{elsewhere.url}/token"
        with pytest.raises(
            RegistryFailure, match=r"wants the password sent to another host: .*127\.0\.0\.2"
        ) as refused:
            read(opened, READER)
        assert not elsewhere.requests
        assert "registry_token_server to 127.0.0.2" in refused.value.way_out
        assert read(opened) == digest
        assert "authorization" not in elsewhere.requests[0].headers
        assert read(opened, READER, token_server="127.0.0.2") == digest
        assert elsewhere.requests[-1].headers["authorization"].startswith("Basic ")


def test_an_account_is_not_sent_without_tls(tmp_path: Path, clock: FakeClock) -> None:
    certificate = issue("registry", "127.0.0.1")
    (tmp_path / "ca.pem").write_bytes(certificate.pem)
    with StandIn(certificate=certificate) as secure, StandIn() as plain:
        digest = put_bundle(secure)
        reference = parse_reference(f"{secure.address}/{REPOSITORY}:1.10.2")

        def resolved(**options: str) -> str:
            access = Access(credential=READER, **options)  # type: ignore[arg-type]
            source = RegistrySource(reference, access, Cache(tmp_path / "cache", clock), clock)
            try:
                return source.resolve(reference).digest
            finally:
                source.close()

        assert resolved(ca_path=str(tmp_path / "ca.pem")) == digest
        with pytest.raises(RegistryFailure, match="the certificate is not trusted"):
            resolved()
        with pytest.raises(LocalFailure, match="the CA could not be read") as unread:
            resolved(ca_path=str(tmp_path / "none.pem"))
        assert "registry_ca_path" in unread.value.way_out
        secure.manners.bearer, secure.manners.realm = True, f"{plain.url}/token"
        with pytest.raises(RegistryFailure, match="a token server without TLS"):
            resolved(ca_path=str(tmp_path / "ca.pem"))
        assert not plain.requests


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('Bearer realm="https://a/t",service="x, y",scope="r:a:pull,push"', {"bearer": {"realm": "https://a/t"}}),
        ('Basic realm="a \\" b", bearer Realm=c', {"basic": {"realm": 'a " b'}, "bearer": {"realm": "c"}}),
        ("Negotiate, Basic", {"negotiate": {}, "basic": {}}),
        ("", {}),
        ('"', {}),
        ("Basic " + "a=b, " * 5000, {}),
    ],
)
def test_challenges(header: str, expected: dict[str, dict[str, str]]) -> None:
    found = challenges(header)
    for scheme, parameters in expected.items():
        assert parameters.items() <= found[scheme].parameters.items()


class Config:
    """The docker configuration of a test."""

    def __init__(self, folder: Path, registry: str) -> None:
        self.folder = folder
        self.registry = registry

    def write(self, file: str = "docker/config.json", **content: object) -> Path:
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
        return path

    def auth(self, password: str = PASSWORD) -> dict[str, str]:
        return {"auth": base64.b64encode(f"reader:{password}".encode()).decode()}

    def helper(self, name: str, script: str) -> None:
        path = self.folder / "bin" / f"docker-credential-{name}"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)


@pytest.fixture
def config(registry: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    basic(registry)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    return Config(tmp_path, registry.address)


@pytest.mark.parametrize("name", ["{}", "http://{}", "https://{}/v2/", "{}/firmware", "{}/firmware/nc"])
def test_the_account_in_the_docker_configuration(config: Config, opened: Open, digest: str, name: str) -> None:
    config.write(auths={name.format(config.registry): config.auth(), "other.example": config.auth("no")})
    assert read(opened) == digest


def test_the_nearest_name_decides(config: Config, opened: Open, digest: str) -> None:
    auths = {config.registry: config.auth("no"), f"{config.registry}/firmware": config.auth()}
    config.write(auths=auths)
    assert read(opened) == digest


def test_username_and_password_in_the_file(config: Config, opened: Open, digest: str) -> None:
    config.write(auths={config.registry: {"username": "reader", "password": PASSWORD}})
    assert read(opened) == digest


def test_an_identity_token_in_the_file(config: Config, registry: StandIn, opened: Open, digest: str) -> None:
    registry.manners.bearer, registry.manners.identity_token = True, "canary-identity"
    config.write(auths={config.registry: {**config.auth(""), "identitytoken": "canary-identity"}})
    assert read(opened) == digest


def test_what_was_given_goes_before_a_stale_file(config: Config, opened: Open, digest: str) -> None:
    config.write(auths={config.registry: config.auth("stale")})
    assert read(opened, READER) == digest


def test_the_file_of_podman_goes_first(
    config: Config, opened: Open, digest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write(auths={config.registry: config.auth("stale")})
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(config.write("auth.json", auths={config.registry: config.auth()})))
    assert read(opened) == digest


@pytest.mark.parametrize(
    "file",
    [
        ".docker/config.json",
        ".config/containers/auth.json",
        "runtime/containers/auth.json",
    ],
    ids=["docker login", "skopeo login", "podman login"],
)
def test_where_logins_are_kept_when_no_variable_names_a_place(
    config: Config, opened: Open, digest: str, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    monkeypatch.delenv("DOCKER_CONFIG")
    monkeypatch.setenv("HOME", str(config.folder))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(config.folder / "runtime"))
    config.write(file, auths={config.registry: config.auth()})
    assert read(opened) == digest


def test_a_file_by_name(config: Config, opened: Open, digest: str) -> None:
    config.write(auths={config.registry: config.auth("stale")})
    named = config.write("named.json", auths={config.registry: config.auth()})
    assert read(opened, auth_file=str(named)) == digest
    with pytest.raises(LocalFailure, match="accounts could not be read"):
        read(opened, auth_file=str(config.folder / "none.json"))


ENTRY = f'{{\\"Username\\": \\"$USER_OF_IT\\", \\"Secret\\": \\"{PASSWORD}\\"}}'
ANSWER = f'test "$1" = get && test -n "$(cat)" && echo "{ENTRY}"'


@pytest.mark.parametrize("how", ["credHelpers", "credsStore"])
def test_a_helper(config: Config, opened: Open, digest: str, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER_OF_IT", "reader")
    config.helper("good", ANSWER)
    named: dict[str, object] = {"credsStore": "good", "credHelpers": {config.registry: "good"}}
    config.write("docker/config.json", **{how: named[how]})
    assert read(opened) == digest


def test_a_helper_with_an_identity_token(
    config: Config, registry: StandIn, opened: Open, digest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.manners.bearer, registry.manners.identity_token = True, PASSWORD
    monkeypatch.setenv("USER_OF_IT", "<token>")
    config.helper("good", ANSWER)
    config.write(credsStore="good")
    assert read(opened) == digest


def test_a_helper_that_has_none_leaves_it_to_the_file(config: Config, opened: Open, digest: str) -> None:
    config.helper("empty", "echo credentials not found in native keychain; exit 1")
    config.write(credsStore="empty", auths={config.registry: config.auth()})
    assert read(opened) == digest


@pytest.mark.parametrize(
    ("name", "script", "why"),
    [
        ("gone", "", "no such program"),
        ("../../bin/true", "", "no such program"),
        ("bad", 'echo \'{"Secret": "canary-secret"}\'', "no Username and Secret"),
        ("bad", "echo canary-secret; exit 3", "ended with 3"),
        ("bad", "echo canary-secret", "no Username and Secret"),
    ],
)
def test_a_helper_that_fails(config: Config, opened: Open, name: str, script: str, why: str) -> None:
    if script:
        config.helper(name, script)
    config.write(credsStore=name)
    with pytest.raises(LocalFailure, match=why) as failed:
        read(opened)
    assert PASSWORD not in str(failed.value)


@pytest.mark.parametrize("content", ["{", "canary-secret", '{"auths": {"REGISTRY": {"auth": "canary-secret!"}}}'])
def test_a_file_that_cannot_be_read_is_told_without_its_content(config: Config, opened: Open, content: str) -> None:
    config.write().write_text(content.replace("REGISTRY", config.registry))
    with pytest.raises(LocalFailure) as failed:
        read(opened)
    error: BaseException | None = failed.value
    assert isinstance(error, BmcError)
    assert PASSWORD not in str(error)
    assert failed.value.__suppress_context__


@pytest.mark.parametrize("content", ["[]", '{"auths": []}', '{"auths": {"x": 5}}', '{"credHelpers": 5}'])
def test_a_file_without_accounts(config: Config, opened: Open, content: str) -> None:
    config.write().write_text(content)
    with pytest.raises(RegistryFailure, match="there is no account"):
        read(opened)
