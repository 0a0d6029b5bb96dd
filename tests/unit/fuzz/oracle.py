# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for every answer: an error of the tree in one line, or a result of the promised shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import yaml

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BmcError
from ansible_collections.openchami.bmc.plugins.module_utils._operations.power import PowerResult
from ansible_collections.openchami.bmc.plugins.modules import bmc_info

_RETURN: Mapping[str, Any] = yaml.safe_load(bmc_info.RETURN)

# What the documentation says in words: "As systems, with ...".
_FURTHER = {
    "managers": {"manager_type": "str", "firmware_version": "str", "manager_for_servers": "list"},
    "chassis": {"chassis_type": "str", "computer_systems": "list"},
}
_SYSTEMS_ONLY = ("system_type", "bios_version", "host_name", "managed_by")
_NEVER_NULL = ("id", "uri", "vendor", "dialect")

# See _core/errors.py.
_LONGEST = 10_000

Answer = TypeVar("Answer")


def judged(operation: Callable[[], Answer]) -> Answer | None:
    """The result; None after an error of the tree, which is one line. All else fails the test."""
    try:
        return operation()
    except BmcError as error:
        line = str(error)
    assert line.splitlines() == [line]
    assert len(line) < _LONGEST
    return None


def assert_promised(facts: Mapping[str, Any]) -> None:
    """The facts have the shape that the RETURN of bmc_info documents: every key, and nothing of another type."""
    json.dumps(facts)
    assert set(facts) == {key for key, entry in _RETURN.items() if entry["returned"] == "success"}
    assert_described(facts["bmc"], {key: entry["type"] for key, entry in _RETURN["bmc"]["contains"].items()})
    described = {key: entry["type"] for key, entry in _RETURN["systems"]["contains"].items()}
    common = {key: kind for key, kind in described.items() if key not in _SYSTEMS_ONLY}
    for name, types in (("systems", described), *((name, common | more) for name, more in _FURTHER.items())):
        for entry in facts[name]:
            assert_described(entry, types)
        uris = [entry["uri"] for entry in facts[name]]
        assert uris == sorted(set(uris)), "in order, and each once"
    resets = {
        entry["uri"] for name in ("systems", "managers", "chassis") for entry in facts[name] if entry["reset_target"]
    }
    assert set(facts["capabilities"]["power"]) == resets


def assert_described(entry: Mapping[str, Any], types: Mapping[str, str]) -> None:
    assert set(entry) == set(types)
    for key, kind in types.items():
        value = entry[key]
        if kind == "list":
            assert isinstance(value, list)
            assert all(isinstance(item, str) for item in value)
        elif kind == "dict":
            assert isinstance(value, dict)
        else:
            assert kind == "str"
            assert isinstance(value, str) or (value is None and key not in _NEVER_NULL)
            assert value is None or value == value.strip() != ""


def assert_planned(result: PowerResult) -> None:
    """A prediction: POSTs of resets, each to a target, and whether they change something."""
    assert result.error is None
    assert result.handle is None
    assert result.changed == bool(result.plan)
    for write in (*result.plan, *result.escalation):
        assert write.method == "POST"
        assert write.uri
        assert isinstance(write.body["ResetType"], str)
    uris = [transition.uri for transition in result.transitions]
    assert len(set(uris)) == len(uris)
    json.dumps([transition.as_data() for transition in result.transitions], allow_nan=False)
    assert all(isinstance(uri, str) for uri in result.affected_systems)
