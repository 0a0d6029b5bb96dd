# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_power and bmc_info from options to result, against a server that follows a script."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_info, bmc_power
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import validated
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Result, Task, answer
from tests.unit.fake_clock import FakeClock
from tests.unit.operations.scripted_bmc import manager, system
from tests.unit.redfish.fake_reader import tree
from tests.unit.transport.scripted_server import ScriptedServer, certificate, document, json_of, raw, reply

CANARY = "canary-7f3a"
URI = "/redfish/v1/Systems/1"
RESET = f"{URI}/Actions/ComputerSystem.Reset"
IDENTITY = {"dialect": "generic", "systems": {"1": {"uri": URI, "serial_number": "A1"}}}
SESSIONS = "/redfish/v1/SessionService/Sessions"
UPDATE = "/redfish/v1/UpdateService"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as scripted:
        yield scripted


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OPENCHAMI_BMC_STATE_DIR", str(tmp_path))
    return tmp_path


def options_of(server: ScriptedServer, spec: Mapping[str, Any], **given: Any) -> dict[str, Any]:
    connection = {
        "bmc_address": f"127.0.0.1:{server.origin.port}",
        "bmc_fingerprint": certificate().sha256,
        "bmc_username": "admin",
        "bmc_password": CANARY,
    }
    return validated(spec, connection | given)


def power(server: ScriptedServer, check_mode: bool = False, **given: Any) -> Result:
    options = options_of(server, bmc_power.ARGUMENT_SPEC, **{"bmc_identity": IDENTITY} | given)
    return answer(bmc_power.run, options, Task("node1", check_mode, "4711", FakeClock()))


def shown(power_state: str, **more: Any) -> Any:
    return document(system(power_state=power_state, SerialNumber="A1", **more))


def expect_no_update(server: ScriptedServer) -> None:
    """Before anything is taken away the BMC is asked whether it updates: where that is told, and what it says."""
    server.expect("GET", "/redfish/v1", document({"RedfishVersion": "1.6.0", "UpdateService": {"@odata.id": UPDATE}}))
    server.expect("GET", UPDATE, document({"@odata.id": UPDATE, "Status": {"State": "Enabled"}}))


def audit_of(state: Path) -> list[dict[str, Any]]:
    file = state / "audit.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def test_warm_power_off_takes_five_requests_on_one_connection(server: ScriptedServer, state: Path) -> None:
    server.expect("GET", URI, shown("On"))
    expect_no_update(server)
    server.expect("POST", RESET, reply(204))
    server.expect("GET", URI, shown("Off"))
    result = power(server, state="off")
    write = {"method": "POST", "uri": RESET, "body": {"ResetType": "GracefulShutdown"}}
    assert (result["changed"], result["power_state"], result["settled"], result["handle"]) == (True, "Off", True, None)
    assert result["plan"] == [write]
    assert result["escalation"] == [{**write, "body": {"ResetType": "ForceOff"}}]
    assert result["diff"] == {"before": {URI: {"PowerState": "On"}}, "after": {URI: {"PowerState": "Off"}}}
    (target,) = result["targets"]
    assert (target["id"], target["before"], target["after"], target["confirmed"]) == ("1", "On", "Off", True)
    assert server.connections == 1
    assert json_of(server.requests[3]) == {"ResetType": "GracefulShutdown"}
    assert [line["phase"] for line in audit_of(state)] == ["intent", "outcome"]
    assert audit_of(state)[1]["detail"]["changed"] is True


def test_check_mode_reads_each_once_and_leaves_no_trace(server: ScriptedServer, state: Path) -> None:
    server.expect("GET", URI, shown("On"))
    expect_no_update(server)
    result = power(server, check_mode=True, state="off")
    assert (result["changed"], result["power_state"]) == (True, "Off")
    assert [write["body"]["ResetType"] for write in result["plan"]] == ["GracefulShutdown"]
    assert result["diff"]["after"] == {URI: {"PowerState": "Off"}}
    assert audit_of(state) == []


def test_what_is_there_already_is_one_read_and_no_record(server: ScriptedServer, state: Path) -> None:
    server.expect("GET", URI, shown("Off"))
    result = power(server, state="off")
    assert (result["changed"], result["settled"], result["plan"]) == (False, True, [])
    assert audit_of(state) == []


def test_submission_is_settled_by_a_second_task(server: ScriptedServer, state: Path) -> None:
    server.expect("GET", URI, shown("On"))
    expect_no_update(server)
    server.expect("POST", RESET, reply(204))
    submitted = power(server, state="off", wait=False)
    assert (submitted["changed"], submitted["settled"]) == (True, False)
    server.expect("GET", URI, shown("Off"))
    settled = power(server, state="off", handle=json.loads(json.dumps(submitted["handle"])))
    assert (settled["changed"], settled["settled"], settled["power_state"]) == (False, True, "Off")


def test_other_machine_fails_before_any_write_and_record(server: ScriptedServer, state: Path) -> None:
    server.expect("GET", URI, document(system(SerialNumber="B2")))
    result = power(server, state="off")
    assert (result["failed"], result["error"]["kind"]) == (True, "WrongMachine")
    assert result["msg"].startswith("node1: ")
    assert audit_of(state) == []


def test_failure_after_a_write_has_its_outcome_in_the_log(server: ScriptedServer, state: Path) -> None:
    server.expect("GET", URI, shown("On"))
    expect_no_update(server)
    server.expect("POST", RESET, raw(b""))
    result = power(server, state="off")
    assert (result["failed"], result["error"]["kind"]) == (True, "MayHaveHappened")
    assert result["targets"][0]["sent"][0]["answered"] is False
    assert audit_of(state)[1]["detail"]["failed"] is True


def test_restart_that_was_cut_off_is_completed_by_the_next_task(server: ScriptedServer, state: Path) -> None:
    resets = ("On", "GracefulShutdown", "ForceOff")
    server.expect("GET", URI, shown("On", resets=resets))
    expect_no_update(server)
    server.expect("POST", RESET, raw(b""))
    assert power(server, state="soft_restart")["error"]["kind"] == "MayHaveHappened"
    server.expect("GET", URI, shown("Off", resets=resets))
    server.expect("POST", RESET, reply(204))
    server.expect("GET", URI, shown("On", resets=resets))
    assert power(server, state="soft_restart")["power_state"] == "On"
    assert json_of(server.requests[-2]) == {"ResetType": "On"}


def test_session_is_deleted_also_when_the_task_fails(server: ScriptedServer, state: Path) -> None:
    server.expect("GET", "/redfish/v1", document({"RedfishVersion": "1.6.0"}))
    opened = document({}, 201, x_auth_token="token-7", location=f"{SESSIONS}/7")
    server.expect("POST", SESSIONS, opened)
    server.expect("GET", URI, document(system(SerialNumber="B2")))
    server.expect("DELETE", f"{SESSIONS}/7", reply(204))
    assert power(server, state="off", bmc_auth="session")["error"]["kind"] == "WrongMachine"


def test_wrong_password_is_tried_once_and_told_in_one_line(server: ScriptedServer, state: Path) -> None:
    server.expect("GET", URI, reply(401))
    result = power(server, state="off")
    assert result["error"]["kind"] == "LoginRefused"
    assert "\n" not in result["msg"]


def test_nothing_that_is_left_behind_holds_the_password(server: ScriptedServer, state: Path) -> None:
    server.expect("GET", URI, shown("On"))
    expect_no_update(server)
    info = {"error": {"@Message.ExtendedInfo": [{"MessageId": "Base.1.8.X", "Message": f"{CANARY} is not allowed"}]}}
    server.expect("POST", RESET, document(info, 400))
    server.expect("GET", URI, shown("On"))
    result = power(server, state="off")
    assert CANARY not in repr(result)
    left = [file.read_text(encoding="utf-8") for file in state.rglob("*") if file.is_file()]
    assert left
    assert not any(CANARY in text for text in left)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"wait_timeout": 0}, "wait_timeout 0 is not a time"),
        ({"poll_interval": "nan"}, "poll_interval"),
        ({"resource_id": "BMC"}, "resource_id names a manager or chassis"),
        ({"handle": {"version": 1}}, "the handle does not belong to this task"),
    ],
)
def test_request_that_cannot_be_meant_fails_before_anything_is_sent(
    server: ScriptedServer, state: Path, given: dict[str, Any], words: str
) -> None:
    result = power(server, state="off", **given)
    assert result["error"]["kind"] == "InvalidRequest"
    assert words in result["msg"]
    assert server.connections == 0


def test_limit_for_rests_is_the_one_of_the_dialect(server: ScriptedServer, state: Path) -> None:
    class Resting(FakeClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds + 1.5)

    server.expect("GET", URI, shown("On"))
    expect_no_update(server)
    server.expect("POST", RESET, reply(204))
    server.expect("GET", URI, shown("On"))
    server.expect("GET", URI, shown("Off"))
    identity = {**IDENTITY, "dialect": "hpe"}
    options = options_of(server, bmc_power.ARGUMENT_SPEC, state="off", bmc_identity=identity)
    assert answer(bmc_power.run, options, Task("node1", clock=Resting()))["changed"] is True
    assert [request.connection for request in server.requests] == [1, 1, 1, 1, 1, 2]


def test_facts_of_a_bmc_are_read_and_nothing_is_written(server: ScriptedServer, state: Path) -> None:
    documents = tree(
        Systems=[system("B", Model="X1", SerialNumber="A1"), system("A")], Managers=[manager()], Chassis=[]
    )
    documents["/redfish/v1"]["Vendor"] = "Supermicro"
    # Read in the order that the operation asks for them: what it needs is said here, each once.
    for uri in ("/redfish/v1", "/redfish/v1/Managers", "/redfish/v1/Managers/BMC", "/redfish/v1/Systems",
                "/redfish/v1/Systems/B", "/redfish/v1/Systems/A", "/redfish/v1/Chassis"):  # fmt: skip
        server.expect("GET", uri, document(documents[uri]))
    result = answer(bmc_info.run, options_of(server, bmc_info.ARGUMENT_SPEC), Task("node1"))
    assert (result["changed"], result["bmc"]["vendor"], result["bmc"]["dialect"]) == (False, "supermicro", "generic")
    assert [entry["id"] for entry in result["systems"]] == ["A", "B"]
    assert "authorization" not in server.requests[0].headers
    assert list(state.iterdir()) == []
