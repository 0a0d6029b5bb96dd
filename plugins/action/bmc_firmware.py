# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware, run in the worker on the controller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible.utils.display import Display

from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_firmware
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Result, Task
from ansible_collections.openchami.bmc.plugins.plugin_utils._action import BmcAction


class ActionModule(BmcAction):
    """The action of the module openchami.bmc.bmc_firmware."""

    module = "openchami.bmc.bmc_firmware"
    argument_spec = bmc_firmware.ARGUMENT_SPEC

    def operate(self, options: Mapping[str, Any], task: Task) -> Result:
        return bmc_firmware.run(options, replace(task, show=Display().v))
