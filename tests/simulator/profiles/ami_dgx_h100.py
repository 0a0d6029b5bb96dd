# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NVIDIA DGX H100 on AMI's MegaRAC, unproven: no recorded tree stands behind it.

As libredfish and its recordings are described: the system DGX and a baseboard without a reset, three managers of which
one is a service, BIOS and update services, pages of 75 members. That $expand loses
required properties is known (nv-redfish), not which. All else is the Gigabyte's, and firmware, numbers and
the reset of HGX_BMC_0 are invented.
"""

from __future__ import annotations

from functools import partial
from types import MappingProxyType

from .. import setups, standard
from ..bios import configurable
from ..bmc import Bmc
from ..configuration import Rule
from ..documents import collection, fixed, link, links, resource, status, timestamp, without
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
from ..update_rules.rules import BMC, IMMEDIATE, POWER, Item, Pull, Push, Updates

HOST = "DGX"
SYSTEM = f"{ROOT}/Systems/{HOST}"
BASEBOARD = f"{ROOT}/Systems/HGX_Baseboard_0"
MANAGER = f"{ROOT}/Managers/BMC"
HMC = f"{ROOT}/Managers/HGX_BMC_0"
FABRIC_MANAGER = f"{ROOT}/Managers/HGX_FabricManager_0"
CHASSIS = f"{ROOT}/Chassis/DGX"
HGX_CHASSIS = f"{ROOT}/Chassis/HGX_Chassis_0"
SENSORS = f"{CHASSIS}/Sensors"

MODEL = "DGXH100"
PROCESSOR = "Intel(R) Xeon(R) Platinum 8480C"
FIRMWARE = "24.01.05"
BIOS_VERSION = "1.05.03"
HOST_RESETS = ("GracefulShutdown", "ForceRestart", "ForceOff", "On")
MANAGER_RESETS = ("ForceRestart",)
SENSOR_COUNT = 80


def system(bmc: Bmc) -> Document:
    """The server."""
    document = standard.system(
        SYSTEM,
        "v1_7_0",
        "System",
        bmc,
        AssetTag=bmc.written(SYSTEM, "AssetTag"),
        Bios=link(f"{SYSTEM}/Bios"),
        BiosVersion=BIOS_VERSION,
        Links={"Chassis": links(CHASSIS), "ManagedBy": links(MANAGER)},
        Manufacturer="NVIDIA",
        MemorySummary={"TotalSystemMemoryGiB": 2048},
        Model=MODEL,
        ProcessorSummary={"Count": 2, "Model": PROCESSOR},
        Status=ROLLUP,
    )
    if "Actions" in document:
        document["Actions"] = reset_action(SYSTEM, "ComputerSystem.Reset", bmc)
    return document


def baseboard(bmc: Bmc) -> Document:
    """The GPU baseboard, a system that no reset reaches."""
    return resource(
        BASEBOARD,
        "ComputerSystem.v1_17_0.ComputerSystem",
        "HGX_Baseboard_0",
        Links={"Chassis": links(HGX_CHASSIS), "ManagedBy": links(HMC)},
        Manufacturer="NVIDIA",
        Model="HGX baseboard",
        PowerState="On",
        SerialNumber=f"{bmc.identity.serial_number}-HGX",
        Status=ROLLUP,
        SystemType="Physical",
        UUID=bmc.identity.part_uuid("baseboard"),
    )


def manager(bmc: Bmc) -> Document:
    """The BMC that answers."""
    return standard.manager(
        MANAGER,
        "v1_5_2",
        "Manager",
        bmc,
        Actions=reset_action(MANAGER, "Manager.Reset", bmc),
        FirmwareVersion=FIRMWARE,
        GraphicalConsole=console(2, "KVMIP"),
        Links={
            "ManagerForChassis": links(CHASSIS),
            "ManagerForServers": links(SYSTEM),
            "ManagerInChassis": link(CHASSIS),
        },
        Model="410810600",
        PowerState="On",
        SerialConsole=console(1, "IPMI"),
        UUID=machine_uuid(bmc),
    )


def hmc(bmc: Bmc) -> Document:
    """The baseboard's manager, restarted alone."""
    document = standard.manager(
        HMC,
        "v1_15_0",
        "OpenBmc Manager",
        bmc,
        Actions=standard.reset_action(HMC, "Manager.Reset", bmc),
        FirmwareVersion="HGX-22.10-1-rc80",
        LastResetTime=timestamp(bmc.reset_at(HMC)),
        Links={"ManagerForServers": links(BASEBOARD), "ManagerInChassis": link(HGX_CHASSIS)},
        Model="OpenBmc",
        PowerState="On",
        UUID=bmc.identity.part_uuid("hmc"),
    )
    return without(document, "EthernetInterfaces", "NetworkProtocol")


def chassis(bmc: Bmc) -> Document:
    """The box."""
    return resource(
        CHASSIS,
        "Chassis.v1_9_1.Chassis",
        "DGX",
        ChassisType="RackMount",
        Links={"ComputerSystems": links(SYSTEM), "ManagedBy": links(MANAGER)},
        Manufacturer="NVIDIA",
        Model=MODEL,
        Sensors=link(SENSORS),
        SerialNumber=bmc.identity.serial_number,
        Status=ROLLUP,
        UUID=machine_uuid(bmc),
    )


def sensor(identifier: str) -> Document:
    """One of so many sensors that they take two pages."""
    return resource(f"{SENSORS}/{identifier}", "Sensor.v1_2_0.Sensor", identifier, Reading=40.0, ReadingUnits="Cel")


# What never changes.
FIXED = (
    collection(f"{ROOT}/Systems", "ComputerSystem", "Systems Collection", [BASEBOARD, SYSTEM]),
    collection(f"{ROOT}/Managers", "Manager", "Manager Collection", [HMC, FABRIC_MANAGER, MANAGER]),
    collection(f"{ROOT}/Chassis", "Chassis", "Chassis Collection", [HGX_CHASSIS, CHASSIS]),
    collection(f"{MANAGER}/EthernetInterfaces", "EthernetInterface", "Ethernet Interface Collection", ["bond0"]),
    collection(ACCOUNTS, "ManagerAccount", "Accounts Collection", ["1"]),
    collection(SENSORS, "Sensor", "Sensor Collection", [f"Sensor_{number}" for number in range(SENSOR_COUNT)]),
    *(sensor(f"Sensor_{number}") for number in range(SENSOR_COUNT)),
    *standard.firmware_inventory(
        "Firmware Inventory Collection",
        [
            standard.firmware("HostBMC_0", "v1_2_1", "HostBMC_0", FIRMWARE),
            standard.firmware("HostBIOS_0", "v1_2_1", "HostBIOS_0", BIOS_VERSION),
            standard.firmware("CPLDMB_0", "v1_2_1", "CPLDMB_0", "0.2.1.6"),
        ],
    ),
    resource(
        FABRIC_MANAGER,
        "Manager.v1_15_0.Manager",
        "Fabric Manager",
        ManagerType="Service",
        Status=status(),
    ),
    resource(
        HGX_CHASSIS,
        "Chassis.v1_21_0.Chassis",
        "HGX_Chassis_0",
        ChassisType="Zone",
        Links={"ComputerSystems": links(BASEBOARD), "ManagedBy": links(HMC)},
        Manufacturer="NVIDIA",
    ),
    standard.network_protocol(
        MANAGER, "v1_4_1", "Manager Network Protocol", NTP={"NTPServers": [" 192.0.2.1"], "ProtocolEnabled": True}
    ),
    *standard.roles("v1_2_3"),
    standard.session_service("v1_1_5", 30, Status=status()),
    standard.update_service(
        "v1_5_0",
        Actions=standard.simple_update("HTTP", "FTP", "HTTPS", target=f"{UPDATE_SERVICE}/Actions/SimpleUpdate"),
        HttpPushUri=f"{UPDATE_SERVICE}/upload",
        HttpPushUriOptions={"HttpPushUriApplyTime": {"ApplyTime": IMMEDIATE}},
        HttpPushUriTargets=[],
        Status=status(),
    ),
    *standard.task_service("v1_1_3"),
)


class AmiDgxH100(MegaRac):
    """MegaRAC of a DGX H100."""

    name = "ami_dgx_h100"
    manager_uri = MANAGER
    versions = MappingProxyType({MANAGER: ("FirmwareVersion", "HostBMC_0"), SYSTEM: ("BiosVersion", "HostBIOS_0")})
    rules = MappingProxyType({UPDATE_SERVICE: Rule(("HttpPushUriOptions", "HttpPushUriTargets"))})
    # What a push is for is written into the service before (libredfish), and a task has its monitor elsewhere.
    updates = Updates(
        items=(Item("HostBMC_0", "BMC", BMC), Item("HostBIOS_0", "BIOS"), Item("CPLDMB_0", "CPLD", POWER)),
        answer=answers.with_monitor,
        pulls=(Pull("SimpleUpdate", f"{UPDATE_SERVICE}/Actions/SimpleUpdate"),),
        pushes=(Push("HttpPushUri", f"{UPDATE_SERVICE}/upload", multipart=False),),
        options=True,
        tasks=told.monitored,
    )
    page_size = 75
    lost_in_expand = ("Id", "Name")

    def layout(self, nodes: int) -> Layout:
        """One server, and the baseboard in it."""
        resets = {
            f"{SYSTEM}/Actions/ComputerSystem.Reset": Reset("ComputerSystem.Reset", HOST_RESETS, HOST),
            f"{MANAGER}/Actions/Manager.Reset": Reset("Manager.Reset", MANAGER_RESETS),
            f"{HMC}/Actions/Manager.Reset": Reset("Manager.Reset", MANAGER_RESETS, manager=HMC),
        }
        documents: dict[str, Builder] = {
            ROOT: service_root,
            SYSTEM: system,
            BASEBOARD: baseboard,
            MANAGER: manager,
            HMC: hmc,
            f"{MANAGER}/EthernetInterfaces/bond0": partial(
                standard.ethernet_interface, f"{MANAGER}/EthernetInterfaces/bond0", "v1_5_0", "bond0"
            ),
            CHASSIS: chassis,
            **access(),
            **reset_documents(resets),
            **fixed(*FIXED),
        }
        layout = Layout(systems=(HOST,), documents=documents, resets=resets, writable={SYSTEM: ("AssetTag",)})
        shelves = megarac.dgx(SYSTEM, BASEBOARD, CHASSIS, PROCESSOR)
        return configurable(equipped(layout, *shelves), setups.dgx(HOST, f"{SYSTEM}/Bios"))


PROFILE = AmiDgxH100()
