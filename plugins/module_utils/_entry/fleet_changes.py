# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""fleet_changes: what the last round of discovery found, told and kept for the next steps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._core.clock import timestamp
from .._core.whole_file import alone_in, keep_newest, write_all
from .._operations import reconciliation
from .._operations.fleet import Fleet
from .options import require_at_least
from .task import Result, Task

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "output": {"type": "path"},
    "history": {"type": "int", "default": 500},
    "fail_on": {"type": "list", "elements": "str", "choices": list(reconciliation.FAILINGS), "default": []},
    "max_named": {"type": "int", "default": 20},
}

# AWX keeps what a job hands on as one JSON value in its database, and gives it to every later job of a workflow.
_HANDED_ON = 100

_LATEST = "reconcile.json"
_HISTORY = "history"


def run(options: Mapping[str, Any], task: Task, fleet: Fleet) -> Result:
    """Tell of the round, and keep it where an output is named. Raises BmcError."""
    require_at_least(options, "history", 0)
    require_at_least(options, "max_named", 1)
    content = reconciliation.as_data(fleet, timestamp(task.clock.wall()))
    files = []
    if options["output"]:
        folder = Path(options["output"])
        files = [str(folder / _LATEST)]
        if not task.check_mode:
            _keep(folder, content, options["history"])
    return {
        "changed": False,
        "lines": reconciliation.lines(fleet, options["max_named"]),
        "facts": {**reconciliation.facts(fleet, _HANDED_ON), "files": files},
        "failing": reconciliation.failing(fleet, options["fail_on"]),
    }


def _keep(folder: Path, content: Mapping[str, Any], history: int) -> None:
    """The latest round, and in the history those that told something new."""
    text = json.dumps(content, indent=1) + "\n"
    with alone_in(folder):
        if history and reconciliation.is_news(content, _read(folder / _LATEST)):
            (folder / _HISTORY).mkdir(exist_ok=True)
            write_all(folder / _HISTORY, {_name(content["time"]): text})
            keep_newest(folder / _HISTORY, "*.json", history)
        write_all(folder, {_LATEST: text})


def _name(time: str) -> str:
    """A file name that sorts by time and that every file system takes: "20261124T180000.123Z.json"."""
    return f"{time.replace('-', '').replace(':', '')}.json"


def _read(path: Path) -> Mapping[str, Any]:
    """The round before; empty where there is none that this version understands."""
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and found.get("schema") == reconciliation.SCHEMA else {}
