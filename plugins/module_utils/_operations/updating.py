# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""While an update runs, nothing else takes its BMC or host away (promise 5)."""

from __future__ import annotations

from .._core.clock import Clock
from .._core.errors import Busy, RefusedByBmc
from .._firmware.staging.paths import without_tokens
from .._redfish.resource import Document, link
from .connect import Bmc
from .firmware.submission import CLAIM, remembered
from .firmware.told import unseen_end
from .writes import WriteGate


def refuse_while_updating(bmc: Bmc, gate: WriteGate, clock: Clock) -> None:
    """Raises Busy while a firmware update runs: by this controller's tasks, by what they sent, by the BMC's word.

    Reads anew what the BMC says.
    """
    told = "another task of this controller is at it" if gate.holder(CLAIM) is not None else ""
    uri = link(bmc.service.root(), "UpdateService")
    update_service = _fresh(bmc, uri) if uri is not None and not told else None
    if update_service is not None:
        told = without_tokens(bmc.driver.firmware_update.under_way(bmc.service, update_service))
        told = told or unseen_end(bmc, update_service, remembered(gate).values(), clock.wall())
    if told:
        raise Busy(
            "a firmware update runs on this BMC",
            why=told,
            way_out="A reset now could break it for good: wait for the update to end. Nothing was reset.",
        )


def _fresh(bmc: Bmc, uri: str) -> Document | None:
    """The UpdateService as it is now; None where its link leads nowhere."""
    try:
        return bmc.service.fresh(uri)
    except RefusedByBmc as error:
        if error.status != 404:
            raise
        return None
