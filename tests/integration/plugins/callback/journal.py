# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A callback plugin that writes each result of a task as one JSON line: how the tests read what Ansible was told."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: journal
type: aggregate
short_description: Results as JSON lines
description: Appends a line for each result to the file that the environment variable OPENCHAMI_BMC_TEST_JOURNAL names.
"""


class CallbackModule(CallbackBase):
    """Hears every result of every task. A retried task is heard once, with its last result."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "journal"

    def v2_runner_on_ok(self, result: Any) -> None:
        self._write("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._write("failed", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._write("unreachable", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._write("skipped", result)

    def _write(self, status: str, result: Any) -> None:
        # ansible-core 2.18 has the three with an underscore only.
        host, task, told = (
            getattr(result, name, None) or getattr(result, f"_{name}") for name in ("host", "task", "result")
        )
        line = {"host": host.get_name(), "task": task.get_name(), "status": status, "result": dict(told)}
        with Path(os.environ["OPENCHAMI_BMC_TEST_JOURNAL"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, default=str) + "\n")
