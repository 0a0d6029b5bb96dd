# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX makes of its objects when a job starts: the environment, the private data directory, the inventory."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment

from .controller import Controller

BIN = Path(sys.executable).parent
IDENT = "7"


@dataclass(frozen=True)
class Job:
    """A private data directory for ansible-runner, and where the processes of the job have their home.

    AWX gives the whole command in the file args. folder: has to be new, as each job's container is.
    """

    folder: Path

    @property
    def artifacts(self) -> Path:
        return self.folder / "runner" / "artifacts" / IDENT

    def prepare(self, project: Path, environment: Mapping[str, str], command: Sequence[str]) -> list[str]:
        """Lay out the directory, and return the command that runs the job in it."""
        runner = self.folder / "runner"
        for name in ("home", "tmp", "runner/env", "runner/inventory"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        shutil.copytree(project, runner / "project")
        (runner / "env" / "envvars").write_text(json.dumps({**self._environment(), **environment}), encoding="utf-8")
        settings = {"suppress_ansible_output": True, "fact_cache": "fact_cache", "fact_cache_type": "jsonfile"}
        (runner / "env" / "settings").write_text(json.dumps(settings), encoding="utf-8")
        (runner / "args").write_text(shlex.join(command), encoding="utf-8")
        return [str(BIN / "ansible-runner"), "run", str(runner), "--ident", IDENT, "--playbook", "see args"]

    def events(self) -> list[dict[str, Any]]:
        """The job's events in their order."""
        files = (self.artifacts / "job_events").glob("*.json")
        ordered = sorted(files, key=lambda file: int(file.name.partition("-")[0]))
        return [json.loads(file.read_text(encoding="utf-8")) for file in ordered]

    def _environment(self) -> dict[str, str]:
        """What AWX sets for every job, awx/main/tasks/jobs.py, and what an image has."""
        return {
            "PATH": f"{BIN}:/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "ANSIBLE_HOME": str(self.folder / "home" / ".ansible"),
            "ANSIBLE_FORCE_COLOR": "True",
            "ANSIBLE_HOST_KEY_CHECKING": "False",
            "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
            "ANSIBLE_PARAMIKO_RECORD_HOST_KEYS": "False",
            "ANSIBLE_RETRY_FILES_ENABLED": "False",
            "ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS": "never",
            "MAX_EVENT_RES": "700000",
            "JOB_ID": IDENT,
            "INVENTORY_ID": "2",
            "PROJECT_REVISION": "6f1c2e9",
        }


def injected(controller: Controller, credential: int, folder: Path) -> dict[str, str]:
    """The environment variables of a credential, as CredentialType.inject_credential makes them. folder: for its files.

    A field that was left out is undefined in the templates, and so renders as nothing.
    """
    controller.demand_inputs(credential)
    values = controller.get("credentials", credential)
    injectors = controller.get("credential_types", values["credential_type"])["injectors"]
    render = ImmutableSandboxedEnvironment().from_string
    names: dict[str, Any] = {name: value for name, value in values["inputs"].items() if value != ""}
    files = SimpleNamespace()
    for label, template in injectors.get("file", {}).items():
        file = folder / f"credential-{label}"
        file.write_text(render(template).render(names), encoding="utf-8")
        file.chmod(0o600)
        setattr(files, label.partition(".")[2], str(file))
    names["tower"] = {"filename": files}
    return {name: render(template).render(names) for name, template in injectors.get("env", {}).items()}


def script_inventory(folder: Path, exported: Mapping[str, Any]) -> None:
    """Write the inventory of a job as BaseTask.write_inventory_file does, from what an inventory update exported.

    AWX keeps the hosts in its database between the two, and adds variables of its own.
    """
    hosts = {
        name: {**variables, "remote_tower_enabled": "true", "remote_tower_id": number}
        for number, (name, variables) in enumerate(exported["_meta"]["hostvars"].items(), 1)
    }
    groups = {name: group for name, group in exported.items() if name not in ("_meta", "all")}
    everything = {"hosts": sorted(hosts), "children": sorted(groups), "vars": exported.get("all", {}).get("vars", {})}
    content = json.dumps({**groups, "all": everything, "_meta": {"hostvars": hosts}})
    file = folder / "hosts"
    file.write_text(f"#! /usr/bin/env python3\n# -*- coding: utf-8 -*-\nprint({content!r})\n", encoding="utf-8")
    file.chmod(0o700)
