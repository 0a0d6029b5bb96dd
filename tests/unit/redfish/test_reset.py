# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reset that a resource offers, and the values that it takes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import RefusedByBmc
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.reset import ResetAction, has_reset, reset_action
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.service import Service
from tests.unit.json_documents import json_values, quick

from .fake_reader import FakeReader, refused, service_of

TARGET = "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset"
INFO = "/redfish/v1/Systems/1/ResetActionInfo"
INLINE = "ResetType@Redfish.AllowableValues"


def resource(**action: Any) -> dict[str, Any]:
    named = {name.replace("_", "@Redfish."): value for name, value in action.items()}
    return {"Actions": {"#ComputerSystem.Reset": {"target": TARGET, **named}}}


def info(values: Any, name: str = "ResetType") -> dict[str, Any]:
    return {"Parameters": [{"Name": "Other", "AllowableValues": ["x"]}, {"Name": name, "AllowableValues": values}]}


@pytest.mark.parametrize("name", ["#ComputerSystem.Reset", "#Manager.Reset", "#Chassis.Reset"])
def test_reset_of_each_kind_of_resource_is_found(name: str) -> None:
    document = {"Actions": {name: {"target": TARGET, INLINE: ["On", "ForceOff"]}}}
    assert has_reset(document)
    assert reset_action(service_of({}), document) == ResetAction(TARGET, ("On", "ForceOff"))


def test_values_inline_come_before_all_others() -> None:
    document = resource(ResetType_AllowableValues=["On"], _ActionInfo=INFO)
    assert reset_action(service_of({}), document, known=("Off",)) == ResetAction(TARGET, ("On",))


def test_recorded_values_save_reading_the_action_info() -> None:
    assert reset_action(service_of({}), resource(_ActionInfo=INFO), known=("Off",)) == ResetAction(TARGET, ("Off",))


def test_values_are_read_from_the_action_info() -> None:
    service = service_of({INFO: info(["On", "Off"])})
    assert reset_action(service, resource(_ActionInfo=INFO)) == ResetAction(TARGET, ("On", "Off"))


@pytest.mark.parametrize(
    "answer",
    [
        info([]),
        info(None),
        info(["On"], name="Another"),
        {"Parameters": None},
        {"Parameters": [None]},
        {},
        refused(404),
    ],
)
def test_action_info_that_tells_nothing_leaves_the_values_open(answer: Any) -> None:
    service = service_of({INFO: answer})
    assert reset_action(service, resource(_ActionInfo=INFO)) == ResetAction(TARGET, None)


def test_action_info_that_is_refused_otherwise_is_an_error() -> None:
    with pytest.raises(RefusedByBmc):
        reset_action(service_of({INFO: refused(500)}), resource(_ActionInfo=INFO))


@pytest.mark.parametrize("inline", [[], None, "On", [7]])
def test_values_that_are_none_leave_them_open(inline: Any) -> None:
    assert reset_action(service_of({}), resource(ResetType_AllowableValues=inline)) == ResetAction(TARGET, None)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"Actions": None},
        {"Actions": {"Oem": {}}},
        {"Actions": {"#ComputerSystem.Reset": None}},
        {"Actions": {"#ComputerSystem.Reset": {"target": None}}},
        {"Actions": {"#ComputerSystem.SetDefaultBootOrder": {"target": TARGET}}},
    ],
)
def test_resource_without_a_reset_has_none(document: dict[str, Any]) -> None:
    assert not has_reset(document)
    assert reset_action(service_of({}), document) is None


@quick
@given(json_values("Actions", "#ComputerSystem.Reset", "target", INLINE, "@Redfish.ActionInfo", "Parameters", "Name",
       "AllowableValues", texts=("ResetType",)))  # fmt: skip
def test_no_document_breaks_the_reading(document: Any) -> None:
    class Anything(FakeReader):
        def get(self, uri: str) -> dict[str, Any]:
            answer: dict[str, Any] = document
            return answer

    action = reset_action(Service(Anything({})), document)
    assert has_reset(document) is (action is not None)
    if action is not None:
        assert action.target
        assert action.values is None or all(isinstance(value, str) for value in action.values)
