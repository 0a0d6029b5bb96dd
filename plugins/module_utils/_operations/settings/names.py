# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names of the settings of a BMC, as the options, the result and the drivers call them."""

from __future__ import annotations

GROUPS = ("ntp", "timezone", "syslog", "ssh_keys", "oem", "dns", "hostname", "protocols")
"""In the order in which they are written."""

STANDARD = (
    *("ntp.enabled", "ntp.servers"),
    "timezone",
    *("syslog.enabled", "syslog.servers", "syslog.port", "syslog.transport"),
    *("dns.servers", "dns.search"),
    "hostname",
    *("protocols.ssh", "protocols.ipmi", "protocols.https", "protocols.snmp", "protocols.kvm"),
)
"""Those that have a name of their own. Beside them: "ssh_keys.admin", "ssh_keys.account NAME", "oem.ATTRIBUTE"."""

REACH = "reach"
"""What some attributes of a dialect are, beside STANDARD: the network on which the BMC is reached."""

SERVICES = ("admin", "console")
"""Services whose keys belong to no account."""


def group(name: str) -> str:
    """The option that a setting belongs to."""
    return name.partition(".")[0]


def holder_of(name: str) -> str:
    """Whose keys: "admin", "console", "account NAME"."""
    return name.partition(".")[2]


def oem_name(name: str) -> str:
    """The dialect's own name of an attribute."""
    return name.partition(".")[2]
