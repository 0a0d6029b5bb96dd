# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module's own code inside Ansible's worker on the controller (idea 4).

A BMC is reached from the controller, whatever the host's connection is: no connection to the host is opened, nothing
is copied to it, and a BMC's password never lands on it. It also costs a twentieth of a module's process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ansible.plugins.action import ActionBase

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import CONNECTION_SPEC, validated
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Result, Task, answer, failure
from ansible_collections.openchami.bmc.plugins.module_utils._transport.tls import prepare_for_forks

# Ansible imports an action plugin in its main process, then forks the workers.
prepare_for_forks()


class BmcAction(ActionBase):
    """Base of the action plugins; each names its argument spec and does its work."""

    argument_spec: ClassVar[Mapping[str, Mapping[str, Any]]]

    # Else Ansible opens the persistent connection of a host with a network connection (network_cli) before the task.
    _requires_connection = False

    def operate(self, options: Mapping[str, Any], task: Task) -> Result:
        """Do the work. Raises BmcError."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        task = Task(
            host=str(variables.get("inventory_hostname", "")),
            check_mode=bool(self._task.check_mode),
            job=str(variables.get("awx_job_id", variables.get("tower_job_id", ""))),
        )
        try:
            self._refuse_delegation()
            options = validated(self.argument_spec, self._given(variables))
        except InvalidRequest as error:
            return result | failure(error, task.host)
        return result | answer(self.operate, options, task)

    def _refuse_delegation(self) -> None:
        if self._task.delegate_to and self._connection.transport != "local":
            raise InvalidRequest(
                f"delegate_to {self._task.delegate_to} is not supported yet",
                why="the BMC is reached from the controller",
                way_out="Leave delegate_to out, or delegate to localhost, which changes nothing.",
            )

    def _given(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The options of the task (Ansible merged module_defaults into them), else the host's variables."""
        given = dict(self._task.args)
        for name in CONNECTION_SPEC:
            if given.get(name) is None and name in variables:
                given[name] = self._templar.template(variables[name])
        return given
