# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NVIDIA's servers with an HGX baseboard on bmcweb: two of everything, the server's own and the baseboard's.

System_0 is the server. HGX_Baseboard_0 is a system that no reset reaches, with a manager (HGX_BMC_0, the HMC) that has
no network port of its own. Shapes from a recorded GH200, of whose 23 chassis five are here: one of each kind that an
operation could mistake.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType

from .. import setups, standard
from ..bios import configurable
from ..bmc import Bmc
from ..documents import collection, fixed, link, links, resource, timestamp, without
from ..machines import bmcweb
from ..profile import Builder, Document, Layout, Reset
from ..shelves import equipped
from ..standard import ACCOUNTS, ROOT, SESSIONS, UPDATE_SERVICE
from . import hgx_updates
from .bmcweb import (
    CHASSIS_RESETS,
    GRAPHICAL_CONSOLE,
    MANAGER_CONSOLE,
    ROLLUP,
    Bmcweb,
    access,
    ethernet_interface,
    manager_links,
    manager_oem,
    network_protocol,
    power_cycled_chassis,
    protocol_features,
    reset_documents,
    service_id,
    system_properties,
)

HOST = "System_0"
SYSTEM = f"{ROOT}/Systems/{HOST}"
BASEBOARD = f"{ROOT}/Systems/HGX_Baseboard_0"
MANAGER = f"{ROOT}/Managers/BMC_0"
HMC = f"{ROOT}/Managers/HGX_BMC_0"
CHASSIS = f"{ROOT}/Chassis/BMC_0"
HGX_CHASSIS = f"{ROOT}/Chassis/HGX_Chassis_0"
HMC_CHASSIS = f"{ROOT}/Chassis/HGX_BMC_0"
GPU_CHASSIS = f"{ROOT}/Chassis/HGX_GPU_0"
# What is in the HGX chassis.
CONTAINED = (HMC_CHASSIS, GPU_CHASSIS)

SYSTEM_RESETS = ("On", "ForceOff", "ForceOn", "ForceRestart", "GracefulRestart", "GracefulShutdown", "PowerCycle")
MANAGER_RESETS = ("GracefulRestart", "ForceRestart", "GracefulShutdown")
STATUS = {"Conditions": [], **ROLLUP}
BOARD, HMC_BOARD = "simulated-bmc", "simulated-hmc"
# NVIDIA's own syslog settings, on GB200 and later.
RSYSLOG = {
    "Address": "",
    "Filter": {"Facilities": ["All"], "LowestSeverity": "All"},
    "Port": 0,
    "State": "Disabled",
    "TLS": "Disabled",
    "TransportProtocol": "UDP",
}
# Network ports by manager, each with the first byte of its MAC address: the USB ones are links inside the machine.
INTERFACES = {MANAGER: {"eth0": "02", "hostusb0": "66"}, HMC: {"usb0": "fe"}}


@dataclass(frozen=True)
class Machine:
    """What tells one such server from another.

    vendor, product: of the root. part: the model of the main board. gpu: the model of a GPU. cores, memory (GiB): of
    the server. network: what the BMC's network services have beside the usual.
    """

    vendor: str
    product: str
    firmware: str
    part: str
    gpu: str
    cores: int
    memory: int
    network: Document = field(default_factory=dict)


def service_root(machine: Machine, bmc: Bmc) -> Document:
    """The root names the maker, and the board or the platform as the product."""
    expand = protocol_features(ExpandAll=True, Levels=True, Links=True, MaxLevels=6, NoLinks=True)
    return standard.service_root(
        ROOT,
        "v1_15_0",
        "1.9.0",
        Links={"ManagerProvidingService": link(MANAGER), "Sessions": link(SESSIONS)},
        Product=machine.product,
        ProtocolFeaturesSupported=expand,
        UUID=service_id(bmc),
        Vendor=machine.vendor,
    )


def system(machine: Machine, bmc: Bmc) -> Document:
    """The server: it has a UUID and no serial number."""
    document = standard.system(
        SYSTEM,
        "v1_17_0",
        HOST,
        bmc,
        **system_properties(SYSTEM, bmc, bmc.hosts[HOST]),
        Links={"Chassis": links(CHASSIS), "ManagedBy": links(MANAGER)},
        MemorySummary={"Status": ROLLUP, "TotalSystemMemoryGiB": machine.memory},
        ProcessorSummary={"CoreCount": machine.cores, "Count": 2, "Model": "ARMv9"},
        Status=ROLLUP,
    )
    return without(document, "SerialNumber")


def baseboard(machine: Machine, bmc: Bmc) -> Document:
    """The GPU baseboard, a system by name only. It has a serial number, and a UUID that is not the server's."""
    return resource(
        BASEBOARD,
        "ComputerSystem.v1_17_0.ComputerSystem",
        "HGX_Baseboard_0",
        AssetTag="",
        BiosVersion="",
        Description="Computer System",
        LastResetTime=timestamp(137),
        Links={"Chassis": links(HMC_CHASSIS), "ManagedBy": links(HMC)},
        Manufacturer="NVIDIA",
        MemorySummary={"Status": ROLLUP, "TotalSystemMemoryGiB": 190},
        Model="",
        PartNumber="694-00000-0000-SIM",
        PowerState="On",
        ProcessorSummary={"CoreCount": machine.cores, "Count": None, "Model": "ARMv9"},
        SerialNumber=f"{bmc.identity.serial_number}-HGX",
        Status=ROLLUP,
        SystemType="Physical",
        UUID=bmc.identity.part_uuid("baseboard"),
    )


def manager(machine: Machine, bmc: Bmc) -> Document:
    """The BMC that answers."""
    return any_manager(
        MANAGER,
        machine,
        bmc,
        GraphicalConsole=GRAPHICAL_CONSOLE,
        Links=manager_links("FW_BMC_0", CHASSIS, SYSTEM),
        Oem=manager_oem(MANAGER) | nvidia_oem(MANAGER, bmc),
        ServiceEntryPointUUID=service_id(bmc),
    )


def hmc(machine: Machine, bmc: Bmc) -> Document:
    """The baseboard's manager, seen through the BMC, and restarted alone."""
    return any_manager(
        HMC,
        machine,
        bmc,
        Links={**manager_links("HGX_FW_BMC_0", HMC_CHASSIS, BASEBOARD), "ManagerInChassis": link(HGX_CHASSIS)},
        Oem=nvidia_oem(HMC, bmc),
        ServiceEntryPointUUID=bmc.identity.part_uuid("hmc service"),
        UUID=bmc.identity.part_uuid("hmc"),
    )


def nvidia_oem(uri: str, bmc: Bmc) -> Document:
    """Return NVIDIA's own part of a manager."""
    uptime = round(bmc.clock.time() - bmc.reset_at(uri), 2)
    return {"Nvidia": {"@odata.type": "#OemManager.Nvidia"}, "UptimeSeconds": uptime}


def any_manager(uri: str, machine: Machine, bmc: Bmc, **properties: object) -> Document:
    """Return what both managers have: both say that they are OpenBMC, in the same version."""
    return standard.manager(
        uri,
        "v1_14_0",
        "OpenBmc Manager",
        bmc,
        Description="Baseboard Management Controller",
        FirmwareVersion=machine.firmware,
        LastResetTime=timestamp(bmc.reset_at(uri)),
        Model="OpenBmc",
        PowerState="On",
        SerialConsole=MANAGER_CONSOLE,
        Status=STATUS,
        **properties,
    )


def interfaces() -> dict[str, Builder]:
    """Return the network ports of both managers."""
    builders: dict[str, Builder] = {}
    for owner, ports in INTERFACES.items():
        board = BOARD if owner == MANAGER else HMC_BOARD
        for name, first_byte in ports.items():
            uri = f"{owner}/EthernetInterfaces/{name}"
            builders[uri] = partial(interface, uri, board, first_byte)
    return builders


def interface(uri: str, board: str, first_byte: str, bmc: Bmc) -> Document:
    """One network port. All have locally administered addresses here, as every simulated BMC has."""
    mac_address = first_byte + bmc.identity.mac_address[2:]
    return ethernet_interface(uri, "v1_6_0", board, bmc, MACAddress=mac_address)


def any_chassis(identifier: str, **properties: object) -> Document:
    """Return a chassis, of the server or of the baseboard as its name says."""
    owner, server = (HMC, BASEBOARD) if identifier.startswith("HGX_") else (MANAGER, SYSTEM)
    uri = f"{ROOT}/Chassis/{identifier}"
    holder = {"ContainedBy": link(HGX_CHASSIS)} if uri in CONTAINED else {}
    standard_properties = {
        "Links": {"ComputerSystems": links(server), "ManagedBy": links(owner), **holder},
        "Manufacturer": "NVIDIA",
        "Status": STATUS,
    }
    return resource(uri, "Chassis.v1_21_0.Chassis", identifier, **standard_properties | properties)


def server_chassis(machine: Machine, bmc: Bmc) -> Document:
    """The server's main board."""
    board = any_chassis(
        "BMC_0",
        ChassisType="Component",
        Manufacturer=machine.vendor,
        Model=machine.part,
        PartNumber="699-00000-0000-SIM",
        SerialNumber=bmc.identity.serial_number,
    )
    return power_cycled_chassis(CHASSIS, "v1_21_0", bmc) | board


def hgx_chassis(machine: Machine, bmc: Bmc) -> Document:
    """The GPU baseboard."""
    return any_chassis(
        "HGX_Chassis_0",
        ChassisType="Zone",
        Links={"ComputerSystems": links(BASEBOARD), "Contains": links(*CONTAINED), "ManagedBy": links(HMC)},
        PartNumber="694-00000-0000-SIM",
        PowerState="On",
        SerialNumber=f"{bmc.identity.serial_number}-HGX",
    )


def hmc_chassis(machine: Machine, bmc: Bmc) -> Document:
    """The card with the HMC."""
    return any_chassis(
        "HGX_BMC_0",
        ChassisType="Component",
        Model="P4764-A01",
        PartNumber="699-00000-0001-SIM",
        PowerState="On",
        SKU="0x00000000",
        SerialNumber=f"{bmc.identity.serial_number}-HMC",
    )


def gpu_chassis(machine: Machine, bmc: Bmc) -> Document:
    """A GPU, which has a UUID and no power of its own."""
    return any_chassis(
        "HGX_GPU_0",
        ChassisType="Module",
        Model=machine.gpu,
        PartNumber="0000-000-A1",
        SKU="",
        SerialNumber=f"{bmc.identity.serial_number}-GPU",
        UUID=bmc.identity.part_uuid("gpu"),
    )


def root_of_trust(machine: Machine, bmc: Bmc) -> Document:
    """A security chip, which counts as a chassis."""
    return any_chassis(
        "ERoT_BMC_0",
        ChassisType="Component",
        SKU="0x00000000",
        SerialNumber="",
        UUID=bmc.identity.part_uuid("root of trust"),
    )


MachineBuilder = Callable[[Machine, Bmc], Document]

CHASSIS_BUILDERS: dict[str, MachineBuilder] = {
    "BMC_0": server_chassis,
    "ERoT_BMC_0": root_of_trust,
    "HGX_BMC_0": hmc_chassis,
    "HGX_Chassis_0": hgx_chassis,
    "HGX_GPU_0": gpu_chassis,
}


BUILDERS: dict[str, MachineBuilder] = {
    ROOT: service_root,
    SYSTEM: system,
    BASEBOARD: baseboard,
    MANAGER: manager,
    HMC: hmc,
    **{f"{ROOT}/Chassis/{name}": builder for name, builder in CHASSIS_BUILDERS.items()},
}


# What never changes.
FIXED = (
    collection(f"{ROOT}/Systems", "ComputerSystem", "Computer System Collection", [SYSTEM, BASEBOARD]),
    collection(f"{ROOT}/Managers", "Manager", "Manager Collection", [MANAGER, HMC]),
    collection(f"{ROOT}/Chassis", "Chassis", "Chassis Collection", CHASSIS_BUILDERS),
    *(
        collection(f"{owner}/EthernetInterfaces", "EthernetInterface", "Ethernet Network Interface Collection", ports)
        for owner, ports in INTERFACES.items()
    ),
    collection(ACCOUNTS, "ManagerAccount", "Accounts Collection", ["root"]),
    without(
        standard.network_protocol(
            HMC,
            "v1_5_0",
            "Manager Network Protocol",
            FQDN=HMC_BOARD,
            HTTP={"Port": 80, "ProtocolEnabled": True},
            HostName=HMC_BOARD,
            Status=ROLLUP,
        ),
        "HTTPS",
    ),
    *standard.roles("v1_2_2"),
    standard.session_service("v1_0_2", 1800, Description="Session Service"),
    hgx_updates.SERVICE,
    *standard.task_service("v1_1_4"),
)


class HgxServer(Bmcweb):
    """A server with an HGX baseboard."""

    manager_uri = MANAGER
    versions = MappingProxyType({MANAGER: ("FirmwareVersion", "FW_BMC_0"), HMC: ("FirmwareVersion", "HGX_FW_BMC_0")})
    rules = MappingProxyType({UPDATE_SERVICE: hgx_updates.SETTINGS})
    updates = hgx_updates.updates(HMC)
    machine: Machine

    def layout(self, nodes: int) -> Layout:
        """One server, and the baseboard in it."""
        resets = {
            f"{SYSTEM}/Actions/ComputerSystem.Reset": Reset("ComputerSystem.Reset", SYSTEM_RESETS, HOST),
            f"{CHASSIS}/Actions/Chassis.Reset": Reset("Chassis.Reset", CHASSIS_RESETS, HOST),
            f"{MANAGER}/Actions/Manager.Reset": Reset("Manager.Reset", MANAGER_RESETS),
            f"{HMC}/Actions/Manager.Reset": Reset("Manager.Reset", MANAGER_RESETS, manager=HMC),
        }
        documents: dict[str, Builder] = {
            **{uri: partial(builder, self.machine) for uri, builder in BUILDERS.items()},
            **interfaces(),
            **access("v1_4_0"),
            **reset_documents(resets),
            **fixed(
                *FIXED,
                network_protocol(MANAGER, BOARD, **self.machine.network),
                *standard.firmware_inventory(
                    "Software Inventory Collection", hgx_updates.inventory(self.machine.firmware)
                ),
            ),
        }
        layout = Layout(systems=(HOST,), documents=documents, resets=resets, writable={SYSTEM: ("PowerRestorePolicy",)})
        parts = (
            *bmcweb.host(SYSTEM, CHASSIS, self.machine.cores, self.machine.memory),
            *bmcweb.baseboard(BASEBOARD, GPU_CHASSIS, (HGX_CHASSIS, HMC_CHASSIS), self.machine.gpu),
        )
        return configurable(equipped(layout, *parts), setups.nvidia(HOST, f"{SYSTEM}/Bios"))
