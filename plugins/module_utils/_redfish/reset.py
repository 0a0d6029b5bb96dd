# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reset actions (ComputerSystem, Manager, Chassis; Redfish "Actions" property, ActionInfo 1.0)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .resource import Document, member, strings, text, uri_of
from .service import Service


@dataclass(frozen=True)
class ResetAction:
    """A reset as a resource offers it.

    target: the URI to POST to. values: the ResetTypes it says it takes; None where it does not say.
    """

    target: str
    values: tuple[str, ...] | None


def reset_action(service: Service, document: Document, known: tuple[str, ...] = ()) -> ResetAction | None:
    """The #<Type>.Reset action of a resource with its values, inline first, then from ActionInfo.

    known: the values as recorded earlier, which save reading ActionInfo again.
    None where the resource has no such action: the HGX baseboard of NVIDIA, an auxiliary controller of Cray.
    """
    action = _action(document)
    if action is None:
        return None
    target = text(action, "target")
    if target is None:
        return None
    return ResetAction(target, _inline(action) or known or _informed(service, action))


def values_elsewhere(document: Document) -> str | None:
    """URI of the ActionInfo that reset_action() reads; None where the resource tells the values, or has no reset."""
    action = _action(document)
    if action is None or text(action, "target") is None or _inline(action):
        return None
    return text(action, "@Redfish.ActionInfo")


def has_reset(document: Document) -> bool:
    """Whether the resource offers a reset, without asking for its values."""
    action = _action(document)
    return action is not None and text(action, "target") is not None


def resettable_first(documents: Iterable[Document]) -> list[Document]:
    """Those that offer a reset before the others, each part by URI.

    NVIDIA lists a GPU baseboard without a reset beside the host; Cray lists its nodes in an order that changes.
    """
    return sorted(documents, key=lambda document: (not has_reset(document), uri_of(document)))


def _action(document: Document) -> Mapping[str, Any] | None:
    actions = member(document, "Actions")
    if not isinstance(actions, Mapping):
        return None
    for name in ("#ComputerSystem.Reset", "#Manager.Reset", "#Chassis.Reset"):
        action = actions.get(name)
        if isinstance(action, Mapping):
            return action
    return None


def _inline(action: Mapping[str, Any]) -> tuple[str, ...]:
    return strings(action, "ResetType@Redfish.AllowableValues")


def _informed(service: Service, action: Mapping[str, Any]) -> tuple[str, ...] | None:
    info_uri = text(action, "@Redfish.ActionInfo")
    info = service.find(info_uri) if info_uri else None
    parameters = member(info, "Parameters") if info is not None else None
    for parameter in parameters if isinstance(parameters, list) else ():
        if isinstance(parameter, Mapping) and text(parameter, "Name") == "ResetType":
            # An empty list is no answer either: Gigabyte loses its values at times (CASMHMS-6302).
            return strings(parameter, "AllowableValues") or None
    return None
