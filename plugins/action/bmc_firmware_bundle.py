# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A firmware bundle is published by the worker on the controller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_firmware_bundle
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Result, Task
from ansible_collections.openchami.bmc.plugins.plugin_utils._controller import ControllerAction


class ActionModule(ControllerAction):
    """The action of the module openchami.bmc.bmc_firmware_bundle."""

    argument_spec = bmc_firmware_bundle.ARGUMENT_SPEC

    def operate(self, options: Mapping[str, Any], task: Task) -> Result:
        return bmc_firmware_bundle.run(options, task)
