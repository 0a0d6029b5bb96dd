# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Supermicro X13: no Vendor in the root, only an OEM part; reset values in an ActionInfo; success told in a `Success`.

Shapes from a recorded SYS-821GE with firmware 11.01.01, answers to writes from quoted ones of X13 boards. How it takes
a reset that changes nothing is not known: here it is accepted and has no effect.
"""

from __future__ import annotations

from functools import partial
from types import MappingProxyType

from .. import standard
from ..bmc import Bmc
from ..documents import collection, fixed, link, links, resource, state_number, status, timestamp, without
from ..messages import Cause, Message, base_messages
from ..profile import Builder, Document, Layout, Profile, Reply, Reset
from ..standard import ACCOUNT_SERVICE, ACCOUNTS, INVENTORY, ROOT, SESSIONS, UPDATE_SERVICE

SYSTEM = f"{ROOT}/Systems/1"
MANAGER = f"{ROOT}/Managers/1"
CHASSIS = f"{ROOT}/Chassis/1"
BASEBOARD = f"{ROOT}/Chassis/UBB_1"
BACKPLANE = f"{ROOT}/Chassis/NVMeSSD.0.Group.0.StorageBackplane"
INTERFACES = f"{MANAGER}/EthernetInterfaces"
DUMP_SERVICE = f"{ROOT}/Oem/Supermicro/DumpService"
UPDATE_ACTION_INFO = f"{UPDATE_SERVICE}/SimpleUpdateActionInfo"

MODEL = "SYS-741GE-TNRT"
PART_NUMBER = "SYS-741GE-TNRT-SIM01"
FIRMWARE = "01.03.14"
BIOS_VERSION = "2.1"
# Name, version, and the resource that the firmware belongs to. A bank that is empty says so as its version.
FIRMWARE_INVENTORY = {
    "BMC": ("BMC", FIRMWARE, MANAGER),
    "Backup_BMC": ("BMC Backup", "Not Present", MANAGER),
    "BIOS": ("BIOS", f"BIOS Date: 12/21/2023 Ver {BIOS_VERSION}", f"{SYSTEM}/Bios"),
}
SYSTEM_RESETS = (
    "On", "ForceOff", "GracefulShutdown", "GracefulRestart", "ForceRestart", "Nmi", "ForceOn", "PowerCycle",
)  # fmt: skip
MANAGER_RESETS = ("GracefulRestart",)
ROLLUP = {**status(), "HealthRollup": "OK"}
VIEWER = {"ConnectTypesSupported": ["KVMIP"], "MaxConcurrentSessions": 4, "ServiceEnabled": True}
SHELL = {"ConnectTypesSupported": ["SSH"], "MaxConcurrentSessions": 0, "ServiceEnabled": True}
SERIAL_CONSOLE = {
    "IPMI": {"HotKeySequenceDisplay": "Press ~.  - terminate connection", "Port": 623, "ServiceEnabled": True},
    "MaxConcurrentSessions": 1,
    "SSH": {
        "ConsoleEntryCommand": "cd system1/sol1; start",
        "HotKeySequenceDisplay": "press <Enter>, <Esc>, and then <T> to terminate session",
        "Port": 22,
        "ServiceEnabled": True,
        "SharedWithManagerCLI": True,
    },
}
PROTOCOL_FEATURES = {
    "DeepOperations": {"DeepPATCH": False, "DeepPOST": False, "MaxLevels": 1},
    "ExcerptQuery": False,
    "ExpandQuery": {"ExpandAll": True, "Levels": True, "Links": True, "MaxLevels": 2, "NoLinks": True},
    "FilterQuery": True,
    "OnlyMemberQuery": False,
    "SelectQuery": True,
}


def in_utc(seconds: float) -> str:
    """Return a time as this BMC writes it, with a Z."""
    return timestamp(seconds).replace("+00:00", "Z")


def service_root(bmc: Bmc) -> Document:
    """The root has the UUID of the machine, as the system and the manager have."""
    return standard.service_root(
        ROOT,
        "v1_9_0",
        "1.11.0",
        Id="ServiceRoot",
        Oem={"Supermicro": {"DumpService": link(DUMP_SERVICE)}},
        ProtocolFeaturesSupported=PROTOCOL_FEATURES,
        UUID=bmc.identity.uuid,
    )


def system(bmc: Bmc) -> Document:
    """The server. Its serial console stands here, not in the manager. BootProgress ends before the operating system."""
    host = bmc.hosts["1"]
    progress = "MemoryInitializationStarted" if host.in_post else "SystemHardwareInitializationComplete"
    return standard.system(
        SYSTEM,
        "v1_14_0",
        "System",
        bmc,
        Bios=link(f"{SYSTEM}/Bios"),
        BiosVersion=BIOS_VERSION,
        BootProgress={"LastState": progress if host.power_state == "On" else "None"},
        GraphicalConsole=VIEWER | {"Port": 5900},
        Links={"Chassis": links(CHASSIS), "ManagedBy": links(MANAGER)},
        Manufacturer="Supermicro",
        MemorySummary={"Status": ROLLUP, "TotalSystemMemoryGiB": 512},
        Model=MODEL,
        PartNumber=PART_NUMBER,
        ProcessorSummary={"Count": 2, "Model": "Intel(R) Xeon(R) processor", "Status": ROLLUP},
        SKU="0x1D5115D9",
        SerialConsole=SERIAL_CONSOLE,
    )


def manager(bmc: Bmc) -> Document:
    """The BMC, that names its chip as its model. It has a reset to factory defaults beside the reset."""
    defaults = {"#Manager.ResetToDefaults": {"target": f"{MANAGER}/Actions/Manager.ResetToDefaults"}}
    return standard.manager(
        MANAGER,
        "v1_11_0",
        "Manager",
        bmc,
        Actions=standard.reset_action(MANAGER, "Manager.Reset", bmc) | defaults,
        CommandShell=SHELL,
        DateTime=in_utc(bmc.clock.time()),
        Description="BMC",
        FirmwareVersion=FIRMWARE,
        GraphicalConsole=VIEWER,
        LastResetTime=in_utc(bmc.manager_reset_at),
        Links={
            "ActiveSoftwareImage": link(f"{INVENTORY}/BMC"),
            "ManagerForChassis": links(CHASSIS),
            "ManagerForServers": links(SYSTEM),
            "ManagerInChassis": link(CHASSIS),
        },
        Model="ASPEED",
        Oem={"Supermicro": {"@odata.type": "#SmcManagerExtensions.v1_0_0.Manager"}},
        UUID=bmc.identity.uuid,
    )


def ethernet_interface(bmc: Bmc) -> Document:
    """The network port."""
    document = standard.ethernet_interface(
        f"{INTERFACES}/1",
        "v1_6_3",
        "Manager Ethernet Interface",
        bmc,
        HostName=None,
        LinkStatus="LinkUp",
        MACAddress=bmc.identity.mac_address.upper(),
    )
    return without(document, "InterfaceEnabled", "PermanentMACAddress")


def host_interface(bmc: Bmc) -> Document:
    """The network between BMC and host inside the server, under a MAC address of its own."""
    mac_address = f"06{bmc.identity.mac_address[2:]}".upper()
    return standard.ethernet_interface(
        f"{INTERFACES}/ToHost",
        "v1_6_3",
        "Manager Ethernet Interface",
        bmc,
        HostName=None,
        IPv4Addresses=[{"Address": "169.254.3.254", "AddressOrigin": "Static", "SubnetMask": "255.255.255.0"}],
        MACAddress=mac_address,
        PermanentMACAddress=mac_address,
        SpeedMbps=100,
    )


def chassis(bmc: Bmc) -> Document:
    """The box, that cannot be reset. A tag that nobody wrote is null."""
    return resource(
        CHASSIS,
        "Chassis.v1_14_0.Chassis",
        "Computer System Chassis",
        AssetTag=bmc.written(CHASSIS, "AssetTag") or None,
        ChassisType="RackMount",
        Links={"ComputerSystems": links(SYSTEM), "ManagedBy": links(MANAGER), "ManagersInChassis": links(MANAGER)},
        Manufacturer="Supermicro",
        Model="X13DEG-PVC",
        PartNumber="CSE-SIM01-R000N",
        PowerState=bmc.hosts["1"].power_state,
        SerialNumber=f"C{bmc.identity.serial_number}",
        Status=ROLLUP,
    )


def baseboard(bmc: Bmc) -> Document:
    """The GPU baseboard: a chassis without links, status or power."""
    return resource(
        BASEBOARD,
        "Chassis.v1_11_0.Chassis",
        "GPU Baseboard",
        ChassisType="Zone",
        Manufacturer="NVIDIA",
        Model="HGX_H100",
        PartNumber="935-00000-0000-000",
        SerialNumber=f"U{bmc.identity.serial_number}",
    )


def firmware(identifier: str) -> Document:
    """One firmware."""
    name, version, item = FIRMWARE_INVENTORY[identifier]
    return standard.firmware(
        identifier, "v1_3_0", name, version, Manufacturer="Supermicro", RelatedItem=links(item), Status=status()
    )


# What never changes. The BIOS is short, and an update is offered but not simulated, because nothing uses them yet.
FIXED = (
    collection(f"{ROOT}/Systems", "ComputerSystem", "Computer System Collection", [SYSTEM]),
    collection(f"{ROOT}/Managers", "Manager", "Manager Collection", [MANAGER]),
    collection(f"{ROOT}/Chassis", "Chassis", "Chassis Collection", [CHASSIS, BASEBOARD, BACKPLANE]),
    collection(INTERFACES, "EthernetInterface", "Ethernet Network Interface Collection", ["1", "ToHost"]),
    collection(ACCOUNTS, "ManagerAccount", "Accounts Collection", ["2"]),
    *standard.firmware_inventory("Firmware Inventory Collection", map(firmware, FIRMWARE_INVENTORY)),
    standard.network_protocol(
        MANAGER,
        "v1_6_2",
        "Manager Network Protocol",
        HostName=None,
        IPMI={"Port": 623, "ProtocolEnabled": True},
        NTP={"NTPServers": ["localhost"], "ProtocolEnabled": False},
        Status=status(),
    ),
    resource(
        f"{SYSTEM}/Bios",
        "Bios.v1_1_1.Bios",
        "BIOS Configuration Current Settings",
        AttributeRegistry="BiosAttributeRegistry.v1_0_0",
        Attributes={"ADDDCSparing_3C3F": "Enabled", "BitsPerSecond_008D": "115200"},
    ),
    resource(
        BACKPLANE,
        "Chassis.v1_14_0.Chassis",
        "Backplane",
        ChassisType="Enclosure",
        Links={"ManagedBy": links(MANAGER)},
        Model="Backplane",
        PartNumber=None,
        SerialNumber=None,
    ),
    resource(DUMP_SERVICE, "DumpService.v1_0_2.DumpService", "Dump Service"),
    *standard.roles("v1_2_5"),
    standard.session_service("v1_1_7", 300, Status=status()),
    standard.update_service(
        "v1_8_4",
        Actions={
            "#UpdateService.SimpleUpdate": {
                "@Redfish.ActionInfo": UPDATE_ACTION_INFO,
                "target": f"{UPDATE_SERVICE}/Actions/UpdateService.SimpleUpdate",
            },
            "#UpdateService.StartUpdate": {"target": f"{UPDATE_SERVICE}/Actions/UpdateService.StartUpdate"},
        },
        MultipartHttpPushUri=f"{UPDATE_SERVICE}/upload",
        Status=ROLLUP,
    ),
    resource(
        UPDATE_ACTION_INFO,
        "ActionInfo.v1_1_2.ActionInfo",
        "Simple Update Action Info",
        Parameters=[
            {"DataType": "String", "Name": "ImageURI", "Required": True},
            {
                "AllowableValues": ["HTTP", "HTTPS", "FTP"],
                "DataType": "String",
                "Name": "TransferProtocol",
                "Required": False,
            },
            {"AllowableValues": [MANAGER, SYSTEM], "DataType": "StringArray", "Name": "Targets", "Required": False},
        ],
    ),
)


class SupermicroX13(Profile):
    """X13 board of a GPU server."""

    name = "supermicro_x13"
    defaults = MappingProxyType({"auth": {"lockout_after": 3}})
    manager_uri = MANAGER
    # The code of an error names the registry's version otherwise than its messages do.
    base_registry = "Base.v1_10_3"
    messages = base_messages("Base.1.10") | {
        Cause.VALUE_NOT_IN_LIST: Message(
            400, "Base.1.10.ActionParameterNotSupported", "The parameter {1} for the action {2} is not supported."
        ),
    }

    def layout(self, nodes: int) -> Layout:
        """One server with a GPU baseboard and a disk backplane. The account is in slot 2."""
        documents: dict[str, Builder] = {
            ROOT: service_root,
            SYSTEM: system,
            f"{SYSTEM}/ResetActionInfo": partial(standard.reset_action_info, SYSTEM, "v1_1_2", "ComputerSystem.Reset"),
            MANAGER: manager,
            f"{INTERFACES}/1": ethernet_interface,
            f"{INTERFACES}/ToHost": host_interface,
            CHASSIS: chassis,
            BASEBOARD: baseboard,
            SESSIONS: standard.sessions,
            ACCOUNT_SERVICE: partial(standard.account_service, "v1_7_2", Status=status()),
            f"{ACCOUNTS}/2": partial(standard.account, "2", "v1_8_0", Password=None),
            **fixed(*FIXED),
        }
        resets = {
            f"{SYSTEM}/Actions/ComputerSystem.Reset": Reset("ComputerSystem.Reset", SYSTEM_RESETS, "1"),
            f"{MANAGER}/Actions/Manager.Reset": Reset("Manager.Reset", MANAGER_RESETS),
        }
        return Layout(systems=("1",), documents=documents, resets=resets, writable={CHASSIS: ("AssetTag",)})

    def etag(self, bmc: Bmc, uri: str) -> str:
        """Every resource has a strong ETag of 32 hexadecimal digits."""
        return f'"{f"{state_number(uri, bmc):08x}" * 4}"'

    def accepted(self, bmc: Bmc, then_restart: bool = False) -> Reply:
        """Status 200, and a `Success` object in the form of an error."""
        entry = {
            "MessageId": "Base.1.10.Success",
            "Message": "Successfully Completed Request.",
            "MessageArgs": [""],
            "Severity": "OK",
        }
        message = "Successfully Completed Request. See ExtendedInfo for more information."
        success = {"code": f"{self.base_registry}.Success", "message": message, "@Message.ExtendedInfo": [entry]}
        return Reply(200, {"Success": success}, then_restart=then_restart)

    def patched(self, bmc: Bmc) -> Reply:
        """The same as for an action."""
        return self.accepted(bmc)


PROFILE = SupermicroX13()
