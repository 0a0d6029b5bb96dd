# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings under faults: a true answer or a clear error, nothing written by chance; and recorded trees, read only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.fault_cases import HAZARDS, OWN_ROOT
from tests.integration.fleet import Fleet
from tests.integration.settings_cases import EVERYTHING, HAS, PROFILE_OF, asked
from tests.trees.archives import each, tree
from tests.trees.server import TreeServer
from tests.trees.tasks import assert_in_order, settings

NTP: dict[str, Any] = {"ntp": {"servers": ["10.0.0.1"]}}
# Those that are faults of reading.
READING = (
    *("slow", "busy-once", "busy", "failing", "dropped-once", "dropped", "truncated", "empty", "html", "list", "deep"),
    *("wrong-types", "wrong-types-1", "wrong-types-2", "wrong-types-3", "always-ok"),
)
SHARE = [pytest.param(name, marks=() if name in ("dell_idrac9", "hpe_ilo5") else pytest.mark.soak) for name in HAS]


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    return start_fleet([{"name": name, "profile": name, "timing": {"manager_reset": 0.2}} for name in HAS])


@pytest.fixture(autouse=True)
def untouched(fleet: Fleet, own_state: Path) -> None:
    fleet.simulator.reset()


def written(fleet: Fleet, name: str) -> str:
    return json.dumps(fleet.simulator.state(name)["configuration"]["written"])


@pytest.mark.parametrize("name", SHARE)
@pytest.mark.parametrize("hazard", READING)
def test_faults_of_reading(fleet: Fleet, name: str, hazard: str) -> None:
    for fault in HAZARDS[hazard].faults:
        if fault.get("body") != OWN_ROOT:
            fleet.simulator.fault(name, **dict(fault))
    result = settings(fleet.addresses[name], bmc_timeout=5, bmc_deadline=20, wait_timeout=1, poll_interval=0.1, **NTP)
    assert_in_order(result)
    if result.get("changed"):
        assert "10.0.0.1" in written(fleet, name)
    elif "settings" not in result:
        assert fleet.simulator.writes(name) == []


@pytest.mark.parametrize("name", SHARE)
@pytest.mark.parametrize(
    ("fault", "kind", "happened"),
    [
        ({"kind": "drop"}, "MayHaveHappened", False),
        ({"kind": "drop_after"}, "MayHaveHappened", True),
        ({"kind": "status", "status": 500}, "RefusedByBmc", False),
        ({"kind": "status", "status": 503, "retry_after": 0}, "RefusedByBmc", False),
        ({"kind": "status", "status": 200, "body": {}}, "NotReached", False),
        ({"kind": "status", "status": 401}, "LoginRefused", False),
    ],
)
def test_a_write_that_goes_wrong_is_told_and_never_sent_twice(
    fleet: Fleet, name: str, fault: dict[str, Any], kind: str, happened: bool
) -> None:
    if "hostname" not in HAS[name]:
        pytest.skip("this BMC has no name to set")
    fleet.simulator.fault(name, **fault, method="PATCH", count=None)
    result = settings(fleet.addresses[name], hostname="bmc1", wait_timeout=0.5, poll_interval=0.1)
    assert_in_order(result)
    assert result["error"]["kind"] == kind
    assert len(fleet.simulator.writes(name)) == 1
    assert ("bmc1" in written(fleet, name)) is happened
    assert result["changed"] is happened
    (setting,) = result["settings"]
    assert (setting["after"] == "bmc1") is happened


@pytest.mark.parametrize("name", each())
def test_recorded_trees_are_planned_for_and_only_read(name: str, own_state: Path) -> None:
    """Each recorded BMC has what its profile has; of the accounts nobody is called as the simulated one."""
    profile = PROFILE_OF.get(name, "")
    everything = asked(profile) | {"ssh_keys": [key for key in EVERYTHING["ssh_keys"] if "service" in key]}
    with TreeServer(tree(name).documents) as server:
        result = settings(server.address, check_mode=True, allow_lockout=True, **everything)
        assert_in_order(result)
        assert server.writes == []
        assert len(set(server.requests)) == len(server.requests)
        again = settings(server.address, check_mode=True, allow_lockout=True, **everything)
    if profile:
        has = {entry["name"] for entry in result["settings"] if entry["state"] != "unsupported"}
        assert has == {setting for setting in HAS[profile] if "account" not in setting}
        assert again["plan"] == result["plan"] != []
