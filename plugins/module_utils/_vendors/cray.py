# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HPE Cray EX node, chassis and switch controllers (evidence: recorded nC and cC 1.6.19)."""

from __future__ import annotations

from .._redfish.resource import Document, member, text
from .._redfish.service import Service
from ..vendor_api.v1 import Evidence, Inventory
from .generic import GenericDriver, GenericInventory, firmware_inventory

# SoftwareId of a controller's own image: node, chassis and switch controller.
_CONTROLLERS = ("nc:", "cc:", "sc:")


class CrayInventory(GenericInventory):
    """The manager tells neither model nor firmware version; the firmware inventory does."""

    def maker(self, evidence: Evidence) -> str:
        return "cray"

    def firmware_version(self, service: Service, manager: Document | None) -> str | None:
        for software in firmware_inventory(service):
            if text(software, "Id") == "BMC" and (text(software, "SoftwareId") or "").startswith(_CONTROLLERS):
                return text(software, "Version")
        return super().firmware_version(service, manager)


class Cray(GenericDriver):
    """The root names nobody; an enclosure manager that schedules Cray's processes, or is Shasta's, is the sign."""

    dialect = "cray"

    def make_inventory(self) -> Inventory:
        return CrayInventory()

    def recognises(self, evidence: Evidence) -> bool:
        return any(
            text(manager, "ManagerType") == "EnclosureManager"
            and (
                member(manager, "Actions", "Oem", "#CrayProcess.Schedule") is not None
                or text(manager, "Description") == "Shasta Manager"
            )
            for manager in evidence.managers or ()
        )
