# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of Dell iDRAC (evidence: recorded iDRAC9 6.00.30; Dell's iDRAC-Redfish-Scripting)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..._redfish.resource import Document, links, member, objects, text, uri_of
from ...vendor_api.v1 import Missing, SettingsView
from ..standard.forms import Exact, Flag, Form, Number, OneOf, Text, truth
from ..standard.places import Behind, ByKind, Property, Several
from ..standard.settings import Finder, Found, GenericSettings
from . import attributes

_ATTRIBUTES = "Attributes"
_LOCKDOWN = "Lockdown.1.SystemLockdown"
_SWITCH = ("Enabled", "Disabled")


class DellSettings(GenericSettings):
    """Most stands among some thousand attributes, whose values are texts. The manager links their resources.

    A change of an attribute is applied at once (SupportedApplyTimes: Immediate), or not at all under lockdown.
    """

    ntp_slots = 3  # NTPConfigGroup.1.NTP1 to NTP3 are the same servers.
    key_slots = 4  # iDRAC8 User's Guide 2.50, "Uploading SSH keys": up to four public keys per user.

    def finders(self) -> Mapping[str, Finder]:
        return {
            **super().finders(),
            "syslog.enabled": lambda view: _attribute(view, Flag(*_SWITCH), "SysLog.1.SysLogEnable"),
            "syslog.servers": lambda view: _several(view, "SysLog.1.Server", 3, ""),
            "syslog.port": lambda view: _attribute(view, Number(), "SysLog.1.Port"),
            "dns.servers": _name_servers,
            "dns.search": lambda view: _static(
                view, _attribute(view, OneOf(), "NICStatic.1.DNSDomainName"), "NICStatic.1.DNSDomainFromDHCP"
            ),
            "hostname": lambda view: _attribute(view, Text(), "NIC.1.DNSRacName"),
            "timezone": lambda view: _attribute(view, Text(), "Time.1.Timezone"),
        }

    def oem(self, name: str, view: SettingsView) -> Found:
        holder = _holder(view, name)
        if isinstance(holder, Missing):
            return holder
        entry = _registered(view, holder, name)
        if member(entry, "ReadOnly") is True or member(entry, "Readonly") is True:
            return Missing(f"{name} can only be read, by the attribute registry")
        words = tuple(filter(None, (text(value, "ValueName") for value in objects(entry, "Value"))))
        shown = member(holder, _ATTRIBUTES, name)
        return Property(holder, (_ATTRIBUTES, name), Exact(words or (_SWITCH if shown in _SWITCH else ())))

    def oem_names(self, view: SettingsView) -> tuple[str, ...]:
        return tuple(name for document in _resources(view) for name in _named(document))

    def stands_for(self, attribute: str, value: Any) -> tuple[str, Any]:
        name = attributes.COMMON_NAMES.get(attribute, "")
        return name, Flag(*_SWITCH).value(value) if name.startswith("protocols.") else value

    def locked(self, view: SettingsView) -> str:
        holder = _holder(view, _LOCKDOWN)
        if isinstance(holder, Missing) or text(holder, _ATTRIBUTES, _LOCKDOWN) != _SWITCH[0]:
            return ""
        return f"{_LOCKDOWN} of {uri_of(holder)} is {_SWITCH[0]}"

    def lockdown(self, attribute: str, wanted: Any) -> bool | None:
        return truth(wanted) if attribute == _LOCKDOWN else None


def _resources(view: SettingsView) -> Iterator[Document]:
    """The resources of attributes: of the iDRAC, the system, the lifecycle controller."""
    for uri in links(view.manager, "Links", "Oem", "Dell", "DellAttributes"):
        document = view.service.find(uri)
        if document is not None:
            yield document


def _named(document: Document) -> Mapping[str, Any]:
    attributes = member(document, _ATTRIBUTES)
    return attributes if isinstance(attributes, Mapping) else {}


def _holder(view: SettingsView, name: str) -> Document | Missing:
    """The resource that has an attribute."""
    holder = next((document for document in _resources(view) if name in _named(document)), None)
    return Missing(f"no DellAttributes of {uri_of(view.manager)} has {name}") if holder is None else holder


def _attribute(view: SettingsView, form: Form, name: str) -> Found:
    holder = _holder(view, name)
    return holder if isinstance(holder, Missing) else Property(holder, (_ATTRIBUTES, name), form)


def _several(view: SettingsView, name: str, count: int, empty: str) -> Several | Missing:
    holder = _holder(view, f"{name}1")
    if isinstance(holder, Missing):
        return holder
    names = [f"{name}{number}" for number in range(1, count + 1)]
    paths = tuple((_ATTRIBUTES, entry) for entry in names if entry in _named(holder))
    return Several(holder, paths, (empty,) * len(paths))


def _name_servers(view: SettingsView) -> Found:
    """Two of each kind, which count only while DHCP supplies none. Of a kind that is not named DHCP is left alone."""
    ipv4, ipv6 = _several(view, "IPv4Static.1.DNS", 2, "0.0.0.0"), _several(view, "IPv6Static.1.DNS", 2, "::")  # noqa: S104
    if isinstance(ipv4, Missing) or isinstance(ipv6, Missing):
        return ipv4 if isinstance(ipv4, Missing) else ipv6
    wanted = view.wanted.get("dns.servers") or ()
    switches = {
        "IPv4Static.1.DNSFromDHCP": any(":" not in server for server in wanted),
        "IPv6Static.1.DNSFromDHCP6": any(":" in server for server in wanted),
    }
    return _static(view, ByKind(ipv4, ipv6), *(name for name, needed in switches.items() if needed))


def _static(view: SettingsView, place: Property | ByKind | Missing | Found, *switches: str) -> Found:
    if isinstance(place, Missing):
        return place
    found = [_attribute(view, Flag(*_SWITCH), name) for name in switches]
    return Behind(place, tuple((switch, False) for switch in found if isinstance(switch, Property)))


def _registered(view: SettingsView, holder: Document, name: str) -> Document:
    """What the attribute registry says of an attribute; {} where the iDRAC serves none (AttributeRegistry 1.3)."""
    registry = (text(holder, "AttributeRegistry") or "").partition(".")[0]
    collection = links({"Registries": [member(view.service.root(), "Registries")]}, "Registries")
    members = view.service.members(collection[0]) if collection and registry else ()
    file = next((uri for uri in members if uri.rstrip("/").rpartition("/")[2] == registry), None)
    document = view.service.find(file) if file else None
    uris = [text(place, "Uri") for place in objects(document, "Location")] if document is not None else []
    content = view.service.find(uris[0]) if uris and uris[0] else None
    entries = objects(content, "RegistryEntries", "Attributes") if content is not None else ()
    return next((entry for entry in entries if text(entry, "AttributeName") == name), {})
