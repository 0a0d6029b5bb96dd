# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of HPE iLO (evidence: recorded iLO 5 2.72 with its schemas; HPE's reference of iLO 6 1.66)."""

from __future__ import annotations

from collections.abc import Mapping

from ..._redfish.plain import plain
from ..._redfish.resource import Document, member, objects, text
from ...vendor_api.v1 import Missing, SettingsView
from ..standard.forms import Flag, List, Number, OneOf, Text
from ..standard.places import Behind, Property
from ..standard.settings import Finder, Found, GenericSettings, found, linked

_PENDING = "SomePendingReset"
# HpeiLODateTime, StaticNTPServers: two; an unused one is shown, and written, as this address.
_NTP_SLOTS, _NO_SERVER = 2, "0.0.0.0"  # noqa: S104


class HpeSettings(GenericSettings):
    """iLO keeps its time apart, takes from DHCP what is not told otherwise, and applies much only after its reset.

    Each resource says in ConfigurationSettings whether something waits for that reset.
    """

    key_slots = 1  # iLO 5 User Guide, "Administering SSH keys": each user can have only one key assigned.

    def finders(self) -> Mapping[str, Finder]:
        standard = dict(super().finders())
        del standard["ntp.enabled"]  # Whoever has a server uses it: there is no switch.
        return {
            **standard,
            "ntp.servers": self._ntp_servers,
            "syslog.enabled": lambda view: self._oem_protocol(view, Flag(), "RemoteSyslogEnabled"),
            "syslog.servers": lambda view: self._oem_protocol(view, OneOf(), "RemoteSyslogServer"),
            "syslog.port": lambda view: self._oem_protocol(view, Number(), "RemoteSyslogPort"),
            "dns.servers": lambda view: self._static(view, "UseDNSServers", List(), "StaticNameServers"),
            "dns.search": lambda view: self._static(view, "UseDomainName", OneOf(), "Oem", "Hpe", "DomainName"),
        }

    def timezone(self, view: SettingsView) -> Found:
        """By name: HPE advises against the index, which differs between firmware versions (HpeiLODateTime)."""
        holder = self._date_time(view)
        if not isinstance(holder, Missing) and objects(holder, "TimeZoneList"):
            names = tuple(filter(None, (text(zone, "Name") for zone in objects(holder, "TimeZoneList"))))
            return found(holder, OneZone(names), "TimeZone", "Name")
        return found(holder, Text(), "TimeZone", "Name")

    def awaits_reset(self, document: Document) -> bool:
        return _PENDING in (
            member(document, "ConfigurationSettings"),
            member(document, "Oem", "Hpe", "ConfigurationSettings"),
        )

    def may_await_reset(self) -> bool:
        return True

    def _date_time(self, view: SettingsView) -> Document | Missing:
        return linked(view, view.manager, "Oem", "Hpe", "Links", "DateTimeService")

    def _oem_protocol(self, view: SettingsView, form: Flag | OneOf | Number, name: str) -> Found:
        return self.in_protocols(view, form, "Oem", "Hpe", name)

    def _ntp_servers(self, view: SettingsView) -> Found:
        """Refused with SNTPConfigurationManagedByDHCPAndIsReadOnly while DHCP supplies them."""
        place = found(self._date_time(view), List(_NTP_SLOTS, _NO_SERVER), "StaticNTPServers")
        return place if isinstance(place, Missing) else Behind(place, self._from_dhcp(view, "UseNTPServers"))

    def _static(self, view: SettingsView, switch: str, form: List | OneOf, *path: str) -> Found:
        place = self.in_interface(view, form, *path)
        return place if isinstance(place, Missing) else Behind(place, self._from_dhcp(view, switch))

    def _from_dhcp(self, view: SettingsView, name: str) -> tuple[tuple[Property, bool], ...]:
        """What has to be off so that DHCP does not supply it; the schema calls it deprecated, all iLOs have it."""
        switches = [self.in_interface(view, Flag(), "Oem", "Hpe", version, name) for version in ("DHCPv4", "DHCPv6")]
        return tuple((switch, False) for switch in switches if isinstance(switch, Property))


class OneZone(Text):
    """The name of a time zone that the iLO lists; a part of the name will do where it is one zone's alone."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    def accepts(self, wanted: str, shown: object) -> str:
        if self._meant(wanted):
            return ""
        near = ", ".join(name for name in self.names if plain(wanted) in plain(name))
        return f"is none of this iLO's time zones: {wanted}" + (f"; these hold it: {near}" if near else "")

    def same(self, wanted: str, shown: object) -> bool:
        return super().same(self._meant(wanted) or wanted, shown)

    def after(self, wanted: str, shown: object) -> str:
        return self._meant(wanted) or wanted

    def written(self, wanted: str, shown: object) -> str:
        return self._meant(wanted) or wanted

    def _meant(self, wanted: str) -> str:
        exact = [name for name in self.names if plain(name) == plain(wanted)]
        part = [name for name in self.names if plain(wanted) in (plain(piece) for piece in name.split(","))]
        candidates = exact or part
        return candidates[0] if len(candidates) == 1 else ""
