# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Opening the conversation: what is read for it, and that it is closed whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest, NotReached, NotRedfish
from ansible_collections.openchami.bmc.plugins.module_utils._operations.connect import Settings, connect
from ansible_collections.openchami.bmc.plugins.module_utils._transport.bmc import Credential
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import Limits
from ansible_collections.openchami.bmc.plugins.module_utils._transport.tls import Trust
from tests.unit.fake_clock import FakeClock
from tests.unit.transport.scripted_server import ScriptedServer, certificate, document, reply

SESSIONS = "/redfish/v1/Sessions"
ROOT: dict[str, Any] = {"RedfishVersion": "1.6.0", "Oem": {"Hpe": {}}, "Links": {"Sessions": {"@odata.id": SESSIONS}}}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as scripted:
        yield scripted


def settings_of(server: ScriptedServer, auth: str = "basic", **identity: Any) -> Settings:
    trust = Trust(fingerprint=certificate().sha256)
    return Settings(server.origin, trust, Credential("admin", "secret"), auth, Limits(), identity)


def test_recorded_dialect_is_believed_without_a_read(server: ScriptedServer) -> None:
    with connect(settings_of(server, dialect="cray"), FakeClock()) as bmc:
        assert bmc.driver.dialect == "cray"
    assert server.connections == 0


def test_unknown_dialect_is_detected_without_a_password(server: ScriptedServer) -> None:
    server.expect("GET", "/redfish/v1", document(ROOT))
    with connect(settings_of(server), FakeClock()) as bmc:
        assert bmc.driver.dialect == "hpe"
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize(("dialect", "seconds"), [("hpe", 1.0), ("dell", 60.0)])
def test_connection_rests_no_longer_than_the_dialect_bears(
    server: ScriptedServer, dialect: str, seconds: float
) -> None:
    with connect(settings_of(server, dialect=dialect), FakeClock()) as bmc:
        assert bmc.client.http.limits.idle == seconds


def test_recorded_dialect_without_a_driver_is_refused(server: ScriptedServer) -> None:
    with pytest.raises(InvalidRequest, match="amiga"), connect(settings_of(server, dialect="amiga"), FakeClock()):
        pytest.fail("there is no such driver")


def test_what_is_no_redfish_gets_no_password(server: ScriptedServer) -> None:
    server.expect("GET", "/redfish/v1", document({"name": "a web shop"}))
    with pytest.raises(NotRedfish), connect(settings_of(server, auth="session"), FakeClock()):
        pytest.fail("there is no Redfish")


@pytest.mark.parametrize("root", [ROOT, {"RedfishVersion": "1.0.0", "Oem": {"Hpe": {}}}], ids=["linked", "not linked"])
def test_session_is_opened_where_the_root_says_and_deleted_after_a_failure(
    server: ScriptedServer, root: dict[str, Any]
) -> None:
    sessions = SESSIONS if "Links" in root else "/redfish/v1/SessionService/Sessions"
    server.expect("GET", "/redfish/v1", document(root))
    server.expect("POST", sessions, document({}, 201, x_auth_token="token-7", location=f"{sessions}/7"))
    server.expect("DELETE", f"{sessions}/7", reply(204))
    with pytest.raises(NotReached), connect(settings_of(server, auth="session"), FakeClock()):
        raise NotReached("the work failed")


def test_session_that_could_not_be_deleted_is_a_warning(server: ScriptedServer) -> None:
    server.expect("GET", "/redfish/v1", document(ROOT))
    server.expect("POST", SESSIONS, document({}, 201, x_auth_token="token-7", location=f"{SESSIONS}/7"))
    server.expect("DELETE", f"{SESSIONS}/7", reply(500))
    with connect(settings_of(server, auth="session"), FakeClock()) as bmc:
        assert bmc.warnings() == {}
    (warning,) = bmc.warnings()["warnings"]
    assert f"{SESSIONS}/7 could not be deleted" in warning
