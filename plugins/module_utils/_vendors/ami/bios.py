# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""BIOS of AMI's MegaRAC (evidence: recorded 12.84.13 of a Gigabyte H262; DGX H100 as libredfish has it)."""

from __future__ import annotations

from ..._redfish.resource import Document
from ..standard.bios import GenericBios, hidden_settings


class AmiBios(GenericBios):
    """The recorded BIOS names no settings object. It is Bios/SD, and 404 while nothing waits.

    Evidence: hms-scsd, cmd/scsd/bios.go (Gigabyte: PATCH of SD with If-Match, "*" where SD is absent); libredfish,
    nvidia_viking.rs (DGX H100: Bios/SD with If-Match).
    """

    def settings_uri(self, bios: Document) -> str | None:
        return super().settings_uri(bios) or hidden_settings(bios)
