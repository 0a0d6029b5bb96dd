# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SMD's list of BMCs, over http and https, judged by what the server received."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest, LocalFailure
from ansible_collections.openchami.bmc.plugins.module_utils._downstream.smd import redfish_endpoints
from ansible_collections.openchami.bmc.plugins.module_utils._transport.bmc import BmcClient, Credential
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import Service, reach
from tests.unit.fake_clock import FakeClock
from tests.unit.transport.scripted_server import ScriptedServer, certificate, document, reply

PATH = "/hsm/v2/Inventory/RedfishEndpoints"
ENDPOINTS = [{"ID": "x0c0s1b0", "FQDN": "10.1.2.3"}]
TOKEN = "canary-token"


@pytest.fixture
def ca_file(tmp_path: Path) -> str:
    (tmp_path / "ca.pem").write_bytes(certificate().pem)
    return str(tmp_path / "ca.pem")


@pytest.fixture
def plain() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """An SMD without TLS: its URL, and the headers of each request."""
    received: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            received.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
            body = json.dumps({"RedfishEndpoints": ENDPOINTS}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", received
        server.shutdown()


def test_endpoints_come_over_https_with_the_token(server: ScriptedServer, ca_file: str) -> None:
    server.expect("GET", PATH, document({"RedfishEndpoints": ENDPOINTS}))
    assert redfish_endpoints(Service(str(server.origin), ca_file), TOKEN, FakeClock()) == ENDPOINTS
    assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_endpoints_come_over_http_below_a_prefix(plain: tuple[str, list[dict[str, str]]]) -> None:
    url, received = plain
    assert redfish_endpoints(Service(f"{url}/smd/"), "", FakeClock()) == ENDPOINTS
    assert received[0]["path"] == f"/smd{PATH}"
    assert "authorization" not in received[0]


def test_token_is_not_sent_to_whom_nobody_knows(server: ScriptedServer) -> None:
    with pytest.raises(LocalFailure, match="not trusted"):
        redfish_endpoints(Service(str(server.origin)), TOKEN, FakeClock())
    assert not server.requests


def test_redirect_elsewhere_is_refused(
    server: ScriptedServer, ca_file: str, plain: tuple[str, list[dict[str, str]]]
) -> None:
    server.expect("GET", PATH, reply(302, location=f"{plain[0]}{PATH}"))
    with pytest.raises(LocalFailure, match="leads away"):
        redfish_endpoints(Service(str(server.origin), ca_file), TOKEN, FakeClock())
    assert not plain[1]


@pytest.mark.parametrize(
    "answer", [reply(401), reply(404), document({}), document([]), document({"RedfishEndpoints": [1]})]
)
def test_answer_that_is_none_is_a_local_failure(server: ScriptedServer, ca_file: str, answer: object) -> None:
    server.expect("GET", PATH, answer)  # type: ignore[arg-type]
    with pytest.raises(LocalFailure, match="did not tell its RedfishEndpoints") as failure:
        redfish_endpoints(Service(str(server.origin), ca_file), TOKEN, FakeClock())
    assert TOKEN not in str(failure.value)


def test_smd_that_is_not_there_is_a_local_failure() -> None:
    with pytest.raises(LocalFailure, match="refused"):
        redfish_endpoints(Service("http://127.0.0.1:1"), "", FakeClock())


@pytest.mark.parametrize(
    "url", ["", "smd", "ftp://smd", "http://", "https://u:canary@smd", "http://smd?x=1", "http://smd:x"]
)
def test_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        redfish_endpoints(Service(url), "", FakeClock())
    assert "canary" not in str(refusal.value)


def test_bmc_is_never_spoken_to_without_tls() -> None:
    http, _path = reach(Service("http://127.0.0.1:1"), FakeClock())
    with pytest.raises(InvalidRequest, match="HTTPS only"):
        BmcClient(http, Credential())
