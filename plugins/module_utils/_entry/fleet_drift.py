# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""fleet_drift: what of the fleet differs from its baseline, and what a run may mend, from what its tasks registered."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .._core.whole_file import alone_in, write_all
from .._operations import drift, drift_report, fleet_table
from .options import require_at_least
from .task import Result, Task

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "mend": {"type": "list", "elements": "str", "choices": list(drift.CLASSES), "default": []},
    "budget": {"type": "int", "default": 0},
    "output": {"type": "path"},
    "width": {"type": "int", "default": 120},
    "max_named": {"type": "int", "default": 60},
}

FILE = "drift.json"

# The variables that the role registers on each host.
_RESULTS = {
    "settings": "bmc_baseline_settings_found",
    "bios": "bmc_baseline_bios_found",
    "settings_mended": "bmc_baseline_settings_mended",
    "bios_mended": "bmc_baseline_bios_mended",
}
_BMC, _NODE = "bmc_baseline_bmc", "bmc_baseline_node"
_CHOSEN, _OVER, _SPENT = "bmc_baseline_chosen", "bmc_baseline_over", "bmc_baseline_spent"

Hosts = Iterable[tuple[str, Mapping[str, Any]]]
"""Hosts with their variables, in the order of the inventory."""


def run(
    options: Mapping[str, Any], task: Task, hosts: Hosts, batch: Collection[str], protected: Collection[str]
) -> Result:
    """The report, and what to mend on each host of the batch.

    hosts: of the whole play: what earlier batches of it have mended counts. protected: hosts that are never mended.
    Raises BmcError.
    """
    require_at_least(options, "width", fleet_table.NARROWEST)
    require_at_least(options, "max_named", 1)
    require_at_least(options, "budget", 0)
    described = [(name, _plain(variables)) for name, variables in hosts if _BMC in variables]
    found = drift.once(_host(name, told, name in protected) for name, told in described)
    choice = _choice(options, found, dict(described), batch)
    rows = drift_report.rows(found, choice, options["mend"], check_mode=task.check_mode)
    data = drift_report.as_data(found, rows)
    files = _written(options["output"], data, task)
    return {
        "changed": False,
        "lines": drift_report.lines(found, rows, options["max_named"], options["width"]),
        **{name: data[name] for name in ("counts", "drift", "not_known", "not_supported")},
        "mend": {name: asdict(mend) for name, mend in choice.mends.items()},
        "over_budget": list(choice.over),
        "files": files,
    }


def _choice(
    options: Mapping[str, Any], found: list[drift.Host], told: Mapping[str, Mapping[str, Any]], batch: Collection[str]
) -> drift.Choice:
    """What was chosen before stays: for an earlier batch, and for the hosts that were mended since."""
    before = {name: drift.Mend(**chosen) for name in told if isinstance(chosen := told[name].get(_CHOSEN), dict)}
    spent = {host.bmc: None for host in found if before.get(host.name) or told[host.name].get(_SPENT)}
    open_hosts = [host for host in found if host.name in batch and host.name not in before]
    choice = drift.choose(open_hosts, options["mend"], options["budget"], list(spent))
    over = (*choice.over, *(name for name in before if told[name].get(_OVER)))
    return drift.Choice({**before, **choice.mends}, over)


def _host(name: str, told: Mapping[str, Any], protected: bool) -> drift.Host:
    results = {key: _result(told.get(variable)) for key, variable in _RESULTS.items()}
    return drift.Host(name, str(told[_BMC]), str(told.get(_NODE) or ""), protected=protected, **results)


def _result(registered: Any) -> Mapping[str, Any]:
    """A result; {} for a task that did not run."""
    return registered if isinstance(registered, dict) and not registered.get("skipped") else {}


def _plain(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Of nothing but the plainest types: Ansible marks what came from a BMC."""
    names = (*_RESULTS.values(), _BMC, _NODE, _CHOSEN, _OVER, _SPENT)
    told = {name: variables[name] for name in names if name in variables}
    plain: dict[str, Any] = json.loads(json.dumps(told, ensure_ascii=False, default=str).encode("utf-8", "replace"))
    return plain


def _written(output: str | None, data: Mapping[str, Any], task: Task) -> list[str]:
    if not output:
        return []
    folder = Path(output)
    if not task.check_mode:
        with alone_in(folder):
            write_all(folder, {FILE: f"{json.dumps(data, indent=1)}\n"})
    return [str(folder / FILE)]
