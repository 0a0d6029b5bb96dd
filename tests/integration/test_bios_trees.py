# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recorded BIOSes of real BMCs, served read-only: bmc_bios plans rightly for each, and nothing is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.trees.archives import each, tree
from tests.trees.server import TreeServer
from tests.trees.tasks import assert_in_order, bios, info

# What is asked, by name or display name, and what the BIOS would be sent: of each recorded registry one of each type.
ASKED: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "hpe-ilo5-dl385gen10plusv2": (
        {"Workload Profile": "General Peak Frequency Compute", "PatrolScrubDuration": "12", "ServerName": "n1"},
        {"WorkloadProfile": "GeneralPeakFrequencyCompute", "PatrolScrubDuration": 12, "ServerName": "n1"},
    ),
    "dell-idrac9-r750": (
        {"LogicalProc": "disabled", "SysProfile": "Custom"},
        {"LogicalProc": "Disabled", "SysProfile": "Custom"},
    ),
    "cray-ex425-nc": (
        {"Core Performance Boost": False, "CrayTesting": 5},
        {"Core Performance Boost": "Disabled", "CrayTesting": "5"},
    ),
    "supermicro-x13-sys821ge": (
        {"OptionROMMessages_002E": "0", "Quiet Boot": "no", "KMSTimeOut_0102": "30"},
        {"OptionROMMessages_002E": "Keep Current", "QuietBoot_002D": False, "KMSTimeOut_0102": 30},
    ),
    "lenovo-xcc-sr670v2": (
        {"POST Watchdog Timer": "yes", "SystemRecovery_POSTWatchdogTimerValue": "7"},
        {"SystemRecovery_POSTWatchdogTimer": "Enabled", "SystemRecovery_POSTWatchdogTimerValue": 7},
    ),
    "nvidia-gh200": (
        {"EGM": "yes", "Asset Tag Protection": "Enabled"},
        {"EGM": True, "AssetTagProtection": "Enabled"},
    ),
    "ami-gigabyte-h262z63": ({"ErP Mode": "Lot 9", "IP Port": 80}, {"Rome0552": "Lot 9", "REDF004": 80}),
}
WITHOUT = ("cray-cmm-cc", "openbmc-stock")


@pytest.fixture(autouse=True)
def own(own_state: Path) -> None:
    """Tasks in this process keep nothing between tests."""


def options(name: str) -> dict[str, Any]:
    return {"bmc_system": "Node1"} if name == "cray-ex425-nc" else {}


@pytest.mark.parametrize("name", each(*ASKED))
def test_the_plan_for_a_recorded_bios_is_right_and_nothing_is_written(name: str) -> None:
    given, sent = ASKED[name]
    with TreeServer(tree(name).documents) as server:
        result = bios(server.address, check_mode=True, attributes=dict(given), **options(name))
        assert_in_order(result)
        assert server.writes == []
        assert len(set(server.requests)) == len(server.requests), "nothing is read twice"
    (write,) = result["plan"]
    assert (write["method"], write["body"]["Attributes"]) == ("PATCH", sent)
    assert result["changed"] is True


@pytest.mark.parametrize("name", each(*ASKED))
def test_what_is_active_in_a_recording_is_no_change(name: str) -> None:
    """Each value of the recorded BIOS, asked for as it is: no problem and no write, whatever its rule."""
    with TreeServer(tree(name).documents) as server:
        shown = info(server.address, gather_subset=["bios"])["bios"]
        uri = next(entry["uri"] for entry in shown if entry["system"].endswith(options(name).get("bmc_system", "")))
        attributes = json.loads(tree(name).documents[uri.rstrip("/")])["Attributes"]
        flat = {key: entry["current_value"] if isinstance(entry, dict) else entry for key, entry in attributes.items()}
        given = {key: value for key, value in flat.items() if value is not None}
        result = bios(server.address, check_mode=True, attributes=given, **options(name))
        assert server.writes == []
    assert (result["changed"], result["plan"], result["applied"]) == (False, [], True)


@pytest.mark.parametrize("name", each(*ASKED))
def test_nothing_waits_in_a_recording_and_its_registry_is_found(name: str) -> None:
    with TreeServer(tree(name).documents) as server:
        result = info(server.address, gather_subset=["bios"])
        assert server.writes == []
    assert result["incomplete"] == []
    for shown in result["bios"]:
        assert shown["pending"] == {}
        assert shown["registry"]["missing"] is None
        assert shown["registry"]["attributes"] > 0


@pytest.mark.parametrize("name", each(*ASKED))
def test_a_typo_in_a_recording_is_refused_with_near_names(name: str) -> None:
    first = next(iter(ASKED[name][1]))
    with TreeServer(tree(name).documents) as server:
        result = bios(server.address, check_mode=True, attributes={f"{first}x": 1}, **options(name))
    assert result["error"]["kind"] == "InvalidRequest"
    assert f"near are {first}" in result["msg"]


@pytest.mark.parametrize("name", each(*WITHOUT))
def test_a_recorded_bmc_without_bios_settings_says_so(name: str) -> None:
    with TreeServer(tree(name).documents) as server:
        result = bios(server.address, check_mode=True, attributes={"BootMode": "Uefi"})
    assert result["error"]["kind"] == "NotSupported"
