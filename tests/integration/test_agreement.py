# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What bmc_info says of a BMC, sushy and DMTF's Tacklebox say too: simulated BMCs and recorded real ones.

Power state, model, serial number, versions, and the values of the resets, resource by resource. Of the parts of a
simulated machine the two say what the simulator knows to be true.
"""

from __future__ import annotations

from typing import Any

import pytest
import redfish
import redfish_utilities
import sushy
from redfish_utilities.managers import RedfishManagerResetNotFoundError
from redfish_utilities.systems import RedfishSystemResetNotFoundError
from sushy import auth, exceptions

from tests.integration.clients import FOREIGN_VARIABLES
from tests.integration.conftest import StartFleet
from tests.integration.fleet import PASSWORD, USERNAME, Fleet
from tests.simulator.profile import profile_names
from tests.trees.archives import each, tree
from tests.trees.server import TreeServer
from tests.trees.tasks import info

PROFILES = profile_names()
KNOWN_TO_SUSHY = {value.value for value in sushy.ResetType}
# Systems to which no chassis leads.
UNLINKED = ("cray_ex_nc",)
# How Cray EX tells a number that it does not know.
UNKNOWN = "Not Available"
# Those whose collections come in pages: both read the first page only.
READ_WHOLE = [profile for profile in PROFILES if profile != "unknown_maker"]
# Our name of a property, and Redfish's.
SYSTEM = {
    "power_state": "PowerState",
    "manufacturer": "Manufacturer",
    "model": "Model",
    "serial_number": "SerialNumber",
    "uuid": "UUID",
    "bios_version": "BiosVersion",
}
MANAGER = {"model": "Model", "firmware_version": "FirmwareVersion", "manager_type": "ManagerType"}

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")

Facts = dict[str, dict[str, Any]]
"""What is known of each resource, by its URI: properties by our names, and "reset_types", a set."""


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The library requests listens to nothing but the test, and what was remembered elsewhere is not known."""
    monkeypatch.setenv("OPENCHAMI_BMC_STATE_DIR", str(tmp_path_factory.mktemp("state")))
    for name in FOREIGN_VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    """One BMC of each profile. None ends an idle connection, as iLO does: the libraries would not try again."""
    return start_fleet([{"name": profile, "profile": profile, "idle_limit": None} for profile in PROFILES])


def assert_agreement(address: str) -> None:
    """The three say the same of a BMC."""
    told = info(address)
    assert "error" not in told, told
    systems, managers = (
        {
            entry["uri"]: {name: entry[name] for name in properties} | {"reset_types": set(entry["reset_types"])}
            for entry in told[kind]
        }
        for kind, properties in (("systems", SYSTEM), ("managers", MANAGER))
    )
    client = redfish.redfish_client(f"https://{address}", USERNAME, PASSWORD, max_retry=0)
    client.login(auth="basic")
    assert systems_of_tacklebox(client) == systems
    assert managers_of_tacklebox(client) == managers
    known = {uri: facts | {"reset_types": facts["reset_types"] & KNOWN_TO_SUSHY} for uri, facts in systems.items()}
    assert systems_of_sushy(address) == known


def systems_of_sushy(address: str) -> Facts:
    """Systems by sushy. It leaves out a reset value that the standard does not have, such as Cray's Off.

    Its own name for a system, `path`, is the link without a slash at the end: what the system calls itself is compared.
    """
    credentials = auth.BasicAuth(USERNAME, PASSWORD)
    root = sushy.Sushy(f"https://{address}", auth=credentials, verify=False, server_side_retries=0)
    members = root.get_system_collection().get_members() if "Systems" in root.json else []
    return {system.json["@odata.id"]: of_sushy(system) for system in members}


def of_sushy(system: Any) -> dict[str, Any]:
    """The facts of one system by sushy."""
    facts = {name: getattr(system, name) or None for name in SYSTEM}
    facts["power_state"] = system.power_state.value if system.power_state else None
    try:
        allowed = {value.value for value in system.get_allowed_reset_system_values()}
    except exceptions.MissingActionError:
        allowed = set()
    return facts | {"reset_types": allowed}


def systems_of_tacklebox(client: Any) -> Facts:
    """Systems by DMTF's Tacklebox."""
    found = {}
    for identifier in redfish_utilities.get_system_ids(client) if "Systems" in client.root else ():
        document = redfish_utilities.get_system(client, identifier).dict
        try:
            _target, parameters = redfish_utilities.get_system_reset_info(client, identifier)
        except RedfishSystemResetNotFoundError:
            parameters = []
        found[document["@odata.id"]] = of_tacklebox(document, parameters, SYSTEM)
    return found


def managers_of_tacklebox(client: Any) -> Facts:
    """Managers by DMTF's Tacklebox."""
    found = {}
    for identifier in redfish_utilities.get_manager_ids(client):
        document = redfish_utilities.get_manager(client, identifier).dict
        try:
            _target, parameters = redfish_utilities.get_manager_reset_info(client, identifier)
        except RedfishManagerResetNotFoundError:
            parameters = []
        found[document["@odata.id"]] = of_tacklebox(document, parameters, MANAGER)
    return found


def of_tacklebox(document: Any, parameters: list[dict[str, Any]], properties: dict[str, str]) -> dict[str, Any]:
    """The facts of one resource by Tacklebox. Where a BMC tells no values, it takes all that the standard has."""
    told = [entry for entry in parameters if entry["Name"] == "ResetType"]
    values = told[0].get("AllowableValues", []) if told else []
    allowed = set() if values is redfish_utilities.reset_types else set(values)
    return {name: document.get(theirs) or None for name, theirs in properties.items()} | {"reset_types": allowed}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_simulated_bmc(profile: str, fleet: Fleet) -> None:
    assert_agreement(fleet.addresses[profile])


def truth_of(fleet: Fleet, profile: str) -> dict[str, dict[str, Any]]:
    """The parts of a BMC by each URI that shows them."""
    hardware = fleet.simulator.state(profile)["hardware"].values()
    return {uri: part for part in hardware for uri in part["uris"]}


@pytest.mark.parametrize("profile", READ_WHOLE)
def test_the_parts_by_sushy(profile: str, fleet: Fleet) -> None:
    credentials = auth.BasicAuth(USERNAME, PASSWORD)
    root = sushy.Sushy(f"https://{fleet.addresses[profile]}", auth=credentials, verify=False, server_side_retries=0)
    told: dict[str, dict[str, str]] = {"Processors": {}, "EthernetInterfaces": {}, "Drives": {}}
    for system in root.get_system_collection().get_members() if "Systems" in root.json else ():
        if "Processors" in system.json:
            told["Processors"] |= {member.path: member.model for member in system.processors.get_members()}
        if "EthernetInterfaces" in system.json:
            ports = system.ethernet_interfaces.get_members()
            told["EthernetInterfaces"] |= {port.path: port.mac_address for port in ports}
        for storage in system.storage.get_members() if "Storage" in system.json else ():
            told["Drives"] |= {drive.path: drive.serial_number for drive in storage.drives}
    parts = truth_of(fleet, profile)
    for kind, name in (("Processors", "Model"), ("EthernetInterfaces", "MACAddress"), ("Drives", "SerialNumber")):
        true = {uri: part[name].casefold() for uri, part in parts.items() if f"/{kind}/" in uri}
        assert told[kind].keys() == true.keys()
        assert {uri: value.casefold() for uri, value in told[kind].items() if value != UNKNOWN}.items() <= true.items()


@pytest.mark.parametrize("profile", READ_WHOLE)
def test_the_parts_by_tacklebox(profile: str, fleet: Fleet) -> None:
    """It looks for neither ports nor power supplies, and for systems only where a chassis leads to them."""
    client = redfish.redfish_client(f"https://{fleet.addresses[profile]}", USERNAME, PASSWORD, max_retry=0)
    client.login(auth="basic")
    inventory = redfish_utilities.get_system_inventory(client)
    kinds = ("Processors", "Memory", "Drives", "NetworkAdapters", "PCIeDevices")
    told = {entry["Uri"]: entry for chassis in inventory for kind in kinds for entry in chassis[kind]}
    parts = truth_of(fleet, profile)
    overlooked = ("/EthernetInterfaces/", "/PowerSupplies/", *(["/Systems/"] if profile in UNLINKED else []))
    assert told.keys() == {uri for uri in parts if not any(place in uri for place in overlooked)}
    for uri, entry in told.items():
        assert (entry["State"] != "Absent") == parts[uri]["present"]
        for name in ("SerialNumber", "PartNumber", "Manufacturer", "Model"):
            assert entry[name] in (None, "", parts[uri].get(name))


@pytest.mark.parametrize("name", each())
def test_a_recorded_bmc(name: str) -> None:
    with TreeServer(tree(name).documents) as server:
        assert_agreement(server.address)
        assert server.writes == []
