# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Intel S2600 (Buchanan Pass), unproven: no recorded tree stands behind it. No driver knows it: it is `generic`.

As recordings of it are described: no Vendor in the root, the system's Id is a serial number, the manager's model is the
board's, reset values stand in the action, sessions end after 1800 s, no console is told. The values, numbers and errors
are invented, within the standard.
"""

from __future__ import annotations

from functools import partial
from types import MappingProxyType

from .. import setups, standard
from ..bios import configurable
from ..bmc import Bmc
from ..documents import collection, fixed, link, links, resource, state_number
from ..machines.standard import inside, power
from ..messages import base_messages
from ..profile import Builder, Document, Layout, Profile, Reset
from ..shelves import equipped
from ..standard import ACCOUNT_SERVICE, ACCOUNTS, ROOT, SESSIONS, UPDATE_SERVICE

# The Id stays when the simulated machine is exchanged for another; the serial number does not.
HOST = "SIMP70000001"
SYSTEM = f"{ROOT}/Systems/{HOST}"
MANAGER = f"{ROOT}/Managers/BMC"
CHASSIS = f"{ROOT}/Chassis/RackMount"
INTERFACE = f"{MANAGER}/EthernetInterfaces/1"

MODEL = "S2600BPB"
PROCESSOR = "Intel(R) Xeon(R) Gold 6148"
FIRMWARE = "1.93.870cf4f0"
SYSTEM_RESETS = ("On", "ForceOff", "GracefulShutdown", "ForceRestart", "Nmi")
MANAGER_RESETS = ("ForceRestart",)


def system(bmc: Bmc) -> Document:
    """The server. Nothing in it tells when it booted."""
    return standard.system(
        SYSTEM,
        "v1_3_0",
        "Computer System",
        bmc,
        Bios=link(f"{SYSTEM}/Bios"),
        BiosVersion="SE5C620.86B.00.01.0014.070920180847",
        Links={"Chassis": links(CHASSIS), "ManagedBy": links(MANAGER)},
        Manufacturer="Intel Corporation",
        MemorySummary={"TotalSystemMemoryGiB": 192},
        Model=MODEL,
        ProcessorSummary={"Count": 2, "Model": PROCESSOR},
    )


def manager(bmc: Bmc) -> Document:
    """The BMC."""
    managed = {"ManagerForServers": links(SYSTEM), "ManagerInChassis": link(CHASSIS)}
    return standard.manager(
        MANAGER, "v1_3_0", "Manager", bmc, FirmwareVersion=FIRMWARE, Links=managed, Model=MODEL, PowerState="On"
    )


def chassis(bmc: Bmc) -> Document:
    """The box."""
    return resource(
        CHASSIS,
        "Chassis.v1_5_0.Chassis",
        "Computer System Chassis",
        ChassisType="RackMount",
        Links={"ComputerSystems": links(SYSTEM), "ManagedBy": links(MANAGER)},
        Manufacturer="Intel Corporation",
        PowerState=bmc.hosts[HOST].power_state,
        SerialNumber=bmc.identity.serial_number,
    )


# What never changes. How this BMC takes an update is not known (others use a call of its own), so it takes none.
FIXED = (
    standard.service_root(ROOT, "v1_1_1", "1.1.0"),
    collection(f"{ROOT}/Systems", "ComputerSystem", "Computer System Collection", [SYSTEM]),
    collection(f"{ROOT}/Managers", "Manager", "Manager Collection", [MANAGER]),
    collection(f"{ROOT}/Chassis", "Chassis", "Chassis Collection", [CHASSIS]),
    collection(f"{MANAGER}/EthernetInterfaces", "EthernetInterface", "Ethernet Interface Collection", [INTERFACE]),
    collection(ACCOUNTS, "ManagerAccount", "Accounts Collection", ["2"]),
    *standard.firmware_inventory(
        "Firmware Inventory Collection",
        [standard.firmware("BMC", "v1_1_0", "BMC", FIRMWARE), standard.firmware("ME", "v1_1_0", "ME", "04.00.04")],
    ),
    standard.network_protocol(MANAGER, "v1_2_0", "Manager Network Protocol"),
    *standard.roles("v1_2_0"),
    standard.session_service("v1_1_3", 1800),
    standard.update_service(
        "v1_2_0",
        Actions={"#UpdateService.SimpleUpdate": {"target": f"{UPDATE_SERVICE}/Actions/UpdateService.SimpleUpdate"}},
    ),
    *standard.task_service("v1_1_1"),
)


class IntelS2600(Profile):
    """BMC of an S2600BPB."""

    name = "intel_s2600"
    uses_context = True
    manager_uri = MANAGER
    versions = MappingProxyType({MANAGER: ("FirmwareVersion", "BMC")})
    base_registry = "Base.1.2.0"
    messages = base_messages(base_registry)

    def layout(self, nodes: int) -> Layout:
        """One server."""
        documents: dict[str, Builder] = {
            SYSTEM: system,
            MANAGER: manager,
            CHASSIS: chassis,
            INTERFACE: partial(standard.ethernet_interface, INTERFACE, "v1_4_0", "Ethernet Interface"),
            SESSIONS: standard.sessions,
            ACCOUNT_SERVICE: partial(standard.account_service, "v1_2_0"),
            f"{ACCOUNTS}/2": partial(standard.account, "2", "v1_1_0"),
            **fixed(*FIXED),
        }
        resets = {
            f"{SYSTEM}/Actions/ComputerSystem.Reset": Reset("ComputerSystem.Reset", SYSTEM_RESETS, HOST),
            f"{MANAGER}/Actions/Manager.Reset": Reset("Manager.Reset", MANAGER_RESETS),
        }
        layout = Layout(systems=(HOST,), documents=documents, resets=resets, writable={})
        parts = (*inside(SYSTEM, PROCESSOR, "v1_3_0", "v1_4_0"), power(CHASSIS, "v1_5_0"))
        return configurable(equipped(layout, *parts), setups.intel(HOST, f"{SYSTEM}/Bios"))

    def etag(self, bmc: Bmc, uri: str) -> str:
        """A strong ETag everywhere; the standard demands one of accounts."""
        return f'"{state_number(uri, bmc):08x}"'


PROFILE = IntelS2600()
