# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_settings: the settings of a BMC itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._core.redact import REDACTED, names_secret
from .._operations.connect import Bmc, Settings
from .._operations.settings import operation
from .._operations.settings.plan import FAILED, UNSUPPORTED, Setting, SettingsRequest
from .._operations.settlement import Patience
from .failure import failure
from .gate import Gate
from .options import CONNECTION_SPEC, require_seconds, settings
from .settings_options import SETTINGS_SPEC, wanted
from .task import Result, Task, state_folder
from .written import written

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **SETTINGS_SPEC,
    "unsupported": {"type": "str", "default": "fail", "choices": ["fail", "warn", "ignore"]},
    "reset_manager": {"type": "str", "default": "never", "choices": ["never", "when_needed"]},
    "allow_lockout": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "float", "default": 300},
    "poll_interval": {"type": "float", "default": 2},
    **CONNECTION_SPEC,
}

# The part of a result that the audit log keeps.
_TOLD = ("changed", "failed", "unreachable", "msg", "settings", "reset_needed", "settled")


def run(options: Mapping[str, Any], task: Task) -> Result:
    """Bring the settings to what is named; see the RETURN of bmc_settings."""
    require_seconds(options, "wait_timeout", "poll_interval")
    named = wanted(options)
    how = settings(options, state_folder() / "pins")
    request = _request(options, named, how, task)

    def work(bmc: Bmc, gate: Gate) -> Result:
        result = operation.run(bmc, request, gate, task.clock)
        return {**_result(request, result, bmc.driver.dialect, task), "warnings": _warnings(options, result)}

    return written(options, how, task, "bmc_settings", _TOLD, work)


def _request(options: Mapping[str, Any], named: Mapping[str, Any], how: Settings, task: Task) -> SettingsRequest:
    return SettingsRequest(
        wanted=named,
        identity=options["bmc_identity"] or {},
        patience=Patience(options["wait_timeout"], options["poll_interval"], options["wait"]),
        unsupported=options["unsupported"],
        reset=options["reset_manager"] == "when_needed",
        allow_lockout=options["allow_lockout"],
        check_mode=task.check_mode,
        pinned=bool(how.trust.fingerprint),
        host=task.host,
    )


def _result(request: SettingsRequest, result: operation.SettingsResult, dialect: str, task: Task) -> Result:
    shown = [_setting(setting) for setting in result.settings]
    present = [entry for entry in shown if entry["state"] != UNSUPPORTED]
    answer: Result = {
        "changed": result.changed,
        "dialect": dialect,
        "settings": shown,
        "plan": [write.as_data() for write in result.plan],
        "reset_plan": [write.as_data() for write in result.reset_plan],
        "reset_needed": result.reset_needed,
        "settled": result.handle is None and not request.check_mode,
        "handle": result.handle,
        "diff": {
            "before": {entry["name"]: entry["before"] for entry in present} | _besides(result.settings, 0),
            "after": {entry["name"]: entry["after"] for entry in present} | _besides(result.settings, 1),
        },
    }
    if result.error is not None:
        answer |= failure(result.error, task.host)
    return answer


def _setting(setting: Setting) -> Result:
    return {
        "name": setting.name,
        "state": setting.state,
        "before": _shown(setting.name, setting.before),
        "after": _shown(setting.name, setting.after),
        "uri": setting.uri or None,
        "pending": setting.pending,
        "note": setting.note,
    }


def _besides(settings: Sequence[Setting], side: int) -> Result:
    """The switches beside settings, such as one of DHCP. side: 0 for before, 1 for after."""
    return {f"{setting.name}: {name}": both[side] for setting in settings for name, both in setting.besides.items()}


def _shown(name: str, value: Any) -> Any:
    """A value as data; never one whose name says that it is a secret."""
    if names_secret(name) and value:
        return REDACTED
    return list(value) if isinstance(value, tuple) else value


def _warnings(options: Mapping[str, Any], result: operation.SettingsResult) -> list[str]:
    """What a person should know besides: what this BMC does not have, what failed beside the first, what waits."""
    lacking = [setting for setting in result.settings if setting.state == UNSUPPORTED]
    failed = [setting for setting in result.settings if setting.state == FAILED and setting.error is not result.error]
    told = [f"{setting.name} is not supported by this BMC: {setting.note}" for setting in lacking]
    told = told if options["unsupported"] == "warn" else []
    told += [f"{setting.name} failed, too: {setting.note}" for setting in failed]
    if result.reset_needed and options["reset_manager"] == "never":
        told.append("what was set takes effect with the next reset of the manager; reset_manager: when_needed does it")
    return told
