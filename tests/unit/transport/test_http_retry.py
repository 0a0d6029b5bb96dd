# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Only what changes nothing is sent again."""

from __future__ import annotations

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import MayHaveHappened, Unreachable
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import HttpClient, Response, retry_after
from ansible_collections.openchami.bmc.plugins.module_utils._transport.tls import Trust
from tests.unit.fake_clock import FakeClock

from .scripted_server import ScriptedServer, broken_tls, certificate, document, raw, reply


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_read_is_sent_again_after_a_dropped_connection(server: ScriptedServer, client: HttpClient, method: str) -> None:
    server.expect(method, "/x", raw(b""))
    server.expect(method, "/x", raw(b""))
    server.expect(method, "/x", reply(200))
    assert client.request(method, "/x").status == 200
    assert server.connections == 3


@pytest.mark.parametrize("status", [502, 503, 504])
def test_read_is_sent_again_while_the_bmc_is_busy(
    server: ScriptedServer, client: HttpClient, clock: FakeClock, status: int
) -> None:
    server.expect("GET", "/x", reply(status))
    server.expect("GET", "/x", document({}))
    assert client.request("GET", "/x").status == 200
    assert clock.slept == [1.0]


@pytest.mark.parametrize(
    ("header", "pause"), [("3", 3.0), ("0", 0.0), ("3600", 10.0), ("-5", 0.0), ("Fri, 20 Nov 2026 03:00:00 GMT", 1.0)]
)
def test_retry_after_is_honoured_within_bounds(
    server: ScriptedServer, client: HttpClient, clock: FakeClock, header: str, pause: float
) -> None:
    server.expect("GET", "/x", reply(503, retry_after=header))
    server.expect("GET", "/x", document({}))
    client.request("GET", "/x")
    assert clock.slept == [pause]


def test_third_503_is_the_answer(server: ScriptedServer, client: HttpClient) -> None:
    for _attempt in range(3):
        server.expect("GET", "/x", reply(503))
    assert client.request("GET", "/x").status == 503


@pytest.mark.parametrize("status", [400, 401, 404, 409, 412, 429, 500])
def test_other_status_is_the_answer_at_once(server: ScriptedServer, client: HttpClient, status: int) -> None:
    server.expect("GET", "/x", reply(status))
    assert client.request("GET", "/x").status == status


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
@pytest.mark.parametrize("status", [502, 503, 504])
def test_write_is_never_sent_again(server: ScriptedServer, client: HttpClient, method: str, status: int) -> None:
    server.expect(method, "/x", reply(status, retry_after="1"))
    assert client.request(method, "/x", body=b"{}").status == status


def test_write_on_a_kept_connection_that_breaks_arrives_once(server: ScriptedServer, client: HttpClient) -> None:
    server.expect("GET", "/x", document({}))
    server.expect("POST", "/x", raw(b""))
    client.request("GET", "/x")
    with pytest.raises(MayHaveHappened):
        client.request("POST", "/x", body=b"{}")
    assert [request.method for request in server.requests] == ["GET", "POST"]


def test_write_whose_tls_breaks_after_it_was_sent_may_have_happened(server: ScriptedServer, client: HttpClient) -> None:
    server.expect("POST", "/x", broken_tls)
    with pytest.raises(MayHaveHappened):
        client.request("POST", "/x", body=b"{}")
    assert len(server.requests) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_refused_connection_is_unreachable_also_for_a_write(clock: FakeClock, method: str) -> None:
    with ScriptedServer() as gone:
        origin = gone.origin
    client = HttpClient(origin, Trust(fingerprint=certificate().sha256), clock)
    with pytest.raises(Unreachable, match=r"no connection: https://127\.0\.0\.1:\d+: Connection refused"):
        client.request(method, "/x", body=b"{}")


def test_seconds_to_wait_are_read_from_the_header_only_where_it_holds_some() -> None:
    assert retry_after(Response("GET", "/", 503, {"retry-after": "2.5"}), 1.0) == 2.5
    assert retry_after(Response("GET", "/", 503), 1.0) == 1.0
