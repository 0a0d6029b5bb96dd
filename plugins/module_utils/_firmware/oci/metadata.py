# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The metadata of a bundle: what it does to which hardware. Its form is docs/firmware-bundle-metadata.schema.json."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..._core.errors import BadArtifact

LARGEST = 1 << 20
"""Bytes."""

REBOOTS = ("none", "manager", "host", "power_cycle")
"""What must restart before new firmware runs: nothing, the BMC, the host, or all of it by the loss of its power."""

_MOST_COMPONENTS = 64
# The BMC flashes the others: it goes first, with what its new version knows of them. Then the BIOS.
_FIRST = ("bmc", "bios")
_MOST_WORDS = 1000
_LONGEST_DURATION = 7 * 86400
_TEXT = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
# Without what separates them in an annotation.
_WORD = re.compile(r"(?=.{1,200}$)[^,; \x00-\x1f\x7f](?:[^,;\x00-\x1f\x7f]*[^,; \x00-\x1f\x7f])?")


@dataclass(frozen=True)
class Component:
    """One piece of firmware that the payload updates.

    component: "bmc", "bios", ... version: exactly as the BMC's inventory will show it, "" where it is not said.
    compatible_hardware: models, part numbers or software ids, compared without case. reboot: one of REBOOTS, "" where
    unknown. expected_duration: seconds, 0 where unknown. inventory_ids: Ids of its SoftwareInventory, where known.
    """

    component: str
    version: str
    compatible_hardware: tuple[str, ...]
    reboot: str = ""
    expected_duration: int = 0
    inventory_ids: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """As it stands in the metadata."""
        optional = {"expected_duration": self.expected_duration, "inventory_ids": list(self.inventory_ids)}
        return {
            "component": self.component,
            "version": self.version,
            "compatible_hardware": list(self.compatible_hardware),
            "reboot": self.reboot,
            **{name: value for name, value in optional.items() if value},
        }

    def fits(self, hardware: str) -> bool:
        """Whether it is for hardware of this name, as firmware-updater compares: whole, without case."""
        return hardware.strip().casefold() in {name.casefold() for name in self.compatible_hardware}


@dataclass(frozen=True)
class Metadata:
    """What a bundle says of itself.

    version: of the bundle, semantic ("1.10.2"); what an inventory shows is in its components. components: in the order
    in which they are to be updated: those that `order` names, then the BMC, the BIOS, and all others as they came.
    order: names of components, compared without case; () where the bundle leaves it to this rule.
    """

    version: str
    components: tuple[Component, ...]
    order: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        places = dict.fromkeys([*(name.casefold() for name in self.order), *_FIRST])
        ranks = {name: rank for rank, name in enumerate(places)}
        ordered = sorted(self.components, key=lambda entry: ranks.get(entry.component.casefold(), len(ranks)))
        object.__setattr__(self, "components", tuple(ordered))

    def document(self) -> dict[str, Any]:
        """As it is published."""
        components = [component.document() for component in self.components]
        order = {"order": list(self.order)} if self.order else {}
        return {"version": self.version, "components": components, **order}


def metadata_of(document: Mapping[str, Any]) -> Metadata:
    """The metadata in a document; what is not known here is left out. Raises BadArtifact, which names the place."""
    version = _text(document, "version", "")
    found = document.get("components")
    if not isinstance(found, list) or not 1 <= len(found) <= _MOST_COMPONENTS:
        raise _unreadable("components", f"a list of 1 to {_MOST_COMPONENTS} is needed")
    components = tuple(_component(entry, f"components[{number}]") for number, entry in enumerate(found))
    return Metadata(version, components, _order(document.get("order", []), components))


def _order(found: Any, components: Sequence[Component]) -> tuple[str, ...]:
    order = _words(found, "order", 0, _MOST_COMPONENTS)
    names = [name.casefold() for name in order]
    known = {component.component.casefold() for component in components}
    for place, name in enumerate(names):
        if name not in known:
            raise _unreadable("order", f"{order[place]}, which no component is")
        if name in names[:place]:
            raise _unreadable("order", f"{order[place]} is named twice")
    return order


def _component(entry: Any, where: str) -> Component:
    if not isinstance(entry, Mapping):
        raise _unreadable(where, "an object is needed")
    reboot, duration = entry.get("reboot"), entry.get("expected_duration", 0)
    if reboot not in REBOOTS:
        raise _unreadable(f"{where}.reboot", f"one of {', '.join(REBOOTS)} is needed")
    if isinstance(duration, bool) or not isinstance(duration, int) or not 0 <= duration <= _LONGEST_DURATION:
        raise _unreadable(f"{where}.expected_duration", f"whole seconds up to {_LONGEST_DURATION} are needed")
    return Component(
        component=_text(entry, "component", where),
        version=_text(entry, "version", where),
        compatible_hardware=_words(entry.get("compatible_hardware"), f"{where}.compatible_hardware", 1),
        reboot=reboot,
        expected_duration=duration,
        inventory_ids=_words(entry.get("inventory_ids", []), f"{where}.inventory_ids", 0),
    )


def _text(entry: Mapping[str, Any], name: str, where: str) -> str:
    found = entry.get(name)
    if isinstance(found, str) and _TEXT.fullmatch(found):
        return found
    raise _unreadable(f"{where}.{name}".lstrip("."), "text in one line is needed, 1 to 200 characters")


def _words(found: Any, where: str, least: int, most: int = _MOST_WORDS) -> tuple[str, ...]:
    if not isinstance(found, list) or not least <= len(found) <= most:
        raise _unreadable(where, f"a list of {least} to {most} is needed")
    if not all(isinstance(word, str) and _WORD.fullmatch(word) for word in found):
        raise _unreadable(where, "texts without commas and semicolons are needed, 1 to 200 characters")
    return tuple(found)


def _unreadable(where: str, why: str) -> BadArtifact:
    return BadArtifact(
        "the metadata of the bundle cannot be read",
        why=f"{where}: {why}",
        way_out="Its form is docs/firmware-bundle-metadata.schema.json. What cannot be read is never flashed.",
    )
