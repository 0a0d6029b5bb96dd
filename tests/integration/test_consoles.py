# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_console_uri on every profile and recording: the best console is the one that the documents lead a person to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.integration.clients import one_of_each_dialect
from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.simulator.profile import profile_names
from tests.trees.archives import Tree, each, tree
from tests.trees.server import TreeServer
from tests.trees.tasks import Result, assert_in_order, consoles
from tests.unit.fuzz.subjects import simulated

each_profile = pytest.mark.parametrize("name", profile_names())
Document = Mapping[str, Any]

# What leads from a shell to the console, by a word of the vendor that names itself somewhere in the documents.
COMMANDS = {"Dell": "connect com2", "Hpe": "vsp", "Lenovo": "console 1"}


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    return start_fleet([{"name": name, "profile": name} for name in profile_names()])


@pytest.fixture(autouse=True)
def untouched(fleet: Fleet, own_state: Path) -> None:
    fleet.simulator.reset()


def at(document: Document | None, *path: str) -> Any:
    for key in path:
        document = (document or {}).get(key)
    return document


def best_of(documents: Mapping[str, Document], system: Document, command: str) -> tuple[str, str | None] | None:
    """The scheme, user and port of the best console of a system, and what is typed there, as a person reads it."""
    managers = [found for found in documents.values() if is_manager(found)]
    (manager, *_others) = sorted(managers, key=lambda found: not manages(found, system))
    network = documents.get((at(manager, "NetworkProtocol", "@odata.id") or "").rstrip("/"), {})
    off = {name for name in ("SSH", "IPMI", "KVMIP") if at(network, name, "ProtocolEnabled") is False}
    usual = {"SSH": 22, "IPMI": 623}
    port = {name: at(network, name, "Port") or usual.get(name) for name in ("SSH", "IPMI")}
    own = at(system, "SerialConsole") or {}
    if at(own, "SSH", "ServiceEnabled"):
        number = at(own, "SSH", "Port") or 22
        typed = at(own, "SSH", "ConsoleEntryCommand") or (command if number == port["SSH"] and command else None)
        return f"ssh:{number}", typed
    if at(own, "IPMI", "ServiceEnabled") and "IPMI" not in off:
        return f"ipmi:{at(own, 'IPMI', 'Port') or 623}", None
    kinds = {
        name
        for service in ("CommandShell", "SerialConsole")
        for name in at(manager, service, "ConnectTypesSupported") or ()
        if at(manager, service, "ServiceEnabled") and not (name == "SSH" and service == "CommandShell" and not command)
    } - off
    for name in ("SSH", "IPMI"):
        if name in kinds:
            return f"{name.lower()}:{port[name]}", (command or None) if name == "SSH" else None
    return ("https", None) if at(manager, "GraphicalConsole", "ServiceEnabled") and "KVMIP" not in off else None


def is_manager(document: Document) -> bool:
    return "ManagerType" in document and document["ManagerType"] != "AuxiliaryController"


def manages(manager: Document, system: Document) -> bool:
    return any(entry == {"@odata.id": system["@odata.id"]} for entry in at(manager, "Links", "ManagerForServers") or ())


def nodes_of(documents: Mapping[str, Document]) -> list[Document]:
    """The systems that can be switched."""
    found = [document for document in documents.values() if "#ComputerSystem.Reset" in (at(document, "Actions") or {})]
    return sorted(found, key=lambda document: str(document["@odata.id"]))


def expected(documents: Mapping[str, Document], name: str) -> list[tuple[str, str | None] | None]:
    """Of each node the best console."""
    systems = nodes_of(documents)
    if name.startswith("cray"):
        return [(f"ssh:22:n{system['Id'].removeprefix('Node')}", None) for system in systems]
    root = documents["/redfish/v1"]
    text = json.dumps([root, *(found for found in documents.values() if is_manager(found))])
    command = next((typed for word, typed in COMMANDS.items() if f'"{word}"' in text), "")
    return [best_of(documents, system, command) for system in systems]


def told(result: Result) -> list[tuple[str, str | None] | None]:
    found: list[tuple[str, str | None] | None] = []
    for node in result["nodes"]:
        best = node["best"]
        if best is None:
            found.append(None)
        elif best["protocol"] == "kvm":
            assert best["uri"].startswith("https://127.")
            found.append(("https", None))
        else:
            user = f":{best['user']}" if best["user"] != "admin" else ""
            assert best["uri"] == f"{best['protocol']}://{best['user']}@{best['host']}:{best['port']}"
            found.append((f"{best['protocol']}:{best['port']}{user}", best["entry_command"]))
    return found


def assert_well_formed(result: Result) -> None:
    for node in result["nodes"]:
        ways = node["consoles"]
        assert [way["enabled"] for way in ways] == sorted((way["enabled"] for way in ways), reverse=True)
        assert node["best"] == next((way for way in ways if way["enabled"]), None)
        for way in ways:
            assert (way["command"] is None) == (way["conman"] is None) == (way["protocol"] == "kvm")
            assert way["max_concurrent_sessions"] != 0
    assert ("best" in result) == (len(result["nodes"]) == 1)


@each_profile
def test_the_best_console_of_each_node(fleet: Fleet, name: str) -> None:
    result = consoles(fleet.addresses[name])
    assert_in_order(result)
    assert_well_formed(result)
    assert told(result) == expected(simulated(name), name)
    assert fleet.methods(name) == {"GET"}


@pytest.mark.parametrize("name", one_of_each_dialect(profile_names()))
def test_what_is_switched_off_gives_way_and_is_still_listed(fleet: Fleet, name: str) -> None:
    """SSH, then IPMI, are switched off in the BMC itself: never best from then on, unless on a port of its own."""
    documents = simulated(name)
    network = next((uri for uri in documents if uri.endswith("/NetworkProtocol")), None)
    before = consoles(fleet.addresses[name])
    for protocol in ("SSH", "IPMI"):
        if network is None or protocol not in documents[network]:
            continue
        fleet.simulator.set_state(name, network_protocol={protocol: {"ProtocolEnabled": False}})
        result = consoles(fleet.addresses[name])
        assert_well_formed(result)
        for then, now in zip(before["nodes"], result["nodes"], strict=True):
            usual = {(way["protocol"], way["port"]) for way in now["consoles"] if way["enabled"]}
            assert (protocol.lower(), documents[network][protocol].get("Port", 623)) not in usual
            known = {(way["protocol"], way["port"]) for way in now["consoles"]}
            assert {(way["protocol"], way["port"]) for way in then["consoles"]} == known


@pytest.mark.parametrize("asked", ["Node1", "/redfish/v1/Systems/Node1", "all", None])
def test_a_system_is_chosen_by_its_name(fleet: Fleet, asked: str | None) -> None:
    nodes = consoles(fleet.addresses["cray_ex_nc"], bmc_system=asked)["nodes"]
    assert [node["id"] for node in nodes] == (["Node1"] if asked and "Node1" in asked else ["Node0", "Node1"])


def test_a_system_that_is_not_there_is_an_error(fleet: Fleet) -> None:
    result = consoles(fleet.addresses["cray_ex_nc"], bmc_system="Node7")
    assert (result["error"]["kind"], "Node0, Node1" in result["msg"]) == ("TargetUnknown", True)


def test_ports_that_cannot_be_read_are_the_usual_ones_and_that_is_said(fleet: Fleet) -> None:
    fleet.simulator.fault("hpe_ilo5", "status", status=500, uri="/NetworkProtocol", count=None)
    result = consoles(fleet.addresses["hpe_ilo5"])
    assert result["best"]["port"] == 22
    assert "/NetworkProtocol" in result["warnings"][0]


@pytest.fixture(scope="module", params=each())
def recorded(request: pytest.FixtureRequest) -> Tree:
    return tree(request.param)


def test_recorded_bmcs_are_only_read(recorded: Tree) -> None:
    with TreeServer(recorded.documents) as server:
        result = consoles(server.address)
        assert server.writes == []
        assert len(set(server.requests)) == len(server.requests)
    assert_well_formed(result)
    assert told(result) == expected(documents_of(recorded), recorded.name)


def documents_of(recorded: Tree) -> dict[str, Document]:
    """What of a recording is a resource: not all that a BMC answers is JSON."""
    found = {}
    for uri in recorded.documents:
        with suppress(ValueError):
            found[uri] = recorded.document(uri) or {}
    return {uri: document for uri, document in found.items() if "@odata.id" in document}


@pytest.mark.parametrize("name", each("openbmc-stock", "nvidia-gh200", "supermicro-x13-sys821ge"))
def test_a_systems_console_that_is_switched_off_gives_way_to_the_next_source(name: str) -> None:
    """remote-console stops at a SerialConsole that is there and disabled."""
    recorded = tree(name)
    found = documents_of(recorded).items()
    uri, system = next((uri, dict(told)) for uri, told in found if "SerialConsole" in told and "SystemType" in told)
    for protocols, source in ((["SSH"], "System.SerialConsole"), (["SSH", "IPMI"], "Manager.SerialConsole")):
        for protocol in protocols:
            system["SerialConsole"][protocol]["ServiceEnabled"] = False
        with TreeServer({**recorded.documents, uri: json.dumps(system).encode()}) as server:
            result = consoles(server.address)
        best = result["best"]
        # The shell of an X13 is no console: its graphical one is left.
        other = "System.GraphicalConsole" if name.startswith("supermicro") else "Manager.SerialConsole"
        assert best["source"] == (source if source == "System.SerialConsole" else other)
        off = [(way["protocol"], way["source"]) for way in result["nodes"][0]["consoles"] if not way["enabled"]]
        assert off == [(protocol.lower(), "System.SerialConsole") for protocol in protocols]
