# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AMI MegaRAC on a Gigabyte board, whose maker only the system names. Shapes from a recorded H262 12.84.13."""

from __future__ import annotations

from types import MappingProxyType

from .. import setups, standard
from ..bios import configurable
from ..bmc import Bmc
from ..documents import collection, fixed, link, links, resource, status, without
from ..families.megarac import (
    ROLLUP,
    MegaRac,
    access,
    console,
    machine_uuid,
    reset_action,
    reset_documents,
    service_root,
)
from ..machines import megarac
from ..profile import Builder, Document, Layout, Reset
from ..shelves import equipped
from ..standard import ACCOUNTS, ROOT, UPDATE_SERVICE
from ..update_rules import answers, told
from ..update_rules.rules import BMC, POWER, Item, Pull, Updates

HOST = "Self"
SYSTEM = f"{ROOT}/Systems/{HOST}"
MANAGER = f"{ROOT}/Managers/Self"
CHASSIS = f"{ROOT}/Chassis/Self"
INTERFACES = f"{MANAGER}/EthernetInterfaces"
UPDATE_ACTION_INFO = f"{UPDATE_SERVICE}/SimpleUpdateActionInfo"

MODEL = "R272-Z32-00"
PROCESSOR = "AMD EPYC 7742 64-Core Processor                "
FIRMWARE = "12.60.39"
BIOS_VERSION = "M23"
FIRMWARE_INVENTORY = {"BMC": FIRMWARE, "MB_CPLD1": "ff", "BIOS": BIOS_VERSION}
# A host has no GracefulRestart; the chassis takes the same, and switches the same host.
HOST_RESETS = ("GracefulShutdown", "ForceRestart", "ForceOff", "On")
MANAGER_RESETS = ("ForceRestart",)


def host_name(bmc: Bmc) -> str:
    """The BMC names itself after its MAC address."""
    return f"AMI{bmc.identity.mac_address.replace(':', '').upper()}"


def system(bmc: Bmc) -> Document:
    """The server. Nothing in it tells when it booted."""
    document = standard.system(
        SYSTEM,
        "v1_7_0",
        "System",
        bmc,
        AssetTag=bmc.written(SYSTEM, "AssetTag"),
        Bios=link(f"{SYSTEM}/Bios"),
        BiosVersion=BIOS_VERSION,
        Links={"Chassis": links(CHASSIS), "ManagedBy": links(MANAGER)},
        Manufacturer="GIGABYTE",
        MemorySummary={"TotalSystemMemoryGiB": 256},
        Model=MODEL,
        PartNumber="000000000002",
        ProcessorSummary={"Count": 2, "Model": PROCESSOR},
        SKU="SIMULATED-SKU",
        Status=ROLLUP,
    )
    if "Actions" in document:
        document["Actions"] = reset_action(SYSTEM, "ComputerSystem.Reset", bmc)
    return document


def manager(bmc: Bmc) -> Document:
    """The BMC, whose model is a number."""
    return standard.manager(
        MANAGER,
        "v1_5_2",
        "Manager",
        bmc,
        Actions=reset_action(MANAGER, "Manager.Reset", bmc),
        CommandShell=console(0, "SSH", "IPMI"),
        Description="BMC",
        FirmwareVersion=FIRMWARE,
        GraphicalConsole=console(2, "KVMIP"),
        Links={
            "ManagerForChassis": links(CHASSIS),
            "ManagerForServers": links(SYSTEM),
            "ManagerInChassis": link(CHASSIS),
        },
        Model="410810700",
        PowerState="On",
        SerialConsole=console(1, "IPMI"),
        UUID=machine_uuid(bmc),
    )


def ethernet_interface(bmc: Bmc) -> Document:
    """The network port."""
    return standard.ethernet_interface(
        f"{INTERFACES}/bond0",
        "v1_5_0",
        "bond0",
        bmc,
        HostName=host_name(bmc),
        LinkStatus="LinkUp",
        MACAddress=bmc.identity.mac_address.upper(),
        PermanentMACAddress=bmc.identity.mac_address.upper(),
    )


def host_interface(bmc: Bmc) -> Document:
    """The network between BMC and host inside the server, under a MAC address of its own."""
    mac_address = f"06{bmc.identity.mac_address[2:]}".upper()
    document = standard.ethernet_interface(
        f"{INTERFACES}/usb0",
        "v1_5_0",
        "usb0",
        bmc,
        HostName=host_name(bmc),
        IPv4Addresses=[{"Address": "169.254.0.17", "AddressOrigin": "Static", "SubnetMask": "255.255.0.0"}],
        LinkStatus="LinkUp",
        MACAddress=mac_address,
        PermanentMACAddress=mac_address,
    )
    return without(document, "SpeedMbps")


def network_protocol(bmc: Bmc) -> Document:
    """Network services. SSH is not told."""
    document = standard.network_protocol(
        MANAGER,
        "v1_4_1",
        "Manager Network Protocol",
        HostName=host_name(bmc),
        IPMI={"Port": 623, "ProtocolEnabled": True},
        KVMIP={"Port": 443, "ProtocolEnabled": True},
        NTP={"NTPServers": ["pool.ntp.org"], "Port": 123, "ProtocolEnabled": False},
        SNMP={"Port": 161, "ProtocolEnabled": True},
        Status=status(),
    )
    return without(document, "SSH")


def chassis(bmc: Bmc) -> Document:
    """The box, with a reset of its own that switches the server."""
    return resource(
        CHASSIS,
        "Chassis.v1_9_1.Chassis",
        "Computer System Chassis",
        Actions=reset_action(CHASSIS, "Chassis.Reset", bmc),
        ChassisType="RackMount",
        Links={"ComputerSystems": links(SYSTEM), "ManagedBy": links(MANAGER), "ManagersInChassis": links(MANAGER)},
        Manufacturer="GIGABYTE",
        Model=MODEL,
        PartNumber="00000002",
        PowerState=bmc.hosts[HOST].power_state,
        SKU="SIMULATED-SKU",
        SerialNumber=f"C{bmc.identity.serial_number}",
        Status=ROLLUP,
        UUID=machine_uuid(bmc),
    )


def firmware(identifier: str) -> Document:
    """One firmware, named by its id."""
    return standard.firmware(identifier, "v1_2_1", identifier, FIRMWARE_INVENTORY[identifier])


# What never changes.
FIXED = (
    collection(f"{ROOT}/Systems", "ComputerSystem", "Systems Collection", [SYSTEM]),
    collection(f"{ROOT}/Managers", "Manager", "Manager Collection", [MANAGER]),
    collection(f"{ROOT}/Chassis", "Chassis", "Chassis Collection", [CHASSIS]),
    collection(INTERFACES, "EthernetInterface", "Ethernet Network Interface Collection", ["bond0", "usb0"]),
    collection(ACCOUNTS, "ManagerAccount", "Accounts Collection", ["1"]),
    *standard.firmware_inventory("Firmware Inventory Collection", map(firmware, FIRMWARE_INVENTORY)),
    *standard.roles("v1_2_3"),
    standard.session_service("v1_1_5", 30, Status=status()),
    standard.update_service(
        "v1_5_0",
        Actions={
            "#UpdateService.SimpleUpdate": {
                "@Redfish.ActionInfo": UPDATE_ACTION_INFO,
                "target": f"{UPDATE_SERVICE}/Actions/SimpleUpdate",
            }
        },
        Oem={
            "AMIUpdateService": {
                "@odata.type": "#AMIUpdateService.v1_0_0.AMIUpdateService",
                "UpdateInformation": {"FlashPercentage": "", "UpdateStatus": "", "UpdateTarget": ""},
            }
        },
        Status=status(),
    ),
    *standard.task_service("v1_1_3"),
    resource(
        UPDATE_ACTION_INFO,
        "ActionInfo.v1_1_1.ActionInfo",
        "SimpleUpdate",
        # It takes no Targets: what is to be updated is named by a word of its own.
        Parameters=[
            {"DataType": "String", "Name": "ImageURI", "Required": True},
            {
                "AllowableValues": ["HTTP", "FTP"],
                "DataType": "String",
                "Name": "TransferProtocol",
                "Required": True,
            },
            {
                "AllowableValues": ["BMC", "BIOS", "MB_CPLD"],
                "DataType": "String",
                "Name": "UpdateComponent",
                "Required": False,
            },
        ],
    ),
)


class AmiGigabyte(MegaRac):
    """MegaRAC of a Gigabyte server."""

    name = "ami_gigabyte"
    manager_uri = MANAGER
    versions = MappingProxyType({MANAGER: ("FirmwareVersion", "BMC"), SYSTEM: ("BiosVersion", "BIOS")})
    updates = Updates(
        items=(Item("BMC", "BMC", BMC), Item("BIOS", "BIOS"), Item("MB_CPLD1", "CPLD", POWER)),
        answer=answers.nothing,
        pulls=(
            Pull(
                "SimpleUpdate",
                f"{UPDATE_SERVICE}/Actions/SimpleUpdate",
                names="UpdateComponent",
                protocols=("HTTP",),
                required=("TransferProtocol",),
                optional=("ResetBMC",),
                numeric=True,
            ),
        ),
        targets=MappingProxyType({"BMC": "BMC", "BIOS": "BIOS", "MB_CPLD": "MB_CPLD1"}),
        shows=told.ami_state,
    )

    def layout(self, nodes: int) -> Layout:
        """One server."""
        resets = {
            f"{SYSTEM}/Actions/ComputerSystem.Reset": Reset("ComputerSystem.Reset", HOST_RESETS, HOST),
            f"{CHASSIS}/Actions/Chassis.Reset": Reset("Chassis.Reset", HOST_RESETS, HOST),
            f"{MANAGER}/Actions/Manager.Reset": Reset("Manager.Reset", MANAGER_RESETS),
        }
        documents: dict[str, Builder] = {
            ROOT: service_root,
            SYSTEM: system,
            MANAGER: manager,
            f"{INTERFACES}/bond0": ethernet_interface,
            f"{INTERFACES}/usb0": host_interface,
            f"{MANAGER}/NetworkProtocol": network_protocol,
            CHASSIS: chassis,
            **access(),
            **reset_documents(resets),
            **fixed(*FIXED),
        }
        layout = Layout(systems=(HOST,), documents=documents, resets=resets, writable={SYSTEM: ("AssetTag",)})
        shelves = megarac.shelves(SYSTEM, CHASSIS, PROCESSOR)
        return configurable(equipped(layout, *shelves), setups.gigabyte(f"{SYSTEM}/Bios"))


PROFILE = AmiGigabyte()
