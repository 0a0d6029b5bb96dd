# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Supermicro X13: no Vendor in the root, only an OEM part; reset values in an ActionInfo.

Shapes from a recorded SYS-821GE with firmware 11.01.01. That BootProgress goes back while the host boots is the
standard's; the recording shows only where it rests.
"""

from __future__ import annotations

from functools import partial
from types import MappingProxyType

from .. import setups, standard
from ..bios import configurable
from ..bmc import Bmc
from ..documents import link, links, resource, rolled_up, timestamp
from ..families.supermicro import CHASSIS, INTERFACES, MANAGER, SYSTEM, Supermicro
from ..machines import supermicro
from ..messages import Cause, Message, base_messages
from ..profile import Builder, Document, Layout
from ..shelves import Shelf
from ..standard import INVENTORY, ROOT, UPDATE_SERVICE
from ..update_rules import answers, told
from ..update_rules.rules import BMC, IMMEDIATE, ON_RESET, ON_START, POWER, Item, Pull, Push, Updates

BASEBOARD = f"{ROOT}/Chassis/UBB_1"
BACKPLANE = f"{ROOT}/Chassis/NVMeSSD.0.Group.0.StorageBackplane"
DUMP_SERVICE = f"{ROOT}/Oem/Supermicro/DumpService"
UPDATE_ACTION_INFO = f"{UPDATE_SERVICE}/SimpleUpdateActionInfo"
UPDATE_PARAMETERS = [
    {"DataType": "String", "Name": "ImageURI", "Required": True},
    {
        "AllowableValues": ["HTTP", "HTTPS", "FTP"],
        "DataType": "String",
        "Name": "TransferProtocol",
        "Required": False,
    },
    {
        "AllowableValues": [
            MANAGER,
            f"{INVENTORY}/BMC",
            SYSTEM,
            f"{INVENTORY}/BIOS",
            f"{INVENTORY}/CPLD_Motherboard",
            f"{INVENTORY}/Fanboard_1_CPLD_1",
        ],
        "DataType": "StringArray",
        "Name": "Targets",
        "Required": False,
    },
]
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


class SupermicroX13(Supermicro):
    """X13 board of a GPU server, with a GPU baseboard and a disk backplane."""

    name = "supermicro_x13"
    model = "SYS-741GE-TNRT"
    part_number = "SYS-741GE-TNRT-SIM01"
    processor = "Intel(R) Xeon(R) processor"
    board = "X13DEG-PVC"
    case = "CSE-SIM01-R000N"
    firmware = "01.03.14"
    bios_version = "2.1"
    # A bank that is empty says so as its version.
    inventory = MappingProxyType(
        {
            "BMC": ("BMC", firmware, MANAGER),
            "Backup_BMC": ("BMC Backup", "Not Present", MANAGER),
            "Golden_BMC": ("BMC Golden", "01.02.20", MANAGER),
            "Staging_BMC": ("BMC Staging", firmware, MANAGER),
            "BIOS": ("BIOS", f"BIOS Date: 12/21/2023 Ver {bios_version}", f"{SYSTEM}/Bios"),
            "Golden_BIOS": ("BIOS Golden", "BIOS Date: 05/04/2023 Ver 1.3", f"{SYSTEM}/Bios"),
            "Staging_BIOS": ("BIOS Staging", f"BIOS Date: 12/21/2023 Ver {bios_version}", f"{SYSTEM}/Bios"),
            "CPLD_Motherboard": ("CPLD Motherboard", "F5.11.C9", ""),
            "Golden_CPLD_Motherboard": ("CPLD Motherboard Golden", "F5.11.C8", ""),
            "Fanboard_1_CPLD_1": ("CPLD FrontFanboard", "00", ""),
        }
    )
    system_resets = (
        "On", "ForceOff", "GracefulShutdown", "GracefulRestart", "ForceRestart", "Nmi", "ForceOn", "PowerCycle",
    )  # fmt: skip
    chassis_members = (CHASSIS, BASEBOARD, BACKPLANE)
    interface_members = ("1", "ToHost")
    registry = "Base.1.10"
    base_registry = "Base.v1_10_3"
    messages = base_messages(registry) | {
        Cause.UNLICENSED: Message(
            403,
            "SMC.1.0.OemLicenseNotPassed",
            "Not licensed to perform this request. {0} is needed.",
        ),
        Cause.LOCKED_DOWN: Message(403, "SMC.1.0.OemSystemLockdownEnabled", "The system is in lockdown."),
        Cause.UPDATING: Message(
            400, "SMC.1.0.OemFirmwareAlreadyInUpdateMode", "The BMC firmware update was already in update mode."
        ),
        Cause.VALUE_NOT_IN_LIST: Message(
            400, f"{registry}.ActionParameterNotSupported", "The parameter {1} for the action {2} is not supported."
        ),
    }

    def documents(self) -> dict[str, Builder]:
        """What changes."""
        info = f"{SYSTEM}/ResetActionInfo"
        return {
            **super().documents(),
            info: partial(standard.reset_action_info, SYSTEM, "v1_1_2", "ComputerSystem.Reset"),
            f"{INTERFACES}/ToHost": self.host_interface,
            BASEBOARD: self.baseboard,
        }

    def shelves(self) -> tuple[Shelf, ...]:
        """Cards and drives, too."""
        return supermicro.shelves(SYSTEM, CHASSIS, BACKPLANE, self.processor)

    def version_shown(self, uri: str, version: str) -> str:
        """The inventory tells "BIOS Date: 12/21/2023 Ver 2.1", the system 2.1."""
        return version.rpartition(" ")[2]

    def service_root(self, bmc: Bmc) -> Document:
        """The OEM part names the maker."""
        oem = {"Supermicro": {"DumpService": link(DUMP_SERVICE)}}
        return super().service_root(bmc) | {"Oem": oem, "ProtocolFeaturesSupported": PROTOCOL_FEATURES}

    def system(self, bmc: Bmc) -> Document:
        """Its serial console stands here, not in the manager. BootProgress ends before the operating system."""
        host = bmc.hosts["1"]
        progress = "MemoryInitializationStarted" if host.in_post else "SystemHardwareInitializationComplete"
        return super().system(bmc) | {
            "Bios": link(f"{SYSTEM}/Bios"),
            "BootProgress": {"LastState": progress if host.power_state == "On" else "None"},
            "GraphicalConsole": standard.console(4, "KVMIP", Port=5900),
            "SKU": "0x1D5115D9",
            "SerialConsole": SERIAL_CONSOLE,
        }

    def manager(self, bmc: Bmc) -> Document:
        """It tells its last restart, and which of its banks runs."""
        document = super().manager(bmc)
        return document | {
            "DateTime": in_utc(bmc.clock.time()),
            "LastResetTime": in_utc(bmc.manager_reset_at),
            "Links": {"ActiveSoftwareImage": link(f"{INVENTORY}/BMC"), **document["Links"]},
        }

    def host_interface(self, bmc: Bmc) -> Document:
        """The network between BMC and host inside the server."""
        document = standard.host_interface(
            f"{INTERFACES}/ToHost", "v1_6_3", "Manager Ethernet Interface", bmc, HostName=None, SpeedMbps=100
        )
        return document | {name: document[name].upper() for name in ("MACAddress", "PermanentMACAddress")}

    def baseboard(self, bmc: Bmc) -> Document:
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

    def layout(self, nodes: int) -> Layout:
        """Its BIOS can be configured."""
        return configurable(super().layout(nodes), setups.x13(f"{SYSTEM}/Bios"))

    def fixed_documents(self) -> tuple[Document, ...]:
        """What never changes. The BIOS is short."""
        return (
            *super().fixed_documents(),
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
            resource(
                UPDATE_ACTION_INFO,
                "ActionInfo.v1_1_2.ActionInfo",
                "Simple Update Action Info",
                Parameters=UPDATE_PARAMETERS,
            ),
        )

    updates = Updates(
        items=(
            Item("BMC", "BMC", BMC),
            Item("BIOS", "BIOS"),
            Item("CPLD_Motherboard", "CPLD", POWER),
            Item("Fanboard_1_CPLD_1", "FAN_CPLD", POWER),
        ),
        answer=answers.supermicro,
        pulls=(Pull("SimpleUpdate", f"{UPDATE_SERVICE}/Actions/UpdateService.SimpleUpdate"),),
        pushes=(Push("MultipartHttpPushUri", f"{UPDATE_SERVICE}/upload"),),
        targets=MappingProxyType({MANAGER: "BMC", SYSTEM: "BIOS", f"{SYSTEM}/Bios": "BIOS"}),
        apply_times=(IMMEDIATE, ON_RESET, ON_START),
        starts=f"{UPDATE_SERVICE}/Actions/UpdateService.StartUpdate",
        tasks=told.supermicro,
    )

    def update_service(self) -> Document:
        """An update goes by an action that names its parameters elsewhere, or by multipart, and is then started."""
        return standard.update_service(
            "v1_8_4",
            Actions={
                "#UpdateService.SimpleUpdate": {
                    "@Redfish.ActionInfo": UPDATE_ACTION_INFO,
                    "target": f"{UPDATE_SERVICE}/Actions/UpdateService.SimpleUpdate",
                },
                "#UpdateService.StartUpdate": {"target": f"{UPDATE_SERVICE}/Actions/UpdateService.StartUpdate"},
            },
            MultipartHttpPushUri=f"{UPDATE_SERVICE}/upload",
            Status=rolled_up(),
        )


PROFILE = SupermicroX13()
