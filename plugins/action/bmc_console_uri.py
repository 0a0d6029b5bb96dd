# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways to consoles, read in the worker on the controller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_console_uri
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Result, Task
from ansible_collections.openchami.bmc.plugins.plugin_utils._action import BmcAction


class ActionModule(BmcAction):
    """The action of the module openchami.bmc.bmc_console_uri."""

    module = "openchami.bmc.bmc_console_uri"
    argument_spec = bmc_console_uri.ARGUMENT_SPEC

    def operate(self, options: Mapping[str, Any], task: Task) -> Result:
        return bmc_console_uri.run(options, task)
