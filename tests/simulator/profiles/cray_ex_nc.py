# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HPE Cray EX node controller (nC): several nodes behind one BMC, and nothing that names the vendor.

The root has no Vendor, the managers neither Model nor FirmwareVersion, the systems no UUID and no Links; the nodes
of a blade share its serial number; reset values stand only in an ActionInfo, and there is no restart among them.
"""

from __future__ import annotations

from functools import partial

from .. import standard
from ..bmc import Bmc
from ..documents import collection, fixed, link, links, resource, state_number, status, without
from ..messages import Cause, Message, base_messages
from ..profile import Builder, Document, Layout, Profile, Reset
from ..standard import ACCOUNT_SERVICE, ACCOUNTS, ROOT, SESSIONS, UPDATE_SERVICE

MANAGER = f"{ROOT}/Managers/BMC"
ENCLOSURE = f"{ROOT}/Chassis/Enclosure"
UPDATE_ACTION_INFO = f"{UPDATE_SERVICE}/SimpleUpdateActionInfo"

MODEL = "HPE CRAY EX425 (MILAN)"
PART_NUMBER = "101990001.A"
BIOS_VERSION = "ex425.bios-1.7.2"
FIRMWARE = "nc.1.9.8-12-shasta-release.arm.2023-05-11T07:20:41+00:00.5117a1e"
RECOVERY = "nc.1.8.2-3-shasta-release.arm.2022-11-30T10:02:13+00:00.0b5c3de"
# The members of a collection are not sorted (a real blade lists its four nodes so): the first is no special one.
NODES = {2: ("Node1", "Node0"), 4: ("Node3", "Node1", "Node2", "Node0")}
SYSTEM_RESETS = ("ForceOff", "On", "Off")
MANAGER_RESETS = ("ForceRestart", "StatefulReset")


def system(node: str, bmc: Bmc) -> Document:
    """One node of the blade."""
    uri = f"{ROOT}/Systems/{node}"
    document = standard.system(
        uri,
        "v1_5_0",
        node,
        bmc,
        Bios=link(f"{uri}/Bios"),
        BiosVersion=BIOS_VERSION,
        Description="WNC",
        Manufacturer="HPE",
        MemorySummary={"TotalSystemMemoryGiB": 256},
        Model=MODEL,
        PartNumber=PART_NUMBER,
        ProcessorSummary={"Count": 2, "Model": "AMD EPYC 7763 64-Core Processor"},
    )
    return without(document, "UUID")


def bios(node: str) -> Document:
    """BIOS settings whose values are objects."""
    attribute = {
        "AllowableValues": ["Enabled", "Disabled"],
        "DataType": "string",
        "current_value": "Enabled",
        "default_value": "Enabled",
        "menu_type": "enumeration",
        "reset_type": "PowerCycle",
    }
    return resource(
        f"{ROOT}/Systems/{node}/Bios",
        "Bios.v1_0_3.Bios",
        "BIOS Configuration Current Settings",
        AttributeRegistry="BiosAttributeRegistry_v1_0_0",
        Attributes={"SMT Control": attribute},
    )


def manager(nodes: tuple[str, ...], bmc: Bmc) -> Document:
    """The BMC, one manager among others; only here it is written for which systems it speaks."""
    schedule = {"Name@Redfish.AllowableValues": ["memtest"], "target": f"{MANAGER}/Actions/Oem/CrayProcess.Schedule"}
    document = standard.manager(
        MANAGER,
        "v1_3_2",
        "BMC",
        bmc,
        Description="Shasta Manager",
        Links={
            "ManagerForServers": links(*(f"{ROOT}/Systems/{node}" for node in nodes)),
            "ManagerInChassis": link(ENCLOSURE),
        },
        ManagerType="EnclosureManager",
    )
    document["Actions"]["Oem"] = {"#CrayProcess.Schedule": schedule}
    return without(document, "EthernetInterfaces", "UUID")


def enclosure(bmc: Bmc) -> Document:
    """The blade."""
    return resource(
        ENCLOSURE,
        "Chassis.v1_5_1.Chassis",
        "Enclosure",
        AssetTag=bmc.written(ENCLOSURE, "AssetTag"),
        ChassisType="Enclosure",
        Description="WNC",
        Manufacturer="HPE",
        Model="WNC",
        PartNumber=PART_NUMBER,
        SerialNumber=bmc.identity.serial_number,
        Status=status(),
    )


def node_chassis(node: str) -> Document:
    """The part of the blade that holds one node."""
    uri = f"{ROOT}/Chassis/{node}"
    return resource(
        uri, "Chassis.v1_5_1.Chassis", node, AssetTag="", ChassisType="Blade", Manufacturer="HPE", Status=status()
    )


def mezzanine_controller(number: int) -> Document:
    """A microcontroller: a manager without a reset, that speaks for no system."""
    return resource(
        f"{ROOT}/Managers/MCU{number}",
        "Manager.v1_3_2.Manager",
        f"MCU{number}",
        Description=f"Microcontroller Unit for Mezz{number}",
        Links={"ManagerInChassis": link(ENCLOSURE)},
        ManagerType="AuxiliaryController",
        Status={"Health": "OK"},
    )


def firmware(identifier: str, version: str, **properties: str) -> Document:
    """One firmware, named by its id."""
    return standard.firmware(identifier, "v1_1_0", identifier, version, Status=status(), **properties)


def inventory(nodes: tuple[str, ...]) -> list[Document]:
    """The firmware of a blade. The BMC's own version stands here and nowhere else."""
    return [
        firmware("BMC", FIRMWARE, Description="Baseboard Management Controller", SoftwareId="nc:*:*:*"),
        *(firmware(f"{node}.BIOS", BIOS_VERSION, SoftwareId="bios.ex425.*.*") for node in nodes),
        firmware("Recovery", RECOVERY, Description="System Recovery Image"),
    ]


def update_action_info(targets: list[str]) -> Document:
    """What a SimpleUpdate takes."""
    protocols = ["HTTP", "HTTPS"]
    parameters = [
        {"DataType": "String", "Name": "ImageURI", "Required": True},
        {"AllowableValues": protocols, "DataType": "String", "Name": "TransferProtocol", "Required": True},
        {"AllowableValues": targets, "DataType": "StringArray", "Name": "Targets", "Required": False},
    ]
    return resource(UPDATE_ACTION_INFO, "ActionInfo.v1_0_1.ActionInfo", "SimpleUpdate", Parameters=parameters)


def unchanging(nodes: tuple[str, ...]) -> list[Document]:
    """What never changes. The BIOS is short, and an update is offered but not simulated: nothing uses them yet."""
    controllers = [mezzanine_controller(number) for number in range(len(nodes) // 2)]
    firmwares = inventory(nodes)
    ntp = {"NTPServers": [], "Port": 123, "ProtocolEnabled": True}
    update = {"@Redfish.ActionInfo": UPDATE_ACTION_INFO, "target": f"{UPDATE_SERVICE}/Actions/SimpleUpdate"}
    manager_ids = [document["Id"] for document in controllers] + ["BMC"]
    chassis_ids = [*nodes[:1], "Enclosure", *nodes[1:]]
    return [
        # The root calls itself by its form with the slash.
        standard.service_root(
            f"{ROOT}/", "v1_2_0", "1.2.0", Description="The service root for all Redfish requests on this host"
        ),
        *controllers,
        *standard.firmware_inventory("Firmware Inventory", firmwares),
        update_action_info([document["@odata.id"] for document in firmwares]),
        *(bios(node) for node in nodes),
        *(node_chassis(node) for node in nodes),
        collection(f"{ROOT}/Systems", "ComputerSystem", "Systems Collection", nodes),
        collection(f"{ROOT}/Managers", "Manager", "Manager Collection", manager_ids),
        collection(f"{ROOT}/Chassis", "Chassis", "Chassis Collection", chassis_ids),
        collection(ACCOUNTS, "ManagerAccount", "Accounts Collection", ["1"]),
        without(standard.network_protocol(MANAGER, "v1_2_0", "Manager Network Protocol", NTP=ntp), "HTTPS"),
        *standard.roles("v1_2_0"),
        standard.session_service("v1_1_3", 30, Status=status()),
        standard.update_service("v1_2_0", Actions=standard.simple_update("HTTP", "HTTPS", **update), Status=status()),
    ]


class CrayExNc(Profile):
    """Node controller of an EX425 blade."""

    name = "cray_ex_nc"
    node_counts = tuple(NODES)
    manager_uri = MANAGER
    base_registry = "Base.1.4.0"
    messages = base_messages(base_registry) | {
        Cause.ETAG_MISMATCH: Message(412, "HttpStatus.1.0.0.PreconditionFailed", "A precondition of {0} failed."),
        Cause.METHOD_NOT_ALLOWED: Message(405, "HttpStatus.1.0.0.MethodNotAllowed", "{0} is not allowed for {1}."),
        Cause.VALUE_NOT_IN_LIST: Message(
            400, "Base.1.4.0.ActionParameterNotSupported", "The parameter {1} with {0} is not supported by {2}."
        ),
    }

    def layout(self, nodes: int) -> Layout:
        """A blade with two or four nodes."""
        names = NODES[nodes]
        documents: dict[str, Builder] = {
            MANAGER: partial(manager, names),
            ENCLOSURE: enclosure,
            SESSIONS: standard.sessions,
            ACCOUNT_SERVICE: partial(standard.account_service, "v1_2_1", Status=status()),
            f"{ACCOUNTS}/1": partial(standard.account, "1", "v1_1_3"),
            **fixed(*unchanging(names)),
        }
        resets = {f"{MANAGER}/Actions/Manager.Reset": Reset("Manager.Reset", MANAGER_RESETS)}
        for node in names:
            uri = f"{ROOT}/Systems/{node}"
            documents[uri] = partial(system, node)
            documents[f"{uri}/ResetActionInfo"] = partial(
                standard.reset_action_info, uri, "v1_0_3", "ComputerSystem.Reset", Id="ResetAction", Name="ResetAction"
            )
            resets[f"{uri}/Actions/ComputerSystem.Reset"] = Reset("ComputerSystem.Reset", SYSTEM_RESETS, node)
        return Layout(systems=names, documents=documents, resets=resets, writable={ENCLOSURE: ("AssetTag",)})

    def etag(self, bmc: Bmc, uri: str) -> str:
        """Every resource has a weak ETag of decimal digits."""
        return f'W/"{state_number(uri, bmc)}"'


PROFILE = CrayExNc()
