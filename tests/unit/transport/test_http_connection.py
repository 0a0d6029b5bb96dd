# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One connection, to the right listener, and nothing from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    LocalFailure,
    PinMismatch,
    Unreachable,
    Untrusted,
)
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import HttpClient, Limits
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin
from ansible_collections.openchami.bmc.plugins.module_utils._transport.tls import Trust
from tests.unit.fake_clock import FakeClock

from .scripted_server import ScriptedServer, certificate, document, raw, reply

SECRET = {"Authorization": "Basic canary"}


@pytest.fixture
def ca_file(tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    file.write_bytes(certificate().pem)
    return file


def test_connection_is_used_again(server: ScriptedServer, client: HttpClient) -> None:
    for path in ("/a", "/b", "/c"):
        server.expect("GET", path, document({}))
        client.request("GET", path)
    assert server.connections == 1


def test_connection_is_used_again_after_an_error_status(server: ScriptedServer, client: HttpClient) -> None:
    server.expect("GET", "/a", document({"error": {}}, status=404))
    server.expect("GET", "/b", document({}))
    client.request("GET", "/a")
    client.request("GET", "/b")
    assert server.connections == 1


def test_connection_that_rested_too_long_is_not_used_again(
    server: ScriptedServer, client: HttpClient, clock: FakeClock
) -> None:
    server.expect("GET", "/a", document({}))
    server.expect("GET", "/b", document({}))
    server.expect("POST", "/c", reply(204))
    client.request("GET", "/a")
    clock.advance(client.limits.idle)
    client.request("GET", "/b")
    assert server.connections == 1
    clock.advance(client.limits.idle + 1)
    client.request("POST", "/c", body=b"{}")
    assert server.connections == 2


def test_connection_that_the_bmc_closed_meanwhile_is_not_used_for_a_write(
    server: ScriptedServer, client: HttpClient
) -> None:
    server.expect("GET", "/a", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"))
    server.expect("POST", "/b", reply(204))
    client.request("GET", "/a")
    assert server.closed.acquire(timeout=10)
    assert client.request("POST", "/b", body=b"{}").status == 204
    assert server.connections == 2


def test_right_pin_is_enough(server: ScriptedServer, client: HttpClient) -> None:
    server.expect("GET", "/x", document({}))
    assert client.request("GET", "/x").status == 200


def test_another_pin_is_refused_before_anything_is_sent(server: ScriptedServer, clock: FakeClock) -> None:
    client = HttpClient(server.origin, Trust(fingerprint="ab" * 32), clock)
    with pytest.raises(PinMismatch) as refusal:
        client.request("POST", "/x", headers=SECRET, body=b"{}")
    assert f"pinned SHA256:{'ab' * 32}, it shows SHA256:{certificate().sha256}" in str(refusal.value)
    assert not server.requests


def test_pin_decides_also_where_a_ca_would_trust(server: ScriptedServer, clock: FakeClock, ca_file: Path) -> None:
    client = HttpClient(server.origin, Trust(ca_path=str(ca_file), fingerprint="ab" * 32), clock)
    with pytest.raises(PinMismatch):
        client.request("GET", "/x", headers=SECRET)


def test_certificate_of_the_ca_is_trusted(server: ScriptedServer, clock: FakeClock, ca_file: Path) -> None:
    server.expect("GET", "/x", document({}))
    assert HttpClient(server.origin, Trust(ca_path=str(ca_file)), clock).request("GET", "/x").status == 200


def test_self_signed_certificate_without_a_decision_is_refused(server: ScriptedServer, clock: FakeClock) -> None:
    with pytest.raises(Untrusted) as refusal:
        HttpClient(server.origin, Trust(), clock).request("GET", "/x", headers=SECRET)
    assert f"it shows SHA256:{certificate().sha256}" in str(refusal.value)
    assert "bmc_fingerprint" in str(refusal.value)
    assert not server.requests


def test_certificate_of_the_ca_for_another_name_is_refused(
    server: ScriptedServer, clock: FakeClock, ca_file: Path
) -> None:
    origin = Origin("https", "localhost", server.origin.port)
    with pytest.raises(Untrusted):
        HttpClient(origin, Trust(ca_path=str(ca_file)), clock).request("GET", "/x", headers=SECRET)
    assert not server.requests


def test_any_certificate_is_believed_only_when_told_so(server: ScriptedServer, clock: FakeClock) -> None:
    server.expect("GET", "/x", document({}))
    assert HttpClient(server.origin, Trust(validate=False), clock).request("GET", "/x").status == 200


def test_ca_that_cannot_be_read_is_a_local_failure(clock: FakeClock, tmp_path: Path) -> None:
    client = HttpClient(Origin("https", "127.0.0.1", 1), Trust(ca_path=str(tmp_path / "none.pem")), clock)
    with pytest.raises(LocalFailure, match=r"none\.pem.*bmc_ca_path"):
        client.request("GET", "/x")


def test_proxies_and_netrc_of_the_environment_are_not_used(
    server: ScriptedServer, client: HttpClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login admin password canary-7f3a\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    server.expect("GET", "/x", document({}))
    client.request("GET", "/x")
    assert "authorization" not in server.requests[0].headers


def test_listener_that_speaks_no_tls_is_unreachable(clock: FakeClock, plain_listener: Origin) -> None:
    with pytest.raises(Unreachable, match="no TLS connection"):
        HttpClient(plain_listener, Trust(validate=False), clock).request("GET", "/x", headers=SECRET)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_write_whose_tls_connection_never_came_about_was_not_sent(
    clock: FakeClock, dropping_listener: Origin, method: str
) -> None:
    with pytest.raises(Unreachable):
        HttpClient(dropping_listener, Trust(validate=False), clock).request(method, "/x", body=b"{}")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_write_whose_tls_handshake_gets_no_answer_was_not_sent(
    clock: FakeClock, silent_listener: Origin, method: str
) -> None:
    client = HttpClient(silent_listener, Trust(validate=False), clock, Limits(connect=0.2))
    with pytest.raises(Unreachable, match="no connection"):
        client.request(method, "/x", body=b"{}")
