# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HPE Cray EX switch controller (sC), unproven: no recorded tree stands behind it.

As others describe it: a collection of systems that is empty, a manager and an Enclosure. All else is as the recorded
node and chassis controllers have it. Whether the Enclosure has a reset is not known: here it has none.
"""

from __future__ import annotations

from functools import partial

from ..documents import collection, fixed
from ..families.cray_ex import (
    ENCLOSURE,
    MANAGER,
    MANAGER_RESET,
    CrayExController,
    access,
    enclosure,
    images,
    manager,
    service_root,
    services,
)
from ..profile import Builder, Layout
from ..standard import ROOT

FIRMWARE = "sc.1.9.8-12-shasta-release.arm64.2023-05-11T07:20:41+00:00.5117a1e"
RECOVERY = "sc.1.3.10-shasta-release.arm64.2020-07-21T23:58:55+00:00.d479f59"


class CrayExSc(CrayExController):
    """Controller of a Slingshot switch blade."""

    name = "cray_ex_sc"

    def layout(self, nodes: int) -> Layout:
        """One switch."""
        documents: dict[str, Builder] = {
            MANAGER: partial(manager, ("memtest",), {}),
            ENCLOSURE: partial(enclosure, "Switch", "000000002.A"),
            **access(),
            **fixed(
                service_root(),
                collection(f"{ROOT}/Systems", "ComputerSystem", "Systems Collection", []),
                collection(f"{ROOT}/Managers", "Manager", "Manager Collection", ["BMC"]),
                collection(f"{ROOT}/Chassis", "Chassis", "Chassis Collection", ["Enclosure"]),
                *services("Firmware Inventory Collection", images("sc", FIRMWARE, RECOVERY), ["BMC", "Recovery"]),
            ),
        }
        return Layout(systems=(), documents=documents, resets=MANAGER_RESET, writable={ENCLOSURE: ("AssetTag",)})


PROFILE = CrayExSc()
