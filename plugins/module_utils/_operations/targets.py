# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a power operation acts on: systems, a manager or a chassis, named or unambiguous, never simply the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._core.errors import TargetUnknown
from .._redfish.reset import ResetAction, has_reset, reset_action
from .._redfish.resource import Document, id_of, link, same_resource, strings, text, uri_of
from .connect import Bmc
from .identity import recorded_system
from .managers import bmc_managers

ALL = "all"

# The contract has none yet: every BMC seen so far offers its resets where the standard has them, or not at all.
_NEW_CAPABILITY = "a new capability, which leads to the reset, to Power"


@dataclass(frozen=True)
class Target:
    """One resource with a reset. kind: "system", "manager" or "chassis"."""

    kind: str
    document: Document
    action: ResetAction

    @property
    def id(self) -> str:
        return id_of(self.document)

    @property
    def uri(self) -> str:
        return uri_of(self.document)

    @property
    def power_state(self) -> str:
        """PowerState (Resource 1.0): On, Off, PoweringOn, PoweringOff, Paused; "" where it is not told."""
        return text(self.document, "PowerState") or ""


def choose(bmc: Bmc, kind: str, name: str, identity: Mapping[str, Any]) -> tuple[Target, ...]:
    """The targets. kind: "system", "manager", "chassis". name: Id, Name or URI, "all", or "" for the only one.

    A recorded identity gives the URI of a system without reading the collection.
    Raises TargetUnknown, and NotSupported where nothing of this kind can be reset.
    """
    if kind == "system":
        recorded = _recorded(bmc, name, identity)
        if recorded is not None:
            known = strings(recorded_system(identity, id_of(recorded)), "reset_types")
            return (_target(bmc, kind, recorded, known),)
    if kind == "system" and name not in ("", ALL):
        likely = _likely(bmc, name)
        if likely is not None:
            return (_target(bmc, kind, likely),)
    documents = _candidates(bmc, kind)
    able = [document for document in documents if has_reset(document)]
    if name not in ("", ALL):
        return (_target(bmc, kind, named(kind, documents, name)),)
    if not able:
        raise bmc.cannot(f"power control of a {kind}", _nothing(kind, documents), _NEW_CAPABILITY)
    if len(able) > 1 and name != ALL:
        raise TargetUnknown(
            f"this BMC has {len(able)} resources of the kind {kind} and none was named",
            why=", ".join(sorted(id_of(document) for document in able)),
            way_out=_way_out(kind),
        )
    return tuple(_target(bmc, kind, document) for document in sorted(able, key=uri_of))


def _recorded(bmc: Bmc, name: str, identity: Mapping[str, Any]) -> Document | None:
    """The system at a recorded URI; None where none is recorded or the BMC moved it."""
    systems = identity.get("systems")
    if not isinstance(systems, Mapping) or name == ALL:
        return None
    system_id = name or (next(iter(systems)) if len(systems) == 1 else "")
    uri = recorded_system(identity, system_id).get("uri")
    document = bmc.service.find(uri) if isinstance(uri, str) else None
    return document if document is not None and id_of(document) == system_id else None


def _likely(bmc: Bmc, name: str) -> Document | None:
    """The system whose link ends in the name, if that is its Id: it saves reading its siblings."""
    collection = link(bmc.service.root(), "Systems")
    for uri in bmc.service.members(collection) if collection else ():
        if uri.rstrip("/").rpartition("/")[2] == name:
            document = bmc.service.find(uri)
            return document if document is not None and id_of(document) == name else None
    return None


def _candidates(bmc: Bmc, kind: str) -> Sequence[Document]:
    if kind == "manager":
        return bmc_managers(bmc.service)
    return bmc.service.collection("Systems" if kind == "system" else "Chassis")


def named(kind: str, documents: Sequence[Document], name: str) -> Document:
    """The one resource with this Id, URI or Name. Raises TargetUnknown."""
    by_id = [document for document in documents if name == id_of(document) or same_resource(name, uri_of(document))]
    found = by_id or [document for document in documents if name == text(document, "Name")]
    if len(found) == 1:
        return found[0]
    raise TargetUnknown(
        f"there is no {kind} {name!r} behind this BMC" if not found else f"several are named {name!r}",
        why=f"it has {', '.join(sorted(id_of(document) for document in documents)) or 'none'}",
        way_out=_way_out(kind),
    )


def _target(bmc: Bmc, kind: str, document: Document, known: tuple[str, ...] = ()) -> Target:
    action = reset_action(bmc.service, document, known)
    if action is None:
        missing = f"{uri_of(document)} has no Reset action"
        raise bmc.cannot(f"power control of {kind} {id_of(document)}", missing, _NEW_CAPABILITY)
    return Target(kind, document, action)


def _nothing(kind: str, documents: Sequence[Document]) -> str:
    if not documents:
        return f"the service root leads to no {kind}"
    return f"none of {', '.join(sorted(uri_of(document) for document in documents))} has a Reset action"


def _way_out(kind: str) -> str:
    option = "bmc_system" if kind == "system" else "resource_id"
    return f"Set {option} to one of them, or to all."
