# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the actions have in common that deal with firmware bundles: they run in the worker on the controller, always.

They speak with registries, with no BMC, and open no connection to any host.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ansible.plugins.action import ActionBase

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest
from ansible_collections.openchami.bmc.plugins.module_utils._core.redact import Redactor
from ansible_collections.openchami.bmc.plugins.module_utils._entry.failure import failure
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import secrets, typed
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Result, Task, answer
from ansible_collections.openchami.bmc.plugins.plugin_utils._keywords import RUN, decrypted, environment_of


class ControllerAction(ActionBase):
    """Base of the action plugins; each names its argument spec, and does its work."""

    argument_spec: ClassVar[Mapping[str, Mapping[str, Any]]]

    _requires_connection = False

    def operate(self, options: Mapping[str, Any], task: Task) -> Result:
        """Do the work. Raises BmcError."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        host = str((task_vars or {}).get("inventory_hostname", ""))
        task = Task(host, check_mode=bool(self._task.check_mode), run=RUN)
        given = {name: decrypted(value) for name, value in self._task.args.items()}
        result = super().run(tmp, task_vars)
        try:
            options = typed(self.argument_spec, given)
        except InvalidRequest as error:
            return result | Redactor(secrets(given)).data(failure(error, task.host))
        with environment_of(self):
            result |= answer(self.operate, options, task)
        if not self._task.diff:
            # Where the run shows differences and the task does not want to, Ansible would still show what is there.
            result.pop("diff", None)
        return result
