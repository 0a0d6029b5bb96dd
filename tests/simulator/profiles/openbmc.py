# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OpenBMC as it comes from the project: nobody's brand, reset values in ActionInfos, and few words about the machine.

The root has no Vendor, the system neither UUID nor serial number.
"""

from __future__ import annotations

import hashlib
from functools import partial
from types import MappingProxyType

from .. import standard
from ..bmc import Bmc
from ..configuration import Rule
from ..documents import collection, fixed, link, links, resource, timestamp, without
from ..families.bmcweb import (
    CHASSIS_RESETS,
    GRAPHICAL_CONSOLE,
    MANAGER_CONSOLE,
    ROLLUP,
    Bmcweb,
    access,
    bmcweb_messages,
    counted,
    ethernet_interface,
    manager_links,
    manager_oem,
    network_protocol,
    power_cycled_chassis,
    protocol_features,
    pushed_updates,
    reset_documents,
    service_id,
    system_properties,
)
from ..machines import bmcweb
from ..profile import Builder, Document, Layout, Reset
from ..shelves import equipped
from ..standard import ACCOUNTS, INVENTORY, ROOT, SESSIONS, UPDATE_SERVICE
from ..update_rules import told
from ..update_rules.rules import IMMEDIATE, ON_RESET, REFUSED, Item
from ..update_rules.rules import MANAGER as BY_RESET
from ..updates import PENDING, Update

HOST = "system"
SYSTEM = f"{ROOT}/Systems/{HOST}"
MANAGER = f"{ROOT}/Managers/bmc"
INTERFACE = f"{MANAGER}/EthernetInterfaces/eth0"
CHASSIS = f"{ROOT}/Chassis/chassis"


def image_id(version: str) -> str:
    """The id of an image is made of its version."""
    return hashlib.sha512(version.encode()).hexdigest()[:8]


BOARD = "simulated"
FIRMWARE = "2.16.0-dev-112-g3b7c51d0e2"
IMAGE = image_id(FIRMWARE)
SYSTEM_RESETS = (
    "On", "ForceOff", "ForceOn", "ForceRestart", "GracefulRestart", "GracefulShutdown", "PowerCycle", "Nmi",
)  # fmt: skip
MANAGER_RESETS = ("GracefulRestart", "ForceRestart")


def service_root(bmc: Bmc) -> Document:
    """The root names neither a maker nor a product."""
    return standard.service_root(
        ROOT,
        "v1_15_0",
        "1.17.0",
        Links={"ManagerProvidingService": link(MANAGER), "Sessions": link(SESSIONS)},
        ProtocolFeaturesSupported=protocol_features(ExpandAll=False, Levels=False, Links=False, NoLinks=False),
        UUID=service_id(bmc),
    )


def system(bmc: Bmc) -> Document:
    """The one host, of which OpenBMC knows next to nothing."""
    host = bmc.hosts[HOST]
    document = standard.system(
        SYSTEM,
        "v1_16_0",
        HOST,
        bmc,
        **system_properties(SYSTEM, bmc, host),
        Links={"Chassis": links(CHASSIS), "ManagedBy": links(MANAGER)},
        MemorySummary={"TotalSystemMemoryGiB": 0.0},
        ProcessorSummary={"Count": 0},
        Status={**ROLLUP, "State": "Enabled" if host.power_state == "On" else "Disabled"},
    )
    return without(document, "SerialNumber", "UUID")


def manager(bmc: Bmc) -> Document:
    """The BMC. Its model and its OEM part are all that tells OpenBMC."""
    return standard.manager(
        MANAGER,
        "v1_14_0",
        "OpenBmc Manager",
        bmc,
        Description="Baseboard Management Controller",
        FirmwareVersion=FIRMWARE,
        GraphicalConsole=GRAPHICAL_CONSOLE,
        LastResetTime=timestamp(bmc.manager_reset_at),
        Links=manager_links(IMAGE, CHASSIS, SYSTEM),
        Model="OpenBmc",
        Oem=manager_oem(MANAGER),
        PowerState="On",
        SerialConsole=MANAGER_CONSOLE,
        ServiceEntryPointUUID=service_id(bmc),
    )


def chassis(bmc: Bmc) -> Document:
    """The box. It can be cycled and nothing else."""
    power_state = bmc.hosts[HOST].power_state
    return power_cycled_chassis(
        CHASSIS,
        "v1_22_0",
        bmc,
        ChassisType="RackMount",
        Links={"ComputerSystems": links(SYSTEM), "ManagedBy": links(MANAGER)},
        Status={**ROLLUP, "State": "Enabled" if power_state == "On" else "StandbyOffline"},
    )


FIRMWARE_IMAGE = standard.firmware(
    IMAGE,
    "v1_1_0",
    "Software Inventory",
    FIRMWARE,
    Description="BMC image",
    Status=ROLLUP,
    **counted(RelatedItem=links(MANAGER)),
)
# What never changes. The BIOS has no attributes.
FIXED = (
    collection(f"{ROOT}/Systems", "ComputerSystem", "Computer System Collection", [SYSTEM]),
    collection(f"{ROOT}/Managers", "Manager", "Manager Collection", [MANAGER]),
    collection(f"{ROOT}/Chassis", "Chassis", "Chassis Collection", [CHASSIS]),
    collection(f"{MANAGER}/EthernetInterfaces", "EthernetInterface", "Ethernet Network Interface Collection", ["eth0"]),
    collection(ACCOUNTS, "ManagerAccount", "Accounts Collection", ["root"]),
    *standard.firmware_inventory("Software Inventory Collection", [FIRMWARE_IMAGE]),
    resource(
        f"{SYSTEM}/Bios",
        "Bios.v1_1_0.Bios",
        "BIOS Configuration",
        Actions={"#Bios.ResetBios": {"target": f"{SYSTEM}/Bios/Actions/Bios.ResetBios"}},
        Id="BIOS",
    ),
    network_protocol(MANAGER, BOARD),
    *standard.roles("v1_2_2"),
    standard.session_service("v1_0_2", 1800, Description="Session Service"),
    standard.update_service(
        "v1_11_1",
        Description="Service for Software Update",
        HttpPushUri=f"{UPDATE_SERVICE}/update",
        HttpPushUriOptions={"HttpPushUriApplyTime": {"ApplyTime": ON_RESET}},
        MaxImageSizeBytes=419430400,
        MultipartHttpPushUri=f"{UPDATE_SERVICE}/update",
    ),
    *standard.task_service("v1_1_4"),
)


def tells(update: Update) -> dict[str, Document]:
    """A task; and an image that waits for the BMC's reset is in the inventory, no different from the one that runs.

    Both are active (bmcweb, fw_status.hpp); the manager's ActiveSoftwareImage alone tells which one is in use.
    """
    told_of = told.bmcweb(update)
    if update.state == PENDING:
        identifier = image_id(update.version)
        waiting = FIRMWARE_IMAGE | {"Id": identifier, "Version": update.version}
        told_of[f"{INVENTORY}/{identifier}"] = waiting | {"@odata.id": f"{INVENTORY}/{identifier}"}
    return told_of


class OpenBmc(Bmcweb):
    """OpenBMC on a rack server."""

    name = "openbmc"
    manager_uri = MANAGER
    rules = MappingProxyType({UPDATE_SERVICE: Rule(("HttpPushUriOptions",))})
    # With Immediate the BMC restarts itself, with OnReset a client does (phosphor-bmc-code-mgmt).
    updates = pushed_updates(
        f"{UPDATE_SERVICE}/update",
        Item(IMAGE, "BMC", BY_RESET),
        apply_times=(IMMEDIATE, ON_RESET),
        targets=MappingProxyType({MANAGER: "BMC"}),
        restarts=True,
        same=REFUSED,
        tasks=tells,
    )
    versions = MappingProxyType({MANAGER: ("FirmwareVersion", IMAGE)})
    base_registry = "Base.1.16.0"
    messages = bmcweb_messages(base_registry)

    def layout(self, nodes: int) -> Layout:
        """One server."""
        resets = {
            f"{SYSTEM}/Actions/ComputerSystem.Reset": Reset("ComputerSystem.Reset", SYSTEM_RESETS, HOST),
            f"{CHASSIS}/Actions/Chassis.Reset": Reset("Chassis.Reset", CHASSIS_RESETS, HOST),
            f"{MANAGER}/Actions/Manager.Reset": Reset("Manager.Reset", MANAGER_RESETS),
        }
        documents: dict[str, Builder] = {
            ROOT: service_root,
            SYSTEM: system,
            MANAGER: manager,
            INTERFACE: partial(ethernet_interface, INTERFACE, "v1_9_0", BOARD, Status={"State": "Enabled"}),
            CHASSIS: chassis,
            **access("v1_7_0"),
            **reset_documents(resets),
            **fixed(*FIXED),
        }
        layout = Layout(systems=(HOST,), documents=documents, resets=resets, writable={SYSTEM: ("PowerRestorePolicy",)})
        return equipped(layout, *bmcweb.nothing(SYSTEM, CHASSIS))

    def image_id(self, factory: Document, version: str) -> str:
        """Another for each version."""
        return image_id(version)


PROFILE = OpenBmc()
