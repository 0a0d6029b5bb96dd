# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""iDRACs that differ from the one of test_power: On soon after power-off, no graceful reset; in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.trees.tasks import Result, info, power, predict

pytestmark = pytest.mark.usefixtures("own_state")

TIMING = {"on": 0.1, "graceful": 0.1, "force": 0.1, "restart": 0.1, "post": 0.1}
WAIT: dict[str, Any] = {"wait_timeout": 10.0, "poll_interval": 0.2}
CONFLICT = "Base.1.12.ActionParameterValueConflict"


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    """An iDRAC10 whose power rests for a moment, one whose power never rests enough, and an early iDRAC9."""
    return start_fleet(
        [
            {"name": "idrac10", "profile": "dell_idrac10", "timing": TIMING | {"rest": 1.0}},
            {"name": "tired", "profile": "dell_idrac10", "timing": TIMING | {"rest": 3600.0}},
            {"name": "early", "profile": "dell_idrac9_3", "timing": TIMING},
        ]
    )


def taken(result: Result) -> list[str]:
    """The ResetTypes that a result names as sent."""
    [target] = result["targets"]
    return [write["body"]["ResetType"] for write in target["sent"]]


def test_on_soon_after_off_is_sent_until_it_is_taken_and_told_once(fleet: Fleet, own_state: Path) -> None:
    predicted = predict(fleet.addresses["idrac10"], "hard_restart")
    result = power(fleet.addresses["idrac10"], "hard_restart", **WAIT)
    assert "msg" not in result, result
    assert fleet.power("idrac10") == {"System.Embedded.1": "On"}
    assert fleet.boots("idrac10") == {"System.Embedded.1": 1}
    writes = [(write["body"]["ResetType"], write["status"]) for write in fleet.simulator.writes("idrac10")]
    refused = len(writes) - 2
    assert refused >= 1
    assert writes == [("GracefulShutdown", 204), *[("On", 409)] * refused, ("On", 204)]
    assert not [write for write in fleet.simulator.writes("idrac10") if "If-Match" in write["headers"]]
    assert taken(result) == ["GracefulShutdown", "On"]
    assert result["plan"] == predicted["plan"]
    audit = (own_state / "audit.jsonl").read_text()
    assert audit.count('"answered": true') == len(taken(result))


def test_on_that_is_never_taken_ends_at_the_deadline_with_the_words_of_the_bmc(fleet: Fleet) -> None:
    assert power(fleet.addresses["tired"], "force_off", **WAIT)["changed"] is True
    result = power(fleet.addresses["tired"], "on", **WAIT | {"wait_timeout": 1.0})
    assert result["error"]["kind"] == "RefusedByBmc"
    assert result["error"]["message_id"] == CONFLICT
    assert "does not meet the constraints" in result["msg"]
    assert (result["changed"], taken(result)) == (False, [])
    assert fleet.power("tired") == {"System.Embedded.1": "Off"}
    assert {write["status"] for write in fleet.simulator.writes("tired")} == {204, 409}


def test_model_and_firmware_of_an_idrac10_are_told_as_they_stand(fleet: Fleet) -> None:
    bmc = info(fleet.addresses["idrac10"])["bmc"]
    assert (bmc["dialect"], bmc["model"], bmc["firmware_version"]) == ("dell", "PowerEdge R770", "1.30.20.10")


def test_early_idrac9_has_no_graceful_reset_and_gets_no_other(fleet: Fleet) -> None:
    assert info(fleet.addresses["early"])["bmc"]["vendor"] == "dell"
    for state in ("off", "soft_off", "soft_restart"):
        result = power(fleet.addresses["early"], state, **WAIT)
        assert result["error"]["kind"] == "NotSupported"
        assert "GracefulShutdown" in result["msg"]
    assert fleet.plan("early") == []
    assert power(fleet.addresses["early"], "init", **WAIT)["changed"] is True
    assert fleet.sent("early") == ["ForceOff", "On"]
