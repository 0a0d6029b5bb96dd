# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lenovo XClarity Controller: reset values both inline and in an ActionInfo, nothing that tells when a host booted.

Shapes from a recorded SR670 V2 with XCC 2.83. A reset that changes nothing is taken with 204 (NVIDIA's libredfish); a
PATCH without If-Match is refused with 428 (ansible/ansible issue 56050).
"""

from __future__ import annotations

from functools import partial
from types import MappingProxyType

from .. import standard
from ..bmc import Bmc
from ..documents import collection, fixed, link, links, resource, state_number, status
from ..messages import Cause, Message, base_messages
from ..profile import Builder, Document, Layout, Profile, Reset
from ..standard import ACCOUNT_SERVICE, ACCOUNTS, INVENTORY, ROOT, SESSIONS

SYSTEM = f"{ROOT}/Systems/1"
MANAGER = f"{ROOT}/Managers/1"
CHASSIS = f"{ROOT}/Chassis/1"
BACKPLANE = f"{ROOT}/Chassis/3"
INTERFACES = f"{MANAGER}/EthernetInterfaces"

MODEL = "ThinkSystem SR650 V2"
SKU = "7Z72SIM1WW"
# Build, version and date in one; the inventory has the first two in another form.
FIRMWARE = "AFBT36K 2.60 2022-12-14"
BIOS_VERSION = "AFE130J"
# Name, version, software id, and state.
FIRMWARE_INVENTORY = {
    "BMC-Primary": ("Firmware:BMC", "36K-2.60", "BMC-AFBT-10", "Enabled"),
    "BMC-Primary-Pending": ("Firmware:BMC", "-*", "BMC-*-10", "Disabled"),
    "BMC-Backup": ("Firmware:BMC", "36K-2.60", "BMC-AFBT-10", "StandbySpare"),
    "UEFI": ("Firmware:UEFI", "30J-1.60", "UEFI-AFE1-6", "Enabled"),
}
SYSTEM_RESETS = ("On", "Nmi", "GracefulShutdown", "GracefulRestart", "ForceOn", "ForceOff", "ForceRestart")
MANAGER_RESETS = ("GracefulRestart", "ForceRestart")
ROLLUP = {**status(), "HealthRollup": "OK"}
PROTOCOL_FEATURES = {
    "DeepOperations": {"DeepPATCH": True, "DeepPOST": True, "MaxLevels": 2},
    "ExcerptQuery": True,
    "ExpandQuery": {"ExpandAll": True, "Levels": True, "Links": True, "MaxLevels": 2, "NoLinks": True},
    "FilterQuery": True,
    "OnlyMemberQuery": True,
    "SelectQuery": True,
}


def host_name(bmc: Bmc) -> str:
    """The XCC names itself after machine type and serial number."""
    return f"XCC-{SKU[:4]}-{bmc.identity.serial_number}"


def console(sessions: int, *connect_types: str) -> Document:
    """Return a console of the manager."""
    return {"ConnectTypesSupported": list(connect_types), "MaxConcurrentSessions": sessions, "ServiceEnabled": True}


def reset_action(uri: str, name: str, bmc: Bmc) -> Document:
    """Return a Reset action that tells its values itself, and names an ActionInfo that tells them too."""
    target = f"{uri}/Actions/{name}"
    values = {"ResetType@Redfish.AllowableValues": standard.reset_types(target, bmc), "title": "Reset"}
    return {f"#{name}": values | {"@Redfish.ActionInfo": f"{uri}/ResetActionInfo", "target": target}}


def service_root(bmc: Bmc) -> Document:
    """The root calls itself by its form with the slash. It writes the UUID in capitals, unlike the system."""
    return standard.service_root(
        f"{ROOT}/",
        "v1_13_0",
        "1.15.0",
        ProtocolFeaturesSupported=PROTOCOL_FEATURES,
        UUID=bmc.identity.uuid.upper(),
        Vendor="Lenovo",
    )


def system(bmc: Bmc) -> Document:
    """The server. Its number of reboots is all that remains of a boot."""
    lenovo = {
        "@odata.type": "#LenovoComputerSystem.v1_0_0.LenovoSystemProperties",
        "NumberOfReboots": 16 + bmc.hosts["1"].boots,
    }
    document = standard.system(
        SYSTEM,
        "v1_17_0",
        "ComputerSystem",
        bmc,
        AssetTag=bmc.written(SYSTEM, "AssetTag"),
        Bios=link(f"{SYSTEM}/Bios"),
        BiosVersion=BIOS_VERSION,
        HostName=host_name(bmc),
        Links={"Chassis": links(CHASSIS), "ManagedBy": links(MANAGER)},
        Manufacturer="Lenovo",
        MemorySummary={"Status": ROLLUP, "TotalSystemMemoryGiB": 512},
        Model=MODEL,
        Oem={"Lenovo": lenovo},
        PartNumber=None,
        ProcessorSummary={"Count": 2, "Model": "Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz", "Status": ROLLUP},
        SKU=SKU,
        Status=ROLLUP,
    )
    if "Actions" in document:
        document["Actions"] = reset_action(SYSTEM, "ComputerSystem.Reset", bmc)
    return document


def manager(bmc: Bmc) -> Document:
    """The XCC itself."""
    return standard.manager(
        MANAGER,
        "v1_14_0",
        "Manager",
        bmc,
        Actions=reset_action(MANAGER, "Manager.Reset", bmc),
        CommandShell=console(2, "SSH"),
        Description="This resource is used to represent a management subsystem for a Redfish implementation.",
        FirmwareVersion=FIRMWARE,
        GraphicalConsole=console(6, "KVMIP"),
        Links={
            "ActiveSoftwareImage": link(f"{INVENTORY}/BMC-Primary"),
            "ManagerForChassis": links(CHASSIS),
            "ManagerForServers": links(SYSTEM),
        },
        Model="Lenovo XClarity Controller",
        Oem={"Lenovo": {"@odata.type": "#LenovoManager.v1_0_0.LenovoManagerProperties"}},
        PowerState="On",
        SerialConsole=console(2, "IPMI", "SSH"),
        Status={"State": "Enabled"},
        UUID=bmc.identity.uuid.upper(),
    )


def ethernet_interface(bmc: Bmc) -> Document:
    """The network port."""
    return standard.ethernet_interface(
        f"{INTERFACES}/NIC",
        "v1_8_0",
        "Manager Ethernet Interface",
        bmc,
        HostName=host_name(bmc),
        Links={"Chassis": link(CHASSIS)},
        LinkStatus="LinkUp",
        SpeedMbps=None,
    )


def host_interface(bmc: Bmc) -> Document:
    """The network between BMC and host, switched off, under a MAC address of its own."""
    mac_address = f"06{bmc.identity.mac_address[2:]}"
    return standard.ethernet_interface(
        f"{INTERFACES}/ToHost",
        "v1_8_0",
        "Manager Ethernet Over USB Interface",
        bmc,
        HostName="",
        IPv4Addresses=[{"Address": "169.254.95.118", "AddressOrigin": "Static", "SubnetMask": "255.255.0.0"}],
        InterfaceEnabled=False,
        LinkStatus="LinkDown",
        MACAddress=mac_address,
        PermanentMACAddress=mac_address,
        SpeedMbps=None,
        Status={"Health": "OK", "State": "Disabled"},
    )


def network_protocol(bmc: Bmc) -> Document:
    """Network services."""
    return standard.network_protocol(
        MANAGER,
        "v1_8_0",
        "Manager Network Protocol",
        HostName=host_name(bmc),
        IPMI={"Port": 623, "ProtocolEnabled": False},
        NTP={"NTPServers": [], "ProtocolEnabled": False},
        Status=status(),
    )


def chassis(bmc: Bmc) -> Document:
    """The box, that cannot be reset."""
    return resource(
        CHASSIS,
        "Chassis.v1_19_0.Chassis",
        "Chassis",
        ChassisType="RackMount",
        Links={"ComputerSystems": links(SYSTEM), "ManagedBy": links(MANAGER), "ManagersInChassis": links(MANAGER)},
        Manufacturer="Lenovo",
        Model=SKU,
        PartNumber="SB00S00001",
        PowerState=bmc.hosts["1"].power_state,
        SKU=SKU,
        SerialNumber=bmc.identity.serial_number,
        Status=status(),
        UUID=bmc.identity.uuid.upper(),
    )


def backplane(bmc: Bmc) -> Document:
    """The disk backplane, whose power nobody knows."""
    return resource(
        BACKPLANE,
        "Chassis.v1_19_0.Chassis",
        "SAS Backplane 1",
        ChassisType="Enclosure",
        Manufacturer="LNVO",
        Model=None,
        PartNumber="SC00S00001",
        PowerState=None,
        SKU="02SIM83",
        SerialNumber=f"B{bmc.identity.serial_number}",
        Status=status(),
    )


def firmware(identifier: str) -> Document:
    """One firmware. What waits to be activated has an entry also while nothing waits."""
    name, version, software_id, state = FIRMWARE_INVENTORY[identifier]
    return standard.firmware(
        identifier,
        "v1_5_0",
        name,
        version,
        Manufacturer="Lenovo",
        SoftwareId=software_id,
        Status={**ROLLUP, "State": state},
    )


# What never changes. The BIOS is short, and an update is offered but not simulated, because nothing uses them yet.
FIXED = (
    collection(f"{ROOT}/Systems", "ComputerSystem", "ComputerSystemCollection", [SYSTEM]),
    collection(f"{ROOT}/Managers", "Manager", "ManagerCollection", [MANAGER]),
    collection(f"{ROOT}/Chassis", "Chassis", "ChassisCollection", [CHASSIS, BACKPLANE]),
    collection(INTERFACES, "EthernetInterface", "EthernetInterfaceCollection", ["NIC", "ToHost"]),
    collection(ACCOUNTS, "ManagerAccount", "ManagerAccountCollection", ["1"]),
    *standard.firmware_inventory("SoftwareInventoryCollection", map(firmware, FIRMWARE_INVENTORY)),
    resource(
        f"{SYSTEM}/Bios",
        "Bios.v1_1_1.Bios",
        "Bios",
        AttributeRegistry="BiosAttributeRegistry.1.0.0",
        Attributes={"BootModes_SystemBootMode": "UEFIMode", "OperatingModes_ChooseOperatingMode": "MaximumPerformance"},
    ),
    *standard.roles("v1_3_1"),
    standard.session_service("v1_1_8", 300),
    standard.update_service(
        "v1_11_0",
        Actions=standard.simple_update("TFTP", "SFTP", "HTTPS", "HTTP", title="SimpleUpdate"),
        HttpPushUri="/fwupdate",
        MaxImageSizeBytes=250000000,
        MultipartHttpPushUri="/mfwupdate",
        Status=ROLLUP,
    ),
)


class LenovoXcc(Profile):
    """XCC of a rack server."""

    name = "lenovo_xcc"
    defaults = MappingProxyType({"if_match": "demanded"})
    uses_context = True
    manager_uri = MANAGER
    base_registry = "Base.1.12"
    messages = base_messages(base_registry) | {
        Cause.NOT_FOUND: Message(
            404,
            "ExtendedError.1.2.RequestUriNotFound",
            "The request specified a URI of a resource that does not exist.",
        ),
    }

    def layout(self, nodes: int) -> Layout:
        """One server with a disk backplane."""
        account = partial(standard.account, "1", "v1_8_1", Password=None, PasswordChangeRequired=False)
        documents: dict[str, Builder] = {
            f"{ROOT}/": service_root,
            SYSTEM: system,
            MANAGER: manager,
            f"{INTERFACES}/NIC": ethernet_interface,
            f"{INTERFACES}/ToHost": host_interface,
            f"{MANAGER}/NetworkProtocol": network_protocol,
            CHASSIS: chassis,
            BACKPLANE: backplane,
            SESSIONS: standard.sessions,
            ACCOUNT_SERVICE: partial(standard.account_service, "v1_10_0"),
            f"{ACCOUNTS}/1": account,
            **fixed(*FIXED),
        }
        resets = {
            f"{SYSTEM}/Actions/ComputerSystem.Reset": Reset("ComputerSystem.Reset", SYSTEM_RESETS, "1"),
            f"{MANAGER}/Actions/Manager.Reset": Reset("Manager.Reset", MANAGER_RESETS),
        }
        for uri, name in ((SYSTEM, "ComputerSystem.Reset"), (MANAGER, "Manager.Reset")):
            documents[f"{uri}/ResetActionInfo"] = partial(
                standard.reset_action_info, uri, "v1_1_2", name, Id="Reset", Name="Reset"
            )
        return Layout(systems=("1",), documents=documents, resets=resets, writable={SYSTEM: ("AssetTag",)})

    def etag(self, bmc: Bmc, uri: str) -> str | None:
        """Every resource but the ActionInfos has a strong ETag of some 20 hexadecimal digits."""
        return None if uri.endswith("ActionInfo") else f'"{f"{state_number(uri, bmc):08x}" * 3}"'


PROFILE = LenovoXcc()
