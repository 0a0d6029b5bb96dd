# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The drift of the fleet from its baseline, told in the worker on the controller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.openchami.bmc.plugins.module_utils._entry import fleet_drift
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Result, Task
from ansible_collections.openchami.bmc.plugins.plugin_utils._fleet import HostsAction, PlayHosts


class ActionModule(HostsAction):
    """The action of the module openchami.bmc.fleet_drift."""

    argument_spec = fleet_drift.ARGUMENT_SPEC

    def operate(self, options: Mapping[str, Any], task: Task, of: PlayHosts) -> Result:
        return fleet_drift.run(options, task, of.hosts, of.batch, of.groups.get("bmc_protected", ()))
