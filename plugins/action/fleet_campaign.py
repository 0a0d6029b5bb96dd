# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of a firmware campaign that look at all hosts, taken in the worker on the controller."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest
from ansible_collections.openchami.bmc.plugins.module_utils._entry import fleet_campaign
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Result, Task
from ansible_collections.openchami.bmc.plugins.plugin_utils._campaign_page import page
from ansible_collections.openchami.bmc.plugins.plugin_utils._fleet import HostsAction, PlayHosts

LIFELINE, _HELD = os.pipe()
"""Ansible's main process imports this, then forks its workers: they hold the write end as long as the run lives."""


class ActionModule(HostsAction):
    """The action of the module openchami.bmc.fleet_campaign."""

    argument_spec = fleet_campaign.ARGUMENT_SPEC

    def operate(self, options: Mapping[str, Any], task: Task, of: PlayHosts) -> Result:
        inventory = fleet_campaign.Inventory(
            names=of.names,
            everyone=of.inventory,
            protected=frozenset(map(str, of.groups.get("bmc_protected", ()))),
            variables=of.raw,
            address=lambda name: _address(of, name),
        )
        return fleet_campaign.run(options, task, inventory, page, LIFELINE)


def _address(of: PlayHosts, name: str) -> str:
    """Of the BMC that a host leads to. Hosts of a file have it as a template now and then, those of discovery never."""
    stored = of.raw(name)
    discovered = stored.get("bmc_discovery")
    if isinstance(discovered, Mapping) and discovered.get("same_as"):
        return str(discovered["same_as"])
    address = stored.get("bmc_address")
    if not isinstance(address, str) or "{" not in address:
        return str(address or "")
    try:
        return str(of.value(name, "bmc_address"))
    except AnsibleError as error:
        raise InvalidRequest(
            "bmc_address cannot be read", why=f"{name}: {error}", way_out="Correct the variable of the host."
        ) from error
