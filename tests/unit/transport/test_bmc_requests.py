# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked of a BMC, and what its answers mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import RefusedByBmc
from ansible_collections.openchami.bmc.plugins.module_utils._transport.bmc import BmcClient, Credential
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import HttpClient

from .scripted_server import ScriptedServer, document, json_of, reply

READ = {"Boot": "None", "@odata.etag": 'W/"1"'}
BODY = {"Boot": "Pxe"}


@pytest.fixture
def bmc(client: HttpClient) -> Iterator[BmcClient]:
    with BmcClient(client, Credential("admin", "secret")) as opened:
        yield opened


def test_etag_of_the_header_is_the_one_of_the_document(server: ScriptedServer, bmc: BmcClient) -> None:
    server.expect("GET", "/x", document({"@odata.etag": "old", "Id": "1"}, etag='"new"'))
    assert bmc.get("/x") == {"@odata.etag": '"new"', "Id": "1"}


def test_etag_of_the_document_stays_where_no_header_tells_one(server: ScriptedServer, bmc: BmcClient) -> None:
    server.expect("GET", "/x", document({"@odata.etag": "old"}))
    assert bmc.get("/x") == {"@odata.etag": "old"}


def test_what_a_bmc_has_packed_only_is_asked_for_packed(server: ScriptedServer, bmc: BmcClient) -> None:
    server.expect("GET", "/x", reply(406))
    server.expect("GET", "/x", document({"Id": "1"}))
    assert bmc.get("/x") == {"Id": "1"}
    assert [request.headers["accept-encoding"] for request in server.requests] == ["identity", "gzip"]


def test_a_resource_is_taken_away_without_a_body(server: ScriptedServer, bmc: BmcClient) -> None:
    server.expect("DELETE", "/x", reply(204))
    assert bmc.delete("/x").status == 204
    assert server.requests[0].body == b""


def test_action_carries_its_body_and_never_an_if_match(server: ScriptedServer, bmc: BmcClient) -> None:
    server.expect("GET", "/x", document({}, etag='"1"'))
    server.expect("POST", "/x/reset", reply(204))
    bmc.get("/x")
    assert bmc.post("/x/reset", {"ResetType": "On"}).status == 204
    request = server.requests[1]
    assert json_of(request) == {"ResetType": "On"}
    assert request.headers["content-type"] == "application/json"
    assert "if-match" not in request.headers


@pytest.mark.parametrize("status", [412, 428])
def test_action_that_is_refused_for_want_of_an_etag_is_not_sent_again(
    server: ScriptedServer, bmc: BmcClient, status: int
) -> None:
    server.expect("POST", "/x", reply(status))
    with pytest.raises(RefusedByBmc):
        bmc.post("/x", {})


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_success_is_what_the_status_says_also_beside_an_error_object(
    server: ScriptedServer, bmc: BmcClient, status: int
) -> None:
    body = b"" if status == 204 else b'{"error": {"@Message.ExtendedInfo": [{"MessageId": "Base.1.4.Success"}]}}'
    server.expect("POST", "/x", reply(status, body))
    assert bmc.post("/x", {}).status == status


def test_refusal_tells_status_messages_and_the_way_out_of_the_bmc(server: ScriptedServer, bmc: BmcClient) -> None:
    infos = [
        {"MessageId": "Base.1.8.ActionParameterNotSupported", "Message": "Not offered.", "Resolution": "None."},
        {"MessageId": "Base.1.8.GeneralError", "Message": "Failed.", "Resolution": "Ask for less."},
        {"Message": "No id."},
    ]
    server.expect("POST", "/x", document({"error": {"@Message.ExtendedInfo": infos}}, 400))
    with pytest.raises(RefusedByBmc) as refusal:
        bmc.post("/x", {})
    assert refusal.value.status == 400
    assert refusal.value.message_ids == ("Base.1.8.ActionParameterNotSupported", "Base.1.8.GeneralError")
    line = "POST /x was refused: HTTP 400, Not offered., Failed., No id [Base.1.8.ActionParameterNotSupported]"
    assert str(refusal.value) == f"{line}. Ask for less."


@pytest.mark.parametrize("body", [b"", b"<html>500</html>", b"[]", b'{"error": null}', b'{"error": {}}'])
def test_refusal_without_messages_tells_its_status(server: ScriptedServer, bmc: BmcClient, body: bytes) -> None:
    server.expect("GET", "/x", reply(500, body))
    with pytest.raises(RefusedByBmc, match="GET /x was refused: HTTP 500") as refusal:
        bmc.get("/x")
    assert refusal.value.message_ids == ()


def climb(server: ScriptedServer, bmc: BmcClient, refusals: int, reads: dict[int, Any], status: int = 412) -> list[str]:
    """PATCH against a BMC that refuses so often, and return every If-Match that came ("-" for none).

    reads: what a GET shows, by the number of refusals that it comes after.
    """
    for number in range(refusals):
        server.expect("PATCH", "/x", reply(status))
        if number + 1 in reads:
            server.expect("GET", "/x", document(reads[number + 1]))
    server.expect("PATCH", "/x", reply(200, b"{}"))
    assert bmc.patch("/x", BODY, READ).status == 200
    patches = [request for request in server.requests if request.method == "PATCH"]
    assert all(json_of(request) == BODY for request in patches)
    return [request.headers.get("if-match", "-") for request in patches]


@pytest.mark.parametrize("status", [412, 428])
@pytest.mark.parametrize("refusals", range(4))
def test_ladder_is_climbed_rung_by_rung(server: ScriptedServer, bmc: BmcClient, refusals: int, status: int) -> None:
    unchanged = {"Boot": "None", "@odata.etag": 'W/"2"'}
    rungs = climb(server, bmc, refusals, {2: unchanged, 3: unchanged}, status)
    assert rungs == ['W/"1"', '"1"', "*", "-"][: refusals + 1]


@pytest.mark.parametrize("after", [2, 3])
def test_protection_is_not_dropped_when_the_resource_changed_meanwhile(
    server: ScriptedServer, bmc: BmcClient, after: int
) -> None:
    for number in range(1, after + 1):
        server.expect("PATCH", "/x", reply(412))
        if number >= 2:
            server.expect("GET", "/x", document({"Boot": "Hdd" if number == after else "None"}))
    with pytest.raises(RefusedByBmc) as refusal:
        bmc.patch("/x", BODY, READ)
    assert refusal.value.status == 412


def test_other_refusal_ends_the_climb(server: ScriptedServer, bmc: BmcClient) -> None:
    server.expect("PATCH", "/x", reply(400))
    with pytest.raises(RefusedByBmc):
        bmc.patch("/x", BODY, READ)


def test_refusal_on_every_rung_is_the_answer(server: ScriptedServer, bmc: BmcClient) -> None:
    for number in range(4):
        server.expect("PATCH", "/x", reply(412))
        if number in (1, 2):
            server.expect("GET", "/x", document({"Boot": "None"}))
    with pytest.raises(RefusedByBmc):
        bmc.patch("/x", BODY, READ)


def test_resource_without_a_tag_is_changed_without_one_first(server: ScriptedServer, bmc: BmcClient) -> None:
    server.expect("PATCH", "/x", reply(428))
    server.expect("GET", "/x", document({"Boot": "None"}))
    server.expect("PATCH", "/x", reply(200, b"{}"))
    bmc.patch("/x", BODY, {"Boot": "None"})
    assert [request.headers.get("if-match") for request in server.requests if request.method == "PATCH"] == [None, "*"]
