# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet for a person, told from host variables in the worker on the controller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.openchami.bmc.plugins.module_utils._entry import fleet_report
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Result, Task
from ansible_collections.openchami.bmc.plugins.module_utils._operations.fleet import Fleet
from ansible_collections.openchami.bmc.plugins.plugin_utils._fleet import FleetAction
from ansible_collections.openchami.bmc.plugins.plugin_utils._fleet_page import page


class ActionModule(FleetAction):
    """The action of the module openchami.bmc.fleet_report."""

    argument_spec = fleet_report.ARGUMENT_SPEC

    def tell(self, options: Mapping[str, Any], task: Task, of: Fleet) -> Result:
        return fleet_report.run(options, task, of, page)
