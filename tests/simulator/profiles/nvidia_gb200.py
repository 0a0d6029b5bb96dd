# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NVIDIA GB200, unproven: no recorded tree stands behind it.

The root's words, the managers' names and the syslog settings are as libredfish's recordings are described; all else is
the GH200's, and the firmware and the models are invented.
"""

from __future__ import annotations

from ..families.bmcweb import bmcweb_messages
from ..families.hgx import RSYSLOG, HgxServer, Machine


class NvidiaGb200(HgxServer):
    """A compute tray of a GB200 NVL rack."""

    name = "nvidia_gb200"
    base_registry = "Base.1.15.0"
    messages = bmcweb_messages(base_registry)
    machine = Machine(
        vendor="NVIDIA",
        product="GB200 NVL",
        firmware="GB200Nvl-24.12-1",
        part="P3957",
        gpu="NVIDIA GB200 192GB HBM3e",
        cores=144,
        memory=960,
        network={"Oem": {"Nvidia": {"Rsyslog": RSYSLOG}}},
    )


PROFILE = NvidiaGb200()
