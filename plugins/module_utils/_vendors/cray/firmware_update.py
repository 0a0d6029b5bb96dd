# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware updates of HPE Cray EX controllers (evidence: recorded nC and cC 1.6.19; hms-firmware-action)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from ..._redfish.resource import Document, id_of, link
from ..._redfish.service import Service
from ...vendor_api.v1 import Software, UpdateRequest
from ..standard.firmware_update import GenericFirmwareUpdate

_OF_A_NODE = re.compile(r"(Node\d+)\.")


class CrayFirmwareUpdate(GenericFirmwareUpdate):
    """Nothing is told of an update: hms-firmware-action waits until the version in the inventory changes."""

    def software(self, service: Service, inventory: Document) -> Software:
        software = super().software(service, inventory)
        # Recorded where a node was off when it was asked.
        return replace(software, version="") if software.version == "undefined" else software

    def system(self, service: Service, inventory: Document) -> str:
        """Node0.BIOS belongs to the system Node0: no link says so."""
        node = _OF_A_NODE.match(id_of(inventory))
        systems = link(service.root(), "Systems") if node else None
        members = service.members(systems) if systems else ()
        return next((uri for uri in members if node and uri.rstrip("/").rpartition("/")[2] == node[1]), "")

    def fetched(self, request: UpdateRequest) -> dict[str, Any]:
        """TransferProtocol is required (recorded ActionInfo), also where its values are not told."""
        protocol = urlsplit(request.image_uri).scheme.upper()
        return {"TransferProtocol": protocol, **super().fetched(request)}
