# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files with the consoles of the fleet, written in the worker on the controller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.openchami.bmc.plugins.module_utils._entry import fleet_consoles
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Result, Task
from ansible_collections.openchami.bmc.plugins.plugin_utils._fleet import HostsAction, PlayHosts
from ansible_collections.openchami.bmc.plugins.plugin_utils._rendered import rendered


class ActionModule(HostsAction):
    """The action of the module openchami.bmc.fleet_consoles."""

    argument_spec = fleet_consoles.ARGUMENT_SPEC

    def operate(self, options: Mapping[str, Any], task: Task, of: PlayHosts) -> Result:
        return fleet_consoles.run(options, task, of.hosts, of.inventory, rendered)
