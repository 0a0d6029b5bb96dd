# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shapes in which BMCs keep a setting: one property, several, behind a switch of DHCP, or a collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..._redfish.plain import filled, key_name, same_list
from ..._redfish.resource import Document, member, text, uri_of
from ...vendor_api.v1 import Change, Keys, Place
from .forms import Form, merged, once, same_keys, too_many


class Direct:
    """A place whose value counts as it stands there."""

    def switches(self) -> Mapping[str, tuple[Any, Any]]:
        return {}


@dataclass(frozen=True)
class Property(Direct):
    """One property of one resource."""

    document: Document
    path: tuple[str, ...]
    form: Form

    @property
    def uri(self) -> str:
        return uri_of(self.document)

    @property
    def documents(self) -> tuple[Document, ...]:
        return (self.document,)

    def value(self) -> Any:
        return self.form.value(self._shown)

    def accepts(self, wanted: Any) -> str:
        return self.form.accepts(wanted, self._shown)

    def same(self, wanted: Any) -> bool:
        return self.form.same(wanted, self._shown)

    def after(self, wanted: Any) -> Any:
        return self.form.after(wanted, self._shown)

    def changes(self, wanted: Any) -> tuple[Change, ...]:
        if self.same(wanted):
            return ()
        return (Change("PATCH", self.uri, nested(self.path, self.form.written(wanted, self._shown))),)

    @property
    def _shown(self) -> Any:
        return member(self.document, *self.path)


@dataclass(frozen=True)
class Several(Direct):
    """A list of hosts of which each entry has a property of its own. empty: what an unused one holds, by property."""

    document: Document
    paths: tuple[tuple[str, ...], ...]
    empty: tuple[str, ...]

    @property
    def uri(self) -> str:
        return uri_of(self.document)

    @property
    def documents(self) -> tuple[Document, ...]:
        return (self.document,)

    def value(self) -> tuple[str, ...]:
        return filled([member(self.document, *path) for path in self.paths])

    def accepts(self, wanted: Any) -> str:
        return too_many(len(self.paths), filled(wanted))

    def same(self, wanted: Any) -> bool:
        return same_list(wanted, self.value())

    def after(self, wanted: Any) -> tuple[str, ...]:
        return filled(wanted)

    def changes(self, wanted: Any) -> tuple[Change, ...]:
        if self.same(wanted):
            return ()
        servers = list(filled(wanted))
        body: dict[str, Any] = {}
        for number, (path, empty) in enumerate(zip(self.paths, self.empty, strict=True)):
            body = combined(body, nested(path, servers[number] if number < len(servers) else empty))
        return (Change("PATCH", self.uri, body),)


@dataclass(frozen=True)
class ByKind(Direct):
    """Name servers of which IPv4 and IPv6 addresses have places of their own."""

    ipv4: Several
    ipv6: Several

    @property
    def uri(self) -> str:
        return self.ipv4.uri

    @property
    def documents(self) -> tuple[Document, ...]:
        return (*self.ipv4.documents, *self.ipv6.documents)

    def value(self) -> tuple[str, ...]:
        return (*self.ipv4.value(), *self.ipv6.value())

    def accepts(self, wanted: Any) -> str:
        problems = {"IPv4": self.ipv4.accepts(_of(wanted, False)), "IPv6": self.ipv6.accepts(_of(wanted, True))}
        return next((f"of {kind} {problem}" for kind, problem in problems.items() if problem), "")

    def same(self, wanted: Any) -> bool:
        return same_list(wanted, self.value())

    def after(self, wanted: Any) -> tuple[str, ...]:
        return (*_of(wanted, False), *_of(wanted, True))

    def changes(self, wanted: Any) -> tuple[Change, ...]:
        return (*self.ipv4.changes(_of(wanted, False)), *self.ipv6.changes(_of(wanted, True)))


@dataclass(frozen=True)
class Behind:
    """A setting that counts only while something else is set: DHCP must not supply it, a service must be on.

    switched: each with the value that it must have.
    """

    inner: Place
    switched: tuple[tuple[Property, Any], ...]

    @property
    def uri(self) -> str:
        return self.inner.uri

    @property
    def documents(self) -> tuple[Document, ...]:
        return (*self.inner.documents, *(switch.document for switch, _value in self.switched))

    def value(self) -> Any:
        return self.inner.value()

    def accepts(self, wanted: Any) -> str:
        return self.inner.accepts(wanted)

    def same(self, wanted: Any) -> bool:
        return self.inner.same(wanted) and all(switch.same(value) for switch, value in self.switched)

    def after(self, wanted: Any) -> Any:
        return self.inner.after(wanted)

    def switches(self) -> Mapping[str, tuple[Any, Any]]:
        return {".".join(switch.path): (switch.value(), value) for switch, value in self.switched}

    def changes(self, wanted: Any) -> tuple[Change, ...]:
        switched = [change for switch, value in self.switched for change in switch.changes(value)]
        return (*switched, *self.inner.changes(wanted))


@dataclass(frozen=True)
class KeyCollection(Direct):
    """Keys as members of a collection (KeyCollection, ManagerAccount 1.9): added by POST, removed by DELETE.

    slots: how many keys it takes, 0 where that is not known.
    """

    collection: Document
    members: tuple[Document, ...]
    slots: int = 0

    @property
    def uri(self) -> str:
        return uri_of(self.collection)

    @property
    def documents(self) -> tuple[Document, ...]:
        return (self.collection,)

    def value(self) -> tuple[str, ...]:
        return once([line for line in map(_key_of, self.members) if line])

    def accepts(self, wanted: Keys) -> str:
        return too_many(self.slots, self.after(wanted), "keys")

    def same(self, wanted: Keys) -> bool:
        return same_keys(self.after(wanted), self.value())

    def after(self, wanted: Keys) -> tuple[str, ...]:
        return merged(self.value(), wanted)

    def changes(self, wanted: Keys) -> tuple[Change, ...]:
        present, kept = set(map(key_name, self.value())), set(map(key_name, self.after(wanted)))
        gone = [entry for entry in self.members if _key_of(entry) and key_name(_key_of(entry)) not in kept]
        new = [line for line in self.after(wanted) if key_name(line) not in present]
        posts = [Change("POST", self.uri, {"KeyType": "SSH", "KeyString": line}) for line in new]
        room = self.slots - len(self.members) if self.slots else len(posts)
        return exchange(posts, [Change("DELETE", uri_of(entry), {}) for entry in gone], room)


def exchange(posts: Sequence[Change], deletes: Sequence[Change], room: int) -> tuple[Change, ...]:
    """What comes, then what goes: a POST that is refused must leave what is there. A full BMC gives up one for one.

    room: how many members can be added before one has to go.
    """
    order: list[Change] = []
    going = list(deletes)
    for post in posts:
        if room <= 0 and going:
            order.append(going.pop(0))
            room += 1
        order.append(post)
        room -= 1
    return (*order, *going)


def nested(path: Sequence[str], value: Any) -> dict[str, Any]:
    """The smallest body that writes a value at a path."""
    body = value
    for name in reversed(path):
        body = {name: body}
    return dict(body)


def combined(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    """Two bodies as one; what the right one says counts."""
    body = dict(left)
    for name, value in right.items():
        old = body.get(name)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        body[name] = combined(old, value) if both and isinstance(old, Mapping) else value
    return body


def _of(wanted: Iterable[str], ipv6: bool) -> tuple[str, ...]:
    return tuple(server for server in filled(list(wanted)) if (":" in server) is ipv6)


def _key_of(document: Document) -> str:
    return text(document, "KeyString") or ""
