# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the BIOS of one system shows: its values, what waits, and what may be written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..._core.errors import BadAnswer, RefusedByBmc
from ..._redfish.attribute_registry import Registry, Rule, locations, read_registry, registry_files
from ..._redfish.bios import defaults_pending, flat_attributes, registry_name
from ..._redfish.resource import Document, link, uri_of
from ..._redfish.service import Service
from ..connect import View
from .values import same

_NEW_CAPABILITY = "what leads to them to BiosSettings"


@dataclass(frozen=True)
class Shown:
    """A BIOS as it was read.

    uri: of the Bios resource. settings_uri: where changes are written, "" for nowhere; settings: what is there now,
    None where nothing is. current: the active values. pending: those that wait and are other than the active ones.
    """

    uri: str
    document: Document
    settings_uri: str
    settings: Document | None
    current: Mapping[str, Any]
    pending: Mapping[str, Any]

    @property
    def after(self) -> dict[str, Any]:
        """All values as they are once everything that waits is active."""
        return {**self.current, **self.pending}

    @property
    def defaults_pending(self) -> bool:
        """Whether a reset to the defaults waits."""
        return defaults_pending(self.document)


@dataclass(frozen=True)
class Rules:
    """What may be written. source: where that comes from, "" from nowhere. missing: why there is no registry."""

    rules: Mapping[str, Rule]
    registry: Registry | None = None
    source: str = ""
    missing: str = ""


def bios_of(bmc: View, system: Document, *, fresh: bool = False) -> Shown:
    """The BIOS of a system. fresh: as it is now. Raises NotSupported where it has no attributes that can be changed."""
    uri = link(system, "Bios")
    read = bmc.service.fresh if fresh else bmc.service.get
    bios = shown_in(bmc, read(uri), fresh=fresh) if uri else None
    if bios is None or not bios.settings_uri or not bios.current:
        missing = "no Bios" if bios is None else "no settings object" if bios.current else "no attributes"
        where = uri or uri_of(system)
        raise bmc.cannot(f"BIOS configuration of {uri_of(system)}", f"{where} has {missing}", _NEW_CAPABILITY)
    return bios


def shown_in(bmc: View, document: Document, *, fresh: bool = False) -> Shown:
    """What a Bios resource shows, with its settings object."""
    driver = bmc.driver.bios
    current, settings_uri = driver.current(document), driver.settings_uri(document) or ""
    settings = _settings(bmc.service, settings_uri, fresh=fresh) if settings_uri and current else None
    waiting = flat_attributes(settings)
    # What a full copy has beyond the active values, such as passwords, waits for nothing.
    pending = {name: value for name, value in waiting.items() if name in current and not same(value, current[name])}
    return Shown(uri_of(document), document, settings_uri, settings, current, pending)


def rules_of(bmc: View, bios: Shown) -> Rules:
    """What may be written into it, by its registry, else by what the attributes state themselves."""
    stated = bmc.driver.bios.stated(bios.document)
    if stated:
        return Rules(stated, source=bios.uri)
    registry, missing = _registry(bmc.service, registry_name(bios.document))
    if registry is None:
        return Rules({}, missing=missing)
    return Rules(registry.rules, registry, registry.uri)


def _settings(service: Service, uri: str, *, fresh: bool) -> Document | None:
    try:
        return service.fresh(uri) if fresh else service.find(uri)
    except RefusedByBmc as error:
        if error.status != 404:
            raise
        return None


def _registry(service: Service, name: str) -> tuple[Registry | None, str]:
    """The registry, or None and why it is not there: the BMC is asked at every place that it names."""
    named = f"the registry {name}" if name else "a registry"
    try:
        files = registry_files(service, name)
    except (RefusedByBmc, BadAnswer) as error:
        return None, f"the list of registries could not be read: {error.why}"
    why = f"{named} is not among those that the BMC lists"
    for file in files:
        try:
            document = service.find(file)
            for uri in locations(document) if document is not None else ():
                served = service.find(uri)
                found = read_registry(served, uri) if served is not None else None
                if found is not None:
                    return found, ""
            why = f"{file} leads to no registry"
        except (RefusedByBmc, BadAnswer) as error:
            why = f"{error.what}: {error.why}"
    return None, why
