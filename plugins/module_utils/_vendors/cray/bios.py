# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""BIOS of HPE Cray EX nodes (evidence: recorded nC 1.6.19; writes as hms-scsd, cmd/scsd/bios.go, sends them)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._redfish.attribute_registry import ENUMERATION, INTEGER, Choice, Rule
from ..._redfish.bios import flat_attributes
from ..._redfish.resource import Document, integer, strings, text
from ..standard.bios import GenericBios, hidden_settings


class CrayBios(GenericBios):
    """Each attribute is an object that states its values itself; the registry that the BIOS names is not served.

    What waits is in Bios/SD, in the standard's flat form; it is 404 while nothing waits.
    """

    def current(self, bios: Document) -> Mapping[str, Any]:
        attributes = flat_attributes(bios)
        return {name: value.get("current_value") for name, value in attributes.items() if isinstance(value, Mapping)}

    def stated(self, bios: Document) -> Mapping[str, Rule]:
        attributes = flat_attributes(bios)
        return {name: _rule(name, value) for name, value in attributes.items() if isinstance(value, Mapping)}

    def settings_uri(self, bios: Document) -> str | None:
        return super().settings_uri(bios) or hidden_settings(bios)


def _rule(name: str, attribute: Mapping[str, Any]) -> Rule:
    """A number is written as text ("0"), as it is shown."""
    values = strings(attribute, "AllowableValues")
    kind = INTEGER if text(attribute, "DataType") == "number" else ENUMERATION if values else ""
    return Rule(
        name=name,
        kind=kind,
        choices=tuple(Choice(value, value) for value in values),
        lower=integer(attribute, "MinimumValue"),
        upper=integer(attribute, "MaximumValue"),
        default=attribute.get("default_value"),
    )
