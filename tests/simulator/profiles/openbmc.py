# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OpenBMC as it comes from the project: nobody's brand, reset values in ActionInfos, and few words about the machine.

The root has no Vendor, the system neither UUID nor serial number. What is not in the recording (errors, answers, when
LastResetTime moves) is as in the source of bmcweb, OpenBMC's web server.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from .. import standard
from ..bmc import Bmc
from ..documents import collection, fixed, link, links, resource, state_number, status, timestamp, without
from ..host import Host
from ..messages import Cause, Message, base_messages
from ..profile import Builder, Document, Layout, Profile, Reply, Reset
from ..standard import ACCOUNT_SERVICE, ACCOUNTS, INVENTORY, ROOT, SESSIONS, UPDATE_SERVICE

HOST = "system"
SYSTEM = f"{ROOT}/Systems/{HOST}"
MANAGER = f"{ROOT}/Managers/bmc"
INTERFACE = f"{MANAGER}/EthernetInterfaces/eth0"
CHASSIS = f"{ROOT}/Chassis/chassis"

BOARD = "simulated"
FIRMWARE = "2.16.0-dev-112-g3b7c51d0e2"
# The id of an image is made of its version.
IMAGE = hashlib.sha512(FIRMWARE.encode()).hexdigest()[:8]
SYSTEM_RESETS = (
    "On", "ForceOff", "ForceOn", "ForceRestart", "GracefulRestart", "GracefulShutdown", "PowerCycle", "Nmi",
)  # fmt: skip
MANAGER_RESETS = ("GracefulRestart", "ForceRestart")
CHASSIS_RESETS = ("PowerCycle",)
ROLLUP = {**status(), "HealthRollup": "OK"}
SUCCESS = "The request completed successfully."

GRAPHICAL_CONSOLE = {"ConnectTypesSupported": ["KVMIP"], "MaxConcurrentSessions": 4, "ServiceEnabled": True}
# A manager says which consoles there are, a system how to reach its own.
MANAGER_CONSOLE = {"ConnectTypesSupported": ["IPMI", "SSH"], "MaxConcurrentSessions": 15, "ServiceEnabled": True}
SYSTEM_CONSOLE = {
    "IPMI": {"ServiceEnabled": True},
    "MaxConcurrentSessions": 15,
    "SSH": {"HotKeySequenceDisplay": "Press ~. to exit console", "Port": 2200, "ServiceEnabled": True},
}


def protocol_features(**expand: bool | int) -> Document:
    """Return what a client may ask for beside whole resources."""
    return {
        "DeepOperations": {"DeepPATCH": False, "DeepPOST": False},
        "ExcerptQuery": False,
        "ExpandQuery": expand,
        "FilterQuery": False,
        "OnlyMemberQuery": True,
        "SelectQuery": True,
    }


def counted(**arrays: list[Document]) -> Document:
    """Return arrays with the count that OpenBMC writes beside some."""
    return arrays | {f"{name}@odata.count": len(values) for name, values in arrays.items()}


def last_reset_time(bmc: Bmc, host: Host) -> str:
    """Return when the host was last switched on or off; a BMC that never saw it has its clock's zero.

    bmcweb (systems.hpp, getLastResetTime) shows the LastStateChangeTime of the chassis, whose power a warm restart
    leaves alone.
    """
    changes = (entry for entry in reversed(bmc.history) if entry["resource"] == host.uri)
    seconds = next((entry["time"] for entry in changes if entry["property"] == "PowerState"), 0.0)
    assert isinstance(seconds, float)
    return timestamp(seconds)


def boot_progress(host: Host) -> Document:
    """Return how far the host's firmware has come."""
    if host.power_state == "Off":
        return {"LastState": "None", "LastStateTime": timestamp(0)}
    if host.in_post:
        return {"LastState": "MemoryInitializationStarted", "LastStateTime": timestamp(host.booted_at)}
    return {"LastState": "OSRunning", "LastStateTime": timestamp(host.discovered_at)}


def system_properties(uri: str, bmc: Bmc, host: Host) -> Document:
    """Return what every system with a host on OpenBMC has, beside what is standard."""
    return {
        "Bios": link(f"{uri}/Bios"),
        "BootProgress": boot_progress(host),
        "Description": "Computer System",
        "GraphicalConsole": GRAPHICAL_CONSOLE,
        "LastResetTime": last_reset_time(bmc, host),
        "PowerRestorePolicy": bmc.written(uri, "PowerRestorePolicy") or "AlwaysOff",
        "SerialConsole": SYSTEM_CONSOLE,
    }


def manager_links(image: str, chassis: str, server: str) -> Document:
    """Return the Links of a manager: the firmware that runs on it, where it sits, and for which system it speaks."""
    arrays = counted(
        ManagerForChassis=links(chassis), ManagerForServers=links(server), SoftwareImages=links(f"{INVENTORY}/{image}")
    )
    return {**arrays, "ActiveSoftwareImage": link(f"{INVENTORY}/{image}"), "ManagerInChassis": link(chassis)}


def manager_oem(uri: str) -> Document:
    """Return the OEM part of a manager. Its ids are places within the manager, not resources."""
    open_bmc = {"@odata.id": f"{uri}#/Oem/OpenBmc", "@odata.type": "#OemManager.OpenBmc"}
    return {"@odata.id": f"{uri}#/Oem", "@odata.type": "#OemManager.Oem", "OpenBmc": open_bmc}


def service_id(bmc: Bmc) -> str:
    """Return the UUID of the Redfish service; the root and its manager tell it."""
    return bmc.identity.part_uuid("service")


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


def ethernet_interface(uri: str, schema: str, host_name: str, bmc: Bmc, **properties: object) -> Document:
    """A network port, named after the machine's board."""
    document = standard.ethernet_interface(
        uri,
        schema,
        "Manager Ethernet Interface",
        bmc,
        Description="Management Network Interface",
        FQDN=host_name,
        HostName=host_name,
        LinkStatus="LinkUp",
        SpeedMbps=0,
        Status=properties.pop("Status", ROLLUP),
    )
    return without(document, "PermanentMACAddress") | properties


def chassis(bmc: Bmc) -> Document:
    """The box. It can be cycled and nothing else."""
    power_state = bmc.hosts[HOST].power_state
    return resource(
        CHASSIS,
        "Chassis.v1_22_0.Chassis",
        "chassis",
        Actions=standard.reset_action(CHASSIS, "Chassis.Reset", bmc),
        ChassisType="RackMount",
        Links={"ComputerSystems": links(SYSTEM), "ManagedBy": links(MANAGER)},
        PowerState=power_state,
        Status={**ROLLUP, "State": "Enabled" if power_state == "On" else "StandbyOffline"},
    )


def reset_documents(resets: Mapping[str, Reset]) -> dict[str, Builder]:
    """Return the ActionInfo of each reset: bmcweb names its values nowhere else."""
    builders: dict[str, Builder] = {}
    for target, reset in resets.items():
        uri = target.partition("/Actions/")[0]
        builders[f"{uri}/ResetActionInfo"] = partial(standard.reset_action_info, uri, "v1_1_2", reset.action)
    return builders


FIRMWARE_IMAGE = standard.firmware(
    IMAGE,
    "v1_1_0",
    "Software Inventory",
    FIRMWARE,
    Description="BMC image",
    Status=ROLLUP,
    **counted(RelatedItem=links(MANAGER)),
)
# What never changes. The BIOS has no attributes, and an update is offered but not simulated: nothing uses it yet.
FIXED = (
    collection(f"{ROOT}/Systems", "ComputerSystem", "Computer System Collection", [SYSTEM]),
    collection(f"{ROOT}/Managers", "Manager", "Manager Collection", [MANAGER]),
    collection(f"{ROOT}/Chassis", "Chassis", "Chassis Collection", [CHASSIS]),
    collection(f"{MANAGER}/EthernetInterfaces", "EthernetInterface", "Ethernet Network Interface Collection", ["eth0"]),
    collection(ACCOUNTS, "ManagerAccount", "Accounts Collection", ["root"]),
    *standard.firmware_inventory("Software Inventory Collection", [FIRMWARE_IMAGE]),
    resource(f"{SYSTEM}/Bios", "Bios.v1_1_0.Bios", "BIOS Configuration", Id="BIOS"),
    standard.network_protocol(
        MANAGER,
        "v1_5_0",
        "Manager Network Protocol",
        FQDN=BOARD,
        HostName=BOARD,
        IPMI={"Port": 623, "ProtocolEnabled": True},
        NTP={"NTPServers": [], "ProtocolEnabled": True},
        Status=ROLLUP,
    ),
    *standard.roles("v1_2_2"),
    standard.session_service("v1_0_2", 1800, Description="Session Service"),
    standard.update_service(
        "v1_11_1",
        Description="Service for Software Update",
        HttpPushUri=f"{UPDATE_SERVICE}/update",
        MaxImageSizeBytes=419430400,
        MultipartHttpPushUri=f"{UPDATE_SERVICE}/update",
    ),
)


def bmcweb_messages(base: str) -> dict[Cause, Message]:
    """Return the words of bmcweb, in its version of the Base registry."""
    unauthorized = "While accessing the resource, the service received an authorization error."
    return base_messages(base) | {
        Cause.METHOD_NOT_ALLOWED: Message(405, f"{base}.OperationNotAllowed", "The HTTP method is not allowed."),
        Cause.MISSING_PARAMETER: Message(400, f"{base}.PropertyMissing", "The property {1} must be included."),
        Cause.NOT_FOUND: Message(404, f"{base}.ResourceNotFound", "The requested resource {0} was not found."),
        Cause.UNKNOWN_PARAMETER: Message(400, f"{base}.PropertyUnknown", "The property {1} is not valid here."),
        Cause.VALUE_NOT_IN_LIST: Message(
            400, f"{base}.ActionParameterUnknown", "The action {2} was submitted with the invalid parameter {0}."
        ),
        Cause.WRONG_CREDENTIALS: Message(401, f"{base}.ResourceAtUriUnauthorized", unauthorized),
    }


class OpenBmc(Profile):
    """OpenBMC on a rack server."""

    name = "openbmc"
    # bmcweb (query.hpp, handleIfMatch) compares If-Match with the ETag of the same URI, and an action's has none.
    defaults = MappingProxyType({"auth": {"sessions": 64}, "refuses_if_match_on_action": True})
    manager_uri = MANAGER
    base_registry = "Base.1.16.0"
    messages = bmcweb_messages(base_registry)

    def layout(self, nodes: int) -> Layout:
        """One server."""
        resets = {
            f"{SYSTEM}/Actions/ComputerSystem.Reset": Reset("ComputerSystem.Reset", SYSTEM_RESETS, HOST),
            f"{CHASSIS}/Actions/Chassis.Reset": Reset("Chassis.Reset", CHASSIS_RESETS, HOST),
            f"{MANAGER}/Actions/Manager.Reset": Reset("Manager.Reset", MANAGER_RESETS),
        }
        account = partial(standard.account, "root", "v1_7_0", Password=None, PasswordChangeRequired=False)
        documents: dict[str, Builder] = {
            ROOT: service_root,
            SYSTEM: system,
            MANAGER: manager,
            INTERFACE: partial(ethernet_interface, INTERFACE, "v1_9_0", BOARD, Status={"State": "Enabled"}),
            CHASSIS: chassis,
            SESSIONS: standard.sessions,
            ACCOUNT_SERVICE: partial(standard.account_service, "v1_10_0"),
            f"{ACCOUNTS}/root": account,
            **reset_documents(resets),
            **fixed(*FIXED),
        }
        return Layout(systems=(HOST,), documents=documents, resets=resets, writable={SYSTEM: ("PowerRestorePolicy",)})

    def session_id(self, number: int, username: str) -> str:
        """Ten characters that say nothing."""
        return hashlib.sha256(f"{username}{number}".encode()).hexdigest()[:10]

    def etag(self, bmc: Bmc, uri: str) -> str:
        """A strong ETag of eight hexadecimal digits."""
        return f'"{state_number(uri, bmc):08X}"'

    def finish(self, bmc: Bmc, uri: str, document: Document) -> Document:
        """The ETag is in the header only."""
        return document

    def refusal(self, cause: Cause, *arguments: str) -> Reply:
        """The first message is the error's own. Who is not logged in gets no body at all."""
        message = self.messages[cause]
        if cause is Cause.NO_CREDENTIALS:
            return Reply(message.status)
        text = message.text.format(*arguments)
        entry = extended_info(message.message_id, text, "Warning", *arguments)
        return Reply(message.status, {"error": {"code": message.message_id, "message": text, **entry}})

    def accepted(self, bmc: Bmc, then_restart: bool = False) -> Reply:
        """Status 200, and a message that says Success."""
        return Reply(200, extended_info(f"{self.base_registry}.Success", SUCCESS, "OK"), then_restart=then_restart)


def extended_info(message_id: str, text: str, severity: str, *arguments: str) -> Document:
    """Return a message as bmcweb writes it."""
    entry = {
        "@odata.type": "#Message.v1_1_1.Message",
        "Message": text,
        "MessageArgs": list(arguments),
        "MessageId": message_id,
        "MessageSeverity": severity,
        "Resolution": "None.",
    }
    return {"@Message.ExtendedInfo": [entry]}


PROFILE = OpenBmc()
