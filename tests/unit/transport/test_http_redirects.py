# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Redirects: followed on the origin only, and a write stays the write it was."""

from __future__ import annotations

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    BadAnswer,
    ForeignLink,
    MayHaveHappened,
)
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import HttpClient

from .scripted_server import ScriptedServer, document, reply

SECRET = {"X-Auth-Token": "canary-7f3a"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_read_is_redirected_on_the_origin(server: ScriptedServer, client: HttpClient, status: int) -> None:
    server.expect("GET", "/a/b", reply(status, location="c"))
    server.expect("GET", "/a/c", document({"here": True}))
    response = client.request("GET", "/a/b", headers=SECRET)
    assert response.document() == {"here": True}
    assert response.path == "/a/c"
    assert server.requests[1].headers["x-auth-token"] == "canary-7f3a"


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_write_keeps_method_and_body(server: ScriptedServer, client: HttpClient, method: str, status: int) -> None:
    server.expect(method, "/x", reply(status, location=f"{server.origin}/x/"))
    server.expect(method, "/x/", reply(204))
    assert client.request(method, "/x", body=b'{"ResetType": "On"}').status == 204
    assert server.requests[1].body == b'{"ResetType": "On"}'


@pytest.mark.parametrize("status", [301, 302, 303])
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_redirect_that_would_turn_a_write_into_a_read_is_not_followed(
    server: ScriptedServer, client: HttpClient, method: str, status: int
) -> None:
    server.expect(method, "/x", reply(status, location="/y"))
    with pytest.raises(MayHaveHappened, match=f"{method} /x.*redirected with HTTP {status}"):
        client.request(method, "/x", body=b"{}")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("location", ["https://127.0.0.2/x", "http://127.0.0.1/x", "//127.0.0.2/x", "https://["])
def test_redirect_to_elsewhere_is_refused(
    server: ScriptedServer, client: HttpClient, method: str, location: str
) -> None:
    server.expect(method, "/x", reply(307, location=location))
    with pytest.raises(ForeignLink):
        client.request(method, "/x", headers=SECRET)


def test_path_that_leads_elsewhere_is_refused_before_anything_is_sent(
    server: ScriptedServer, client: HttpClient
) -> None:
    with pytest.raises(ForeignLink):
        client.request("GET", "https://127.0.0.2/x", headers=SECRET)
    assert server.connections == 0


def test_circle_of_redirects_ends(server: ScriptedServer, client: HttpClient) -> None:
    for _hop in range(4):
        server.expect("GET", "/x", reply(308, location="/x"))
    with pytest.raises(BadAnswer, match="redirected more than 3 times"):
        client.request("GET", "/x")


def test_redirect_without_a_location_is_the_answer(server: ScriptedServer, client: HttpClient) -> None:
    server.expect("GET", "/x", reply(304))
    assert client.request("GET", "/x").status == 304
    server.expect("GET", "/x", reply(302))
    assert client.request("GET", "/x").status == 302
