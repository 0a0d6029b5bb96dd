# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""While an update runs, nothing else takes its BMC or host away (promise 5)."""

from __future__ import annotations

from .._core.errors import Busy, RefusedByBmc
from .._redfish.resource import Document, link
from .connect import Bmc


def refuse_while_updating(bmc: Bmc) -> None:
    """Raises Busy while the BMC says that a firmware update runs; reads anew what it says."""
    uri = link(bmc.service.root(), "UpdateService")
    update_service = _fresh(bmc, uri) if uri is not None else None
    told = bmc.driver.firmware_update.under_way(bmc.service, update_service) if update_service is not None else ""
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
