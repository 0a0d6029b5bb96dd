# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hosts are one BMC, and whether all of its nodes take part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Host:
    """A host that leads to a BMC.

    key: the same for all hosts of a BMC. system: Id of its node, "" for the BMC as a whole. systems: the Ids of all
    nodes behind the BMC, as far as somebody recorded them. model: of its hardware.
    """

    name: str
    key: str
    system: str = ""
    systems: frozenset[str] = frozenset()
    model: str = ""
    protected: bool = False


@dataclass(frozen=True)
class Group:
    """The hosts of one BMC. others: its hosts in the inventory that do not take part."""

    key: str
    hosts: tuple[Host, ...]
    others: tuple[Host, ...] = field(default=())

    @property
    def model(self) -> str:
        return next((host.model for host in self.hosts if host.model), "")

    @property
    def protected(self) -> bool:
        """Whether one of its hosts is: the BMC is the same one."""
        return any(host.protected for host in (*self.hosts, *self.others))

    @property
    def missing(self) -> tuple[str, ...]:
        """Nodes of the BMC that do not take part: names of hosts, and Ids of those that no host of the inventory is.

        A host that stands for the BMC as a whole stands for all of its nodes.
        """
        if not all(host.system for host in self.hosts):
            return ()
        here = {host.system for host in self.hosts}
        known = {host.system: host.name for host in self.others if host.system}
        systems = set(known).union(*(host.systems for host in self.hosts)) - here
        return tuple(known.get(system, system) for system in sorted(systems))

    @property
    def has_first_node(self) -> bool:
        """Whether its first node by Id takes part: true in exactly one of several runs that share the nodes."""
        here = {host.system for host in self.hosts}
        systems = here.union(*(host.systems for host in self.hosts), {host.system for host in self.others} - {""})
        return min(systems) in here


def grouped(hosts: Iterable[Host], others: Iterable[Host] = ()) -> list[Group]:
    """The BMCs of the hosts, in the order of their first hosts. others: hosts of the inventory that take no part."""
    members: dict[str, list[Host]] = {}
    for host in hosts:
        members.setdefault(host.key, []).append(host)
    outside: dict[str, list[Host]] = {key: [] for key in members}
    for host in others:
        if host.key in outside:
            outside[host.key].append(host)
    return [Group(key, tuple(found), tuple(outside[key])) for key, found in members.items()]


def host_of(name: str, key: str, variables: Mapping[str, Any], *, protected: bool) -> Host:
    """A host by its variables, those of discovery among them."""
    identity = variables.get("bmc_identity")
    recorded = identity if isinstance(identity, Mapping) else {}
    systems = recorded.get("systems")
    return Host(
        name,
        key,
        str(variables.get("bmc_system") or ""),
        frozenset(map(str, systems)) if isinstance(systems, Mapping) else frozenset(),
        str(variables.get("bmc_model") or recorded.get("model") or ""),
        protected,
    )
