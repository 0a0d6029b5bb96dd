# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All updates of one BMC, and what its resources show of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .standard import INVENTORY, SIMPLE_UPDATE, TASKS, UPDATE_SERVICE
from .update_rules.rules import Item
from .updates import Request, Update

if TYPE_CHECKING:
    from .bmc import Bmc
    from .profile import Document


class UpdateLog:
    """All updates of one BMC, in order."""

    def __init__(self, bmc: Bmc) -> None:
        self._bmc = bmc
        self.updates: list[Update] = []

    @property
    def items(self) -> tuple[Item, ...]:
        """What can be updated, of what is in the inventory."""
        rules, present = self._bmc.profile.updates, self._bmc.hardware.images()
        return tuple(item for item in rules.items if item.id in present) if rules else ()

    @property
    def running(self) -> Update | None:
        return next((update for update in self.updates if update.runs), None)

    def begin(self, request: Request) -> Update:
        update = Update(self._bmc, len(self.updates) + 1, request)
        self.updates.append(update)
        return update

    def stop(self) -> None:
        """Forget all, whatever is still on its way."""
        for update in self.updates:
            update.abandon()

    def host_boots(self, host: str) -> None:
        for update in self.updates:
            update.host_boots(self._bmc.hosts[host])

    def manager_restarts(self) -> None:
        for update in self.updates:
            update.manager_restarts()

    def other_manager_restarts(self, uri: str) -> None:
        for update in self.updates:
            update.other_manager_restarts(uri)

    def named(self, target: str) -> tuple[str, ...]:
        """Return the ids of what a request names, () where there is nothing of that name."""
        rules = self._bmc.profile.updates
        assert rules is not None
        factory = self._bmc.hardware.factory_uri(target)
        place, _slash, identifier = factory.rpartition("/")
        word = rules.targets.get(target, identifier if place == INVENTORY else "")
        nameable = rules.nameable or tuple(item.id for item in self.items)
        named = [item.id for item in self.items if word == item.id]
        alike = [item.id for item in self.items if word == item.component and not item.spare]
        return tuple(each for each in named or alike if each in nameable)

    def resources(self) -> Mapping[str, Document]:
        """Return the resources that tell of updates, by URI."""
        rules = self._bmc.profile.updates
        found: dict[str, Document] = {}
        for update in self.updates if rules else ():
            found |= rules.tasks(update) if rules and update.is_told else {}
        return found

    def monitored_at(self, uri: str) -> Update | None:
        """Return the update whose task has its monitor there; None where there is no monitor."""
        rules = self._bmc.profile.updates
        for update in self.updates if rules else ():
            if update.is_told and uri in (task.get("TaskMonitor") for task in update.rules.tasks(update).values()):
                return update
        return None

    def shown(self, uri: str, document: Document) -> Document:
        """Return a document of the layout with what the dialect says in it of the updates."""
        rules, largest = self._bmc.profile.updates, self._bmc.settings.largest_image
        if largest is not None and "MaxImageSizeBytes" in document:
            document = {**document, "MaxImageSizeBytes": largest}
        if self._bmc.settings.remove_simple_update and uri == UPDATE_SERVICE:
            left = {name: action for name, action in document["Actions"].items() if name != SIMPLE_UPDATE}
            document = {**document, "Actions": left}
        if rules is None or not self.updates:
            return document
        if uri in (TASKS, INVENTORY):
            return _with_members(document, (each for each in self.resources() if each.rpartition("/")[0] == uri))
        if rules.shows is None or uri != UPDATE_SERVICE:
            return document
        return merged(document, rules.shows(self.updates[-1]))


def _with_members(collection: Document, uris: Iterable[str]) -> Document:
    present = collection.get("Members", [])
    members = [*present, *({"@odata.id": uri} for uri in uris if {"@odata.id": uri} not in present)]
    return {**collection, "Members": members, "Members@odata.count": len(members)} if members else collection


def merged(document: Document, more: Mapping[str, Any]) -> Document:
    """Return a document in which objects are merged."""
    result = dict(document)
    for name, value in more.items():
        result[name] = merged(result.get(name, {}), value) if isinstance(value, Mapping) else value
    return result
