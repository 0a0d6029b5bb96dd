# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of HPE Cray EX controllers (evidence: recorded nC and cC 1.6.19; hms-scsd, bmccfg.go; hms console-node)."""

from __future__ import annotations

from collections.abc import Mapping

from ...vendor_api.v1 import Missing, SettingsView
from ..standard.forms import Choice, Flag, KeyText, List, Number
from ..standard.places import Behind, Property
from ..standard.settings import Finder, Found, GenericSettings

_SERVICES = {"admin": "SSHAdmin", "console": "SSHConsole"}
_OPTIONS = {"NameServers": "dns.servers", "SearchList": "dns.search"}


class CraySettings(GenericSettings):
    """Everything stands in NetworkProtocol.Oem. The keys of a service are one text, in which ConMan's key is a line."""

    def finders(self) -> Mapping[str, Finder]:
        return {
            **super().finders(),
            "syslog.enabled": lambda view: self.in_protocols(view, Flag(), "Oem", "Syslog", "ProtocolEnabled"),
            "syslog.servers": lambda view: self.in_protocols(view, List(), "Oem", "Syslog", "SyslogServers"),
            "syslog.port": lambda view: self.in_protocols(view, Number(), "Oem", "Syslog", "Port"),
            "syslog.transport": lambda view: self.in_protocols(
                view, Choice({"udp": "udp", "tcp": "tcp"}), "Oem", "Syslog", "Transport"
            ),
            "dns.servers": lambda view: self._resolver(view, "NameServers"),
            "dns.search": lambda view: self._resolver(view, "SearchList"),
        }

    def keys(self, holder: str, view: SettingsView) -> Found:
        if holder not in _SERVICES:
            return Missing("an account of this dialect has no keys: its services admin and console have")
        return self.in_protocols(view, KeyText(), "Oem", _SERVICES[holder], "AuthorizedKeys")

    def _resolver(self, view: SettingsView, name: str) -> Found:
        """What is written into a resolver that is switched off has no effect (recorded so, with empty lists)."""
        place = self.in_protocols(view, List(), "Oem", "Resolv", name)
        switch = self.in_protocols(view, Flag(), "Oem", "Resolv", "ProtocolEnabled")
        if isinstance(place, Missing) or not isinstance(switch, Property):
            return place
        return Behind(place, ((switch, True),)) if view.wanted.get(_OPTIONS[name]) else place
