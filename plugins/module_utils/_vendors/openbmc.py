# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OpenBMC, and NVIDIA's and others' firmware built on it (evidence: recorded OpenBMC 2.15 and GH200 24.05)."""

from __future__ import annotations

from .._redfish.resource import text
from ..vendor_api.v1 import Evidence
from .generic import GenericDriver, has_oem


class OpenBmc(GenericDriver):
    """The root tells the maker at most; the manager tells the firmware, by its model or its OEM part."""

    dialect = "openbmc"

    def recognises(self, evidence: Evidence) -> bool:
        return any(
            has_oem(manager, "OpenBmc") or (text(manager, "Model") or "").lower() == "openbmc"
            for manager in evidence.managers or ()
        )
