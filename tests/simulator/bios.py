# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The BIOS of a system as a dialect shows it: attributes, the settings object for what waits, the registry.

What is declared here never changes; what is active and what waits is in bios_state.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from .documents import Fixed, collection, fixed, link, resource, without
from .profile import Builder, Document, Layout
from .standard import ROOT

if TYPE_CHECKING:
    from .bmc import Bmc

REGISTRIES = f"{ROOT}/Registries"
SWITCH = ("Enabled", "Disabled")
JOB_TASKS = f"{ROOT}/TaskService/Tasks"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute. value: its default, and active at first. choices: of an enumeration, display name by name."""

    name: str
    display: str
    value: object
    kind: str
    choices: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, object] = field(default_factory=dict)


def enumeration(name: str, display: str, *names: str, **rules: object) -> Attribute:
    """Return an attribute with these values, the first of which is the default. A value is displayed by its name."""
    return Attribute(name, display, names[0], "Enumeration", {value: value for value in names}, rules)


def displayed(name: str, display: str, choices: Mapping[str, str]) -> Attribute:
    """Return an attribute whose BIOS shows the display names of its values, the first of which is the default."""
    return Attribute(name, display, next(iter(choices.values())), "Enumeration", choices)


def number(name: str, display: str, value: int, lower: int, upper: int) -> Attribute:
    """Return an attribute that is a number between two bounds."""
    bounds = {"LowerBound": lower, "UpperBound": upper, "ScalarIncrement": 1}
    return Attribute(name, display, value, "Integer", rules=bounds)


def switch(name: str, display: str, value: bool) -> Attribute:
    """Return an attribute that is true or false."""
    return Attribute(name, display, value, "Boolean")


def words(name: str, display: str, value: str = "", longest: int = 32, **rules: object) -> Attribute:
    """Return an attribute that is text."""
    return Attribute(name, display, value, "String", rules={"MinLength": 0, "MaxLength": longest, **rules})


def locks(attribute: str, value: object, locked: str) -> Document:
    """Return the dependency by which an attribute is read-only while another has a value."""
    condition = {"MapFromAttribute": attribute, "MapFromCondition": "EQU", "MapFromProperty": "CurrentValue"}
    mapped = {"MapToAttribute": locked, "MapToProperty": "ReadOnly", "MapToValue": True}
    dependency = {"MapFrom": [{**condition, "MapFromValue": value}], **mapped}
    return {"Dependency": dependency, "DependencyFor": locked, "Type": "Map"}


@dataclass(frozen=True, slots=True)
class Registry:
    """An attribute registry. file: its entry among the registries; body: where it is; id: its own Id.

    schema: of its body. hides: properties that its entries lack. is_resource: whether its body has a URI of its own.
    """

    file: str
    body: str
    id: str
    owner: str
    schema: str = "v1_3_6"
    dependencies: tuple[Document, ...] = ()
    hides: tuple[str, ...] = ()
    is_resource: bool = True


@dataclass(frozen=True, slots=True)
class Bios:
    """The BIOS of one system.

    system: the host's id. uri, settings: as the BMC links or expects them. pending: what the settings object shows,
    "full": a copy of all values; "changed": those that wait; "absent": those, and it is not there while nothing waits.
    named: its AttributeRegistry, None without that property. points: whether it names its settings object. applies:
    its SupportedApplyTimes. reports: whether it tells, after a boot, which values it refused; silent: whether it has a
    place for that, and never tells. jobs: the queue in which a change waits. objects: whether each attribute is an
    object that states its rules. reset: target of ResetBios; reset_type: the ResetType that this demands. more,
    settings_more: further properties of the two resources.
    """

    system: str
    uri: str
    settings: str
    attributes: tuple[Attribute, ...]
    pending: str = "changed"
    schema: str = "v1_2_0"
    name: str = "BIOS Configuration Current Settings"
    id: str = "Bios"
    named: str | None = None
    registry: Registry | None = None
    points: bool = True
    settings_schema: str = "v1_3_3"
    applies: tuple[str, ...] = ()
    reports: bool = False
    silent: bool = False
    jobs: str | None = None
    objects: bool = False
    reset: str = ""
    reset_type: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    settings_more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reset_target(self) -> str:
        """Where ResetBios is posted to."""
        return self.reset or f"{self.uri}/Actions/Bios.ResetBios"


def configurable(layout: Layout, *bioses: Bios) -> Layout:
    """Return a layout with the BIOSes of its systems, and the registries among which theirs are."""
    documents: dict[str, Builder] = {}
    for bios in bioses:
        documents[bios.uri] = partial(_current, bios)
        documents[bios.settings] = partial(_settings, bios)
        if bios.reset_type:
            documents |= fixed(_reset_action_info(bios))
        if bios.jobs:
            documents[bios.jobs] = partial(_job_queue, bios)
        if bios.registry is not None:
            documents |= fixed(_registry_file(bios.registry))
            documents[bios.registry.body] = Fixed(registry_body(bios, bios.registry))
            documents |= {uri: partial(_with_registries, builder) for uri, builder in _roots(layout).items()}
            documents[REGISTRIES] = partial(_registries, layout.documents.get(REGISTRIES), bios.registry.file)
    return replace(layout, documents={**layout.documents, **documents}, bioses=bioses)


def _roots(layout: Layout) -> dict[str, Builder]:
    return {uri: builder for uri, builder in layout.documents.items() if uri.rstrip("/") == ROOT}


def _with_registries(builder: Builder, bmc: Bmc) -> Document:
    return {**builder(bmc), "Registries": link(REGISTRIES)}


def _registries(others: Builder | None, file: str, bmc: Bmc) -> Document:
    members = [member["@odata.id"] for member in others(bmc)["Members"]] if others is not None else []
    return collection(REGISTRIES, "MessageRegistryFile", "Registry File Collection", [*members, file])


def _current(bios: Bios, bmc: Bmc) -> Document:
    """What is active now, and what became of the settings."""
    state = bmc.bioses[bios.system]
    values = {attribute.name: _shown(bios, attribute, state.active[attribute.name]) for attribute in bios.attributes}
    settings: Document = {"@odata.type": f"#Settings.{bios.settings_schema}.Settings"}
    if bios.points:
        settings["SettingsObject"] = link(bios.settings)
    if bios.applies:
        settings["SupportedApplyTimes"] = list(bios.applies)
    if bios.silent:
        settings["Messages"] = []
    if bios.reports:
        settings |= {"ETag": "", "Messages": list(state.messages), "Time": state.taken_up}
    action = {"target": bios.reset_target}
    if bios.reset_type:
        action = {"@Redfish.ActionInfo": f"{bios.uri}/ResetBiosActionInfo", **action}
    named = {} if bios.named is None else {"AttributeRegistry": bios.named}
    document = resource(bios.uri, f"Bios.{bios.schema}.Bios", bios.name, **named)
    document |= {"Id": bios.id, "Actions": {"#Bios.ResetBios": action}, "Attributes": values, **bios.more}
    if len(settings) > 1:
        document["@Redfish.Settings"] = settings
    if "ResetBiosToDefaultsPending" in bios.more:
        document["ResetBiosToDefaultsPending"] = state.defaults_wait
    return document


def _shown(bios: Bios, attribute: Attribute, value: object) -> object:
    """One value; where attributes are objects, as Cray EX has them: text, with the rules."""
    if not bios.objects:
        return value
    stated: Document = {"DataType": "number" if attribute.kind == "Integer" else "string"}
    if attribute.kind == "Integer":
        stated |= {"MaximumValue": attribute.rules["UpperBound"], "MinimumValue": attribute.rules["LowerBound"]}
    else:
        stated["AllowableValues"] = list(attribute.choices)
    menu = {"menu_type": "User", "reset_type": "Cold"}
    return {**stated, "current_value": value, "default_value": attribute.value, **menu}


def _settings(bios: Bios, bmc: Bmc) -> Document:
    """What waits."""
    state = bmc.bioses[bios.system]
    shown = {**state.active, **state.waiting} if bios.pending == "full" else dict(state.waiting)
    named = {} if bios.named is None else {"AttributeRegistry": bios.named}
    document = resource(bios.settings, f"Bios.{bios.schema}.Bios", "BIOS Configuration Pending Settings", **named)
    # X13 has no Attributes while nothing waits; an iDRAC and the OpenBMC of NVIDIA have empty ones.
    if shown or not bios.settings.endswith("/SD"):
        document["Attributes"] = shown
    return {**document, **bios.settings_more}


def _job_queue(bios: Bios, bmc: Bmc) -> Document:
    jobs = bmc.bioses[bios.system].jobs
    return collection(str(bios.jobs), "DellJob", "JobQueue", [f"{bios.jobs}/{job.id}" for job in jobs])


def _reset_action_info(bios: Bios) -> Document:
    parameter = {"AllowableValues": [bios.reset_type], "DataType": "String", "Name": "ResetType", "Required": True}
    uri = f"{bios.uri}/ResetBiosActionInfo"
    return resource(uri, "ActionInfo.v1_1_1.ActionInfo", "ResetBiosAction", Parameters=[parameter])


def _registry_file(registry: Registry) -> Document:
    uri = f"{REGISTRIES}/{registry.file}"
    location = [{"Language": "en", "Uri": registry.body}]
    return resource(
        uri,
        "MessageRegistryFile.v1_1_3.MessageRegistryFile",
        "BIOS Attribute Registry File",
        Languages=["en"],
        Location=location,
        Registry=registry.id,
    )


def registry_body(bios: Bios, registry: Registry) -> Document:
    """The registry itself."""
    entries = {
        "Attributes": [_entry(attribute, registry) for attribute in bios.attributes],
        "Dependencies": list(registry.dependencies),
    }
    body = resource(
        registry.body,
        f"AttributeRegistry.{registry.schema}.AttributeRegistry",
        "BIOS Attribute Registry",
        Language="en",
        OwningEntity=registry.owner,
        RegistryEntries={name: entry for name, entry in entries.items() if name not in registry.hides},
        RegistryVersion="1.0.0",
    ) | {"Id": registry.id}
    return body if registry.is_resource else without(body, "@odata.id")


def _entry(attribute: Attribute, registry: Registry) -> Document:
    entry: Document = {
        "AttributeName": attribute.name,
        "DefaultValue": attribute.value,
        "DisplayName": attribute.display,
        "ReadOnly": False,
        "Type": attribute.kind,
        **attribute.rules,
    }
    if attribute.choices:
        named = ({"ValueDisplayName": shown, "ValueName": name} for name, shown in attribute.choices.items())
        entry["Value"] = [_without(value, registry.hides) for value in named]
    return _without(entry, registry.hides)


def _without(entry: Document, hidden: tuple[str, ...]) -> Document:
    return {name: value for name, value in entry.items() if name not in hidden}
