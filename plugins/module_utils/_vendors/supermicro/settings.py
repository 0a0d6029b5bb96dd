# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of Supermicro's own firmware (evidence: recorded X13 11.01.01; X10 3.80 and 4.0 as others recorded them)."""

from __future__ import annotations

from collections.abc import Mapping

from ..._redfish.resource import Document, member, uri_of
from ...vendor_api.v1 import Missing, SettingsView
from ..standard.forms import Flag, Form, Number, OneOf, Switch, truth
from ..standard.places import Property, Several
from ..standard.settings import Finder, Found, GenericSettings, found, linked

_SERVERS = ("PrimaryNTPServer", "SecondaryNTPServer")


class SupermicroSettings(GenericSettings):
    """OEM resources whose links the manager has; X10 3.80 spells one of their properties with a blank in it."""

    def finders(self) -> Mapping[str, Finder]:
        return {
            **super().finders(),
            "ntp.enabled": lambda view: _found(_oem(view, "NTP"), Flag(), "NTPEnable"),
            "ntp.servers": _ntp_servers,
            "syslog.enabled": lambda view: _found(_oem(view, "Syslog"), Flag(), "EnableSyslog"),
            "syslog.servers": lambda view: _found(_oem(view, "Syslog"), OneOf(), "SyslogServer", "SyslogServerIP"),
            "syslog.port": lambda view: _found(_oem(view, "Syslog"), Number(), "SyslogPortNumber"),
        }

    def locked(self, view: SettingsView) -> str:
        lockdown = _oem(view, "SysLockdown")
        if isinstance(lockdown, Missing) or member(lockdown, "SysLockdownEnabled") is not True:
            return ""
        return f"SysLockdownEnabled of {uri_of(lockdown)} is true"

    def oem(self, name: str, view: SettingsView) -> Found:
        if name not in self.oem_names(view):
            return super().oem(name, view)
        return found(_oem(view, "SysLockdown"), Switch(), name)

    def oem_names(self, view: SettingsView) -> tuple[str, ...]:
        return ("SysLockdownEnabled",)

    def lockdown(self, attribute: str, wanted: object) -> bool | None:
        return truth(wanted) if attribute == "SysLockdownEnabled" else None


def _ntp_servers(view: SettingsView) -> Found:
    document = _oem(view, "NTP")
    places = [_found(document, OneOf(), name) for name in _SERVERS]
    spelled = [place.path for place in places if isinstance(place, Property)]
    if isinstance(document, Missing) or not spelled:
        return document if isinstance(document, Missing) else Missing(f"{uri_of(document)} has no {_SERVERS[0]}")
    return Several(document, tuple(spelled), ("",) * len(spelled))


def _oem(view: SettingsView, name: str) -> Document | Missing:
    """A resource that the manager's OEM part links, or X10's manager itself."""
    return linked(view, view.manager, "Oem", "Supermicro", name)


def _found(document: Document | Missing, form: Form, *names: str) -> Found:
    """The property that has one of the names, in the BMC's own spelling."""
    if isinstance(document, Missing):
        return document
    wanted = [_squeezed(name) for name in names]
    spelled = next((name for name in document if _squeezed(name) in wanted), names[0])
    return found(document, form, spelled)


def _squeezed(name: str) -> str:
    return "".join(name.split()).lower()
