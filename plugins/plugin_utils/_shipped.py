# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends the ordinary module to the host of a delegate_to, through standard input: no file there holds a password."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from ansible import constants
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    BmcError,
    InvalidRequest,
    LocalFailure,
    MayHaveHappened,
    Unreachable,
)
from ansible_collections.openchami.bmc.plugins.module_utils._core.redact import Redactor
from ansible_collections.openchami.bmc.plugins.module_utils._entry.failure import failure
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import secrets
from ansible_collections.openchami.bmc.plugins.module_utils._entry.shipping import told
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Result, Task

# Only a module that was shipped has it, and at -vvv Ansible would show the options.
_OWN_TO_MODULES = "invocation"
# Ansible's half of the module would tell the delegate's log its options, before it knows which of them are secrets.
_SILENT = {"ansible_no_target_syslog": True}
# What Ansible gives in place of a result that it could not read.
_REMAINS = ("module_stdout", "module_stderr", "rc")
# By which a POSIX shell says that it found no such command, or could not run it.
_NOT_STARTED = (126, 127)


class ShippedModule(ActionBase):
    """What an action plugin needs to send its module elsewhere."""

    module: ClassVar[str]

    def shipped(self, given: Mapping[str, Any], task: Task, variables: Mapping[str, Any]) -> Result:
        """The module's own result. given: options of the task and variables of the host. Raises InvalidRequest."""
        self._pipe()
        try:
            with self._telling(task):
                result = self._execute_module(self.module, dict(given), task_vars={**variables, **_SILENT})
        except AnsibleConnectionFailure as error:
            result = failure(self._lost(str(error)), task.host)
        if "module_stdout" in result:
            result = {name: result.get(name) for name in _REMAINS} | failure(self._without_result(result), task.host)
        result.pop(_OWN_TO_MODULES, None)
        clean: Result = Redactor(secrets(given)).data(result)
        return clean

    def _pipe(self) -> None:
        """Have Ansible send the module through standard input, whatever its settings say. Raises InvalidRequest."""
        self._prefer("pipelining", True)
        if not self._is_pipelining_enabled("new"):
            raise InvalidRequest(
                f"the module cannot be sent to {self._task.delegate_to} without leaving the password in a file there",
                why=self._hindrance(),
                way_out="Delegate over a connection that has it, such as ssh, or leave delegate_to out:"
                " the task then runs on the controller.",
            )
        # ssh would run the module once more when its connection broke: no write is repeated unasked.
        self._prefer("reconnection_retries", 0)

    def _hindrance(self) -> str:
        if constants.config.get_config_value("DEFAULT_KEEP_REMOTE_FILES"):
            return "ANSIBLE_KEEP_REMOTE_FILES is set"
        become = f" with become method {self._connection.become.name}" if self._connection.become else ""
        return f"the connection {self._connection.transport}{become} has no pipelining"

    def _prefer(self, option: str, value: Any) -> None:
        if option in self._connection.option_definitions:
            self._connection.set_option(option, value)

    @contextmanager
    def _telling(self, task: Task) -> Iterator[None]:
        """The task's environment with what the module is told, as Ansible itself does for async."""
        before = self._task.environment
        self._task.environment = [*(before or ()), told(task)]
        try:
            yield
        finally:
            self._task.environment = before

    def _lost(self, why: str) -> Unreachable:
        delegate = self._task.delegate_to
        return Unreachable(
            f"the delegate {delegate} was not reached, or its connection broke",
            why=why,
            way_out=f"If the module had begun, it goes on: look at the audit log on {delegate} and at the BMC.",
        )

    def _without_result(self, result: Mapping[str, Any]) -> BmcError:
        """For a module that was not started, or that was killed."""
        delegate, status = self._task.delegate_to, result.get("rc", "unknown")
        last = str(result.get("module_stderr") or result.get("module_stdout") or "").strip().splitlines()[-1:]
        why = " ".join([*last, f"(status {status})"])
        if status in _NOT_STARTED:
            way_out = "Name a Python there with ansible_python_interpreter. Nothing was sent to the BMC."
            return LocalFailure(f"the module could not be started on {delegate}", why=why, way_out=way_out)
        return MayHaveHappened(
            f"the module ended on {delegate} without a result",
            why=why,
            way_out=f"What it was to do may have happened: look at the audit log on {delegate}, and at the BMC with"
            " bmc_info.",
        )
