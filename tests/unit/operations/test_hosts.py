# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From records to hosts: names, nodes, groups, variables."""

from __future__ import annotations

from typing import Any

from ansible_collections.openchami.bmc.plugins.module_utils._operations.hosts import (
    Host,
    Rules,
    further_addresses,
    hosts,
)
from ansible_collections.openchami.bmc.plugins.module_utils._operations.names import namer

RULES = Rules("both", namer(["given"], {}), lambda record: {"bmc_credentials": [{"path": record["given"]}]})


def system(name: str, **changed: Any) -> dict[str, Any]:
    uri = f"/redfish/v1/Systems/{name}"
    shown = {"id": name, "uri": uri, "system_type": "Physical", "reset_target": f"{uri}/Reset", "power_state": "On"}
    return {**shown, "health": "OK", "model": "M1", **changed}


def record(address: str, *systems: dict[str, Any], **changed: Any) -> dict[str, Any]:
    identity = {"uuid": None, "mac_address": None, "serial_number": None, **changed.pop("identity", {})}
    facts = {
        "bmc": {"vendor": "hpe", "model": "M1", "dialect": "hpe", "firmware_version": "2.72", "identity": identity},
        "systems": list(systems),
        "managers": [],
        "chassis": [],
        "capabilities": {},
        "hardware": {"memory": [{"id": f"of {entry['id']}", "system": entry["uri"]} for entry in systems]},
        "console": [{"type": "ssh", "system": entry["uri"]} for entry in systems],
    }
    story = {"status": "answered", "since": 0.0, "why": "", "seen": 0.0, "crawled": 60.5, "incomplete": []}
    more = {"host": address, "given": "", "facts": facts, "changed": [], "changed_resources": [], "new": False}
    return {"address": address, **story, **more, **changed}


def named(found: list[Host]) -> dict[str, Host]:
    assert len({host.name for host in found}) == len(found)
    return {host.name: host for host in found}


def test_nodes_are_numbered_in_the_order_of_their_uris() -> None:
    found = named(list(hosts([record("10.0.0.1", system("Node0"), system("Node1"), given="x1000c3s0b0")], RULES)))
    assert list(found) == ["x1000c3s0b0", "x1000c3s0b0n0", "x1000c3s0b0n1"]
    node = found["x1000c3s0b0n1"]
    assert node.variables["bmc_system"] == "Node1"
    assert node.variables["bmc_node"]["uri"] == "/redfish/v1/Systems/Node1"
    assert [part["id"] for part in node.variables["bmc_hardware"]["memory"]] == ["of Node1"]
    assert [way["system"] for way in node.variables["bmc_console"]] == ["/redfish/v1/Systems/Node1"]
    assert "bmc_system" not in found["x1000c3s0b0"].variables


def test_a_system_without_a_reset_is_no_node_beside_one_that_has_it() -> None:
    board = system("HGX_Baseboard_0", reset_target=None)
    found = named(list(hosts([record("10.0.0.1", board, system("System_0"))], RULES)))
    assert found["10.0.0.1n0"].variables["bmc_system"] == "System_0"
    assert len(found) == 2


def test_a_virtual_system_is_no_node() -> None:
    found = named(list(hosts([record("10.0.0.1", system("1"), system("dpu", system_type="Virtual"))], RULES)))
    assert list(found) == ["10.0.0.1", "10.0.0.1n0"]


def test_groups_say_what_a_host_is() -> None:
    found = named(list(hosts([record("10.0.0.1", system("1"), given="x1000c3s0b0")], RULES)))
    common = {"bmc_vendor_hpe", "bmc_model_m1", "bmc_firmware_2.72", "bmc_power_on", "bmc_health_ok"}
    common |= {"bmc_chassis_x1000c3", "bmc_status_answered"}
    assert set(found["x1000c3s0b0"].groups) == common | {"bmcs"}
    assert set(found["x1000c3s0b0n0"].groups) == common | {"bmc_nodes"}


def test_nodes_of_different_power_give_their_bmc_none() -> None:
    found = named(list(hosts([record("10.0.0.1", system("0"), system("1", power_state="Off"))], RULES)))
    assert [found[name].variables["bmc_power_state"] for name in found] == [None, "On", "Off"]


def test_two_bmcs_of_one_name_are_called_by_their_addresses() -> None:
    pair = [record("10.0.0.1", given="bmc"), record("10.0.0.2", given="bmc"), record("10.0.0.3", given="other")]
    assert [host.name for host in hosts(pair, RULES)] == ["10.0.0.1", "10.0.0.2", "other"]


def test_a_further_address_of_one_bmc_is_told() -> None:
    same = {"uuid": "5d4d0b8c-1111-4222-8333-444455556666"}
    pair = [record("10.0.0.1", identity=same), record("10.0.0.2", identity=same), record("10.0.0.3")]
    found = named(list(hosts(pair, RULES)))
    assert [found[name].variables["bmc_discovery"]["same_as"] for name in found] == [None, "10.0.0.1", None]
    assert "bmc_further_addresses" in found["10.0.0.2"].groups


def cray(address: str, *macs: str) -> dict[str, Any]:
    """A controller that shows nothing but the serial number of its blade, and the interfaces of its nodes."""
    found = record(address, system("Node0"), identity={"serial_number": "HA19340017"})
    found["facts"]["hardware"]["ethernet_interfaces"] = [{"mac_address": mac, "system": None} for mac in macs]
    return found


def test_a_bmc_that_shows_no_number_of_its_own_is_known_by_the_interfaces_of_its_nodes() -> None:
    none, one, other = "Not Available", "00:40:a6:83:52:5f", "00:40:a6:83:52:61"
    three = [cray("10.0.0.1", one, none), cray("10.0.0.2", none, one), cray("10.0.0.3", other, none)]
    assert further_addresses(three, RULES.name) == {"10.0.0.2": "10.0.0.1"}
    assert further_addresses([cray("10.0.0.1", none), cray("10.0.0.2", none)], RULES.name) == {}


def test_where_a_bmc_moved_its_old_silent_address_is_the_further_one() -> None:
    same = {"uuid": "5d4d0b8c-1111-4222-8333-444455556666"}
    old, new = record("10.0.0.5", identity=same, status="silent"), record("10.0.0.9", identity=same)
    assert further_addresses([old, new], RULES.name) == {"10.0.0.5": "10.0.0.9"}
    assert [host.name for host in hosts([old, new], RULES)] == ["10.0.0.5", "10.0.0.9"]


def test_a_shared_serial_number_or_a_placeholder_makes_no_two_bmcs_one() -> None:
    serial = [record(f"10.0.0.{number}", identity={"serial_number": "HA19340017"}) for number in (1, 2)]
    blank = [record(f"10.0.1.{number}", identity={"uuid": "00000000-0000-0000-0000-000000000000"}) for number in (1, 2)]
    assert {host.variables["bmc_discovery"]["same_as"] for host in hosts(serial + blank, RULES)} == {None}


def test_a_bmc_of_which_nothing_was_ever_read_is_a_host_with_its_story() -> None:
    unread = record("10.0.0.1", facts={}, status="refused", why="the login was refused", crawled=None)
    (host,) = hosts([unread], RULES)
    assert host.groups == ("bmcs", "bmc_chassis_10.0.0.1", "bmc_status_refused")
    assert host.variables["bmc_discovery"]["why"] == "the login was refused"
    assert host.variables["bmc_discovery"]["crawled"] is None


def test_times_are_told_in_utc() -> None:
    (host,) = hosts([record("10.0.0.1")], RULES)
    assert host.variables["bmc_discovery"]["crawled"] == "1970-01-01T00:01:00.500Z"


def test_access_is_of_the_name_of_the_bmc_for_its_nodes_too() -> None:
    for host in hosts([record("10.0.0.1", system("1"), given="x1000c3s0b0")], RULES):
        assert host.variables["bmc_credentials"] == [{"path": "x1000c3s0b0"}]


def test_only_one_kind_of_host_where_only_one_is_wished() -> None:
    for kind, names in (("nodes", ["10.0.0.1n0"]), ("bmcs", ["10.0.0.1"])):
        only = Rules(kind, RULES.name, RULES.access)
        assert [host.name for host in hosts([record("10.0.0.1", system("1"))], only)] == names
