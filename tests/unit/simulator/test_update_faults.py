# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes wrong with an update because a test wants it so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.simulator.control import Simulator, SimulatorError, eventually
from tests.simulator.images import build

from .by_hand import INVENTORY, SERVICE, ended, push, push_to_ilo, update, version
from .conftest import Answer, Client

Connect = Callable[[str], Client]

IDRAC = "Installed-25227-6.10.80.00__iDRAC.Embedded.1-1"
SHOWN = "/redfish/v1/Managers/iDRAC.Embedded.1"


def begin(simulator: Simulator, connect: Connect, how: str, component: str = "BMC") -> tuple[Client, Answer]:
    """Upload an image to the iDRAC, with this fault."""
    simulator.fault("idrac", "update", how=how)
    client = connect("idrac")
    return client, push(client, {}, build(component, "9.9.9"))


def back(connect: Connect, name: str) -> Client:
    """A connection to a BMC that is back."""

    def answers() -> bool:
        try:
            return bool(connect(name).get(SERVICE))
        except OSError:
            return False

    eventually(answers)
    return connect(name)


def state(client: Client, answer: Answer) -> tuple[str, str]:
    task = client.get(answer.headers["Location"])
    return task["TaskState"], task["TaskStatus"]


def test_a_task_may_vanish_while_the_update_goes_on(simulator: Simulator, connect: Connect) -> None:
    client, answer = begin(simulator, connect, "vanishes")
    assert client.ask("GET", answer.headers["Location"]).status == 404
    ended(simulator, "idrac", "Completed")
    assert version(simulator, "idrac", IDRAC) == "9.9.9"


def test_a_flash_may_fail(simulator: Simulator, connect: Connect) -> None:
    client, answer = begin(simulator, connect, "fails")
    ended(simulator, "idrac", "Failed")
    assert state(client, answer) == ("Exception", "Critical")
    assert version(simulator, "idrac", IDRAC) == "6.10.80.00"


def test_a_flash_may_hang(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("idrac", timing={"flash": 0.01})
    client, answer = begin(simulator, connect, "hangs")
    eventually(lambda: client.get(answer.headers["Location"])["PercentComplete"] == 42)
    assert update(simulator, "idrac")["state"] == "Flashing"


def test_a_task_may_lie(simulator: Simulator, connect: Connect) -> None:
    client, answer = begin(simulator, connect, "lies")
    ended(simulator, "idrac", "Completed")
    assert state(client, answer) == ("Completed", "Critical")
    assert version(simulator, "idrac", IDRAC) == "6.10.80.00"
    assert simulator.state("idrac")["manager"]["resets"] == 0


@pytest.mark.parametrize(
    ("how", "end", "shown"), [("reboots", "Completed", "9"), ("reboots_and_loses", "Failed", "1.0")]
)
def test_a_bmc_may_restart_in_the_middle(
    simulator: Simulator, connect: Connect, how: str, end: str, shown: str
) -> None:
    simulator.fault("unknown", "update", how=how)
    push(connect("unknown"), {}, build("NIC", "9"))
    ended(simulator, "unknown", end)
    assert simulator.state("unknown")["manager"]["resets"] == 1
    assert version(simulator, "unknown", "NIC") == shown


def test_tasks_of_openbmc_do_not_survive_that(simulator: Simulator, connect: Connect) -> None:
    simulator.fault("openbmc", "update", how="reboots")
    answer = push(connect("openbmc"), {}, build("BMC", "9"))
    ended(simulator, "openbmc", "Pending")
    assert back(connect, "openbmc").ask("GET", answer.document["@odata.id"]).status == 404


@pytest.mark.parametrize(("how", "shown"), [("old_version", "6.10.80.00"), ("third_version", "9.9.9-other")])
def test_a_bmc_may_come_back_with_another_version(simulator: Simulator, connect: Connect, how: str, shown: str) -> None:
    _client, answer = begin(simulator, connect, how)
    ended(simulator, "idrac", "Completed")
    client = back(connect, "idrac")
    assert client.get(SHOWN)["FirmwareVersion"] == shown
    assert state(client, answer) == ("Completed", "OK")


def test_a_bmc_may_come_back_as_another(simulator: Simulator, connect: Connect) -> None:
    system = "/redfish/v1/Systems/System.Embedded.1"
    before = connect("idrac").get(system)
    begin(simulator, connect, "another_identity")
    ended(simulator, "idrac", "Completed")
    after = back(connect, "idrac").get(system)
    assert {name: after[name] == before[name] for name in ("UUID", "SerialNumber")} == {
        "UUID": False, "SerialNumber": False,
    }  # fmt: skip
    simulator.reset()
    assert connect("idrac").get(system)["UUID"] == before["UUID"]


def test_an_ilo_may_number_its_firmware_anew(simulator: Simulator, connect: Connect) -> None:
    client = connect("ilo")
    names = {uri: client.get(uri)["Name"] for uri in uris(client)}
    simulator.fault("ilo", "update", how="renumbers")
    push_to_ilo(client, build("BMC", "3.00"))
    ended(simulator, "ilo", "Completed")
    client = back(connect, "ilo")
    found = {uri: client.get(uri) for uri in uris(client)}
    assert sorted(document["Name"] for document in found.values()) == sorted(names.values())
    assert all(document["@odata.id"] == uri and uri.endswith(f"/{document['Id']}") for uri, document in found.items())
    assert (found[f"{INVENTORY}/2"]["Name"], found[f"{INVENTORY}/2"]["Version"]) == ("iLO 5", "3.00")
    assert client.ask("GET", f"{INVENTORY}/1").status == 404
    simulator.set_state("ilo", systems={"1": {"power_state": "Off"}})
    push_to_ilo(client, build("CPLD", "0x31"))
    assert ended(simulator, "ilo", "Completed")["image"] == "4"
    assert client.get(f"{INVENTORY}/5")["Version"] == "0x31"
    assert simulator.state("ilo")["firmware"]["4"]["uri"] == f"{INVENTORY}/5"


def uris(client: Client) -> list[str]:
    return [member["@odata.id"] for member in client.get(INVENTORY)["Members"]]


@pytest.mark.parametrize("name", ["idrac", "unknown", "gh200"])
def test_an_upload_may_be_refused(simulator: Simulator, connect: Connect, name: str) -> None:
    simulator.fault(name, "update", how="refuses")
    client = connect(name)
    assert push(client, {}, build("BMC", "9")).status == 400
    assert simulator.state(name)["updates"] == []
    assert push(client, {}, build("BMC", "9")).status == 202


def test_a_pull_may_be_refused(simulator: Simulator, connect: Connect) -> None:
    simulator.fault("ilo", "update", how="refuses", uri="SimpleUpdate")
    client = connect("ilo")
    target = client.get(SERVICE)["Actions"]["#UpdateService.SimpleUpdate"]["target"]
    assert client.ask("POST", target, {"ImageURI": "http://127.0.0.1:1/x"}).status == 400


def test_sessions_may_be_lost_on_the_way(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("idrac", timing={"flash": 60})
    connect("idrac").ask("POST", "/redfish/v1/SessionService/Sessions", {"UserName": "admin", "Password": "secret"})
    assert simulator.state("idrac")["sessions"] == 1
    begin(simulator, connect, "logs_out")
    assert (update(simulator, "idrac")["state"], simulator.state("idrac")["sessions"]) == ("Flashing", 0)


def test_faults_add_up_and_are_used_up(simulator: Simulator, connect: Connect) -> None:
    simulator.fault("unknown", "update", how="vanishes", count=None)
    simulator.fault("unknown", "update", how="third_version")
    client = connect("unknown")
    for expected in ("2-other", "3"):
        answer = push(client, {}, build("NIC", expected[0]))
        ended(simulator, "unknown", "Completed")
        assert client.ask("GET", answer.headers["Location"]).status == 404
        assert version(simulator, "unknown", "NIC") == expected


def test_a_bmc_gives_up_an_image_that_does_not_come(simulator: Simulator, connect: Connect) -> None:
    simulator.fault("blade2", "download", how="never")
    simulator.set_state("blade2", timing={"download": 0.1})
    client = connect("blade2")
    target = client.get(SERVICE)["Actions"]["#UpdateService.SimpleUpdate"]["target"]
    client.ask("POST", target, {"ImageURI": "http://127.0.0.1:1/x", "TransferProtocol": "HTTP"})
    assert "in time" in ended(simulator, "blade2", "Failed")["why"]


def test_a_fault_must_be_one_that_there_is(simulator: Simulator) -> None:
    for kind, how in (("update", "never"), ("download", "lies")):
        with pytest.raises(SimulatorError, match="how must be one of"):
            simulator.fault("ilo", kind, how=how)


def test_what_else_is_asked_uses_no_fault_up(simulator: Simulator, connect: Connect) -> None:
    simulator.fault("unknown", "update", how="fails")
    client = connect("unknown")
    client.reset("/redfish/v1/Systems/host", "ForceRestart")
    push(client, {}, build("NIC", "9"))
    found: dict[str, Any] = ended(simulator, "unknown", "Failed")
    assert found["ended"] is not None
