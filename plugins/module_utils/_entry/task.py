# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The frame of every task: the operation inside, the answer to Ansible outside."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .._core.clock import Clock, SystemClock
from .._core.errors import BmcError
from .._core.redact import Redactor
from .failure import failure
from .options import secrets

Result = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """What Ansible says about a task.

    host: inventory name. check_mode: predict, write nothing. job: id of the scheduler's job, "" without one. run: the
    same in all processes of one run of Ansible, and in no other; "" for a module that ran without its action plugin.
    show: puts a line where Ansible shows what its workers say.
    """

    host: str
    check_mode: bool = False
    job: str = ""
    clock: Clock = field(default_factory=SystemClock)
    run: str = ""
    show: Callable[[str], None] = lambda _line: None


Operation = Callable[[Mapping[str, Any], Task], Result]
"""Options and task in, result out. Raises BmcError."""


def answer(operation: Operation, options: Mapping[str, Any], task: Task) -> Result:
    """Run an operation; whatever happens becomes a result for Ansible, without any secret."""
    redactor = Redactor(secrets(options))
    try:
        result = operation(options, task)
    except BmcError as error:
        result = failure(error, task.host)
    except Exception as error:  # noqa: BLE001 - the last door: a defect's traceback may hold a secret, so it is redacted
        result = {
            "failed": True,
            "msg": f"{task.host}: a defect in openchami.bmc: {type(error).__name__}: {error}."
            " Nothing is known of what was done: look at the BMC, and report this with the output of -vvv.",
            "exception": traceback.format_exc(),
        }
    clean: Result = redactor.data(result)
    return clean


def state_folder() -> Path:
    """Where the machine that reaches the BMCs keeps locks, pins and the audit log."""
    named = os.environ.get("OPENCHAMI_BMC_STATE_DIR")
    if named:
        return Path(named)
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "openchami.bmc"
