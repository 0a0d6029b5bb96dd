# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Profiles against recordings of real BMCs: what a profile shows, the real BMC shows; what matters, both show.

The recordings are no part of the repository: BMC_TREES names the folder that has them, unpacked or as NAME.tar.xz.
"""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.bmc import Bmc
from tests.simulator.clock import LoopClock
from tests.simulator.fleet import expand

Documents = dict[str, dict[str, Any]]

TREES = {
    "hpe_ilo5": "hpe-ilo5-dl385gen10plusv2",
    "dell_idrac9": "dell-idrac9-r750",
    "cray_ex_nc": "cray-ex425-nc",
    "cray_ex_cc": "cray-cmm-cc",
    "openbmc": "openbmc-stock",
    "nvidia_gh200": "nvidia-gh200",
    "supermicro_x13": "supermicro-x13-sys821ge",
    "lenovo_xcc": "lenovo-xcc-sr670v2",
    "ami_gigabyte": "ami-gigabyte-h262z63",
}
PROFILES = pytest.mark.parametrize("profile", TREES)

# Properties that operations read, by the last name of the resource's @odata.type: present in both or in neither, and
# of the same JSON type. A name stands for all that is under it.
READ = {
    "ServiceRoot": (
        "Vendor", "Product", "RedfishVersion", "UUID", "ProtocolFeaturesSupported", "Oem.Hpe.Manager[].ManagerType",
        "Oem.Hpe.Manager[].ManagerFirmwareVersion", "Oem.Dell", "Links.Sessions", "Systems", "Managers", "Chassis",
        "UpdateService", "SessionService", "AccountService", "@odata.etag",
    ),
    "ComputerSystem": (
        "Id", "Name", "UUID", "SerialNumber", "SKU", "PartNumber", "AssetTag", "Manufacturer", "Model", "PowerState",
        "BiosVersion", "Bios", "Status", "SystemType", "LastResetTime", "SerialConsole", "Links.ManagedBy",
        "Links.Chassis", "Processors", "Memory", "Storage", "EthernetInterfaces",
        "MemorySummary.TotalSystemMemoryGiB", "ProcessorSummary.Count", "ProcessorSummary.Model",
        "Actions.#ComputerSystem.Reset", "Oem.Hpe.PostState", "Oem.Hpe.CurrentPowerOnTimeSeconds",
        "BootProgress.LastState", "Oem.Lenovo.NumberOfReboots", "Oem.Lenovo.SystemStatus", "@odata.etag",
    ),
    "Manager": (
        "Id", "Name", "Description", "UUID", "Model", "FirmwareVersion", "ManagerType", "Status", "PowerState",
        "LastResetTime", "DateTime", "CommandShell", "SerialConsole", "GraphicalConsole", "NetworkProtocol",
        "EthernetInterfaces", "Links.Oem.Dell.DellAttributes", "Links.ManagerForServers", "Links.ManagerInChassis",
        "Actions.#Manager.Reset",
        "Actions.Oem.#CrayProcess.Schedule.target", "@odata.etag",
    ),
    "Chassis": (
        "Id", "Name", "ChassisType", "Manufacturer", "Model", "SerialNumber", "PartNumber", "SKU", "UUID", "PowerState",
        "Status", "Links.ComputerSystems", "Links.ManagedBy", "Links.Contains", "Links.ContainedBy",
        "Actions.#Chassis.Reset", "Power", "PowerSubsystem", "NetworkAdapters", "PCIeDevices", "@odata.etag",
    ),
    "EthernetInterface": (
        "Id", "MACAddress", "PermanentMACAddress", "HostName", "Status", "IPv4Addresses[].Address", "StaticNameServers",
        "Oem.Hpe.DHCPv4.UseNTPServers", "Oem.Hpe.DHCPv6.UseNTPServers", "Oem.Hpe.DomainName",
        "Oem.Hpe.ConfigurationSettings",
    ),
    "ManagerNetworkProtocol": (
        "NTP.NTPServers", "NTP.ProtocolEnabled", "Oem.Syslog", "Oem.Resolv", "Oem.SSHAdmin", "Oem.SSHConsole",
        "Oem.Hpe.RemoteSyslogServer", "Oem.Hpe.RemoteSyslogPort", "Oem.Hpe.RemoteSyslogEnabled",
        "Oem.Hpe.ConfigurationSettings", "Oem.Lenovo.DNS",
        *(f"{name}.ProtocolEnabled" for name in ("HTTPS", "IPMI", "KVMIP", "SNMP", "SSH")),
    ),
    "HpeiLODateTime": ("StaticNTPServers", "TimeZone", "ConfigurationSettings"),
    "ManagerAccount": ("Id", "UserName", "Keys", "Oem.Lenovo.SSHPublicKey"),
    "UpdateService": (
        "ServiceEnabled", "FirmwareInventory", "HttpPushUri", "MultipartHttpPushUri", "MaxImageSizeBytes",
        "Actions.#UpdateService.SimpleUpdate.target", "Oem.Hpe.State", "@odata.etag",
    ),
    "SoftwareInventory": ("Id", "Name", "Version", "SoftwareId", "Updateable", "Status", "@odata.etag"),
    "SessionService": ("ServiceEnabled", "SessionTimeout", "Sessions", "@odata.etag"),
    "ActionInfo": ("Parameters", "@odata.etag"),
    "Bios": (
        "AttributeRegistry", "@Redfish.Settings.SettingsObject", "@Redfish.Settings.SupportedApplyTimes",
        "@Redfish.Settings.Messages", "Actions.#Bios.ResetBios.target",
        "Actions.Oem.DellManager.v1_0_0#DellManager.ClearPending",
        "Oem.Dell.Jobs", "ResetBiosToDefaultsPending", "@odata.etag",
    ),
    "AttributeRegistry": ("Id", "RegistryVersion", "Language"),
    "MessageRegistryFile": ("Location",),
    "Processor": (
        "Id", "Name", "Manufacturer", "Model", "PartNumber", "SerialNumber", "ProcessorType", "TotalCores",
        "TotalThreads", "MaxSpeedMHz", "FirmwareVersion", "UUID", "Socket", "Status",
    ),
    "Memory": (
        "Id", "Name", "Manufacturer", "PartNumber", "SerialNumber", "CapacityMiB", "MemoryDeviceType", "MemoryType",
        "OperatingSpeedMhz", "DeviceLocator", "Status",
    ),
    "Drive": (
        "Id", "Name", "Manufacturer", "Model", "PartNumber", "SerialNumber", "CapacityBytes", "MediaType", "Protocol",
        "Revision", "Status",
    ),
    "Storage": ("Id", "Name", "Drives"),
    "NetworkAdapter": ("Id", "Name", "Manufacturer", "Model", "PartNumber", "SerialNumber", "Status"),
    "PCIeDevice": (
        "Id", "Name", "Manufacturer", "Model", "PartNumber", "SerialNumber", "FirmwareVersion", "Status",
    ),
    "Power": tuple(
        f"PowerSupplies[].{name}"
        for name in (
            "MemberId", "Name", "Manufacturer", "Model", "PartNumber", "SerialNumber", "FirmwareVersion",
            "PowerCapacityWatts", "PowerSupplyType", "Status.State",
        )
    ),
    "PowerSubsystem": ("PowerSupplies",),
    "PowerSupply": (
        "Id", "Name", "Manufacturer", "Model", "PartNumber", "SerialNumber", "FirmwareVersion", "PowerCapacityWatts",
        "PowerSupplyType", "Status",
    ),
}  # fmt: skip

# Facts of the dialect: the very same values.
EQUAL = {
    "ServiceRoot": ("@odata.id", "Vendor", "Links.Sessions", "Systems", "Managers", "Chassis", "UpdateService"),
    "ComputerSystem": ("Actions.#ComputerSystem.Reset", "Bios", "Links.ManagedBy", "Links.Chassis", "Manufacturer"),
    "Manager": (
        "ManagerType", "Description", "Actions.#Manager.Reset", "CommandShell", "SerialConsole", "GraphicalConsole",
        "Links.ManagerForServers", "NetworkProtocol",
    ),
    "Chassis": ("ChassisType", "Actions.#Chassis.Reset"),
    "UpdateService": (
        "HttpPushUri", "MultipartHttpPushUri", "Actions.#UpdateService.SimpleUpdate.target",
        "Actions.#UpdateService.SimpleUpdate.TransferProtocol@Redfish.AllowableValues",
    ),
    "SessionService": ("SessionTimeout", "Sessions"),
}  # fmt: skip

# How Cray EX tells a number that it does not know.
UNKNOWN = "Not Available"

# Differences that were looked at and are meant, by profile: URI, property, and what is different about it.
REVIEWED: dict[str, set[tuple[str, str, str]]] = {
    **{profile: set() for profile in TREES},
    # The settings object that is not there while nothing waits, as it was when these were recorded.
    "cray_ex_nc": {(f"/redfish/v1/Systems/{node}/Bios/SD", "", "not recorded") for node in ("Node0", "Node1")},
    "ami_gigabyte": {("/redfish/v1/Systems/Self/Bios/SD", "", "not recorded")},
}
# Of an interface of the host, whose settings nobody reads.
REVIEWED["hpe_ilo5"] = {
    (f"/redfish/v1/Systems/1/EthernetInterfaces/{number}", "StaticNameServers", "missing") for number in (1, 2)
}
# The file that names it was recorded, the registry was not.
REVIEWED["dell_idrac9"] = {
    ("/redfish/v1/Registries/ManagerAttributeRegistry/ManagerAttributeRegistry.v1_0_0.json", "", "not recorded")
}


def kind_of(document: dict[str, Any]) -> str:
    """Return the kind of a resource, such as "Manager"."""
    return str(document["@odata.type"]).rpartition(".")[2]


def paths(value: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield every property path of a document with its JSON type; the items of an array share one path."""
    yield prefix, "number" if type(value) in (int, float) else type(value).__name__
    if isinstance(value, dict):
        for name, item in value.items():
            yield from paths(item, f"{prefix}.{name}" if prefix else name)
    elif isinstance(value, list):
        for item in value:
            yield from paths(item, f"{prefix}[]")


def is_under(path: str, names: tuple[str, ...]) -> bool:
    """Say whether a path is one of the names, or belongs to one."""
    return any(path == name or path.startswith((f"{name}.", f"{name}[")) for name in names)


def value_at(document: Any, name: str) -> Any:
    """Return the value of a property path, None when it is not there. Names may have dots in them."""
    if not name:
        return document
    if not isinstance(document, dict):
        return None
    for key, value in document.items():
        if name == key or name.startswith(f"{key}."):
            return value_at(value, name[len(key) + 1 :])
    return None


def simulated(profile: str) -> Documents:
    """Return every document of a profile by the URI under which it was recorded."""
    [spec] = expand({"bmcs": [{"name": "one", "profile": profile, "address": "127.0.0.1"}]})
    bmc = Bmc(spec, LoopClock())
    return {recorded_uri(uri): bmc.profile.document(bmc, uri) for uri in bmc.layout.documents}


def recorded_uri(uri: str) -> str:
    """Return where a simulated resource stands in the recording: inventory ids hold the version, or are made of it."""
    uri = uri.rstrip("/")
    versions = {
        "-6.10.80.00__": "-6.00.30.00__",
        "-1.12.1__": "-1.8.2__",
        "/a2b1eed5": "/5d0869c4",
        "v1_2_84": "v1_2_60",
        "-1.0.4__": "-1.0.5__",
        "-21.80.16.92__": "-21.80.16.95__",
        "-00.2A.29__": "-00.2A.2B__",
    }
    if "/Previous-" in uri:
        versions = {"-6.00.30.00__": "-4.40.29.00__"}
    for ours, theirs in versions.items():
        uri = uri.replace(ours, theirs)
    return uri


@cache
def recorded(profile: str) -> Documents:
    """Return the recording of a real BMC of this dialect, as far as the profile goes."""
    folder = os.environ.get("BMC_TREES")
    if not folder:
        pytest.skip("BMC_TREES does not name the folder of the recorded trees")
    tree = Path(folder, TREES[profile])
    wanted = {f"{uri.lstrip('/')}/index.json": uri for uri in simulated(profile)}
    if tree.is_dir():
        return {uri: json.loads((tree / path).read_text()) for path, uri in wanted.items() if (tree / path).exists()}
    documents = {}
    with tarfile.open(f"{tree}.tar.xz") as archive:
        for member in archive:
            _tree, _slash, path = member.name.removeprefix("./").partition("/")
            content = archive.extractfile(member) if path in wanted else None
            if content is not None:
                documents[wanted[path]] = json.load(content)
    return documents


def differences(profile: str) -> set[tuple[str, str, str]]:
    """Return every difference between a profile and its recording that matters: URI, property, kind of difference."""
    found = set()
    for uri, document in simulated(profile).items():
        other = recorded(profile).get(uri)
        if other is None:
            found.add((uri, "", "not recorded"))
            continue
        ours, theirs = dict(paths(document)), dict(paths(other))
        read, equal = READ.get(kind_of(document), ()), EQUAL.get(kind_of(document), ())
        found |= {(uri, path, "not recorded") for path in ours.keys() - theirs.keys()}
        found |= {(uri, path, "other type") for path in ours.keys() & theirs.keys() if ours[path] != theirs[path]}
        found |= {(uri, path, "missing") for path in theirs.keys() - ours.keys() if is_under(path, read)}
        found |= {(uri, name, "other value") for name in equal if value_at(document, name) != value_at(other, name)}
    return found


@PROFILES
def test_profile_is_faithful_to_the_recording(profile: str) -> None:
    assert differences(profile) == REVIEWED[profile]


@PROFILES
def test_no_machine_was_copied(profile: str) -> None:
    """Serial numbers, UUIDs and MAC addresses are invented, not taken from the recording."""
    names = {"SerialNumber", "UUID", "MACAddress", "PermanentMACAddress", "ServiceTag", "HostName", "SKU"}

    def identities(documents: Documents) -> set[str]:
        found: set[str] = set()
        waiting: list[Any] = list(documents.values())
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                found |= {
                    str(item).lower() for key, item in value.items() if key in names and item not in (None, "", UNKNOWN)
                }
                waiting += value.values()
            elif isinstance(value, list):
                waiting += value
        return found

    assert identities(recorded(profile))
    assert not identities(recorded(profile)) & identities(simulated(profile))
