# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware, run in the worker on the controller; on a delegate only by digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible.utils.display import Display

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest
from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_firmware
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Result, Task
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.reference import parse_reference
from ansible_collections.openchami.bmc.plugins.plugin_utils._action import BmcAction


class ActionModule(BmcAction):
    """The action of the module openchami.bmc.bmc_firmware."""

    module = "openchami.bmc.bmc_firmware"
    argument_spec = bmc_firmware.ARGUMENT_SPEC

    def shipped(self, given: Mapping[str, Any], task: Task, variables: Mapping[str, Any]) -> Result:
        """As any module; but what a tag means is asked once for a run, and each delegate would ask for itself."""
        bundle = given.get("bundle")
        if bundle and not parse_reference(str(bundle)).digest:
            raise InvalidRequest(
                f"the bundle {bundle} names no digest, and {self._task.delegate_to} would ask for itself what it means",
                way_out="Give the reference that bmc_firmware_bundle_info or bmc_firmware_bundle returned.",
            )
        return super().shipped(given, task, variables)

    def operate(self, options: Mapping[str, Any], task: Task) -> Result:
        return bmc_firmware.run(options, replace(task, show=Display().v))
