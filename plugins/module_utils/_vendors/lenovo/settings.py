# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of Lenovo XCC (evidence: recorded XCC 2.83 with its schemas; Lenovo's own Redfish examples)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..._redfish.plain import filled, plain, same_list
from ..._redfish.resource import Document, member, text, uri_of
from ...vendor_api.v1 import Change, Missing, SettingsView
from ..standard.forms import Flag, KeySlots, too_many
from ..standard.places import Behind, ByKind, Direct, Property, Several, exchange
from ..standard.settings import Finder, Found, GenericSettings, account_of, found, linked

# lenovo_add_alert_recipient.py: Ids from 1 to 12.
_RECIPIENTS = 12
_PORT = 514
_SLOTS = (1, 2, 3)


class LenovoSettings(GenericSettings):
    """Four NTP servers, name servers in an OEM resource, and a syslog server as a recipient of alerts."""

    ntp_slots = 4
    key_slots = 4  # XCC3 REST API, "Collection for Key": Members has 1 to 4 items, as SSHPublicKey of older ones.

    def finders(self) -> Mapping[str, Finder]:
        syslog: dict[str, Finder] = {f"syslog.{name}": _recipients(name) for name in ("enabled", "servers", "port")}
        return {**super().finders(), **syslog, "dns.servers": self._name_servers}

    def keys(self, holder: str, view: SettingsView) -> Found:
        """Slots in the account; newer XCCs have the standard's collection."""
        account = account_of(holder, view)
        if isinstance(account, Missing):
            return account
        # Firmware of 2018 has "Lenovo:SSHPublicKey" in Oem itself.
        for path in (("Oem", "Lenovo", "SSHPublicKey"), ("Oem", "Lenovo:SSHPublicKey")):
            if isinstance(member(account, *path), list):
                return found(account, KeySlots(), *path)
        return super().keys(holder, view)

    def _name_servers(self, view: SettingsView) -> Found:
        protocols = linked(view, view.manager, "NetworkProtocol")
        dns = protocols if isinstance(protocols, Missing) else linked(view, protocols, "Oem", "Lenovo", "DNS")
        if isinstance(dns, Missing):
            return super().finders()["dns.servers"](view)
        place = ByKind(_addresses(dns, "IPv4Address", "0.0.0.0"), _addresses(dns, "IPv6Address", "::"))  # noqa: S104
        # lenovo_set_bmc_dns.py sets the switch with the servers.
        switch = found(dns, Flag(), "DNSEnable")
        used = isinstance(switch, Property) and bool(view.wanted.get("dns.servers"))
        return Behind(place, ((switch, True),)) if used and isinstance(switch, Property) else place


def _addresses(dns: Document, name: str, empty: str) -> Several:
    return Several(dns, tuple((f"{name}{number}",) for number in _SLOTS), (empty,) * len(_SLOTS))


def _recipients(name: str) -> Finder:
    def finder(view: SettingsView) -> Found:
        collection = linked(view, view.manager, "Oem", "Lenovo", "Recipients")
        if isinstance(collection, Missing):
            return collection
        members = [view.service.find(uri) for uri in view.service.members(uri_of(collection))]
        present = tuple(entry for entry in members if entry is not None)
        return _Recipients(name, collection, present, view.wanted)

    return finder


@dataclass(frozen=True)
class _Recipients(Direct):
    """One of enabled, servers and port of the recipients whose AlertType is Syslog; an Address is "host:port".

    A new recipient gets all three at once, and the events that Lenovo's example calls all.
    """

    name: str
    collection: Document
    members: tuple[Document, ...]
    wanted: Mapping[str, Any]

    @property
    def uri(self) -> str:
        return uri_of(self.collection)

    @property
    def documents(self) -> tuple[Document, ...]:
        return (self.collection,)

    def value(self) -> Any:
        servers = [_server(entry) for entry in self._syslog]
        if self.name == "servers":
            return filled([host for host, _port in servers])
        if self.name == "port":
            ports = {port for _host, port in servers}
            return ports.pop() if len(ports) == 1 else None
        states = {member(entry, "RecipientSettings", "Enabledstate") is True for entry in self._syslog}
        return bool(states) and states != {False}

    def accepts(self, wanted: Any) -> str:
        if self.name == "servers":
            others = len(self.members) - len(self._syslog)
            return too_many(_RECIPIENTS - others, filled(wanted))
        needed = self.name == "port" or wanted
        return "" if self._staying or self._new or not needed else "belongs to a syslog server, and there is none"

    def same(self, wanted: Any) -> bool:
        if self.name == "servers":
            return same_list(wanted, self.value())
        return all(self._value_of(entry) == wanted for entry in self._staying) and not self._new

    def after(self, wanted: Any) -> Any:
        return filled(wanted) if self.name == "servers" else wanted

    def changes(self, wanted: Any) -> tuple[Change, ...]:
        if self.name != "servers":
            differing = [entry for entry in self._staying if self._value_of(entry) != wanted]
            return tuple(Change("PATCH", uri_of(entry), self._written(entry, wanted)) for entry in differing)
        kept = {uri_of(entry) for entry in self._staying}
        gone = [entry for entry in self._syslog if uri_of(entry) not in kept]
        return exchange(
            [Change("POST", self.uri, self._recipient(host)) for host in self._new],
            [Change("DELETE", uri_of(entry), {}) for entry in gone],
            _RECIPIENTS - len(self.members),
        )

    @property
    def _syslog(self) -> tuple[Document, ...]:
        return tuple(entry for entry in self.members if text(entry, "RecipientSettings", "AlertType") == "Syslog")

    @property
    def _servers(self) -> tuple[str, ...]:
        named = self.wanted.get("syslog.servers")
        return filled([host for host, _port in map(_server, self._syslog)] if named is None else list(named))

    @property
    def _staying(self) -> tuple[Document, ...]:
        hosts = set(map(plain, self._servers))
        return tuple(entry for entry in self._syslog if plain(_server(entry)[0]) in hosts)

    @property
    def _new(self) -> tuple[str, ...]:
        present = {plain(_server(entry)[0]) for entry in self._syslog}
        return tuple(host for host in self._servers if plain(host) not in present)

    def _value_of(self, entry: Document) -> Any:
        return _server(entry)[1] if self.name == "port" else member(entry, "RecipientSettings", "Enabledstate")

    def _written(self, entry: Document, wanted: Any) -> dict[str, Any]:
        settings = {"Address": _address(_server(entry)[0], wanted)} if self.name == "port" else {"Enabledstate": wanted}
        return {"RecipientSettings": settings}

    def _recipient(self, host: str) -> dict[str, Any]:
        enabled = self.wanted.get("syslog.enabled")
        every = {"AcceptedEvents": ["All"], "Enabled": True}
        return {
            "RecipientSettings": {
                "Address": _address(host, self.wanted.get("syslog.port") or _PORT),
                "AlertType": "Syslog",
                "EnabledAlerts": {"CriticalEvents": every, "SystemEvents": every, "WarningEvents": every},
                "Enabledstate": True if enabled is None else enabled,
                "RecipientName": host,
            }
        }


def _server(recipient: Document) -> tuple[str, int]:
    """Host and port of a recipient."""
    address = text(recipient, "RecipientSettings", "Address") or ""
    host, _colon, port = address.rpartition(":")
    return (host.strip("[]"), int(port)) if host and port.isascii() and port.isdigit() else (address, _PORT)


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
