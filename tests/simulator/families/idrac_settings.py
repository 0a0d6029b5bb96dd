# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of an iDRAC: a few of its thousand attributes, and the registry that describes them.

Names, types and values from a recorded iDRAC9 6.00.30, whose registry was not recorded: its shape is the standard's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..configuration import Rule
from ..documents import NO_ADDRESS, links, resource
from ..profile import Document

SWITCH = ("Enabled", "Disabled")
LOCKDOWN = "Lockdown.1.SystemLockdown"
OF_IDRAC: dict[str, str | int | None] = {
    "CurrentIPv4.1.DNS1": "192.0.2.53",
    "IPMILan.1.Enable": "Enabled",
    "IPv4.1.DNSFromDHCP": "Enabled",
    "IPv4Static.1.DNS1": NO_ADDRESS,
    "IPv4Static.1.DNS2": NO_ADDRESS,
    "IPv4Static.1.DNSFromDHCP": "Enabled",
    "IPv6Static.1.DNS1": "::",
    "IPv6Static.1.DNS2": "::",
    "IPv6Static.1.DNSFromDHCP6": "Enabled",
    LOCKDOWN: "Disabled",
    "NIC.1.DNSRacName": "idrac-SIM",
    "NICStatic.1.DNSDomainFromDHCP": "Enabled",
    "NICStatic.1.DNSDomainName": "",
    "NTPConfigGroup.1.NTP1": "",
    "NTPConfigGroup.1.NTP2": "",
    "NTPConfigGroup.1.NTP3": "",
    "NTPConfigGroup.1.NTPEnable": "Disabled",
    "SNMP.1.AgentCommunity": "public",
    "SSH.1.Enable": "Enabled",
    "SysLog.1.Port": 514,
    "SysLog.1.PowerLogInterval": 5,
    "SysLog.1.Server1": "",
    "SysLog.1.Server2": "",
    "SysLog.1.Server3": "",
    "SysLog.1.SysLogEnable": "Disabled",
    "Time.1.Timezone": "CST6CDT",
    "WebServer.1.Enable": "Enabled",
    "WebServer.1.HttpsPort": 443,
}
OF_SYSTEM: dict[str, str | int | None] = {"ServerPwr.1.PSRapidOn": "Enabled"}
# What the registry says beside the type: these can only be read.
READ_ONLY = ("CurrentIPv4.1.DNS1",)
ATTRIBUTES = Rule(tuple(f"Attributes.{name}" for name in (*OF_IDRAC, *OF_SYSTEM) if name not in READ_ONLY))


def uris(manager: str) -> tuple[str, str]:
    """Return where the attributes of the iDRAC and of the system are."""
    folder = f"{manager}/Oem/Dell/DellAttributes"
    return f"{folder}/iDRAC.Embedded.1", f"{folder}/System.Embedded.1"


def manager_links(manager: str) -> Document:
    """Return the OEM part of the manager's Links."""
    return {"Dell": {"@odata.type": "#DellOem.v1_3_0.DellOemLinks", "DellAttributes": links(*uris(manager))}}


def documents(manager: str) -> tuple[Document, ...]:
    """Return the attributes."""
    return tuple(
        resource(
            uri,
            "DellAttributes.v1_0_0.DellAttributes",
            "OEMAttributeRegistry",
            Id=name,
            AttributeRegistry="ManagerAttributeRegistry.v1_0_0",
            Attributes=dict(attributes),
        )
        for uri, name, attributes in zip(
            uris(manager), ("iDRACAttributes", "SystemAttributes"), (OF_IDRAC, OF_SYSTEM), strict=True
        )
    )


def of_ntp(body: Mapping[str, Any]) -> Document:
    """Return the attributes that a PATCH of NetworkProtocol.NTP writes, too."""
    ntp, attributes = body.get("NTP", {}), {}
    if "ProtocolEnabled" in ntp:
        attributes["NTPConfigGroup.1.NTPEnable"] = SWITCH[0] if ntp["ProtocolEnabled"] else SWITCH[1]
    if "NTPServers" in ntp:
        servers = [*ntp["NTPServers"], "", "", ""]
        attributes |= {f"NTPConfigGroup.1.NTP{number}": servers[number - 1] for number in (1, 2, 3)}
    return {"Attributes": attributes} if attributes else {}


def ntp_of(body: Mapping[str, Any]) -> Document:
    """Return what of NetworkProtocol a PATCH of attributes writes, too, if it names all of them."""
    attributes = body.get("Attributes", {})
    servers = [attributes.get(f"NTPConfigGroup.1.NTP{number}") for number in (1, 2, 3)]
    return {"NTP": {"NTPServers": list(filter(None, servers))}} if None not in servers else {}


REGISTRY = "/redfish/v1/Registries/ManagerAttributeRegistry"


def registry() -> tuple[Document, ...]:
    """Return the file of the attribute registry, and the registry."""
    content = f"{REGISTRY}/ManagerAttributeRegistry.v1_0_0.json"
    entries = [_entry(name, value) for name, value in {**OF_IDRAC, **OF_SYSTEM}.items()]
    return (
        resource(
            REGISTRY,
            "MessageRegistryFile.v1_1_3.MessageRegistryFile",
            "Manager Attribute Registry File",
            Location=[{"Language": "En", "Uri": content}],
            Registry="ManagerAttributeRegistry.1.0",
        ),
        {
            "@odata.id": content,
            "@odata.type": "#AttributeRegistry.v1_3_6.AttributeRegistry",
            "Id": "ManagerAttributeRegistry",
            "Name": "Manager Attribute Registry",
            "RegistryEntries": {"Attributes": entries},
        },
    )


def _entry(name: str, value: str | int | None) -> Document:
    entry: Document = {"AttributeName": name, "ReadOnly": name in READ_ONLY, "Type": "String"}
    if isinstance(value, int):
        return entry | {"Type": "Integer"}
    if value in SWITCH:
        return entry | {"Type": "Enumeration", "Value": [{"ValueName": word} for word in SWITCH]}
    return entry
