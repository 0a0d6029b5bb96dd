# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each simulated BMC has of settings, written from the vendors' own words, and a task that asks for everything."""

from __future__ import annotations

from typing import Any

from tests.simulator.public_keys import public_key

KEY = public_key("site", "conman@site")
SERVERS = {"ntp": ["10.0.0.1"], "syslog": ["10.0.0.2"], "dns": ["10.0.0.3"]}

EVERYTHING: dict[str, Any] = {
    "ntp": {"enabled": True, "servers": SERVERS["ntp"]},
    "syslog": {"enabled": True, "servers": SERVERS["syslog"], "port": 1514, "transport": "tcp"},
    "dns": {"servers": SERVERS["dns"], "search": ["site"]},
    "hostname": "bmc1",
    "timezone": "+01:00",
    "protocols": {"ssh": True, "ipmi": False, "https": True, "snmp": False, "kvm": False},
    "ssh_keys": [
        {"service": "admin", "keys": [KEY]},
        {"service": "console", "keys": [KEY]},
        {"account": "admin", "keys": [KEY]},
    ],
    "unsupported": "ignore",
}
# An iLO has time zones by name, an iDRAC and an X13 whatever name they are given.
ZONES = {"hpe_ilo5": "Dublin", "hpe_ilo6": "Dublin", "hpe_ilo7": "Dublin"}

NTP = {"ntp.enabled", "ntp.servers"}
SYSLOG = {"syslog.enabled", "syslog.servers", "syslog.port"}
DNS = {"dns.servers", "dns.search"}
PROTOCOLS = {f"protocols.{name}" for name in ("ssh", "ipmi", "https", "snmp", "kvm")}
KEYS = {"ssh_keys.account admin"}
_ILO = {"ntp.servers", "hostname", "timezone"} | SYSLOG | DNS | PROTOCOLS
_IDRAC = {"hostname", "timezone"} | NTP | SYSLOG | DNS | PROTOCOLS
_XCC = {"dns.servers", "hostname", "timezone"} | NTP | SYSLOG | KEYS | PROTOCOLS - {"protocols.snmp"}
_CRAY = {"syslog.transport", "ssh_keys.admin", "ssh_keys.console", "protocols.ssh", "timezone"} | NTP | SYSLOG | DNS
_BMCWEB = {"dns.servers", "hostname", "timezone", "protocols.ssh", "protocols.ipmi", "protocols.https"} | NTP
_RSYSLOG = _BMCWEB | SYSLOG | {"syslog.transport"}
_SMC = {"dns.servers", "hostname", "timezone"} | NTP | SYSLOG | PROTOCOLS

HAS = {
    "ami_dgx_h100": {"timezone", "protocols.ssh", "protocols.https"} | NTP,
    "ami_gigabyte": {"hostname", "timezone"} | NTP | PROTOCOLS - {"protocols.ssh"},
    "cray_ex_cc": _CRAY,
    "cray_ex_nc": _CRAY,
    "cray_ex_sc": _CRAY,
    "dell_idrac10": _IDRAC | KEYS,
    "dell_idrac9": _IDRAC,
    "dell_idrac9_3": _IDRAC,
    "hpe_ilo5": _ILO,
    "hpe_ilo6": _ILO | KEYS,
    "hpe_ilo7": _ILO | KEYS,
    "intel_s2600": {"timezone", "protocols.ssh", "protocols.https"},
    "lenovo_xcc": _XCC,
    "lenovo_xcc3": _XCC,
    "nvidia_gb200": _RSYSLOG,
    "nvidia_gh200": _BMCWEB,
    "openbmc": _BMCWEB,
    "supermicro_gb300": _RSYSLOG,
    "supermicro_x10": _SMC,
    "supermicro_x13": _SMC,
    "unknown_maker": {"timezone", "protocols.ssh", "protocols.https"},
}

# The profile of each recorded tree.
PROFILE_OF = {
    "ami-gigabyte-h262z63": "ami_gigabyte",
    "cray-cmm-cc": "cray_ex_cc",
    "cray-ex425-nc": "cray_ex_nc",
    "dell-idrac9-r750": "dell_idrac9",
    "hpe-ilo5-dl385gen10plusv2": "hpe_ilo5",
    "lenovo-xcc-sr670v2": "lenovo_xcc",
    "nvidia-gh200": "nvidia_gh200",
    "openbmc-stock": "openbmc",
    "supermicro-x13-sys821ge": "supermicro_x13",
}


def asked(profile: str) -> dict[str, Any]:
    """The options for a BMC of a profile."""
    return EVERYTHING | {"timezone": ZONES.get(profile, "+01:00")}
