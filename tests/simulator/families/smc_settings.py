# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of Supermicro's own firmware, in OEM resources of the manager.

Shapes from a recorded X13 with firmware 11.01.01; X10's own spelling as others recorded firmware 3.80.
"""

from __future__ import annotations

from ..configuration import Rule
from ..documents import resource
from ..profile import Document

NTP = Rule(("NTPEnable", "PrimaryNTPServer", "SecondaryNTPServer"))
SYSLOG = Rule(("EnableSyslog", "SyslogServer", "Syslog ServerIP", "SyslogPortNumber"))
LOCKDOWN = Rule(("SysLockdownEnabled",))


def ntp(uri: str) -> Document:
    """The time servers."""
    return resource(
        uri,
        "NTP.v1_0_3.NTP",
        "NTP Service",
        DaylightSavingTime=False,
        NTPEnable=False,
        PrimaryNTPServer="localhost",
        SecondaryNTPServer="127.0.0.1",
    )


def syslog(uri: str, server: str) -> Document:
    """The syslog server; `server` is the name of its property, which is null while nobody set it."""
    document = resource(uri, "Syslog.v1_0_1.Syslog", "Syslog", EnableSyslog=False, SyslogPortNumber=0)
    return {**document, server: None}


def lockdown(uri: str) -> Document:
    """The switch that keeps everything as it is."""
    return resource(uri, "SysLockdown.v1_0_0.SysLockdown", "SysLockdown", SysLockdownEnabled=False)
