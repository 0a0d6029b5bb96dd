# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dell iDRAC9 with the firmware of 2019: no Vendor in the root, no graceful reset, no reset times.

Unproven. From a recording of an iDRAC9 3.34 of a PowerEdge M640 that others described: the root names Dell in its OEM
part only, and the graceful resets and the cycle that later firmware has are missing. That there are no reset times
follows from the standard, where LastResetTime is younger (ComputerSystem 1.12, Manager 1.9). Its SimpleUpdate offers
HTTP alone and takes nothing but the URI of what was pushed into its own inventory before (Dell's scripts); that older
push is not simulated, so an update is refused. The rest is taken over from 6.x.
"""

from __future__ import annotations

from ..bmc import Bmc
from ..documents import without
from ..families.dell import Idrac
from ..profile import Document
from ..shelves import PowerSubsystem, Shelf
from ..standard import UPDATE_SERVICE, simple_update
from ..update_rules.rules import Pull


class DellIdrac9Early(Idrac):
    """iDRAC9 of a rack server, never updated."""

    name = "dell_idrac9_3"
    generation = "14G Monolithic"
    model = "PowerEdge R640"
    board = "0SIM640A01"
    processor = "Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz"
    firmware = "3.34.34.34"
    previous_firmware = "3.21.26.22"
    bios_version = "2.2.11"
    system_resets = ("On", "ForceOff", "ForceRestart", "PushPowerButton", "Nmi")

    pulls = (
        Pull("SimpleUpdate", f"{UPDATE_SERVICE}/Actions/UpdateService.SimpleUpdate", protocols=("HTTP",), local=True),
    )
    pushes = ()

    def update_service(self) -> Document:
        """No multipart yet."""
        document = super().update_service()
        return without(document, "MultipartHttpPushUri") | {"Actions": simple_update("HTTP")}

    def shelves(self) -> tuple[Shelf, ...]:
        """PowerSubsystem is younger."""
        return tuple(shelf for shelf in super().shelves() if not isinstance(shelf, PowerSubsystem))

    def service_root(self, bmc: Bmc) -> Document:
        """Dell shows in the OEM part only."""
        return without(super().service_root(bmc), "Vendor")

    def system(self, bmc: Bmc) -> Document:
        """Nothing tells of a boot."""
        return without(super().system(bmc), "LastResetTime")

    def manager(self, bmc: Bmc) -> Document:
        """Nothing tells of its restart but its absence."""
        return without(super().manager(bmc), "LastResetTime")


PROFILE = DellIdrac9Early()
