# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Attributes of an iDRAC that are settings of every BMC under another name (names as in a recorded iDRAC9 6.00.30)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

_SWITCHES = {
    "SSH.1.Enable": "protocols.ssh",
    "IPMILan.1.Enable": "protocols.ipmi",
    # Redfish and the pages are of one server: without either nothing answers this conversation.
    "WebServer.1.Enable": "protocols.https",
    "Redfish.1.Enable": "protocols.https",
    "SNMP.1.AgentEnable": "protocols.snmp",
    "VirtualConsole.1.Enable": "protocols.kvm",
}
_NAMES = {
    "hostname": ("NIC.1.DNSRacName",),
    "dns.search": (
        *(f"NIC.1.{name}" for name in ("DNSDomainName", "DNSDomainFromDHCP", "DNSDomainNameFromDHCP")),
        *("NICStatic.1.DNSDomainName", "NICStatic.1.DNSDomainFromDHCP"),
    ),
    "dns.servers": (
        "NIC.1.DNSRegister",
        *(f"{group}.1.{name}" for group in ("IPv4", "IPv4Static") for name in ("DNS1", "DNS2", "DNSFromDHCP")),
        *(f"{group}.1.{name}" for group in ("IPv6", "IPv6Static") for name in ("DNS1", "DNS2", "DNSFromDHCP6")),
    ),
    "reach": (
        "WebServer.1.HttpsPort",
        *(f"NIC.1.{name}" for name in ("Enable", "Selection", "Failover", "VLanEnable", "VLanID", "VLanPort")),
        *(f"IPv4.1.{name}" for name in ("Enable", "DHCPEnable", "Address", "Netmask", "Gateway")),
        *(f"IPv4Static.1.{name}" for name in ("Address", "Netmask", "Gateway")),
        *(f"IPv6.1.{name}" for name in ("Enable", "AutoConfig", "Address1", "PrefixLength", "Gateway")),
        *(f"IPv6Static.1.{name}" for name in ("Address1", "PrefixLength", "Gateway")),
    ),
}


def _pairs() -> Iterator[tuple[str, str]]:
    yield from _SWITCHES.items()
    yield from ((attribute, name) for name, found in _NAMES.items() for attribute in found)


COMMON_NAMES: Mapping[str, str] = MappingProxyType(dict(_pairs()))
"""By attribute, the name as ManagerSettings.stands_for() gives it."""
