# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""fleet_changes: what discovery found and nobody told yet, told and kept for the next steps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._core.clock import timestamp
from .._core.errors import LocalFailure
from .._core.whole_file import alone_in, keep_newest, write_all
from .._operations import reconciliation, told
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
_TOLD = "told.json"
_TOLD_SCHEMA = "openchami.bmc.told/1"


def run(options: Mapping[str, Any], task: Task, fleet: Fleet) -> Result:
    """Tell of the fleet, and keep it where an output is named. Raises BmcError.

    With an output it tells what was not told there before, without one what the last round found.
    """
    require_at_least(options, "history", 0)
    require_at_least(options, "max_named", 1)
    files = []
    news = fleet
    if options["output"]:
        folder = Path(options["output"])
        files = [str(folder / _LATEST)]
        news = told.untold(fleet, _told(folder))
        if not task.check_mode:
            _keep(folder, news, timestamp(task.clock.wall()), options["history"])
    return {
        "changed": False,
        "lines": reconciliation.lines(news, options["max_named"]),
        "facts": {**reconciliation.facts(news, _HANDED_ON), "files": files},
        "failing": reconciliation.failing(news, options["fail_on"]),
    }


def _keep(folder: Path, news: Fleet, time: str, history: int) -> None:
    """The latest round, and in the history those that told something new. Last what is told: a kill tells it again."""
    content = reconciliation.as_data(news, time)
    text = json.dumps(content, indent=1) + "\n"
    with alone_in(folder):
        if history and reconciliation.is_news(content, _read(folder / _LATEST, reconciliation.SCHEMA)):
            (folder / _HISTORY).mkdir(exist_ok=True)
            write_all(folder / _HISTORY, {_name(content["time"]): text})
            keep_newest(folder / _HISTORY, "*.json", history)
        marks = told.later(_told(folder), told.marks(news))
        write_all(folder, {_LATEST: text, _TOLD: json.dumps({"schema": _TOLD_SCHEMA, "bmcs": marks}) + "\n"})


def _name(time: str) -> str:
    """A file name that sorts by time and that every file system takes: "20261124T180000.123Z.json"."""
    return f"{time.replace('-', '').replace(':', '')}.json"


def _told(folder: Path) -> dict[str, str]:
    found = _read(folder / _TOLD, _TOLD_SCHEMA).get("bmcs")
    return {str(address): str(time) for address, time in found.items()} if isinstance(found, dict) else {}


def _read(path: Path, schema: str) -> Mapping[str, Any]:
    """What a run before left; empty where there is nothing that this version understands. Raises LocalFailure."""
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    except OSError as error:
        raise LocalFailure("what was told before could not be read", why=f"{path}: {error.strerror}") from error
    return found if isinstance(found, dict) and found.get("schema") == schema else {}
