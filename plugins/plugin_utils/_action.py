# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module's own code inside Ansible's worker on the controller (idea 4).

A BMC is reached from the controller, whatever the host's connection is: no connection to the host is opened, nothing
is copied to it, and a BMC's password never lands on it. It also costs a twentieth of a module's process.

Only a delegate_to names another place: then the ordinary module is sent there (_shipped.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BmcError, InvalidRequest
from ansible_collections.openchami.bmc.plugins.module_utils._core.redact import Redactor
from ansible_collections.openchami.bmc.plugins.module_utils._credentials.broker import Broker
from ansible_collections.openchami.bmc.plugins.module_utils._entry.credentials import resolved
from ansible_collections.openchami.bmc.plugins.module_utils._entry.failure import failure
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import CONNECTION_SPEC, secrets, validated
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Result, Task, answer
from ansible_collections.openchami.bmc.plugins.module_utils._transport.tls import prepare_for_forks
from ansible_collections.openchami.bmc.plugins.plugin_utils._keywords import RUN, decrypted, environment_of
from ansible_collections.openchami.bmc.plugins.plugin_utils._shipped import ShippedModule

# Ansible imports an action plugin in its main process, then forks the workers.
prepare_for_forks()

BROKER = Broker()
"""Of all the workers: a run logs in to a Vault once, not once for each host."""


class BmcAction(ShippedModule):
    """Base of the action plugins; each names its module and argument spec, and does its work."""

    argument_spec: ClassVar[Mapping[str, Mapping[str, Any]]]

    # Else Ansible opens the persistent connection of a host with a network connection (network_cli) before the task.
    _requires_connection = False

    # Else Ansible refuses async itself, and names no way out.
    _supports_async = True

    def operate(self, options: Mapping[str, Any], task: Task) -> Result:
        """Do the work. Raises BmcError."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        variables = task_vars or {}
        task = Task(
            host=str(variables.get("inventory_hostname", "")),
            check_mode=bool(self._task.check_mode),
            job=str(variables.get("awx_job_id", variables.get("tower_job_id", ""))),
            run=RUN,
        )
        result = super().run(tmp, task_vars)
        given = self._given(variables)
        try:
            result |= self._outcome(given, task, variables)
        except BmcError as error:
            result |= Redactor(secrets(given)).data(failure(error, task.host))
        if not self._task.diff:
            # Where the run shows differences and the task does not want to, Ansible would still show what is there.
            result.pop("diff", None)
        return result

    def _outcome(self, given: Mapping[str, Any], task: Task, variables: Mapping[str, Any]) -> Result:
        self._refuse_async()
        options = validated(self.argument_spec, given)
        account = self.account(options)
        if self._task.delegate_to and self._connection.transport != "local":
            followed = {name: value for name, value in given.items() if name != "bmc_credentials"}
            return self.shipped(followed | account, task, variables)
        with environment_of(self):
            return answer(self.operate, options | account, task)

    def account(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The account of the BMC, where references have to bring it. Raises BmcError."""
        # In the environment of the run, not of the task: whichever task asks first starts the broker for all.
        return dict(resolved(options, BROKER))

    def _refuse_async(self) -> None:
        if self._task.async_val:
            raise InvalidRequest(
                "async is not supported",
                why="its job file would outlive the task",
                way_out="Leave async and poll out; bmc_power with wait: false returns at once, with a handle.",
            )

    def _given(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The options of the task (Ansible merged module_defaults into them), else the host's variables."""
        given = dict(self._task.args)
        for name in CONNECTION_SPEC:
            if name in self.argument_spec and given.get(name) is None and name in variables:
                given[name] = self._templar.template(variables[name])
        return {name: decrypted(value) for name, value in given.items()}
