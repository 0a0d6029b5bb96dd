# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NVIDIA GH200. Its product is the board, which an NVLink switch has too. Shapes from a recorded GH200 24.05."""

from __future__ import annotations

from ..families.bmcweb import bmcweb_messages
from ..families.hgx import HgxServer, Machine


class NvidiaGh200(HgxServer):
    """GH200 of NVIDIA's own make."""

    name = "nvidia_gh200"
    base_registry = "Base.1.15.0"
    messages = bmcweb_messages(base_registry)
    machine = Machine(
        vendor="NVIDIA",
        product="P3809",
        firmware="GH200-24.07-1",
        part="P3809",
        gpu="NVIDIA GH200 96GB HBM3",
        cores=144,
        memory=960,
    )


PROFILE = NvidiaGh200()
