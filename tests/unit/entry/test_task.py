# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The frame of every task: whatever happens becomes a result, without any secret."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    BmcError,
    LoginRefused,
    RefusedByBmc,
    Unreachable,
)
from ansible_collections.openchami.bmc.plugins.module_utils._entry.failure import failure
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Result, Task, answer, state_folder

CANARY = "canary-7f3a"
OPTIONS = {"bmc_username": "admin", "bmc_password": CANARY}
TASK = Task(host="node1")


def raising(error: Exception) -> Result:
    def operation(_options: Mapping[str, Any], _task: Task) -> Result:
        raise error

    return answer(operation, OPTIONS, TASK)


def test_result_is_given_as_it_is() -> None:
    assert answer(lambda _options, task: {"changed": True, "host": task.host}, OPTIONS, TASK) == {
        "changed": True,
        "host": "node1",
    }


def test_result_holds_no_secret() -> None:
    result = answer(lambda options, _task: {"given": dict(options), "note": f"x{CANARY}x"}, OPTIONS, TASK)
    assert CANARY not in repr(result)


def test_error_is_one_line_that_names_the_host_and_its_parts() -> None:
    result = raising(
        LoginRefused("the login was refused", why="HTTP 401", way_out="Check it.", message_id="Base.1.8.X")
    )
    assert result == {
        "failed": True,
        "msg": "node1: the login was refused: HTTP 401 [Base.1.8.X]. Check it.",
        "error": {
            "kind": "LoginRefused",
            "host": "node1",
            "what": "the login was refused",
            "why": "HTTP 401",
            "way_out": "Check it.",
            "message_id": "Base.1.8.X",
        },
    }


def test_unreachable_bmc_is_unreachable_for_ansible() -> None:
    result = raising(Unreachable("no connection"))
    assert result["unreachable"] is True
    assert "failed" not in result


def test_what_else_went_wrong_is_a_warning() -> None:
    error = BmcError("x")
    error.warnings.append("a session is left")
    assert failure(error, "node1")["warnings"] == ["a session is left"]
    assert "warnings" not in failure(BmcError("x"), "node1")


def test_error_that_knows_its_host_keeps_it() -> None:
    assert failure(BmcError("x", host="bmc7"), "node1")["error"]["host"] == "bmc7"


def test_error_holds_no_secret() -> None:
    assert CANARY not in repr(raising(RefusedByBmc("x", status=400, why=f"{CANARY} is too short")))


def test_defect_is_told_as_one_without_a_secret() -> None:
    result = raising(ValueError(f"could not convert {CANARY}"))
    assert result["failed"] is True
    assert result["msg"].startswith("node1: a defect in openchami.bmc: ValueError")
    assert "Traceback" in result["exception"]
    assert CANARY not in repr(result)


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"OPENCHAMI_BMC_STATE_DIR": "/a", "XDG_STATE_HOME": "/b"}, "/a"),
        ({"XDG_STATE_HOME": "/b"}, "/b/openchami.bmc"),
        ({}, "/home/me/.local/state/openchami.bmc"),
    ],
)
def test_state_is_kept_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], folder: str
) -> None:
    for name in ("OPENCHAMI_BMC_STATE_DIR", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/me")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert state_folder() == Path(folder)
