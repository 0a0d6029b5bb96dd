# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which console counts: the system's own, else the manager's, and never one that is disabled."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._operations import console
from ansible_collections.openchami.bmc.plugins.module_utils._operations.parts import Parts
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.dell.driver import Dell
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.generic import GenericDriver
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.openbmc.driver import OpenBmc
from ansible_collections.openchami.bmc.plugins.module_utils.vendor_api.v1 import Driver
from tests.unit.redfish.fake_reader import reference

from .scripted_bmc import World, manager, system

SYSTEM, PROTOCOLS = "/redfish/v1/Systems/1", "/redfish/v1/Managers/BMC/Protocols"


def consoles(world: World, *, enabled: bool = True) -> list[tuple[Any, ...]]:
    """system, protocol, port and source of each that is enabled, or of each that is not."""
    bmc = world.bmc
    found = [entry for entry in console.read(bmc, Parts(bmc.service)) if entry["enabled"] == enabled]
    return [(entry["system"], entry["protocol"], entry["port"], entry["source"]) for entry in found]


def service(*kinds: str, enabled: object = True) -> dict[str, Any]:
    return {"ServiceEnabled": enabled, "ConnectTypesSupported": list(kinds)}


def own(**protocols: Any) -> dict[str, Any]:
    return system(SerialConsole=protocols)


def world(*systems: dict[str, Any], driver: Driver | None = None, **of_manager: Any) -> World:
    return World(*systems, driver=driver, Managers=[manager(**of_manager)])


OWN, SHELL, SERIAL = "System.SerialConsole", "Manager.CommandShell", "Manager.SerialConsole"


def test_the_systems_own_consoles_go_first_ssh_before_ipmi() -> None:
    told = own(
        IPMI={"ServiceEnabled": True, "Port": 624}, SSH={"ServiceEnabled": True}, Telnet={"ServiceEnabled": True}
    )
    found = consoles(world(told, SerialConsole=service("IPMI")))
    assert found == [(SYSTEM, "ssh", 22, OWN), (SYSTEM, "ipmi", 624, OWN), (SYSTEM, "ipmi", 623, SERIAL)]


@pytest.mark.parametrize("disabled", [False, None, "true", {}])
def test_a_disabled_first_source_gives_way_to_the_next_and_is_still_told(disabled: object) -> None:
    """remote-console does not fall back here."""
    told = world(own(SSH={"ServiceEnabled": disabled, "Port": 2200}, IPMI=None), SerialConsole=service("SSH", "IPMI"))
    assert consoles(told) == [(SYSTEM, "ssh", 22, SERIAL), (SYSTEM, "ipmi", 623, SERIAL)]
    assert consoles(told, enabled=False) == [(SYSTEM, "ssh", 2200, OWN)]


def test_what_two_sources_tell_of_one_service_is_listed_once() -> None:
    told = own(SSH={"ServiceEnabled": True}, IPMI={"ServiceEnabled": True, "Port": 623})
    kinds = service("SSH", "IPMI")
    found = consoles(world(told, driver=Dell(), CommandShell=kinds, SerialConsole=kinds))
    assert found == [(SYSTEM, "ssh", 22, OWN), (SYSTEM, "ipmi", 623, OWN)]


def test_a_shell_counts_only_where_a_command_leads_from_it_to_the_console() -> None:
    shell = {"CommandShell": service("SSH", "IPMI"), "SerialConsole": service(enabled=False)}
    assert consoles(world(system(), driver=GenericDriver(), **shell)) == [(SYSTEM, "ipmi", 623, SHELL)]
    assert [kind for _system, kind, *_rest in consoles(world(system(), driver=Dell(), **shell))] == ["ssh", "ipmi"]


@pytest.mark.parametrize(
    ("told", "command"),
    [
        ({}, "connect com2"),
        ({"SharedWithManagerCLI": True, "Port": 2022}, "connect com2"),
        ({"SharedWithManagerCLI": False}, None),
        ({"Port": 2200}, None),
        ({"ConsoleEntryCommand": "start"}, "start"),
    ],
)
def test_a_login_to_the_shell_needs_the_command_of_the_dialect(told: dict[str, Any], command: str | None) -> None:
    """XCC3 tells a console on the port of its shell, and no command (libredfish, recorded V4 server)."""
    bmc = world(own(SSH={"ServiceEnabled": True, **told}), driver=Dell()).bmc
    assert [entry["entry_command"] for entry in console.read(bmc, Parts(bmc.service))] == [command]


def test_openbmc_has_its_console_on_a_port_of_its_own_and_behind_its_shell() -> None:
    told = own(SSH={"ServiceEnabled": True, "Port": 2200, "HotKeySequenceDisplay": "~."})
    bmc = world(told, driver=OpenBmc(), SerialConsole=service("SSH")).bmc
    found = console.read(bmc, Parts(bmc.service))
    commands = [(entry["port"], entry["entry_command"], entry["source"]) for entry in found]
    assert commands == [(2200, None, OWN), (22, "obmc-console-client", SERIAL)]


def network(bmc: World, **told: Any) -> World:
    bmc.client.documents[PROTOCOLS] = told
    return bmc


def test_ports_and_what_is_switched_off_stand_in_the_network_protocol() -> None:
    bmc = world(system(), SerialConsole=service("SSH", "IPMI"), NetworkProtocol=reference(PROTOCOLS))
    network(bmc, SSH={"Port": 2022}, IPMI={"ProtocolEnabled": False, "Port": 623})
    assert consoles(bmc) == [(SYSTEM, "ssh", 2022, SERIAL)]
    assert consoles(bmc, enabled=False) == [(SYSTEM, "ipmi", 623, SERIAL)]


def test_a_protocol_that_is_switched_off_takes_the_systems_console_with_it_unless_it_has_a_port_of_its_own() -> None:
    off = {"SSH": {"Port": 22, "ProtocolEnabled": False}, "IPMI": {"ProtocolEnabled": False}}
    for port, left in ((22, []), (2200, [(SYSTEM, "ssh", 2200, OWN)])):
        told = own(SSH={"ServiceEnabled": True, "Port": port}, IPMI={"ServiceEnabled": True})
        assert consoles(network(world(told, NetworkProtocol=reference(PROTOCOLS)), **off)) == left


@pytest.mark.parametrize("port", [0, -1, 65536, 10**30, None, True, "22", 22.5e300])
def test_what_is_no_port_stands_for_the_usual_one(port: object) -> None:
    assert consoles(world(own(SSH={"ServiceEnabled": True, "Port": port})))[0][2] == 22


@pytest.mark.parametrize(("told", "known"), [(0, None), (-1, None), ("2", None), (None, None), (5, 5)])
def test_no_sessions_means_that_the_bmc_does_not_know(told: object, known: int | None) -> None:
    bmc = world(system(), SerialConsole=service("IPMI") | {"MaxConcurrentSessions": told}).bmc
    assert [entry["max_concurrent_sessions"] for entry in console.read(bmc, Parts(bmc.service))] == [known]


def test_a_graphical_console_goes_last_and_once() -> None:
    kvm = service("KVMIP") | {"Port": 5900}
    bmc = world(system(GraphicalConsole=kvm), SerialConsole=service("IPMI"), GraphicalConsole=service("KVMIP"))
    assert consoles(bmc) == [(SYSTEM, "ipmi", 623, SERIAL), (SYSTEM, "kvm", 5900, "System.GraphicalConsole")]


def test_the_managers_console_is_that_of_no_system_where_it_has_several() -> None:
    found = consoles(world(system("1"), system("2"), SerialConsole=service("IPMI")))
    assert found == [(None, "ipmi", 623, SERIAL)]


def test_a_bmc_without_systems_has_no_console() -> None:
    assert consoles(world(SerialConsole=service("SSH"))) == []
