# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What bmcweb, OpenBMC's web server, shapes the same on every machine.

Shapes from recordings of OpenBMC 2.15 and GH200 24.05. What is not in them (errors, answers, when LastResetTime moves)
is as in the source of bmcweb.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from .. import standard
from ..bmc import Bmc
from ..documents import link, links, resource, state_number, status, timestamp, without
from ..host import Host
from ..messages import Cause, Message, base_messages
from ..profile import Builder, Document, Profile, Reply, Reset
from ..standard import ACCOUNT_SERVICE, ACCOUNTS, INVENTORY, SESSIONS, UPDATE_SERVICE
from ..update_rules import answers, told
from ..update_rules.rules import Item, Push, Shown, Updates

CHASSIS_RESETS = ("PowerCycle",)

ROLLUP = {**status(), "HealthRollup": "OK"}
# update_service.hpp, monitorForSoftwareAvailable.
RETRY_SECONDS = "30"
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
        StaticNameServers=[],
        Status=properties.pop("Status", ROLLUP),
    )
    return without(document, "PermanentMACAddress") | properties


def power_cycled_chassis(uri: str, schema: str, bmc: Bmc, **properties: object) -> Document:
    """Return a chassis that can be cycled and nothing else, which is how bmcweb shows the power of a host."""
    [host] = bmc.hosts.values()
    standard_properties = {"Actions": standard.reset_action(uri, "Chassis.Reset", bmc), "PowerState": host.power_state}
    identifier = uri.rpartition("/")[2]
    return resource(uri, f"Chassis.{schema}.Chassis", identifier, **standard_properties | properties)


def network_protocol(manager_uri: str, board: str, **properties: object) -> Document:
    """Return the network services of the BMC, which is named after the machine's board."""
    return standard.network_protocol(
        manager_uri,
        "v1_5_0",
        "Manager Network Protocol",
        FQDN=board,
        HostName=board,
        IPMI={"Port": 623, "ProtocolEnabled": True},
        NTP={"NTPServers": [], "ProtocolEnabled": True},
        Status=ROLLUP,
        **properties,
    )


def access(account_schema: str) -> dict[str, Builder]:
    """Return who may log in and who has: sessions and the account."""
    account = partial(standard.account, "root", account_schema, Password=None, PasswordChangeRequired=False)
    return {
        SESSIONS: standard.sessions,
        ACCOUNT_SERVICE: partial(standard.account_service, "v1_10_0"),
        f"{ACCOUNTS}/root": account,
    }


def reset_documents(resets: Mapping[str, Reset]) -> dict[str, Builder]:
    """Return the ActionInfo of each reset: bmcweb names its values nowhere else."""
    builders: dict[str, Builder] = {}
    for target, reset in resets.items():
        uri = target.partition("/Actions/")[0]
        builders[f"{uri}/ResetActionInfo"] = partial(standard.reset_action_info, uri, "v1_1_2", reset.action)
    return builders


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


def pushed_updates(multipart: str, *items: Item, tasks: Shown = told.bmcweb, **more: Any) -> Updates:
    """How bmcweb takes updates: pushed, and judged at once; its tasks do not survive a restart."""
    return Updates(
        items=items,
        answer=answers.with_monitor,
        pushes=(
            Push("MultipartHttpPushUri", multipart),
            Push("HttpPushUri", f"{UPDATE_SERVICE}/update", multipart=False),
        ),
        options=True,
        tasks=tasks,
        forgetful=True,
        judges_at_once=True,
        monitored=answers.monitor_once,
        **more,
    )


class Bmcweb(Profile):
    """A BMC whose Redfish service is bmcweb."""

    # bmcweb (query.hpp, handleIfMatch) compares If-Match with the ETag of the same URI, and an action's has none.
    defaults = MappingProxyType({"auth": {"sessions": 64}, "refuses_if_match_on_action": True})

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
        headers = {"Retry-After": RETRY_SECONDS} if cause is Cause.UPDATING else {}
        return Reply(message.status, {"error": {"code": message.message_id, "message": text, **entry}}, headers)

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
