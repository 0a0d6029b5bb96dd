# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the actions have in common that look at the whole fleet: one task, in the worker, for all hosts of the play.

They speak with no BMC, and open no connection to any host: they read variables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ansible.plugins.action import ActionBase

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest
from ansible_collections.openchami.bmc.plugins.module_utils._entry.failure import failure
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import typed
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Result, Task, answer
from ansible_collections.openchami.bmc.plugins.module_utils._operations.fleet import Fleet, fleet


@dataclass(frozen=True)
class PlayHosts:
    """hosts: every host of the play, also those that failed, with its variables. names: theirs. batch: this batch's.

    groups: those of the inventory, and the names of their hosts. raw: the variables of any host, as they are stored.
    value: one of them as a task would see it, None where the host has none.
    """

    hosts: Iterable[tuple[str, Mapping[str, Any]]]
    names: Sequence[str]
    batch: Sequence[str]
    groups: Mapping[str, Sequence[str]]
    raw: Callable[[str], Mapping[str, Any]]
    value: Callable[[str, str], Any]

    @property
    def inventory(self) -> list[str]:
        """The names of all hosts that there are."""
        return [str(name) for name in self.groups["all"]]


class HostsAction(ActionBase):
    """Base of the action plugins that look at all hosts; each names its argument spec, and does its work."""

    argument_spec: ClassVar[Mapping[str, Mapping[str, Any]]]

    _requires_connection = False

    def operate(self, options: Mapping[str, Any], task: Task, of: PlayHosts) -> Result:
        """Do the work. Raises BmcError."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        variables = task_vars or {}
        task = Task(host="", check_mode=bool(self._task.check_mode))
        result = super().run(tmp, task_vars)
        try:
            options = typed(self.argument_spec, self._task.args)
        except InvalidRequest as error:
            return result | failure(error, task.host)
        hostvars = variables["hostvars"]
        everyone = PlayHosts(
            _hosts(variables),
            [str(name) for name in variables["ansible_play_hosts_all"]],
            variables["ansible_play_batch"],
            variables["groups"],
            raw=lambda name: dict(hostvars.raw_get(name)),
            value=lambda name, variable: hostvars[name].get(variable),
        )
        return result | answer(lambda given, to: self.operate(given, to, everyone), options, task)


class FleetAction(HostsAction):
    """Base of those that tell of the discovered fleet."""

    def operate(self, options: Mapping[str, Any], task: Task, of: PlayHosts) -> Result:
        return self.tell(options, task, fleet(of.hosts))

    def tell(self, options: Mapping[str, Any], task: Task, of: Fleet) -> Result:
        """Do the work. Raises BmcError."""
        raise NotImplementedError


def _hosts(variables: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every host of the play, also those that failed, with its variables as the inventory has them.

    Not templated: that would take minutes for 5,000 hosts, and would run what a BMC wrote into its model as a template.
    """
    for name in variables["ansible_play_hosts_all"]:
        yield str(name), variables["hostvars"].raw_get(name)
