# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Attribute registries as BMCs serve them, and where they say that they are."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._redfish.attribute_registry import (
    Choice,
    locations,
    read_registry,
    registry_files,
)
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.bios import reset_bios, settings_result
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.service import Service
from tests.unit.redfish.fake_reader import FakeReader

ROOT = {"@odata.id": "/redfish/v1", "RedfishVersion": "1.6.0", "Registries": {"@odata.id": "/redfish/v1/Registries"}}


def service(*members: str, **others: Any) -> Service:
    collection = {"Members": [{"@odata.id": f"/redfish/v1/Registries/{name}"} for name in members]}
    return Service(FakeReader({"/redfish/v1": ROOT, "/redfish/v1/Registries": collection, **others}))


@pytest.mark.parametrize(
    ("named", "listed", "found"),
    [
        (
            "BiosAttributeRegistryA42.v1_2_60",
            ["Base", "BiosAttributeRegistryA42.v1_2_60"],
            ["BiosAttributeRegistryA42.v1_2_60"],
        ),
        ("BiosAttributeRegistry.v1_0_3", ["BiosAttributeRegistry.v1_0_0"], ["BiosAttributeRegistry.v1_0_0"]),
        ("BiosAttributeRegistry.v1_0_0", ["BiosAttributeRegistry", "Base"], ["BiosAttributeRegistry"]),
        ("BiosAttributeRegistry.1.0.0", ["BiosAttributeRegistry.1.0.0"], ["BiosAttributeRegistry.1.0.0"]),
        ("", ["Base", "BiosAttributeRegistry"], ["BiosAttributeRegistry"]),
        ("BiosAttributeRegistry_v1_0_0", ["Base.1.4.0"], []),
        (
            "BiosAttributeRegistry.v2",
            ["BiosAttributeRegistry.v1", "BiosAttributeRegistry.v2"],
            ["BiosAttributeRegistry.v2", "BiosAttributeRegistry.v1"],
        ),
    ],
)
def test_a_registry_is_found_under_the_name_that_the_bmc_lists(named: str, listed: list[str], found: list[str]) -> None:
    files = registry_files(service(*listed), named)
    assert [uri.rpartition("/")[2] for uri in files] == found


def test_english_comes_first_among_the_places_of_a_registry() -> None:
    entries = [{"Language": "ja", "Uri": "/ja"}, {"Language": "en-US", "Uri": "/en"}, {"Language": "en"}]
    assert locations({"Location": entries}) == ("/en", "/ja")


def test_rules_hold_what_a_registry_says() -> None:
    entries = [
        {
            "AttributeName": "A",
            "DisplayName": "An attribute",
            "Type": "Enumeration",
            "Value": [{"ValueName": "1", "ValueDisplayName": "One"}, {"ValueName": "2"}],
            "DefaultValue": "1",
        },
        {"AttributeName": "B", "Type": "Integer", "LowerBound": 1, "UpperBound": 9, "ScalarIncrement": 2},
        {"AttributeName": "C", "Type": "String", "MinLength": 0, "MaxLength": 4, "Immutable": True},
        {"AttributeName": "D", "Type": "Something"},
        {"Type": "Integer"},
        "nothing",
    ]
    registry = read_registry({"Id": "R", "RegistryEntries": {"Attributes": entries}}, "/r")
    assert registry is not None
    assert list(registry.rules) == ["A", "B", "C", "D"]
    assert registry.rules["A"].choices == (Choice("1", "One"), Choice("2", "2"))
    assert (registry.rules["B"].lower, registry.rules["B"].upper, registry.rules["B"].step) == (1, 9, 2)
    assert registry.rules["C"].read_only
    assert registry.rules["D"].kind == ""


@pytest.mark.parametrize("document", [{}, {"RegistryEntries": None}, {"RegistryEntries": {"Attributes": []}}])
def test_what_has_no_attributes_is_no_registry(document: dict[str, Any]) -> None:
    assert read_registry(document, "/r") is None


def test_messages_name_what_was_refused() -> None:
    messages = [
        {"MessageId": "Base.1.0.Success"},
        {"MessageId": "Base.1.0.PropertyNotWritable", "MessageArgs": ["A"]},
        {"MessageId": "Base.1.0.PropertyUnknown", "RelatedProperties": ["#/Attributes/B"]},
        {"MessageId": "Base.1.0.SettingsFailed"},
    ]
    told = settings_result({"@Redfish.Settings": {"Messages": messages, "Time": "now"}})
    assert set(told.refused) == {"A", "B", ""}
    assert "PropertyNotWritable" in told.refused["A"]
    assert told.mark != settings_result({"@Redfish.Settings": {"Messages": messages, "Time": "later"}}).mark


def test_reset_bios_gives_what_its_action_info_demands() -> None:
    info = {"Parameters": [{"Name": "ResetType", "Required": True, "AllowableValues": ["Reset"]}]}
    action = {"target": "/reset", "@Redfish.ActionInfo": "/info"}
    assert reset_bios(service(**{"/info": info}), {"Actions": {"#Bios.ResetBios": action}}) == (
        "/reset",
        {"ResetType": "Reset"},
    )
    assert reset_bios(service(), {"Actions": {"#Bios.ResetBios": {"target": "/reset"}}}) == ("/reset", {})
    assert reset_bios(service(), {}) is None
