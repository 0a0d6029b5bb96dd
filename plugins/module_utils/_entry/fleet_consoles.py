# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""fleet_consoles: files with the consoles of the fleet, from what bmc_console_uri said of each host."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .._core.errors import InvalidRequest, LocalFailure
from .._core.whole_file import alone_in, write_all
from .._operations import console_files
from .task import Result, Task

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "registered": {"type": "str", "required": True},
    "output": {"type": "path"},
    "templates": {"type": "dict", "default": {}},
    "variables": {"type": "dict", "default": {}},
}

DATA = "consoles.json"

Render = Callable[[str, Mapping[str, Any]], str]
"""Renders the template at a path with these variables. Raises LocalFailure."""

Hosts = Iterable[tuple[str, Mapping[str, Any]]]
"""The hosts of the play with their variables."""


def run(options: Mapping[str, Any], task: Task, hosts: Hosts, inventory: Sequence[str], render: Render) -> Result:
    """Name the consoles, and write the files where an output is named. Raises BmcError."""
    folder = Path(options["output"]) if options["output"] else None
    wanted = _templates(options["templates"])
    said = {name: variables.get(options["registered"]) for name, variables in hosts}
    found = {name: result["nodes"] for name, result in _plain(said).items() if result and "nodes" in result}
    if folder is None or task.check_mode:
        fleet = console_files.merged(_known(folder), found, list(said), inventory)
        contents = _contents(fleet, wanted, options["variables"], render)
    else:
        with alone_in(folder):
            fleet = console_files.merged(_known(folder), found, list(said), inventory)
            contents = _contents(fleet, wanted, options["variables"], render)
            write_all(folder, contents)
    told = console_files.entries(fleet)
    return {
        "changed": False,
        "lines": console_files.lines(told, fleet),
        "consoles": told,
        "kept": list(fleet.kept),
        "missing": list(fleet.missing),
        "files": [str(folder / name) for name in contents] if folder else [],
    }


def _contents(
    fleet: console_files.Fleet, templates: Mapping[str, str], variables: Mapping[str, Any], render: Render
) -> dict[str, str]:
    told = {**variables, "consoles": console_files.entries(fleet), "missing": list(fleet.missing)}
    data = json.dumps(console_files.as_data(fleet), indent=1)
    return {**{name: render(path, told) for name, path in templates.items()}, DATA: f"{data}\n"}


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    """Of nothing but the plainest types, and without half characters: Ansible marks what came from a BMC."""
    plain: dict[str, Any] = json.loads(json.dumps(said, ensure_ascii=False, default=str).encode("utf-8", "replace"))
    return {name: result if isinstance(result, dict) else None for name, result in plain.items()}


def _templates(given: Mapping[str, Any]) -> dict[str, str]:
    """File names and paths of their templates. Raises InvalidRequest for a name that leads out of the folder."""
    for name in given:
        if not isinstance(name, str) or not name or name != Path(name).name or name.startswith(".") or name == DATA:
            raise InvalidRequest(f"templates names the file {name!r}", way_out="Give plain names of files.")
    return {name: str(path) for name, path in given.items()}


def _known(folder: Path | None) -> Any:
    """What an earlier run wrote; None where there is nothing. Raises LocalFailure."""
    if folder is None or not (folder / DATA).exists():
        return None
    try:
        return json.loads((folder / DATA).read_bytes())
    except (OSError, ValueError) as error:
        raise LocalFailure(
            "what an earlier run wrote cannot be read",
            why=f"{folder / DATA}: {error}",
            way_out="Remove it: then only what this run finds is written.",
        ) from error
