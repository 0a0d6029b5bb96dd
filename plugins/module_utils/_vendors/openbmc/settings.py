# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of OpenBMC and NVIDIA's firmware (evidence: recorded OpenBMC 2.15 and GH200 24.05; libredfish for GB200)."""

from __future__ import annotations

from collections.abc import Mapping

from ...vendor_api.v1 import SettingsView
from ..standard.forms import Choice, Flag, Number, OneOf
from ..standard.settings import Finder, Found, GenericSettings


class OpenBmcSettings(GenericSettings):
    """The standard, and on NVIDIA's newer machines one syslog server."""

    def finders(self) -> Mapping[str, Finder]:
        def rsyslog(form: Choice | Flag | Number | OneOf, name: str) -> Finder:
            def finder(view: SettingsView) -> Found:
                return self.in_protocols(view, form, "Oem", "Nvidia", "Rsyslog", name)

            return finder

        return {
            **super().finders(),
            "syslog.enabled": rsyslog(Flag("Enabled", "Disabled"), "State"),
            "syslog.servers": rsyslog(OneOf(), "Address"),
            "syslog.port": rsyslog(Number(), "Port"),
            "syslog.transport": rsyslog(Choice({"udp": "UDP", "tcp": "TCP"}), "TransportProtocol"),
        }
