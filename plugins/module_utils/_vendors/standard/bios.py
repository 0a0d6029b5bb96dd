# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""BIOS by the standard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._redfish.attribute_registry import Rule
from ..._redfish.bios import flat_attributes, settings_link
from ..._redfish.resource import Document
from ..._redfish.service import Service
from ...vendor_api.v1 import Change, Meaning


class GenericBios:
    """BIOS by the standard (Bios 1.2, Settings 1.3): flat attributes, a settings object that a link names.

    meanings: what refusals mean, by the last part of their MessageId.
    """

    apply_time = ""
    one_at_a_time = False

    def __init__(self, meanings: Mapping[str, Meaning] | None = None) -> None:
        self._meanings = meanings or {}

    def current(self, bios: Document) -> Mapping[str, Any]:
        return flat_attributes(bios)

    def stated(self, bios: Document) -> Mapping[str, Rule]:
        return {}

    def settings_uri(self, bios: Document) -> str | None:
        return settings_link(bios)

    def discard(self, service: Service, settings: Document | None) -> tuple[Change, ...] | None:
        return None

    def scheduled(self, service: Service, settings: Document | None) -> bool:
        return True

    def unfinished(self, service: Service, settings: Document | None) -> str:
        return ""

    def meaning(self, message_id: str) -> Meaning | None:
        return self._meanings.get(message_id.rpartition(".")[2])


def hidden_settings(bios: Document) -> str | None:
    """The settings object of AMI's MegaRAC and of Cray EX, which is next to the BIOS as SD and missing at times."""
    own = bios.get("@odata.id")
    return f"{own.rstrip('/')}/SD" if isinstance(own, str) and own else None
