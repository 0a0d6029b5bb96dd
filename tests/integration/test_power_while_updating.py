# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""While a simulated BMC truly updates, whoever started that, nothing here takes its power or its manager away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.trees.tasks import assert_in_order, power, predict
from tests.unit.simulator.conftest import Client

# What SimpleUpdate says beside its ImageURI, on the BMCs that tell of an update in their UpdateService.
REQUESTS: Mapping[str, Mapping[str, Any]] = {
    "hpe_ilo5": {},
    "ami_gigabyte": {"TransferProtocol": "HTTP", "UpdateComponent": "BMC"},
}
SERVICE = "/redfish/v1/UpdateService"


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    """Each of them waits for ever for the image that someone told it to fetch."""
    fleet = start_fleet([{"name": name, "profile": name} for name in REQUESTS])
    for name, request in REQUESTS.items():
        fleet.simulator.fault(name, "download", how="never", count=None)
        host, _colon, port = fleet.addresses[name].rpartition(":")
        client = Client(host, int(port))
        target = client.get(SERVICE)["Actions"]["#UpdateService.SimpleUpdate"]["target"]
        assert client.ask("POST", target, {"ImageURI": "http://127.0.0.1/bmc.bin", **request}).status in (202, 204)
        assert fleet.simulator.state(name)["updates"][-1]["state"] == "Downloading"
        fleet.simulator.clear_requests(name)
    return fleet


@pytest.fixture(autouse=True)
def own(own_state: object) -> None:
    """Each task keeps its records apart."""


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize(
    ("target", "state"), [("system", "force_off"), ("system", "init"), ("manager", "hard_restart")]
)
def test_nothing_is_taken_away(fleet: Fleet, name: str, target: str, state: str) -> None:
    for result in (
        predict(fleet.addresses[name], state, target=target),
        power(fleet.addresses[name], state, target=target),
    ):
        assert_in_order(result)
        assert result["error"]["kind"] == "Busy", result
        assert "a firmware update runs on this BMC" in result["msg"]
    assert fleet.sent(name) == []
    assert set(fleet.power(name).values()) == {"On"}


@pytest.mark.parametrize("name", REQUESTS)
def test_what_runs_already_may_be_asked_to_run(fleet: Fleet, name: str) -> None:
    result = power(fleet.addresses[name], "on")
    assert_in_order(result)
    assert result["changed"] is False, result
