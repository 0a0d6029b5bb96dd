# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware updates of XClarity Controllers (evidence: recorded XCC 2.83; python-redfish-lenovo)."""

from __future__ import annotations

from dataclasses import replace

from ..._redfish.resource import Document, text
from ..._redfish.service import Service
from ...vendor_api.v1 import Software, UpdateMethod, UpdateRequest
from ..standard.firmware_update import GenericFirmwareUpdate
from ..standard.software import manager_of, placed_component

# What runs from the XCC's own storage when it is asked for: the provisioning manager and its drivers.
_HELD = ("LXPM-", "DRVLN-", "DRVWN-")


class LenovoFirmwareUpdate(GenericFirmwareUpdate):
    """An image knows what it is for; the one target that may be named is the spare image of the XCC (recorded).

    Its task may end when the work is handed to a job, which is then followed (metal-operator, redfish_lenovo.go).
    """

    def component(self, inventory: Document) -> str:
        """A device in a slot is named after its card: a switch of a GPU tray is no GPU. Its place tells it."""
        if (text(inventory, "SoftwareId") or "").startswith("DEVICE-"):
            return placed_component(inventory) or ""
        return super().component(inventory)

    def restart(self, software: Software) -> str:
        held = any(name.startswith(_HELD) for name in software.hardware)
        return "none" if held else super().restart(software)

    def manager(self, service: Service, inventory: Document) -> str:
        """A new XCC runs after a reset of the XCC, which nothing but a client does (python-redfish-lenovo)."""
        return manager_of(service, inventory)

    def methods(self, service: Service, update_service: Document) -> tuple[UpdateMethod, ...]:
        """HttpPushUriOptions is shown, and nothing tells which of its values may be written."""
        return tuple(
            replace(method, names_targets=False, apply_times=()) for method in super().methods(service, update_service)
        )

    def targets(self, request: UpdateRequest) -> list[str]:
        spare = tuple(software for software in request.software if software.spare)
        named = replace(request, method=replace(request.method, names_targets=True), software=spare)
        return super().targets(named)
