# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The BIOS settings that a BMC shows. Reads only."""

from __future__ import annotations

from typing import Any

from ..._redfish.bios import registry_name, supported_apply_times
from ..._redfish.crawl import Table, to
from ..._redfish.resource import Document, link, uri_of
from ..connect import View
from ..parts import Parts
from .state import Rules, rules_of, shown_in

READS: Table = {"ComputerSystem": [to("Bios", "Bios")]}


def read(bmc: View, parts: Parts) -> list[dict[str, Any]]:
    """The BIOS of each system that has one, by system: active values, what waits, and the registry."""
    systems = sorted(bmc.service.collection("Systems"), key=uri_of)
    found = ((system, parts.find(link(system, "Bios"))) for system in systems)
    return [_facts(bmc, system, document) for system, document in found if document is not None]


def _facts(bmc: View, system: Document, document: Document) -> dict[str, Any]:
    bios = shown_in(bmc, document)
    return {
        "system": uri_of(system),
        "uri": bios.uri,
        "settings_uri": bios.settings_uri or None,
        "attributes": dict(bios.current),
        "pending": dict(bios.pending),
        "reset_to_default_pending": bios.defaults_pending,
        "apply_times": list(supported_apply_times(document)),
        "registry": _registry(rules_of(bmc, bios) if bios.current else Rules({}), registry_name(document)),
    }


def _registry(rules: Rules, named: str) -> dict[str, Any]:
    """What may be written, as far as it is told. named: the registry that the BIOS names, or ""."""
    registry = rules.registry
    return {
        "named": named or None,
        "uri": registry.uri if registry else None,
        "id": (registry.id or None) if registry else None,
        "version": (registry.version or None) if registry else None,
        "attributes": len(rules.rules),
        "dependencies": len(registry.dependencies) if registry else 0,
        "missing": rules.missing or None,
    }
