# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lenovo XCC of a V2 server: reset values both inline and in an ActionInfo, boots told by the OEM part only.

What the OEM part means is from its schema, which the recorded SR670 V2 serves (LenovoComputerSystem.v1_0_0):
NumberOfReboots is "the number of times the system has been rebooted", SystemStatus one of eight words.
"""

from __future__ import annotations

from types import MappingProxyType

from ..bmc import Bmc
from ..families.lenovo import MANAGER, SYSTEM, Xcc
from ..host import Host
from ..profile import Document
from ..standard import reset_types


def told_inline(document: Document, uri: str, name: str, bmc: Bmc) -> Document:
    """Return a resource whose Reset action, if it has one, also tells its values itself."""
    if "Actions" not in document:
        return document
    values = {"ResetType@Redfish.AllowableValues": reset_types(f"{uri}/Actions/{name}", bmc), "title": "Reset"}
    return document | {"Actions": {f"#{name}": document["Actions"][f"#{name}"] | values}}


def system_status(host: Host) -> str:
    """Where the host is. After the firmware's part the recorded one had an operating system that told nothing."""
    if host.power_state != "On":
        return "SystemPowerOff_StateUnknown"
    return "SystemOn_StartingUEFI" if host.in_post else "BootingOSOrInUndetectedOS"


class LenovoXcc(Xcc):
    """XCC of a rack server."""

    name = "lenovo_xcc"
    generation = "Lenovo XClarity Controller"
    model = "ThinkSystem SR650 V2"
    sku = "7Z72SIM1WW"
    processor = "Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz"
    firmware = "AFBT36K 2.60 2022-12-14"
    bios_version = "AFE130J"
    inventory = MappingProxyType(
        {
            "BMC-Primary": ("Firmware:BMC", "36K-2.60", "BMC-AFBT-10", "Enabled"),
            "BMC-Primary-Pending": ("Firmware:BMC", "-*", "BMC-*-10", "Disabled"),
            "BMC-Backup": ("Firmware:BMC", "36K-2.60", "BMC-AFBT-10", "StandbySpare"),
            "UEFI": ("Firmware:UEFI", "30J-1.60", "UEFI-AFE1-6", "Enabled"),
            "PSU1": ("POWER-PSU1", "7.50", "POWER-DETA7200-10", "Enabled"),
            "PSU2": ("POWER-PSU2", "7.50", "POWER-DETA7200-10", "Enabled"),
        }
    )

    def system(self, bmc: Bmc) -> Document:
        """The OEM part tells where the host is, and how often it has been booted."""
        host = bmc.hosts["1"]
        lenovo = {
            "@odata.type": "#LenovoComputerSystem.v1_0_0.LenovoSystemProperties",
            "NumberOfReboots": 16 + host.boots,
            "SystemStatus": system_status(host),
        }
        document = super().system(bmc) | {"Oem": {"Lenovo": lenovo}}
        return told_inline(document, SYSTEM, "ComputerSystem.Reset", bmc)

    def manager(self, bmc: Bmc) -> Document:
        """Its reset values stand here too."""
        return told_inline(super().manager(bmc), MANAGER, "Manager.Reset", bmc)


PROFILE = LenovoXcc()
