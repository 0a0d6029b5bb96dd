# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit log: intent before, outcome after, nothing without it (promise 7)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.audit import AuditLog
from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import LocalFailure
from ansible_collections.openchami.bmc.plugins.module_utils._core.redact import REDACTED, Redactor
from tests.unit.fake_clock import FakeClock

PLAN = [{"method": "POST", "uri": "/redfish/v1/Systems/1/Actions/Reset", "body": {"ResetType": "On"}}]
CANARY = "canary-7f3a"


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "audit.jsonl"


@pytest.fixture
def log(path: Path, clock: FakeClock) -> AuditLog:
    return AuditLog(path, clock, Redactor([CANARY]))


def test_intent_says_who_what_where_and_when(log: AuditLog, path: Path) -> None:
    log.intent("node1", "https://10.0.0.1:443", "bmc_power on", PLAN, "4711")
    (line,) = lines_of(path)
    assert line["phase"] == "intent"
    assert (line["host"], line["address"], line["operation"]) == ("node1", "https://10.0.0.1:443", "bmc_power on")
    assert line["plan"] == PLAN
    assert line["time"] == "2027-01-15T08:00:00.000Z"
    assert line["actor"]["job"] == "4711"
    assert line["actor"]["user"]
    assert line["actor"]["controller"]


def test_outcome_shares_the_id_and_has_its_own_time(log: AuditLog, path: Path, clock: FakeClock) -> None:
    intent = log.intent("node1", "address", "bmc_power on", PLAN, "")
    clock.advance(1.5)
    log.outcome(intent, {"changed": True})
    first, second = lines_of(path)
    assert (second["phase"], second["id"], second["detail"]) == ("outcome", first["id"], {"changed": True})
    assert second["time"] == "2027-01-15T08:00:01.500Z"


def test_each_operation_has_its_own_id(log: AuditLog) -> None:
    assert log.intent("a", "", "", [], "").id != log.intent("a", "", "", [], "").id


def test_log_holds_no_secret_and_is_for_its_owner_only(log: AuditLog, path: Path) -> None:
    intent = log.intent("node1", "address", f"x {CANARY}", [{"body": {"Password": "short"}}], "")
    log.outcome(intent, {"msg": f"refused {CANARY}"})
    text = path.read_text(encoding="utf-8")
    assert CANARY not in text
    assert "short" not in text
    assert REDACTED in text
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_intent_that_cannot_be_kept_is_a_failure_that_names_the_file(tmp_path: Path, clock: FakeClock) -> None:
    in_the_way = tmp_path / "state"
    in_the_way.write_text("a file where a folder should be", encoding="utf-8")
    log = AuditLog(in_the_way / "audit.jsonl", clock, Redactor())
    with pytest.raises(LocalFailure, match=r"audit\.jsonl.*OPENCHAMI_BMC_STATE_DIR"):
        log.intent("node1", "address", "bmc_power on", PLAN, "")


def test_value_that_json_does_not_know_is_written_as_text(log: AuditLog, path: Path) -> None:
    log.outcome(log.intent("node1", "", "", [], ""), {"path": Path("somewhere")})
    assert lines_of(path)[1]["detail"] == {"path": "somewhere"}
