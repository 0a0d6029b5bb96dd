# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of an iLO: NTP servers beside the clock, DHCP in front of most, a reset behind all.

Shapes from a recorded iLO 5 2.72, words from its message registry.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..bmc import Bmc
from ..configuration import Rule
from ..documents import NO_ADDRESS, resource, timestamp
from ..profile import Document

ZONES = (
    ("Greenwich Mean Time, Casablanca, Monrovia", "+00:00", "GMT-0"),
    ("Dublin, London", "+00:00", "WET-0WEST-1,M3.5.0/01:00:00,M10.5.0/02:00:00"),
    ("Amsterdam, Berlin, Bern, Rome, Paris, West Central Africa", "+01:00", "CET-1:00CEST-02:00:00"),
)
SUPPLIED = {"UseDNSServers": True, "UseDomainName": True, "UseNTPServers": True}

DATE_TIME = Rule(("StaticNTPServers", "TimeZone"), {"StaticNTPServers": 2}, {"StaticNTPServers": NO_ADDRESS}, True)
INTERFACE = Rule(
    ("DHCPv4", "DHCPv6", "HostName", "Oem.Hpe.DHCPv4", "Oem.Hpe.DHCPv6", "Oem.Hpe.DomainName", "StaticNameServers"),
    {"StaticNameServers": 6},
    None,
    True,
)
NETWORK_PROTOCOL = Rule(("HTTPS", "IPMI", "KVMIP", "SNMP", "SSH", "Oem.Hpe"), None, None, True)


def waiting(bmc: Bmc, uri: str) -> str:
    """Return what a resource says of its changes."""
    return "SomePendingReset" if uri in bmc.configuration.pending else "Current"


def date_time(uri: str, bmc: Bmc) -> Document:
    """The clock."""
    zones = [
        {"Index": index, "Name": name, "UtcOffset": offset, "Value": value}
        for index, (name, offset, value) in enumerate(ZONES, 15)
    ]
    return resource(
        uri,
        "HpeiLODateTime.v2_0_0.HpeiLODateTime",
        "iLO Date and Time",
        ConfigurationSettings=waiting(bmc, uri),
        DateTime=timestamp(bmc.clock.time()),
        NTPServers=["192.0.2.1", ""],
        PropagateTimeToHost=False,
        StaticNTPServers=[NO_ADDRESS, NO_ADDRESS],
        TimeZone=zones[0],
        TimeZoneList=zones,
    )


def of_interface(uri: str, bmc: Bmc) -> Document:
    """What the network port says of its settings, beside its name."""
    hpe = {"ConfigurationSettings": waiting(bmc, uri), "DHCPv4": SUPPLIED, "DHCPv6": SUPPLIED, "DomainName": ""}
    return {
        "DHCPv4": {"DHCPEnabled": True, **SUPPLIED},
        "DHCPv6": {"OperatingMode": "Stateful", **SUPPLIED},
        "Oem": {"Hpe": hpe},
        "StaticNameServers": [NO_ADDRESS] * 3 + ["::"] * 3,
    }


def of_protocols(uri: str, bmc: Bmc) -> Document:
    """What the network services say of more than themselves."""
    syslog = {"RemoteSyslogEnabled": False, "RemoteSyslogPort": 514, "RemoteSyslogServer": ""}
    return {
        "KVMIP": {"Port": 17990, "ProtocolEnabled": True},
        "Oem": {"Hpe": {"ConfigurationSettings": waiting(bmc, uri), **syslog}},
        "SNMP": {"Port": 161, "ProtocolEnabled": True},
    }


def mirrored(body: Mapping[str, Any]) -> Document:
    """Return the old spelling of what was written in the new one, and the other way round: they are one setting."""
    versions = ("DHCPv4", "DHCPv6")
    old = body.get("Oem", {}).get("Hpe", {})
    new = {name: body[name] for name in versions if name in body}
    return {**{name: old[name] for name in versions if name in old}, **({"Oem": {"Hpe": new}} if new else {})}
