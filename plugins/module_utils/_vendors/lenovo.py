# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lenovo XClarity Controller (evidence: recorded XCC 2.83 of an SR670 V2; older recordings as others describe them)."""

from __future__ import annotations

from .._redfish.resource import text
from ..vendor_api.v1 import Evidence
from .generic import GenericDriver, has_oem


class Lenovo(GenericDriver):
    """XCC names itself in the root: by Vendor since 2021, by its OEM part before, and always in its manager."""

    dialect = "lenovo"

    def recognises(self, evidence: Evidence) -> bool:
        documents = (evidence.root, *(evidence.managers or ()))
        return text(evidence.root, "Vendor") == "Lenovo" or any(has_oem(document, "Lenovo") for document in documents)
