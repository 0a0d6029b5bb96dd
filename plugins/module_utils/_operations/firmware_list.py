# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The firmware that a BMC lists. Reads only."""

from __future__ import annotations

from typing import Any

from .._redfish.crawl import Table, to
from .._redfish.resource import id_of, link, member, text, uri_of
from .parts import Parts

READS: Table = {
    "ServiceRoot": [to("UpdateService", "UpdateService")],
    "UpdateService": [to("SoftwareInventoryCollection", "FirmwareInventory")],
}


def read(parts: Parts) -> list[dict[str, Any]]:
    """The members of the FirmwareInventory, by URI."""
    update = parts.find(link(parts.service.root(), "UpdateService"))
    software = parts.members(update, "FirmwareInventory") if update is not None else ()
    return [
        {
            "id": id_of(document),
            "uri": uri_of(document),
            "name": text(document, "Name"),
            "version": text(document, "Version"),
            "updateable": updateable if isinstance(updateable := member(document, "Updateable"), bool) else None,
            "software_id": text(document, "SoftwareId"),
            "state": text(document, "Status", "State"),
        }
        for document in sorted(software, key=uri_of)
    ]
