# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Supermicro GB300, unproven: no recorded tree stands behind it. Supermicro made it, and it speaks OpenBMC.

The root's words, the managers' names and the syslog settings are as libredfish's recordings are described: Supermicro
is the Vendor, and there is no OEM part of Supermicro's. That $expand loses required properties is known (nv-redfish),
not which. All else is the GH200's, and firmware and models are invented.
"""

from __future__ import annotations

from ..families.bmcweb import bmcweb_messages
from ..families.hgx import RSYSLOG, HgxServer, Machine


class SupermicroGb300(HgxServer):
    """A compute tray of a GB300 NVL rack, of Supermicro's make."""

    name = "supermicro_gb300"
    lost_in_expand = ("Id", "Name")
    base_registry = "Base.1.15.0"
    messages = bmcweb_messages(base_registry)
    machine = Machine(
        vendor="Supermicro",
        product="GB NVL",
        firmware="GB300Nvl-25.06-1",
        part="SIM-GB300",
        gpu="NVIDIA GB300 288GB HBM3e",
        cores=144,
        memory=960,
        network={"Oem": {"Nvidia": {"Rsyslog": RSYSLOG}}},
    )


PROFILE = SupermicroGb300()
