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
from ansible_collections.openchami.bmc.plugins.module_utils.vendor_api.v1 import Driver
from tests.unit.redfish.fake_reader import reference

from .scripted_bmc import World, manager, system

SYSTEM, MANAGER, PROTOCOLS = "/redfish/v1/Systems/1", "/redfish/v1/Managers/BMC", "/redfish/v1/Managers/BMC/Protocols"


def consoles(world: World) -> list[tuple[Any, ...]]:
    """system, type, port and source of each."""
    bmc = world.bmc
    found = console.read(bmc, Parts(bmc.service))
    return [(entry["system"], entry["type"], entry["port"], entry["source"]) for entry in found]


def service(*kinds: str, enabled: object = True) -> dict[str, Any]:
    return {"ServiceEnabled": enabled, "ConnectTypesSupported": list(kinds)}


def own(**protocols: Any) -> dict[str, Any]:
    return system(SerialConsole=protocols)


def world(*systems: dict[str, Any], driver: Driver | None = None, **of_manager: Any) -> World:
    return World(*systems, driver=driver, Managers=[manager(**of_manager)])


def test_the_system_own_console_counts_alone_ssh_first() -> None:
    told = own(
        IPMI={"ServiceEnabled": True, "Port": 624}, SSH={"ServiceEnabled": True}, Telnet={"ServiceEnabled": True}
    )
    found = consoles(world(told, SerialConsole=service("SSH")))
    assert found == [(SYSTEM, "ssh", 22, SYSTEM), (SYSTEM, "ipmi", 624, SYSTEM)]


@pytest.mark.parametrize("disabled", [False, None, "true", {}])
def test_a_disabled_first_source_gives_way_to_the_next(disabled: object) -> None:
    """remote-console does not fall back here."""
    told = own(SSH={"ServiceEnabled": disabled, "Port": 2200}, IPMI=None)
    assert consoles(world(told, SerialConsole=service("SSH", "IPMI"))) == [
        (SYSTEM, "ssh", 22, MANAGER),
        (SYSTEM, "ipmi", 623, MANAGER),
    ]


def test_a_shell_counts_only_where_a_command_leads_from_it_to_the_console() -> None:
    shell = {"CommandShell": service("SSH", "IPMI"), "SerialConsole": service(enabled=False)}
    assert consoles(world(system(), driver=GenericDriver(), **shell)) == [(SYSTEM, "ipmi", 623, MANAGER)]
    assert [kind for _system, kind, *_rest in consoles(world(system(), driver=Dell(), **shell))] == ["ssh", "ipmi"]


def test_ports_and_what_is_switched_off_stand_in_the_network_protocol() -> None:
    bmc = world(system(), SerialConsole=service("SSH", "IPMI"), NetworkProtocol=reference(PROTOCOLS))
    bmc.client.documents[PROTOCOLS] = {"SSH": {"Port": 2022}, "IPMI": {"ProtocolEnabled": False, "Port": 623}}
    assert consoles(bmc) == [(SYSTEM, "ssh", 2022, MANAGER)]


def test_the_managers_console_is_that_of_no_system_where_it_has_several() -> None:
    found = consoles(world(system("1"), system("2"), SerialConsole=service("IPMI")))
    assert found == [(None, "ipmi", 623, MANAGER)]


def test_a_bmc_without_systems_has_no_console() -> None:
    assert consoles(world(SerialConsole=service("SSH"))) == []
