# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Staging, run in the worker on the controller, or sent to the staging host of a delegate_to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_staging
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Result, Task
from ansible_collections.openchami.bmc.plugins.plugin_utils._action import BmcAction

LIFELINE, _HELD = os.pipe()
"""Ansible's main process imports this, then forks its workers: they hold the write end as long as the play lives."""


class ActionModule(BmcAction):
    """The action of the module openchami.bmc.bmc_staging."""

    module = "openchami.bmc.bmc_staging"
    argument_spec = bmc_staging.ARGUMENT_SPEC

    def account(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """None: the BMC is not spoken to, it comes."""
        return {}

    def operate(self, options: Mapping[str, Any], task: Task) -> Result:
        return bmc_staging.run(options, task, LIFELINE)
