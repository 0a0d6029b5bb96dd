# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ordinary module on the host of a delegate_to: what it needs there, and what its action plugin tells it.

Imported before anything else of the collection, by whatever Python the delegate has. Until `require` has looked at that
Python, only what Python 3.8 understands may be read, the oldest that ansible-core 2.18 runs a module with.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import socket
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from .._core.errors import LocalFailure
from .failure import failure

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

    from .task import Operation, Task

# Environment variables: an undocumented option would show in the documentation of every module.
HOST = "OPENCHAMI_BMC_HOST"
JOB = "OPENCHAMI_BMC_JOB"
RUN = "OPENCHAMI_BMC_RUN"

_PYTHON = (3, 11)
_URLLIB3 = (2, 2)


def require(python: tuple[int, ...] = sys.version_info[:3]) -> None:
    """End the module with one line where its Python cannot read the collection."""
    if python < _PYTHON:
        lacking = f"is Python {_dotted(python)}, and {_dotted(_PYTHON)} or newer is needed"
        sys.stdout.write(json.dumps(_unfit(lacking)))
        raise SystemExit(1)


def _lacking(load: Callable[[str], Any]) -> str:
    """What is missing beside Python itself, in words; "" where nothing is."""
    try:
        found = str(load("urllib3").__version__)
    except ImportError:
        return f"has no urllib3, and {_dotted(_URLLIB3)} or newer is needed"
    if tuple(map(int, re.findall(r"\d+", found)[:2])) < _URLLIB3:
        return f"has urllib3 {found}, and {_dotted(_URLLIB3)} or newer is needed"
    return ""


def _unfit(lacking: str) -> dict[str, Any]:
    error = LocalFailure(
        f"the module cannot run on {socket.gethostname()}",
        why=f"{sys.executable} {lacking}",
        way_out="Name another Python with ansible_python_interpreter, or leave delegate_to out:"
        " the task then runs on the controller.",
    )
    return failure(error, os.environ.get(HOST, ""))


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def told(task: Task) -> Mapping[str, str]:
    """What the action plugin tells the module of the task, as environment variables."""
    return {HOST: task.host, JOB: task.job, RUN: task.run}


def run(module: AnsibleModule, operation: Operation) -> NoReturn:
    """Do the work and end the module, with the result that the worker on the controller would have given."""
    from .options import secrets
    from .task import Task, answer

    if lacking := _lacking(importlib.import_module):
        module.exit_json(**_unfit(lacking))
    host, job, its_run = (os.environ.get(name, "") for name in (HOST, JOB, RUN))
    task = Task(host, module.check_mode, job, run=its_run)
    # Of an option that is a secret by the name of one of its parts Ansible does not know.
    module.no_log_values.update(filter(None, secrets(module.params)))
    result = answer(operation, module.params, task)
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    # Not fail_json: it cannot say unreachable.
    module.exit_json(**result)
