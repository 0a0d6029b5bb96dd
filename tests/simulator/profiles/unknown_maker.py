# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service by nobody that keeps to the standard, in corners where most others do not go. It is `generic`.

Nothing names a maker. Links to systems and managers end in a slash, every collection comes in pages of one member,
reset values stand in ActionInfos, and the rack with the power leads to the server through two chassis that it contains.
All of it is invented, and all of it is allowed (DSP0266 1.20; ComputerSystem 1.13, Chassis 1.15).
"""

from __future__ import annotations

from functools import partial
from types import MappingProxyType

from .. import standard
from ..bmc import Bmc
from ..documents import collection, fixed, link, links, resource, state_number, timestamp
from ..machines.standard import inside, outside
from ..messages import base_messages
from ..profile import Builder, Document, Layout, Profile, Reset
from ..shelves import equipped
from ..standard import ACCOUNT_SERVICE, ACCOUNTS, ROOT, SESSIONS, UPDATE_SERVICE
from ..update_rules import answers, told
from ..update_rules.rules import BMC, IMMEDIATE, NOTHING, ON_RESET, ON_START, Item, Pull, Push, Updates

HOST = "host"
SYSTEM = f"{ROOT}/Systems/{HOST}"
MANAGER = f"{ROOT}/Managers/controller"
INTERFACE = f"{MANAGER}/EthernetInterfaces/port"
RACK, SHELF, BOX = (f"{ROOT}/Chassis/{name}" for name in ("rack", "shelf", "box"))

SYSTEM_RESETS = ("Nmi", "ForceRestart", "GracefulRestart", "ForceOff", "GracefulShutdown", "On")
MANAGER_RESETS = ("GracefulRestart", "ForceRestart")
RACK_RESETS = ("ForceOff", "On")
APPLY_TIMES = (IMMEDIATE, ON_RESET, ON_START)


def slashed(document: Document) -> Document:
    """Return a resource that calls itself by its form with the slash."""
    return document | {"@odata.id": f"{document['@odata.id']}/"}


def system(bmc: Bmc) -> Document:
    """The server."""
    host = bmc.hosts[HOST]
    return slashed(
        standard.system(
            SYSTEM,
            "v1_13_0",
            "A computer",
            bmc,
            LastResetTime=timestamp(host.booted_at),
            Links={"ManagedBy": links(f"{MANAGER}/")},
            Model="One",
        )
    )


def manager(bmc: Bmc) -> Document:
    """The BMC."""
    return slashed(
        standard.manager(
            MANAGER,
            "v1_9_0",
            "A manager",
            bmc,
            FirmwareVersion="7",
            LastResetTime=timestamp(bmc.manager_reset_at),
            Links={"ManagerForServers": links(f"{SYSTEM}/"), "ManagerInChassis": link(BOX)},
        )
    )


def rack(bmc: Bmc) -> Document:
    """What has the power."""
    return resource(
        RACK,
        "Chassis.v1_15_0.Chassis",
        "rack",
        Actions=standard.reset_action(RACK, "Chassis.Reset", bmc),
        ChassisType="Rack",
        Links={"Contains": links(SHELF)},
        PowerState=bmc.hosts[HOST].power_state,
    )


def box(bmc: Bmc) -> Document:
    """What holds the server. Only it says that it is in the shelf."""
    held = {"ComputerSystems": links(f"{SYSTEM}/"), "ContainedBy": link(SHELF)}
    serial_number = bmc.identity.serial_number
    return resource(BOX, "Chassis.v1_15_0.Chassis", "box", ChassisType="Sled", Links=held, SerialNumber=serial_number)


# What never changes.
FIXED = (
    standard.service_root(ROOT, "v1_9_0", "1.11.0"),
    collection(f"{ROOT}/Systems", "ComputerSystem", "Computer systems", [f"{SYSTEM}/"]),
    collection(f"{ROOT}/Managers", "Manager", "Managers", [f"{MANAGER}/"]),
    collection(f"{ROOT}/Chassis", "Chassis", "Chassis", [BOX, SHELF, RACK]),
    collection(f"{MANAGER}/EthernetInterfaces", "EthernetInterface", "Ports", [INTERFACE]),
    collection(ACCOUNTS, "ManagerAccount", "Accounts", ["one"]),
    resource(SHELF, "Chassis.v1_15_0.Chassis", "shelf", ChassisType="Shelf", Links={"ContainedBy": link(RACK)}),
    *standard.firmware_inventory(
        "Firmware",
        [
            standard.firmware("BMC", "v1_4_0", "BMC", "7"),
            standard.firmware("BIOS", "v1_4_0", "BIOS", "3"),
            standard.firmware("NIC", "v1_4_0", "NIC", "1.0"),
        ],
    ),
    standard.network_protocol(MANAGER, "v1_5_0", "Network services"),
    *standard.roles("v1_2_4"),
    standard.session_service("v1_1_8", 600),
    standard.update_service(
        "v1_8_0",
        Actions={
            **standard.simple_update("HTTP", "HTTPS", **standard.apply_time_support(APPLY_TIMES)),
            "#UpdateService.StartUpdate": {"target": f"{UPDATE_SERVICE}/Actions/UpdateService.StartUpdate"},
        },
        HttpPushUri=f"{UPDATE_SERVICE}/raw",
        MaxImageSizeBytes=64 << 20,
        MultipartHttpPushUri=f"{UPDATE_SERVICE}/push",
    ),
    *standard.task_service("v1_2_0"),
)


class UnknownMaker(Profile):
    """A BMC that no driver knows."""

    name = "unknown_maker"
    page_size = 1
    manager_uri = MANAGER
    versions = MappingProxyType({f"{MANAGER}/": ("FirmwareVersion", "BMC")})
    updates = Updates(
        items=(Item("BMC", "BMC", BMC), Item("BIOS", "BIOS"), Item("NIC", "NIC", NOTHING)),
        answer=answers.with_task,
        pulls=(Pull("SimpleUpdate", f"{UPDATE_SERVICE}/Actions/UpdateService.SimpleUpdate"),),
        pushes=(
            Push("MultipartHttpPushUri", f"{UPDATE_SERVICE}/push"),
            Push("HttpPushUri", f"{UPDATE_SERVICE}/raw", multipart=False),
        ),
        apply_times=APPLY_TIMES,
        starts=f"{UPDATE_SERVICE}/Actions/UpdateService.StartUpdate",
        tasks=told.numbered,
    )
    base_registry = "Base.1.8.1"
    messages = base_messages(base_registry)

    def layout(self, nodes: int) -> Layout:
        """One server in a rack."""
        resets = {
            f"{SYSTEM}/Actions/ComputerSystem.Reset": Reset("ComputerSystem.Reset", SYSTEM_RESETS, HOST),
            f"{MANAGER}/Actions/Manager.Reset": Reset("Manager.Reset", MANAGER_RESETS),
            f"{RACK}/Actions/Chassis.Reset": Reset("Chassis.Reset", RACK_RESETS, HOST),
        }
        documents: dict[str, Builder] = {
            f"{SYSTEM}/": system,
            f"{MANAGER}/": manager,
            RACK: rack,
            BOX: box,
            INTERFACE: partial(standard.ethernet_interface, INTERFACE, "v1_6_0", "A port"),
            SESSIONS: standard.sessions,
            ACCOUNT_SERVICE: partial(standard.account_service, "v1_9_0"),
            f"{ACCOUNTS}/one": partial(standard.account, "one", "v1_8_0"),
            **fixed(*FIXED),
        }
        for target, reset in resets.items():
            uri = target.partition("/Actions/")[0]
            documents[f"{uri}/ResetActionInfo"] = partial(standard.reset_action_info, uri, "v1_2_0", reset.action)
        layout = Layout(systems=(HOST,), documents=documents, resets=resets, writable={})
        own = f"{SYSTEM}/"
        return equipped(layout, *inside(SYSTEM, "Processor One", "v1_10_0", "v1_11_0", own), *outside(SYSTEM, BOX, own))

    def etag(self, bmc: Bmc, uri: str) -> str:
        """A strong ETag everywhere; the standard demands one of accounts."""
        return f'"{state_number(uri, bmc):08x}"'


PROFILE = UnknownMaker()
