# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resources that the Redfish standard shapes the same for every dialect.

A function returns one resource as most BMCs show it. `schema` is the version of its schema, such as "v1_5_1"; further
properties are added, or replace what stands here; `documents.without` takes away what a dialect does not show. Where
the BMC's state matters, `bmc` is the last parameter, so that `functools.partial` of the others is a Builder.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .documents import collection, link, resource, status, timestamp
from .profile import Document

if TYPE_CHECKING:
    from .bmc import Bmc

ROOT = "/redfish/v1"
ACCOUNT_SERVICE = f"{ROOT}/AccountService"
ACCOUNTS = f"{ACCOUNT_SERVICE}/Accounts"
ROLES = f"{ACCOUNT_SERVICE}/Roles"
SESSION_SERVICE = f"{ROOT}/SessionService"
SESSIONS = f"{SESSION_SERVICE}/Sessions"
TASK_SERVICE = f"{ROOT}/TaskService"
TASKS = f"{TASK_SERVICE}/Tasks"
UPDATE_SERVICE = f"{ROOT}/UpdateService"
INVENTORY = f"{UPDATE_SERVICE}/FirmwareInventory"
SIMPLE_UPDATE = "#UpdateService.SimpleUpdate"

# What the specification (DSP0266, "Roles") assigns to the roles that it defines.
PRIVILEGES = {
    "Administrator": ("Login", "ConfigureManager", "ConfigureUsers", "ConfigureComponents", "ConfigureSelf"),
    "Operator": ("Login", "ConfigureComponents", "ConfigureSelf"),
    "ReadOnly": ("Login", "ConfigureSelf"),
}


def service_root(uri: str, schema: str, redfish_version: str, **properties: object) -> Document:
    """Return the service root; `uri` is its own word for itself, with or without the slash at the end."""
    standard = resource(
        uri,
        f"ServiceRoot.{schema}.ServiceRoot",
        "Root Service",
        Id="RootService",
        AccountService=link(ACCOUNT_SERVICE),
        Chassis=link(f"{ROOT}/Chassis"),
        Links={"Sessions": link(SESSIONS)},
        Managers=link(f"{ROOT}/Managers"),
        RedfishVersion=redfish_version,
        SessionService=link(SESSION_SERVICE),
        Systems=link(f"{ROOT}/Systems"),
        Tasks=link(TASK_SERVICE),
        UpdateService=link(UPDATE_SERVICE),
    )
    return standard | properties


# Systems and managers, and their resets


def system(uri: str, schema: str, name: str, bmc: Bmc, **properties: object) -> Document:
    """Return a computer system; the last part of its URI is the host's id. Its Reset can be missing by a setting."""
    host = bmc.hosts[uri.rpartition("/")[2]]
    standard = resource(
        uri,
        f"ComputerSystem.{schema}.ComputerSystem",
        name,
        PowerState=host.power_state,
        SerialNumber=bmc.identity.serial_number,
        Status=status(),
        SystemType="Physical",
        UUID=bmc.identity.uuid,
    )
    if not bmc.settings.remove_reset:
        standard["Actions"] = reset_action(uri, "ComputerSystem.Reset", bmc)
    return standard | properties


def manager(uri: str, schema: str, name: str, bmc: Bmc, **properties: object) -> Document:
    """Return the manager that is the BMC itself."""
    standard = resource(
        uri,
        f"Manager.{schema}.Manager",
        name,
        Actions=reset_action(uri, "Manager.Reset", bmc),
        DateTime=timestamp(bmc.clock.time()),
        DateTimeLocalOffset="+00:00",
        EthernetInterfaces=link(f"{uri}/EthernetInterfaces"),
        ManagerType="BMC",
        NetworkProtocol=link(f"{uri}/NetworkProtocol"),
        Status=status(),
        UUID=bmc.identity.part_uuid("manager"),
    )
    return standard | properties


def ethernet_interface(uri: str, schema: str, name: str, bmc: Bmc, **properties: object) -> Document:
    """Return the network port of a manager."""
    standard = resource(
        uri,
        f"EthernetInterface.{schema}.EthernetInterface",
        name,
        IPv4Addresses=[{"Address": bmc.spec.address, "AddressOrigin": "Static", "SubnetMask": "255.0.0.0"}],
        InterfaceEnabled=True,
        MACAddress=bmc.identity.mac_address,
        PermanentMACAddress=bmc.identity.mac_address,
        SpeedMbps=1000,
        Status=status(),
    )
    return standard | properties


def host_interface(uri: str, schema: str, name: str, bmc: Bmc, **properties: object) -> Document:
    """Return the network between BMC and host inside the server, under a MAC address of its own."""
    mac_address = f"06{bmc.identity.mac_address[2:]}"
    inside = {"Address": "169.254.3.254", "AddressOrigin": "Static", "SubnetMask": "255.255.0.0"}
    own: Document = {"IPv4Addresses": [inside], "MACAddress": mac_address, "PermanentMACAddress": mac_address}
    return ethernet_interface(uri, schema, name, bmc, **own | properties)


def network_protocol(manager_uri: str, schema: str, name: str, **properties: object) -> Document:
    """Return the network services of a manager."""
    standard = resource(
        f"{manager_uri}/NetworkProtocol",
        f"ManagerNetworkProtocol.{schema}.ManagerNetworkProtocol",
        name,
        HTTPS={"Port": 443, "ProtocolEnabled": True},
        SSH={"Port": 22, "ProtocolEnabled": True},
        Status={"State": "Enabled"},
    )
    return standard | properties


def console(sessions: int, *connect_types: str, **properties: object) -> Document:
    """Return a console of a manager for so many sessions; one without connect types is not enabled."""
    standard: Document = {
        "ConnectTypesSupported": list(connect_types),
        "MaxConcurrentSessions": sessions,
        "ServiceEnabled": bool(connect_types),
    }
    return standard | properties


def chassis(uri: str, schema: str, name: str, bmc: Bmc, **properties: object) -> Document:
    """Return the box of the one server behind the BMC."""
    [host] = bmc.hosts.values()
    standard = resource(
        uri,
        f"Chassis.{schema}.Chassis",
        name,
        ChassisType="RackMount",
        PowerState=host.power_state,
        SerialNumber=bmc.identity.serial_number,
        Status=status(),
    )
    return standard | properties


def reset_action(uri: str, name: str, bmc: Bmc) -> Document:
    """Return a Reset action of the layout, `name` such as "Manager.Reset", on the resource at `uri`.

    It names its allowed values itself, or, where the layout has a ResetActionInfo of that resource, only that.
    """
    target, action_info = f"{uri}/Actions/{name}", f"{uri}/ResetActionInfo"
    if action_info in bmc.layout.documents:
        return {f"#{name}": {"@Redfish.ActionInfo": action_info, "target": target}}
    return {f"#{name}": {"ResetType@Redfish.AllowableValues": reset_types(target, bmc), "target": target}}


def reset_action_info(uri: str, schema: str, name: str, bmc: Bmc, **properties: object) -> Document:
    """Return the ResetActionInfo of the resource at `uri`; `name` is that of its action, such as "Manager.Reset"."""
    values = reset_types(f"{uri}/Actions/{name}", bmc)
    standard = resource(
        f"{uri}/ResetActionInfo",
        f"ActionInfo.{schema}.ActionInfo",
        "Reset Action Info",
        Parameters=[{"AllowableValues": values, "DataType": "String", "Name": "ResetType", "Required": True}],
    )
    return standard | properties


def reset_types(target: str, bmc: Bmc) -> list[str]:
    """Return what a Reset action says that it allows: the profile's values, or for a system those that were set."""
    reset = bmc.layout.resets[target]
    declared = bmc.settings.reset_types if reset.action == "ComputerSystem.Reset" else None
    return list(declared or reset.allowed)


# Services


def session_service(schema: str, timeout: int, **properties: object) -> Document:
    """Return the session service; `timeout` in seconds."""
    standard = resource(
        SESSION_SERVICE,
        f"SessionService.{schema}.SessionService",
        "Session Service",
        ServiceEnabled=True,
        SessionTimeout=timeout,
        Sessions=link(SESSIONS),
    )
    return standard | properties


def sessions(bmc: Bmc) -> Document:
    """Return the collection of those who are logged in."""
    return collection(bmc.profile.sessions_uri, "Session", "Sessions", [item.id for item in bmc.sessions.values()])


def account_service(schema: str, bmc: Bmc, **properties: object) -> Document:
    """Return the service of the local accounts."""
    standard = resource(
        ACCOUNT_SERVICE,
        f"AccountService.{schema}.AccountService",
        "Account Service",
        AccountLockoutThreshold=bmc.settings.auth.lockout_after or 0,
        Accounts=link(ACCOUNTS),
        Roles=link(ROLES),
        ServiceEnabled=True,
    )
    return standard | properties


def roles(schema: str) -> list[Document]:
    """Return the roles that every BMC has, and before them their collection."""
    predefined = [
        resource(
            f"{ROLES}/{name}",
            f"Role.{schema}.Role",
            "User Role",
            AssignedPrivileges=list(privileges),
            IsPredefined=True,
        )
        for name, privileges in PRIVILEGES.items()
    ]
    return [collection(ROLES, "Role", "Roles", PRIVILEGES), *predefined]


def account(identifier: str, schema: str, bmc: Bmc, **properties: object) -> Document:
    """Return the one account."""
    standard = resource(
        f"{ACCOUNTS}/{identifier}",
        f"ManagerAccount.{schema}.ManagerAccount",
        "User Account",
        Enabled=True,
        Locked=bmc.locked_out,
        RoleId="Administrator",
        UserName=bmc.settings.username,
    )
    return standard | properties


def ssh_key(uri: str, body: Document) -> Document:
    """Return a key of an account that a client made. Raise KeyError for what the specification demands of it."""
    return resource(uri, "Key.v1_2_0.Key", "Key", KeyString=body["KeyString"], KeyType=body["KeyType"])


def task_service(schema: str) -> list[Document]:
    """Return the service of tasks, and their collection, which is empty at first."""
    service = resource(
        TASK_SERVICE, f"TaskService.{schema}.TaskService", "Task Service", ServiceEnabled=True, Tasks=link(TASKS)
    )
    return [service, collection(TASKS, "Task", "Task Collection", [])]


def update_service(schema: str, **properties: object) -> Document:
    """Return the update service; its actions and push URIs are the dialect's."""
    standard = resource(
        UPDATE_SERVICE,
        f"UpdateService.{schema}.UpdateService",
        "Update Service",
        FirmwareInventory=link(INVENTORY),
        ServiceEnabled=True,
    )
    return standard | properties


def simple_update(*protocols: str, **properties: object) -> Document:
    """Return the SimpleUpdate action, which takes an image by any of these transfer protocols."""
    standard: Document = {
        "TransferProtocol@Redfish.AllowableValues": list(protocols),
        "target": f"{UPDATE_SERVICE}/Actions/UpdateService.SimpleUpdate",
    }
    return {SIMPLE_UPDATE: standard | properties}


def apply_time_support(values: Iterable[str]) -> Document:
    """Return what an action or a push says of the times at which it may take effect."""
    support = {"@odata.type": "#Settings.v1_3_3.OperationApplyTimeSupport", "SupportedValues": list(values)}
    return {"@Redfish.OperationApplyTimeSupport": support}


def firmware(identifier: str, schema: str, name: str, version: str, **properties: object) -> Document:
    """Return one firmware that can be updated, in the version that it has."""
    standard = resource(
        f"{INVENTORY}/{identifier}",
        f"SoftwareInventory.{schema}.SoftwareInventory",
        name,
        Updateable=True,
        Version=version,
    )
    return standard | properties


def firmware_inventory(name: str, members: Iterable[Document]) -> list[Document]:
    """Return firmwares, and before them their collection, whose own name is `name`."""
    firmwares = list(members)
    return [collection(INVENTORY, "SoftwareInventory", name, [item["@odata.id"] for item in firmwares]), *firmwares]
