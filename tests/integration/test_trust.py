# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each way of trusting a BMC, and each way of logging in, reaches it."""

from __future__ import annotations

import http.client
import json
import ssl
from pathlib import Path

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.fleet import PASSWORD, USERNAME, Fleet
from tests.integration.playbook import Controller

INFO = {"name": "info", "openchami.bmc.bmc_info": {}}
TRUSTING = ("ca-file", "colons", "digits", "first-use", "any")


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    return start_fleet([{"name": name, "profile": "dell_idrac9"} for name in (*TRUSTING, "token")])


def test_each_decision_of_trust_is_enough(fleet: Fleet, own_controller: Controller, tmp_path: Path) -> None:
    shown = {bmc["name"]: bmc["certificate_sha256"] for bmc in fleet.simulator.bmcs()}
    address, _separator, port = fleet.addresses["ca-file"].partition(":")
    (tmp_path / "ca.pem").write_text(ssl.get_server_certificate((address, int(port))), encoding="ascii")
    colons = ":".join(shown["colons"][at : at + 2].upper() for at in range(0, 64, 2))
    decisions = {
        "ca-file": {"bmc_ca_path": str(tmp_path / "ca.pem")},
        "colons": {"bmc_fingerprint": f"SHA256:{colons}"},
        "digits": {"bmc_fingerprint": shown["digits"]},
        "first-use": {"bmc_fingerprint": "trust-on-first-use"},
        "any": {"bmc_validate_certs": False},
    }
    hosts = {
        name: {**fleet.variables(name), "bmc_validate_certs": True, **decision} for name, decision in decisions.items()
    }
    run = own_controller.run(hosts, [INFO])
    assert {outcome.host: outcome.msg for outcome in run.outcomes} == dict.fromkeys(TRUSTING, "")


def test_a_token_of_someone_else_is_used_and_left_alone(fleet: Fleet, own_controller: Controller) -> None:
    address, _separator, port = fleet.addresses["token"].partition(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection(address, int(port), context=context)
    login = json.dumps({"UserName": USERNAME, "Password": PASSWORD})
    connection.request("POST", "/redfish/v1/SessionService/Sessions", login)
    token = connection.getresponse().headers["X-Auth-Token"]
    connection.close()
    fleet.simulator.clear_requests("token")
    host = {**fleet.variables("token"), "bmc_token": token}
    assert own_controller.run({"token": host}, [INFO]).of("token", "info").status == "ok"
    requests = fleet.simulator.requests("token")
    assert {request["method"] for request in requests} == {"GET"}
    assert not any("Authorization" in request["headers"] for request in requests)
    assert fleet.simulator.state("token")["sessions"] == 1
