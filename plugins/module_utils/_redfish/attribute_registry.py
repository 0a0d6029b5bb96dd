# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Attribute registries (AttributeRegistry 1.3): what may be written into the attributes of a BIOS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .resource import Document, integer, link, member, objects, text
from .service import Service, key

ENUMERATION, INTEGER, BOOLEAN, STRING, PASSWORD = "Enumeration", "Integer", "Boolean", "String", "Password"
KINDS = (ENUMERATION, INTEGER, BOOLEAN, STRING, PASSWORD)

_LANGUAGE = "en"


@dataclass(frozen=True)
class Choice:
    """One value of an enumeration: ValueName and ValueDisplayName."""

    name: str
    display: str


@dataclass(frozen=True)
class Rule:
    """What is stated of one attribute.

    kind: one of KINDS, "" where it is not told or another one. choices: of an enumeration. lower, upper, step: of an
    integer; None where there is no bound. shortest, longest: of a string, in characters. pattern: ValueExpression of a
    string, "" where there is none. default: None where not told.
    """

    name: str
    kind: str
    display_name: str = ""
    choices: tuple[Choice, ...] = ()
    lower: int | None = None
    upper: int | None = None
    step: int | None = None
    shortest: int | None = None
    longest: int | None = None
    pattern: str = ""
    read_only: bool = False
    default: Any = None


@dataclass(frozen=True)
class Condition:
    """One MapFrom of a dependency. terms: how it is joined with the others: "AND", "OR", "" or what else is told."""

    attribute: str
    prop: str
    operator: str
    value: Any
    terms: str


@dataclass(frozen=True)
class Dependency:
    """A dependency of the type Map: while the conditions hold, the property of the attribute has the value."""

    attribute: str
    prop: str
    value: Any
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Registry:
    """An attribute registry. uri: where it was read. rules: by name of the attribute."""

    uri: str
    id: str
    version: str
    language: str
    rules: Mapping[str, Rule]
    dependencies: tuple[Dependency, ...] = field(default=())


def read_registry(document: Document, uri: str) -> Registry | None:
    """The registry in a document; None where it has no attributes."""
    rules = (_rule(entry) for entry in objects(document, "RegistryEntries", "Attributes"))
    named = {rule.name: rule for rule in rules if rule is not None}
    if not named:
        return None
    found = (_dependency(entry) for entry in objects(document, "RegistryEntries", "Dependencies"))
    return Registry(
        uri=uri,
        id=text(document, "Id") or "",
        version=text(document, "RegistryVersion") or "",
        language=text(document, "Language") or "",
        rules=named,
        dependencies=tuple(dependency for dependency in found if dependency is not None),
    )


def registry_files(service: Service, name: str) -> tuple[str, ...]:
    """URIs of the registry files (MessageRegistryFile) that may be the named one, the likeliest first.

    First the very name, then the same name in another version: iDRAC9 6.00 names BiosAttributeRegistry.v1_0_3 and
    lists BiosAttributeRegistry.v1_0_0, X13 11.01 names BiosAttributeRegistry.v1_0_0 and lists BiosAttributeRegistry.
    name: "" where the BIOS names none, as GH200 24.05 does though it lists a BiosAttributeRegistry.
    """
    collection = link(service.root(), "Registries")
    members = service.members(collection) if collection else ()
    wanted = (name or "BiosAttributeRegistry").lower()
    listed = {uri: key(uri).rpartition("/")[2] for uri in members}
    exact = [uri for uri, last in listed.items() if last == wanted]
    others = [uri for uri, last in listed.items() if last != wanted and _stem(last) == _stem(wanted)]
    return (*exact, *others)


def locations(file: Document) -> tuple[str, ...]:
    """Where a registry file says that the registry is, in English first."""
    entries = [(text(entry, "Uri"), text(entry, "Language") or "") for entry in objects(file, "Location")]
    ordered = sorted(entries, key=lambda entry: not entry[1].lower().startswith(_LANGUAGE))
    return tuple(uri for uri, _language in ordered if uri)


def _stem(name: str) -> str:
    """The name of a registry without its version."""
    return name.removesuffix(".json").partition(".")[0]


def _rule(entry: Document) -> Rule | None:
    name = text(entry, "AttributeName")
    if name is None:
        return None
    kind = text(entry, "Type") or ""
    return Rule(
        name=name,
        kind=kind if kind in KINDS else "",
        display_name=text(entry, "DisplayName") or "",
        choices=tuple(_choices(entry)) if kind == ENUMERATION else (),
        lower=integer(entry, "LowerBound"),
        upper=integer(entry, "UpperBound"),
        step=integer(entry, "ScalarIncrement"),
        shortest=integer(entry, "MinLength"),
        longest=integer(entry, "MaxLength"),
        pattern=(text(entry, "ValueExpression") or "") if kind == STRING else "",
        read_only=entry.get("ReadOnly") is True or entry.get("Immutable") is True,
        default=entry.get("DefaultValue"),
    )


def _choices(entry: Document) -> list[Choice]:
    found = []
    for value in objects(entry, "Value"):
        name, display = value.get("ValueName"), value.get("ValueDisplayName")
        if isinstance(name, str):
            found.append(Choice(name, display if isinstance(display, str) and display else name))
    return found


def _dependency(entry: Document) -> Dependency | None:
    attribute, prop = text(entry, "Dependency", "MapToAttribute"), text(entry, "Dependency", "MapToProperty")
    if text(entry, "Type") != "Map" or attribute is None or prop is None:
        return None
    conditions = tuple(
        Condition(
            attribute=text(condition, "MapFromAttribute") or "",
            prop=text(condition, "MapFromProperty") or "",
            operator=text(condition, "MapFromCondition") or "",
            value=condition.get("MapFromValue"),
            terms=text(condition, "MapTerms") or "",
        )
        for condition in objects(entry, "Dependency", "MapFrom")
    )
    return Dependency(attribute, prop, member(entry, "Dependency", "MapToValue"), conditions)
