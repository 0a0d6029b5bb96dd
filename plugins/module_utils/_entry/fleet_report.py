# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""fleet_report: the fleet for a person, from the variables of the play's hosts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.common.yaml import yaml_dump

from .._core.whole_file import alone_in, write_all
from .._operations import fleet_data, fleet_table
from .._operations.fleet import Fleet
from .options import require_at_least
from .task import Result, Task

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "output": {"type": "path"},
    "width": {"type": "int", "default": 100},
    "max_named": {"type": "int", "default": 20},
}

Page = Callable[[Fleet], str]
"""Makes the HTML page of a fleet."""


def run(options: Mapping[str, Any], task: Task, fleet: Fleet, page: Page) -> Result:
    """Tell of the fleet, and write the files where an output is named. Raises BmcError."""
    require_at_least(options, "width", fleet_table.NARROWEST)
    require_at_least(options, "max_named", 1)
    told = {
        "changed": False,
        "lines": fleet_table.lines(fleet, options["width"], options["max_named"]),
        "counts": fleet.counts(),
    }
    if not options["output"]:
        return {**told, "files": []}
    folder = Path(options["output"])
    if not task.check_mode:
        files = _files(fleet, page)
        with alone_in(folder):
            write_all(folder, files)
    return {**told, "files": [str(folder / name) for name in _NAMES]}


_NAMES = ("fleet.json", "fleet.yml", "fleet.html")


def _files(fleet: Fleet, page: Page) -> dict[str, str]:
    # Of nothing but the plainest types, and without half characters (a lone "\ud800"): YAML can hold neither.
    plain = json.loads(json.dumps(fleet_data.as_data(fleet), ensure_ascii=False).encode("utf-8", "replace"))
    as_json, as_yaml = json.dumps(plain, indent=1), yaml_dump(plain, sort_keys=False)
    return dict(zip(_NAMES, (f"{as_json}\n", f"---\n{as_yaml}", page(fleet)), strict=True))
