# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resets over HTTP, dialect by dialect: what is accepted, with which words it is refused, and what it did."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable

import pytest

from tests.simulator.control import Simulator, eventually

from .conftest import MANAGERS, SYSTEMS, Client

Connect = Callable[[str], Client]
Powered = Callable[[str], str]

OFF_GRACEFULLY = {name: "Off" if name.startswith("blade") else "GracefulShutdown" for name in SYSTEMS}
# They answer with a document that says Success; the others say nothing.
TALKATIVE = ("ilo", "ilo6", "ilo7", "openbmc", "gh200", "gb200", "gb300", "smc", "x10")


@pytest.mark.parametrize("name", SYSTEMS)
def test_off_and_on_again(simulator: Simulator, connect: Connect, powered: Powered, name: str) -> None:
    client, uri = connect(name), SYSTEMS[name]
    answer = client.reset(uri, OFF_GRACEFULLY[name])
    assert answer.status == (200 if name in TALKATIVE else 204)
    eventually(lambda: powered(name) == "Off")
    assert client.get(uri)["PowerState"] == "Off"
    client.reset(uri, "On")
    eventually(lambda: powered(name) == "On")
    assert client.get(uri)["PowerState"] == "On"
    changes = [(entry["property"], entry["from"], entry["to"], entry["cause"]) for entry in simulator.history(name)]
    assert changes == [
        ("PowerState", "On", "Off", OFF_GRACEFULLY[name]),
        ("PowerState", "Off", "On", "On"),
        ("Boots", 0, 1, "On"),
    ]
    assert {entry["resource"] for entry in simulator.history(name)} == {uri}


def test_power_takes_time(simulator: Simulator, connect: Connect, powered: Powered) -> None:
    simulator.set_state("ilo", timing={"force": 60})
    assert connect("ilo").reset(SYSTEMS["ilo"], "ForceOff").status == 200
    assert powered("ilo") == "On"


@pytest.mark.parametrize("name", SYSTEMS)
def test_host_may_ignore_a_graceful_shutdown(
    simulator: Simulator, connect: Connect, powered: Powered, name: str
) -> None:
    simulator.set_state(name, graceful="ignored", timing={"graceful": 0, "force": 0})
    client = connect(name)
    assert client.reset(SYSTEMS[name], OFF_GRACEFULLY[name]).status in (200, 204)
    assert client.get(SYSTEMS[name])["PowerState"] == "On"
    client.reset(SYSTEMS[name], "ForceOff")
    eventually(lambda: powered(name) == "Off")
    assert [entry["cause"] for entry in simulator.history(name)] == ["ForceOff"]


@pytest.mark.parametrize(
    ("name", "reset_type"),
    [("ilo", "ForceRestart"), ("ilo", "GracefulRestart"), ("idrac", "ForceRestart"), ("idrac", "PowerCycle")],
)
def test_restart_is_seen(simulator: Simulator, connect: Connect, name: str, reset_type: str) -> None:
    simulator.set_state(name, timing={"post": 600})
    client = connect(name)
    before = client.get(SYSTEMS[name])
    client.reset(SYSTEMS[name], reset_type)
    system = SYSTEMS[name].rpartition("/")[2]
    eventually(lambda: simulator.state(name)["systems"][system]["boots"] == 1)
    after = client.get(SYSTEMS[name])
    if name == "idrac":
        assert after["LastResetTime"] > before["LastResetTime"]
    else:
        assert after["Oem"]["Hpe"]["PostState"] == "InPost"
        assert after["Oem"]["Hpe"]["CurrentPowerOnTimeSeconds"] < before["Oem"]["Hpe"]["CurrentPowerOnTimeSeconds"]


def test_ilo_tells_how_far_the_boot_is(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("ilo", timing={"post": 600})
    client = connect("ilo")

    def post_state() -> str:
        return str(client.get(SYSTEMS["ilo"])["Oem"]["Hpe"]["PostState"])

    assert post_state() == "FinishedPost"
    client.reset(SYSTEMS["ilo"], "ForceOff")
    eventually(lambda: post_state() == "PowerOff")
    client.reset(SYSTEMS["ilo"], "On")
    eventually(lambda: post_state() == "InPost")
    answer = client.reset(SYSTEMS["ilo"], "GracefulShutdown")
    assert (answer.status, answer.message_id) == (400, "iLO.2.15.InvalidOperationForSystemState")
    assert client.reset(SYSTEMS["ilo"], "ForceOff").status == 200


@pytest.mark.parametrize(
    ("name", "state", "reset_type", "status", "message_id"),
    [
        ("ilo", "On", "On", 400, "iLO.2.15.InvalidOperationForSystemState"),
        ("ilo", "Off", "ForceOff", 400, "iLO.2.15.InvalidOperationForSystemState"),
        ("ilo", "Off", "ForceRestart", 400, "iLO.2.15.InvalidOperationForSystemState"),
        ("idrac", "On", "On", 409, "IDRAC.2.7.PSU501"),
        ("idrac", "Off", "GracefulShutdown", 409, "IDRAC.2.7.PSU502"),
    ],
)
def test_reset_that_would_change_nothing_is_refused(
    simulator: Simulator, connect: Connect, name: str, state: str, reset_type: str, status: int, message_id: str
) -> None:
    system = SYSTEMS[name].rpartition("/")[2]
    simulator.set_state(name, systems={system: {"power_state": state}})
    answer = connect(name).reset(SYSTEMS[name], reset_type)
    assert (answer.status, answer.message_id) == (status, message_id)


def test_cray_node_accepts_what_changes_nothing(simulator: Simulator, connect: Connect) -> None:
    assert connect("blade2").reset(SYSTEMS["blade2"], "On").status == 204
    assert simulator.history("blade2") == []


def test_nodes_of_a_blade_are_switched_one_by_one(simulator: Simulator, connect: Connect) -> None:
    connect("blade4").reset("/redfish/v1/Systems/Node0", "ForceOff")
    eventually(lambda: simulator.state("blade4")["systems"]["Node0"]["power_state"] == "Off")
    states = {name: node["power_state"] for name, node in simulator.state("blade4")["systems"].items()}
    assert states == {"Node3": "On", "Node1": "On", "Node2": "On", "Node0": "Off"}


@pytest.mark.parametrize(
    ("name", "reset_type", "message_id"),
    [
        ("ilo", "PowerCycle", "Base.1.4.PropertyValueNotInList"),
        ("idrac", "ForceOn", "IDRAC.2.7.SYS426"),
        ("idrac10", "ForceOn", "IDRAC.2.7.SYS426"),
        ("blade2", "GracefulRestart", "Base.1.4.0.ActionParameterNotSupported"),
        ("openbmc", "PushPowerButton", "Base.1.16.0.ActionParameterUnknown"),
        ("smc", "Off", "Base.1.10.ActionParameterNotSupported"),
        ("x10", "PowerCycle", "Base.1.0.0.PropertyValueNotInList"),
        ("xcc", "PowerCycle", "Base.1.12.ActionParameterValueNotInList"),
        ("ami", "GracefulRestart", "Base.1.5.PropertyValueNotInList"),
        ("intel", "PowerCycle", "Base.1.2.0.ActionParameterValueNotInList"),
        ("unknown", "PushPowerButton", "Base.1.8.1.ActionParameterValueNotInList"),
    ],
)
def test_value_that_is_not_offered_is_refused(
    simulator: Simulator, connect: Connect, name: str, reset_type: str, message_id: str
) -> None:
    answer = connect(name).reset(SYSTEMS[name], reset_type)
    assert (answer.status, answer.message_id) == (400, message_id)
    assert simulator.history(name) == []


@pytest.mark.parametrize("body", [b"{", b"[]", b"", {"ResetType": "ForceOff", "Force": True}, {}])
def test_body_that_is_no_reset_is_refused(simulator: Simulator, connect: Connect, body: object) -> None:
    for name, uri in SYSTEMS.items():
        assert connect(name).ask("POST", f"{uri}/Actions/ComputerSystem.Reset", body).status == 400
        assert simulator.history(name) == []


def test_reset_types_may_be_fewer(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("ilo", reset_types=["On", "ForceOff"])
    client = connect("ilo")
    action = client.get(SYSTEMS["ilo"])["Actions"]["#ComputerSystem.Reset"]
    assert action["ResetType@Redfish.AllowableValues"] == ["On", "ForceOff"]
    assert client.reset(SYSTEMS["ilo"], "GracefulShutdown").status == 400
    simulator.set_state("blade2", reset_types=["On"])
    parameters = connect("blade2").get(f"{SYSTEMS['blade2']}/ResetActionInfo")["Parameters"]
    assert parameters[0]["AllowableValues"] == ["On"]


@pytest.mark.parametrize("name", SYSTEMS)
def test_reset_action_may_be_missing(simulator: Simulator, connect: Connect, name: str) -> None:
    simulator.set_state(name, remove_reset=True)
    client = connect(name)
    assert "Actions" not in client.get(SYSTEMS[name])
    assert client.reset(SYSTEMS[name], "ForceOff").status == 404


@pytest.mark.parametrize(
    ("name", "chassis", "not_offered"),
    [
        ("idrac", "/redfish/v1/Chassis/System.Embedded.1", "ForceRestart"),
        ("ami", "/redfish/v1/Chassis/Self", "PowerCycle"),
    ],
)
def test_chassis_switches_its_server(
    connect: Connect, powered: Powered, name: str, chassis: str, not_offered: str
) -> None:
    client = connect(name)
    assert client.reset(chassis, not_offered).status == 400
    assert client.reset(chassis, "ForceOff").status == 204
    eventually(lambda: powered(name) == "Off")
    assert client.get(chassis)["PowerState"] == "Off"


@pytest.fixture
def chassis(simulator: Simulator) -> Callable[[], dict[str, str]]:
    """Return a function that tells the true power of each chassis of the Cray chassis controller."""
    return lambda: {name: slot["power_state"] for name, slot in simulator.state("cmm")["chassis"].items()}


@pytest.mark.parametrize("reset_type", ["Off", "ForceOff"])
def test_slot_is_switched_alone(
    simulator: Simulator, connect: Connect, chassis: Callable[[], dict[str, str]], reset_type: str
) -> None:
    client, uri = connect("cmm"), "/redfish/v1/Chassis/Blade3"
    assert client.reset(uri, reset_type).status == 204
    eventually(lambda: chassis()["Blade3"] == "Off")
    assert {name for name, power in chassis().items() if power == "Off"} == {"Blade3"}
    assert client.get(uri)["PowerState"] == "Off"
    client.reset(uri, "On")
    eventually(lambda: chassis()["Blade3"] == "On")
    told = [(entry["resource"], entry["to"], entry["cause"]) for entry in simulator.history("cmm")]
    assert told == [(uri, "Off", reset_type), (uri, "On", "On")]


def test_enclosure_takes_its_slots_down_and_does_not_bring_them_back(
    connect: Connect, chassis: Callable[[], dict[str, str]]
) -> None:
    client, uri = connect("cmm"), "/redfish/v1/Chassis/Enclosure"
    client.reset(uri, "ForceOff")
    eventually(lambda: set(chassis().values()) == {"Off"})
    client.reset(uri, "On")
    eventually(lambda: chassis()["Enclosure"] == "On")
    assert {name for name, power in chassis().items() if power == "On"} == {"Enclosure"}


def test_empty_slot_stays_empty(connect: Connect, chassis: Callable[[], dict[str, str]]) -> None:
    client, uri = connect("cmm"), "/redfish/v1/Chassis/Perif0"
    assert client.reset(uri, "On").status == 204
    assert (client.get(uri)["PowerState"], client.get(uri)["Status"]["State"]) == ("Off", "Absent")
    assert "Perif0" not in chassis()


def test_power_of_a_chassis_can_be_set(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("cmm", chassis={"Perif1": {"power_state": "Off"}})
    assert connect("cmm").get("/redfish/v1/Chassis/Perif1")["PowerState"] == "Off"


@pytest.mark.parametrize("name", ["gh200", "gb200", "gb300", "dgx"])
def test_second_manager_restarts_alone(simulator: Simulator, connect: Connect, name: str) -> None:
    simulator.set_state(name, timing={"manager_reset": 600})
    client, uri = connect(name), "/redfish/v1/Managers/HGX_BMC_0"
    assert client.reset(uri, "ForceRestart").status in (200, 204)
    assert client.ask("GET", uri).status == 503
    assert client.get(MANAGERS[name])["Id"] == MANAGERS[name].rpartition("/")[2]
    simulator.set_state(name, timing={"manager_reset": 0})
    assert client.get(uri)["Id"] == "HGX_BMC_0"
    state = simulator.state(name)
    assert (state["manager"]["resets"], state["other_managers"]) == (0, {uri: {"resets": 1}})


def test_action_with_if_match_is_told_and_may_be_refused(simulator: Simulator, connect: Connect) -> None:
    client = connect("idrac")
    assert client.reset(SYSTEMS["idrac"], "Nmi", If_Match="*").status == 204
    assert simulator.requests("idrac")[-1]["headers"]["If-Match"] == "*"
    simulator.set_state("idrac", refuses_if_match_on_action=True)
    assert client.reset(SYSTEMS["idrac"], "Nmi", If_Match="*").status == 412
    assert client.reset(SYSTEMS["idrac"], "Nmi").status == 204


def test_idrac10_takes_no_if_match_with_an_action(simulator: Simulator, connect: Connect) -> None:
    client = connect("idrac10")
    assert client.reset(SYSTEMS["idrac10"], "ForceOff", If_Match="*").status == 412
    assert simulator.history("idrac10") == []


def test_idrac10_refuses_on_while_its_power_rests(simulator: Simulator, connect: Connect, powered: Powered) -> None:
    simulator.set_state("idrac10", timing={"rest": 600})
    client, uri = connect("idrac10"), SYSTEMS["idrac10"]
    client.reset(uri, "ForceOff")
    eventually(lambda: powered("idrac10") == "Off")
    answer = client.reset(uri, "On")
    assert (answer.status, answer.message_id) == (409, "Base.1.12.ActionParameterValueConflict")
    assert client.reset(uri, "ForceOff").message_id == "IDRAC.2.7.PSU502"
    simulator.set_state("idrac10", timing={"rest": 0})
    assert client.reset(uri, "On").status == 204
    eventually(lambda: powered("idrac10") == "On")


def test_supermicro_tells_a_restart_in_the_boot_progress_that_goes_back(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("smc", timing={"restart": 0, "post": 60})
    client, uri = connect("smc"), SYSTEMS["smc"]
    assert client.get(uri)["BootProgress"]["LastState"] == "SystemHardwareInitializationComplete"
    client.reset(uri, "ForceRestart")
    eventually(lambda: client.get(uri)["BootProgress"]["LastState"] == "MemoryInitializationStarted")


def test_xcc_tells_a_restart_in_its_oem_part(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("xcc", timing={"restart": 0, "post": 60})
    client, uri = connect("xcc"), SYSTEMS["xcc"]
    before = client.get(uri)["Oem"]["Lenovo"]
    assert before["SystemStatus"] == "BootingOSOrInUndetectedOS"
    client.reset(uri, "ForceRestart")
    eventually(lambda: client.get(uri)["Oem"]["Lenovo"]["SystemStatus"] == "SystemOn_StartingUEFI")
    assert client.get(uri)["Oem"]["Lenovo"]["NumberOfReboots"] == before["NumberOfReboots"] + 1


@pytest.mark.parametrize("name", ["openbmc", "gh200"])
def test_bmcweb_tells_a_warm_restart_in_the_boot_progress_only(
    simulator: Simulator, connect: Connect, name: str
) -> None:
    """LastResetTime is when the chassis' power changed last."""
    simulator.set_state(name, timing={"restart": 0, "post": 60})
    client, uri = connect(name), SYSTEMS[name]
    before = client.get(uri)
    assert before["BootProgress"]["LastState"] == "OSRunning"
    client.reset(uri, "ForceRestart")
    eventually(lambda: client.get(uri)["BootProgress"]["LastState"] == "MemoryInitializationStarted")
    now = client.get(uri)
    assert now["LastResetTime"] == before["LastResetTime"]
    assert now["BootProgress"]["LastStateTime"] > before["BootProgress"]["LastStateTime"]
    client.reset(uri, "ForceOff")
    eventually(lambda: client.get(uri)["BootProgress"]["LastState"] == "None")
    assert client.get(uri)["LastResetTime"] > before["LastResetTime"]


@pytest.mark.parametrize("name", MANAGERS)
def test_manager_reset_takes_the_bmc_away(simulator: Simulator, connect: Connect, powered: Powered, name: str) -> None:
    simulator.set_state(name, timing={"manager_reset": 600})
    client, other = connect(name), connect(name)
    action = client.get(MANAGERS[name])["Actions"]["#Manager.Reset"]
    if "@Redfish.ActionInfo" in action:
        [parameter] = client.get(action["@Redfish.ActionInfo"])["Parameters"]
        values = parameter["AllowableValues"]
    else:
        values = action["ResetType@Redfish.AllowableValues"]
    assert client.reset(MANAGERS[name], values[0]).status in (200, 204)
    with pytest.raises((http.client.HTTPException, ConnectionError, ssl.SSLError)):
        client.ask("GET", "/redfish/v1")
    with pytest.raises(ConnectionRefusedError):
        other.ask("GET", "/redfish/v1")
    assert (simulator.state(name)["manager"]["resets"], powered(name)) == (1, "On")


def test_bmc_returns_without_its_sessions(simulator: Simulator, connect: Connect) -> None:
    client = connect("idrac")
    login = {"UserName": "admin", "Password": "secret"}
    assert client.ask("POST", "/redfish/v1/SessionService/Sessions", login, login=None).status == 201
    before = client.get(MANAGERS["idrac"])["LastResetTime"]
    assert client.reset(MANAGERS["idrac"], "GracefulRestart").status == 204

    def is_back() -> bool:
        try:
            return bool(connect("idrac").get(MANAGERS["idrac"])["LastResetTime"] > before)
        except OSError:
            return False

    eventually(is_back)
    assert simulator.state("idrac")["sessions"] == 0
