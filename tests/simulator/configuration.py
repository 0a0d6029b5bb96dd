# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of one BMC itself: what clients wrote, merged into what the profile shows, and members that they made.

Only what was changed is kept. A change gives a new ETag to the resource, and to no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .messages import Cause
from .settings import InvalidInput, mapping

if TYPE_CHECKING:
    from .bmc import Bmc

Document = dict[str, Any]
Refused = tuple[Cause, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a PATCH may write of a resource.

    `open`: paths such as "Oem.Hpe.DHCPv4"; all that is below one may be written, if the resource shows it.
    `slots`: how many entries a list has, by its path. `shown`: what an unused slot shows, by its path; a list without
    one is as short as it was written. `pends`: it takes effect with the next reset of the BMC.
    """

    open: tuple[str, ...]
    slots: Mapping[str, int] | None = None
    shown: Mapping[str, object] | None = None
    pends: bool = False


NETWORK_PROTOCOL = Rule(("HTTPS", "IPMI", "KVMIP", "NTP", "Oem", "SNMP", "SSH"))
MANAGER = Rule(("DateTimeLocalOffset", "TimeZoneName"))
INTERFACE = Rule(("DHCPv4", "DHCPv6", "HostName", "Oem", "StaticNameServers"))


@dataclass(frozen=True, slots=True)
class Growing:
    """A collection that takes new members. `build` makes one of its URI and the body of the POST; at most `most`."""

    build: Callable[[str, Document], Document]
    most: int


class Configuration:
    """What clients set. `pending`: the resources whose changes wait for a reset of the BMC."""

    def __init__(self, bmc: Bmc) -> None:
        self._bmc = bmc
        self._written: dict[str, Document] = {}
        self._members: dict[str, Document] = {}
        self._made = 0
        self.pending: set[str] = set()

    # The documents' view

    def shown(self, uri: str, document: Document) -> Document:
        """Return a document of the layout with what was written into it, or made in it."""
        if uri in self._written:
            document = merged(document, self._written[uri])
        if uri in self._bmc.profile.growing:
            own = [{"@odata.id": member} for member in self._members if member.rpartition("/")[0] == uri]
            members = [*document["Members"], *own]
            document = {**document, "Members": members, "Members@odata.count": len(members)}
        return document

    def is_member(self, uri: str) -> bool:
        """Say whether a client made the resource."""
        return uri in self._members

    def member(self, uri: str) -> Document:
        """Return what a client made."""
        return self._members[uri]

    # Requests

    def refused(self, uri: str, body: Mapping[str, Any]) -> Refused | None:
        """Return why a PATCH is refused: a property that is not there, may not be written, or is of another type."""
        if uri in self._members:
            return _misfit(self._members[uri], body, "", None)
        document = self._bmc.profile.document(self._bmc, uri)
        return _misfit(document, body, "", self._bmc.profile.rule(uri))

    def write(self, uri: str, body: Mapping[str, Any], cause: str) -> None:
        """Merge a body into a resource, but for what the BMC drops."""
        before = self._bmc.profile.document(self._bmc, uri)
        kept = _without(body, self._bmc.settings.drops)
        rule = self._bmc.profile.rule(uri)
        if uri in self._members:
            self._members[uri] = merged(self._members[uri], kept)
        else:
            padded = _padded(kept, "", rule) if rule else dict(kept)
            self._written[uri] = merged(self._written.get(uri, {}), padded)
        for path, value in _leaves(kept, ""):
            self._bmc.note(uri, path, _at(before, path), value, cause)
        if rule is not None and rule.pends and kept:
            self.pending.add(uri)
        self._touch(uri)

    def refused_member(self, uri: str, body: Mapping[str, Any]) -> Refused | None:
        """Return why a member is not made."""
        growing = self._bmc.profile.growing[uri]
        present = [member for member in self._members if member.rpartition("/")[0] == uri]
        if len(present) >= growing.most:
            return Cause.NO_ROOM, ()
        try:
            growing.build(f"{uri}/1", dict(body))
        except KeyError as missing:
            return Cause.MISSING_PARAMETER, ("POST", str(missing.args[0]))
        return None

    def add(self, uri: str, body: Mapping[str, Any]) -> str:
        """Make a member and return its URI."""
        self._made += 1
        made = f"{uri}/{self._made}"
        self._members[made] = self._bmc.profile.growing[uri].build(made, dict(body))
        self._bmc.note(uri, "Members", None, made, "POST")
        self._touch(uri)
        return made

    def remove(self, uri: str) -> None:
        """Take a member away."""
        del self._members[uri]
        collection = uri.rpartition("/")[0]
        self._bmc.note(collection, "Members", uri, None, "DELETE")
        self._touch(collection)

    def apply_pending(self) -> None:
        """Let what waits take effect: the BMC was reset."""
        for uri in self.pending:
            self._touch(uri)
        self.pending.clear()

    # The test's view

    def truth(self) -> dict[str, object]:
        """Return what was written, what was made, and what waits."""
        return {"written": self._written, "members": self._members, "pending": sorted(self.pending)}

    def plan(self, given: object) -> list[Callable[[], None]]:
        """Return what is to be done for a control request, {URI: body}. Raise InvalidInput."""
        return [self._planned(uri, mapping(body, f"configuration.{uri}")) for uri, body in _items(given)]

    def _planned(self, uri: str, body: Mapping[str, object]) -> Callable[[], None]:
        if uri not in self._bmc.layout.documents:
            raise InvalidInput(f"configuration: there is no {uri}")
        return lambda: self._set(uri, body)

    def _set(self, uri: str, body: Mapping[str, object]) -> None:
        self._written[uri] = merged(self._written.get(uri, {}), body)
        self._touch(uri)

    def _touch(self, uri: str) -> None:
        touched = self._bmc.hardware.touched
        touched[uri] = touched.get(uri, 0) + 1


def merged(document: Mapping[str, Any], changes: Mapping[str, Any]) -> Document:
    """Return a document in which the objects of `changes` are merged; a list keeps the count beside it true."""
    result = dict(document)
    for name, value in changes.items():
        old = result.get(name)
        if isinstance(value, Mapping):
            result[name] = merged(old if isinstance(old, Mapping) else {}, value)
            continue
        result[name] = _elements(old, value) if isinstance(value, list) else value
        if isinstance(value, list) and f"{name}@odata.count" in result:
            result[f"{name}@odata.count"] = len(result[name])
    return result


def _elements(old: object, new: list[Any]) -> list[Any]:
    """A list as a PATCH leaves it (DSP0266 1.15, 7.11): null removes an element, an empty object leaves it as it is."""
    before = old if isinstance(old, list) else []
    padded = [*before, *[None] * (len(new) - len(before))]
    kept = [was if element == {} else element for was, element in zip(padded, new, strict=False)]
    return [element for element in kept if element is not None]


def _items(given: object) -> Iterator[tuple[str, object]]:
    yield from mapping(given, "configuration").items()


def _misfit(document: object, body: Mapping[str, Any], prefix: str, rule: Rule | None) -> Refused | None:
    for name, value in body.items():
        path = f"{prefix}.{name}" if prefix else name
        if not isinstance(document, Mapping) or name not in document:
            return Cause.UNKNOWN_PROPERTY, (name,)
        shown = document[name]
        if isinstance(value, Mapping):
            found = _misfit(shown, value, path, rule)
            if found is not None:
                return found
            continue
        if rule is not None and not any(path == way or path.startswith(f"{way}.") for way in rule.open):
            return Cause.UNKNOWN_PROPERTY, (name,)
        if shown is not None and value is not None and type(value) is not type(shown):
            return Cause.VALUE_TYPE, (str(value), name)
        slots = (rule.slots or {}).get(path) if rule is not None else None
        if slots is not None and len(value) > slots:
            return Cause.VALUE_TYPE, (str(value), name)
    return None


def _padded(body: Mapping[str, Any], prefix: str, rule: Rule) -> Document:
    """Return a body in which a list has an entry for each slot, where the BMC shows it so."""
    result: Document = {}
    for name, value in body.items():
        path = f"{prefix}.{name}" if prefix else name
        if isinstance(value, Mapping):
            result[name] = _padded(value, path, rule)
        elif isinstance(value, list) and path in (rule.shown or {}):
            slots, blank = (rule.slots or {})[path], (rule.shown or {})[path]
            result[name] = [*value, *[blank] * (slots - len(value))]
        else:
            result[name] = value
    return result


def _without(body: Mapping[str, Any], names: tuple[str, ...]) -> Document:
    return {
        name: _without(value, names) if isinstance(value, Mapping) else value
        for name, value in body.items()
        if name not in names
    }


def _leaves(body: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, object]]:
    for name, value in body.items():
        path = f"{prefix}/{name}" if prefix else name
        if isinstance(value, Mapping):
            yield from _leaves(value, path)
        else:
            yield path, value


def _at(document: object, path: str) -> object:
    for name in path.split("/"):
        document = document.get(name) if isinstance(document, Mapping) else None
    return document
