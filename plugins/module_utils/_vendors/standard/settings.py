# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of a BMC by the standard: ManagerNetworkProtocol, EthernetInterface, Manager, ManagerAccount."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Union

from ..._core.errors import TargetUnknown
from ..._redfish.interfaces import interface_of
from ..._redfish.resource import Document, link, member, text, uri_of
from ...vendor_api.v1 import Missing, Place, SettingsView
from .forms import Flag, Form, List, Text
from .places import KeyCollection, Property

Found = Union[Place, Missing]  # noqa: UP007 - ansible-test's pylint does not understand the other form here
Finder = Callable[[SettingsView], Found]

_PROTOCOLS = {"ssh": "SSH", "ipmi": "IPMI", "https": "HTTPS", "snmp": "SNMP", "kvm": "KVMIP"}
_OFFSET = re.compile(r"[+-]\d\d:\d\d")


class GenericSettings:
    """Settings by the standard (ManagerNetworkProtocol 1.2, EthernetInterface 1.4, Manager 1.10).

    A property that is there can be set, also where it is null; one that is not there cannot.
    """

    ntp_slots = 0
    key_slots = 0

    def finders(self) -> Mapping[str, Finder]:
        """Where each setting stands; a dialect's class replaces and adds."""
        flags = {f"protocols.{name}": self._protocol(of) for name, of in _PROTOCOLS.items()}
        return {
            "ntp.enabled": lambda view: self.in_protocols(view, Flag(), "NTP", "ProtocolEnabled"),
            "ntp.servers": lambda view: self.in_protocols(view, List(self.ntp_slots), "NTP", "NTPServers"),
            "dns.servers": lambda view: self.in_interface(view, List(), "StaticNameServers"),
            "hostname": lambda view: self.in_interface(view, Text(), "HostName"),
            "timezone": self.timezone,
            **flags,
        }

    def place(self, name: str, view: SettingsView) -> Found:
        finder = self.finders().get(name)
        return finder(view) if finder else Missing(f"no resource of this dialect holds {name}")

    def keys(self, holder: str, view: SettingsView) -> Found:
        """Keys of an account (ManagerAccount 1.9)."""
        account = account_of(holder, view)
        if isinstance(account, Missing):
            return account
        uri = link(account, "Keys")
        collection = view.service.find(uri) if uri else None
        if collection is None:
            return Missing(f"{uri_of(account)} has no Keys")
        members = (view.service.find(entry) for entry in view.service.members(uri_of(collection)))
        return KeyCollection(collection, tuple(entry for entry in members if entry is not None), self.key_slots)

    def oem(self, name: str, view: SettingsView) -> Found:
        return Missing("no attributes of its own are known of this dialect")

    def oem_names(self, view: SettingsView) -> tuple[str, ...]:
        return ()

    def stands_for(self, attribute: str, value: Any) -> tuple[str, Any]:
        return "", None

    def awaits_reset(self, document: Document) -> bool:
        return False

    def may_await_reset(self) -> bool:
        return False

    def locked(self, view: SettingsView) -> str:
        return ""

    def lockdown(self, attribute: str, wanted: Any) -> bool | None:
        return None

    def in_protocols(self, view: SettingsView, form: Form, *path: str) -> Found:
        """A property of the manager's NetworkProtocol."""
        return found(linked(view, view.manager, "NetworkProtocol"), form, *path)

    def in_interface(self, view: SettingsView, form: Form, *path: str) -> Found:
        """A property of the interface that the site's network reaches."""
        interface = interface_of(view.service, view.manager, view.host)
        missing = Missing(f"{uri_of(view.manager)} has no EthernetInterfaces")
        return found(missing if interface is None else interface, form, *path)

    def timezone(self, view: SettingsView) -> Found:
        """TimeZoneName, else for a bare offset such as "+01:00" DateTimeLocalOffset (Manager 1.10 and 1.0)."""
        wanted = view.wanted.get("timezone")
        offset = isinstance(wanted, str) and _OFFSET.fullmatch(wanted)
        if "TimeZoneName" not in view.manager and (offset or wanted is None):
            return found(view.manager, Text(), "DateTimeLocalOffset")
        return found(view.manager, Text(), "TimeZoneName")

    def _protocol(self, name: str) -> Finder:
        return lambda view: self.in_protocols(view, Flag(), name, "ProtocolEnabled")


def linked(view: SettingsView, document: Document, *path: str) -> Document | Missing:
    """The resource to which a link leads."""
    uri = link(document, *path)
    resource = view.service.find(uri) if uri else None
    return Missing(f"{uri_of(document)} leads to no {path[-1]}") if resource is None else resource


def found(document: Document | Missing, form: Form, *path: str) -> Found:
    """The place of a property, if the resource has it."""
    if isinstance(document, Missing):
        return document
    holder = member(document, *path[:-1])
    if not isinstance(holder, Mapping) or path[-1] not in holder:
        return Missing(f"{uri_of(document)} has no {'.'.join(path)}")
    return Property(document, path, form)


def account_of(holder: str, view: SettingsView) -> Document | Missing:
    """The account whose keys are meant. Raises TargetUnknown for one that is not there."""
    kind, _blank, name = holder.partition(" ")
    if kind != "account":
        return Missing(f"no resource of this dialect holds the keys of the service {holder}")
    service = linked(view, view.service.root(), "AccountService")
    collection = service if isinstance(service, Missing) else linked(view, service, "Accounts")
    if isinstance(collection, Missing):
        return collection
    names = []
    for uri in view.service.members(uri_of(collection)):
        account = view.service.find(uri)
        if account is not None and text(account, "UserName") == name:
            return account
        names.append(text(account, "UserName") if account is not None else None)
    raise TargetUnknown(
        f"this BMC has no account {name}",
        why=f"it has {', '.join(filter(None, names)) or 'none that it shows'}",
        way_out="Set account of ssh_keys to one of them.",
    )
