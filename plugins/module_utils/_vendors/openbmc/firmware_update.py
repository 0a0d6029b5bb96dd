# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware updates of OpenBMC and of NVIDIA's firmware (evidence: recorded 2.15 and GH200 24.05; bmcweb; nvfwupd).

One update runs at a time: bmcweb answers 503 to another (update_service.hpp). The Location of a task is its monitor,
and the task itself is the body of that answer.
"""

from __future__ import annotations

from dataclasses import replace

from ..._redfish.resource import Document, text
from ..._redfish.service import Service
from ...vendor_api.v1 import Software, UpdateMethod
from ..standard.firmware_update import GenericFirmwareUpdate
from ..standard.software import manager_of, related_to
from ..standard.update_offers import MULTIPART

# NVIDIA loads these anew when the board gets power (GB200 and GH200 guides, "Activate firmware": AC or AUX cycle).
_NVIDIA_LOADS = ("erot", "fpga", "gpu", "cpu")


class OpenBmcFirmwareUpdate(GenericFirmwareUpdate):
    """Ids are hashes on stock OpenBMC, and names say nothing; a description and a RelatedItem do."""

    def key(self, inventory: Document) -> str:
        """What it is the image of, where the Id is a hash of the version (phosphor-bmc-code-mgmt)."""
        related = related_to(inventory, "bmc")
        return related or super().key(inventory)

    def spare(self, inventory: Document) -> bool:
        """An image that was uploaded and is not active is in the inventory, too, as Disabled or StandbySpare (bmcweb,
        fw_status.hpp)."""
        return text(inventory, "Status", "State") not in (None, "Enabled", "Updating") or super().spare(inventory)

    def target(self, inventory: Document) -> str:
        """bmcweb takes its manager as the target of the BMC's image; NVIDIA's takes inventory URIs."""
        return related_to(inventory, "bmc")

    def manager(self, service: Service, inventory: Document) -> str:
        """NVIDIA's BMCs run a new image after a reset by a client. Stock OpenBMC, with ApplyTime Immediate, restarts by
        itself (phosphor-bmc-code-mgmt)."""
        return "" if related_to(inventory, "bmc") else manager_of(service, inventory)

    def restart(self, software: Software) -> str:
        return "power_cycle" if software.component in _NVIDIA_LOADS else super().restart(software)

    def methods(self, service: Service, update_service: Document) -> tuple[UpdateMethod, ...]:
        """bmcweb reads an apply time among UpdateParameters also where it does not list any (update_service.hpp)."""
        times = ("Immediate", "OnReset")
        return tuple(
            replace(method, apply_times=times) if method.name == MULTIPART and not method.apply_times else method
            for method in super().methods(service, update_service)
        )
