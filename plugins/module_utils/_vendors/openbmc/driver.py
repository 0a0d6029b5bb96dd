# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OpenBMC, and NVIDIA's and others' firmware built on it (evidence: recorded OpenBMC 2.15 and GH200 24.05).

NVIDIA's GB200, GB300 of others, BlueField and NVLink switches as libredfish describes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._redfish.resource import Document, member, text
from ...vendor_api.v1 import ConsoleAccess, Evidence, FirmwareUpdate, ManagerSettings, Power
from ..generic import GenericDriver
from ..standard.console import GenericConsole
from ..standard.inventory import has_oem
from ..standard.power import GenericPower
from .firmware_update import OpenBmcFirmwareUpdate
from .settings import OpenBmcSettings

# Products of roots whose Vendor may be who built the machine from NVIDIA's design (libredfish, service_root.rs).
_PLATFORMS = ("P3809", "GB200 NVL", "GB NVL")


class OpenBmcPower(GenericPower):
    """LastResetTime is the time of the chassis' last power change (bmcweb, systems.hpp, getLastResetTime).

    A warm restart leaves the chassis' power on, so an unmoved time says nothing; the boot's progress does.
    """

    def boot_evidence(self, resource: Document) -> Mapping[str, Any]:
        moved = text(resource, "BootProgress", "LastStateTime")
        return {**super().boot_evidence(resource), **({"boot_progress_time": moved} if moved else {})}

    def restarted(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool | None:
        powered = "last_reset_time" in now and before.get("last_reset_time") != now["last_reset_time"]
        time = "boot_progress_time"
        booted = before.get("boot_progress") == "OSRunning" and time in now and before.get(time) != now[time]
        return True if powered or booted else None


class OpenBmc(GenericDriver):
    """The manager tells it, by its model or an OEM part. NVIDIA's own roots tell it too, by what they do not have.

    NVIDIA names itself or its platform in the root and has no OEM part there. Its machines with another's firmware
    (DGX H100) name that one as the Vendor.
    """

    dialect = "openbmc"

    def make_power(self) -> Power:
        return OpenBmcPower(self.quirks)

    def make_console(self) -> ConsoleAccess:
        # The console has an SSH service of its own, which the system tells. What the manager offers on the port of the
        # BMC's shell leads there only by this command (OpenBMC, docs/console.md, "Local console connections").
        return GenericConsole(entry_command="obmc-console-client", exit_sequence="~.")

    def make_firmware_update(self) -> FirmwareUpdate:
        return OpenBmcFirmwareUpdate()

    def make_settings(self) -> ManagerSettings:
        return OpenBmcSettings()

    def recognises(self, evidence: Evidence) -> bool:
        vendor, product = (text(evidence.root, name) or "" for name in ("Vendor", "Product"))
        if (vendor.lower() == "nvidia" or product in _PLATFORMS) and not member(evidence.root, "Oem"):
            return True
        # The MegaRAC of a DGX H100 has the OpenBMC of its GPU board among its managers.
        return vendor != "AMI" and any(
            has_oem(manager, "OpenBmc", "Nvidia") or (text(manager, "Model") or "").lower() == "openbmc"
            for manager in evidence.managers or ()
        )
