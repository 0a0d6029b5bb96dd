# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet from host variables, and the last round in plain words."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._operations import fleet_table, reconciliation
from ansible_collections.openchami.bmc.plugins.module_utils._operations.fleet import fleet, kinds, natural, spreads
from tests.integration.discovered import Hosts, facts, hosts


def changed(path: str, old: Any, new: Any) -> dict[str, Any]:
    return {"path": path, "from": old, "to": new}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (changed("systems/1/power_state", "On", "Off"), "power state of system 1: Off, was On"),
        (changed("bmc/firmware_version", "2.1", "2.2"), "firmware version of the BMC: 2.2, was 2.1"),
        (changed("hardware/memory/DIMM1", None, "Hynix S1"), "memory module DIMM1: Hynix S1, was nothing"),
        (changed("hardware/memory/DIMM1", "Hynix S1", None), "memory module DIMM1: nothing, was Hynix S1"),
        (
            changed("hardware/memory/DIMM1/serial_number", "S1", "S2"),
            "serial number of memory module DIMM1: S2, was S1",
        ),
        (
            changed("hardware/drives//redfish/v1/Drives/0/health", "OK", "Critical"),
            "health of drive /redfish/v1/Drives/0: Critical, was OK",
        ),
        (changed("systems/Node0", None, "HPE EX425"), "system Node0: HPE EX425, was nothing"),
        (changed("firmware/BIOS/version", "1\x1b[2J", "2"), r"version of firmware BIOS: 2, was 1\x1b[2J"),
        (changed("console", "a", "b"), "console: b, was a"),
        ({}, "something: nothing, was nothing"),
    ],
)
def test_change_in_plain_words(change: dict[str, Any], words: str) -> None:
    assert reconciliation.change_in_words(change) == words


def test_a_bmc_and_its_nodes_are_one() -> None:
    whole = hosts("x1000c0s10b0", facts(), "10.0.0.1") | hosts("x1000c0s2b0", facts(), "10.0.0.2")
    nodes = {name: variables for name, variables in whole.items() if "bmc_system" in variables}
    for inventory in (whole, nodes):
        found = fleet(inventory.items())
        assert [bmc.name for bmc in found.bmcs] == ["x1000c0s2b0", "x1000c0s10b0"]
        assert [node.name for node in found.nodes] == ["x1000c0s2b0n0", "x1000c0s10b0n0"]
        assert {bmc.chassis for bmc in found.bmcs} == {"x1000c0"}
        assert found.as_of == "2026-11-24T18:00:00Z"


def test_firmware_that_most_do_not_have_stands_out() -> None:
    versions = ["2.72"] * 3 + ["2.65"]
    inventory: Hosts = {}
    for number, version in enumerate(versions):
        inventory |= hosts(f"bmc{number}", facts(firmware_version=version), f"10.0.0.{number}")
    (spread,) = spreads(fleet(inventory.items()))
    assert (spread.rule, spread.total) == ("2.72", 4)
    assert spread.versions == (("2.72", ("bmc0", "bmc1", "bmc2")), ("2.65", ("bmc3",)))
    assert [len(kind.bmcs) for kind in kinds(fleet(inventory.items()))] == [1, 3]
    inventory |= hosts("bmc9", facts(firmware_version="2.65"), "10.0.0.9")
    inventory |= hosts("bmc8", facts(firmware_version="2.60"), "10.0.0.8")
    assert spreads(fleet(inventory.items()))[0].rule == ""


@pytest.mark.parametrize("damage", [None, 7, "x", [], ["x"], {"a": 1}, {"__ansible_unsafe": "x"}])
def test_host_variables_of_any_shape_are_told(damage: Any) -> None:
    """AWX's database holds what anyone put there."""
    for key in (name for variables in hosts("bmc1", facts(), "10.0.0.1").values() for name in variables):
        inventory = hosts("bmc1", facts(), "10.0.0.1")
        for variables in inventory.values():
            variables[key] = damage
        found = fleet(inventory.items())
        assert fleet_table.lines(found, 80, 20)
        assert reconciliation.lines(found, 20)
        assert reconciliation.as_data(found, "2026-11-24T18:00:00Z")["counts"]["bmcs"] == len(found.bmcs)
    for key in hosts("bmc1", facts(), "10.0.0.1")["bmc1"]["bmc_discovery"]:
        found = fleet(hosts("bmc1", facts(), "10.0.0.1", **{key: damage}).items())
        assert fleet_table.lines(found, 80, 20)
        assert reconciliation.lines(found, 20)


def test_what_moves_each_round_is_no_news() -> None:
    def told(**story: Any) -> dict[str, Any]:
        return reconciliation.as_data(fleet(hosts("bmc1", facts(), "10.0.0.1", **story).items()), "now")

    part = {"incomplete": [{"uri": "/redfish/v1/x", "why": "500"}]}
    change = {"changed": [changed("systems/1/power_state", "On", "Off")]}
    assert not reconciliation.is_news(told(), {})
    assert reconciliation.is_news(told(**part), told())
    assert not reconciliation.is_news(told(**part, last_seen="2026-11-24T18:01:00Z"), told(**part))
    assert reconciliation.is_news(told(**change, last_seen="2026-11-24T18:01:00Z"), told(**change))
    setting = {"changed_resources": ["/redfish/v1/Managers/1/NetworkProtocol"]}
    assert reconciliation.is_news(told(**setting, last_seen="2026-11-24T18:01:00Z"), told(**setting))
    assert reconciliation.is_news(told(status="silent"), told(status="refused"))
    assert reconciliation.is_news(told(), told(**part))


@pytest.mark.parametrize("names", [["x1000c0s2b0", "x1000c0s10b0"], ["a", "b"], ["10.0.0.9", "10.0.0.10"], ["", "1"]])
def test_natural_order(names: list[str]) -> None:
    assert sorted(sorted(names, reverse=True), key=natural) == names
