# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks as Ansible's worker runs them, in this process: through the real entry, against whatever listens."""

from __future__ import annotations

from typing import Any

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BmcError
from ansible_collections.openchami.bmc.plugins.module_utils._entry import (
    bmc_bios,
    bmc_console_uri,
    bmc_firmware,
    bmc_info,
    bmc_power,
    bmc_settings,
)
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import validated
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Task, answer

HOST = "node1"
Result = dict[str, Any]


def info(address: str, **options: Any) -> Result:
    """The result of bmc_info."""
    given = login(address) | options
    return answer(bmc_info.run, validated(bmc_info.ARGUMENT_SPEC, given), Task(HOST))


def consoles(address: str, **options: Any) -> Result:
    """The result of bmc_console_uri."""
    given = login(address) | options
    return answer(bmc_console_uri.run, validated(bmc_console_uri.ARGUMENT_SPEC, given), Task(HOST))


def power(address: str, state: str, **options: Any) -> Result:
    """The result of bmc_power."""
    given = login(address) | {"state": state} | options
    return answer(bmc_power.run, validated(bmc_power.ARGUMENT_SPEC, given), Task(HOST))


def bios(address: str, *, check_mode: bool = False, **options: Any) -> Result:
    """The result of bmc_bios."""
    given = login(address) | options
    return answer(bmc_bios.run, validated(bmc_bios.ARGUMENT_SPEC, given), Task(HOST, check_mode=check_mode))


def firmware(address: str, task: Task | None = None, **options: Any) -> Result:
    """The result of bmc_firmware."""
    given = validated(bmc_firmware.ARGUMENT_SPEC, login(address) | options)
    return answer(bmc_firmware.run, given, task or Task(HOST))


def predict(address: str, state: str, **options: Any) -> Result:
    """The result of bmc_power in check mode."""
    given = login(address) | {"state": state} | options
    return answer(bmc_power.run, validated(bmc_power.ARGUMENT_SPEC, given), Task(HOST, check_mode=True))


def settings(address: str, *, check_mode: bool = False, **options: Any) -> Result:
    """The result of bmc_settings."""
    given = validated(bmc_settings.ARGUMENT_SPEC, login(address) | options)
    return answer(bmc_settings.run, given, Task(HOST, check_mode=check_mode))


def assert_in_order(result: Result) -> None:
    """What holds for every result: a failure is one of the tree of errors, in one line that begins with the host."""
    if "msg" not in result:
        return
    assert "defect" not in result["msg"], result.get("exception")
    assert result["msg"].startswith(f"{HOST}: ")
    assert result["msg"].splitlines() == [result["msg"]]
    assert result["error"]["kind"] in _kinds(BmcError)
    assert result.get("failed") or result.get("unreachable")


def resets(writes: list[dict[str, Any]]) -> tuple[str, ...]:
    """The ResetTypes of a plan."""
    return tuple(write["body"]["ResetType"] for write in writes)


def login(address: str) -> dict[str, Any]:
    """The options, or host variables, that reach a BMC."""
    return {
        "bmc_address": address,
        "bmc_username": "admin",
        "bmc_password": "secret",
        "bmc_validate_certs": False,
    }


def _kinds(error: type[BmcError]) -> set[str]:
    return {error.__name__}.union(*(_kinds(kind) for kind in error.__subclasses__()))
