# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A campaign as a run of Ansible takes it up: begun anew, or continued from its state file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..._core.errors import InvalidRequest
from . import waves
from .groups import Group
from .progress import resumed
from .values import BEGUN, CANARY, FAILED, FINISHED, NO_WAVE, RUNNING, WAITING, Bmc, Campaign

_NAMED = 5

LEAD_WHOLE, LEAD_FIRST = "refuse", "first_node"
HALF_GROUPS = (LEAD_WHOLE, LEAD_FIRST)
"""What is done with a BMC of which only some nodes take part: refused, or left to the run that has its first node."""


@dataclass(frozen=True)
class Chosen:
    """groups: the BMCs that take part. left: why hosts are left alone, by host."""

    groups: tuple[Group, ...]
    left: Mapping[str, str]


def choose(groups: Sequence[Group], half_groups: str) -> Chosen:
    """The BMCs that take part. Raises InvalidRequest where nodes of one are missing and that is refused."""
    left: dict[str, str] = {}
    chosen = []
    half = []
    for group in groups:
        if group.protected:
            left |= {host.name: "its BMC is that of a host in bmc_protected" for host in group.hosts}
        elif group.missing and half_groups == LEAD_WHOLE:
            half.append(group)
        elif group.missing and not group.has_first_node:
            left |= {host.name: "its BMC belongs to the run that has the first node" for host in group.hosts}
        else:
            chosen.append(group)
    if half:
        raise _half(half)
    return Chosen(tuple(chosen), left)


def _half(groups: Sequence[Group]) -> InvalidRequest:
    told = [f"{', '.join(host.name for host in group.hosts)} without {', '.join(group.missing)}" for group in groups]
    more = f" and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    return InvalidRequest(
        "only some of the nodes behind a BMC take part",
        why=f"{'; '.join(told[:_NAMED])}{more}. An update of the BMC is one of all",
        way_out="Name all of them, or the host of the BMC. In slices of an AWX job see docs/firmware-campaign.md.",
    )


def taken_up(
    earlier: Campaign | None, name: str, asked: Mapping[str, Any], groups: Sequence[Group], *, retry_failed: bool
) -> Campaign:
    """The earlier campaign where something of it is left, else a new one.

    Of one that is finished that is what failed, for a run that asks for the same: it is never tried again unasked.
    Raises InvalidRequest where they do not agree.
    """
    if earlier is None or not earlier.begun or (earlier.phase == FINISHED and not _is_left(earlier, asked, groups)):
        new = tuple(Bmc(group.key, tuple(host.name for host in group.hosts), group.model) for group in groups)
        return Campaign(name, asked, bmcs=new)
    differing = sorted(key for key in {*asked, *earlier.asked} if asked.get(key) != earlier.asked.get(key))
    if differing:
        raise InvalidRequest(
            f"the campaign {name} is not finished, and was another one",
            why="; ".join(f"{key} was {earlier.asked.get(key)!r} and is {asked.get(key)!r}" for key in differing),
            way_out="Ask for the same to finish it, give this one another name, or begin anew.",
        )
    here = {group.key: group for group in groups}
    strange = [here[key].hosts[0].name for key in here.keys() - {bmc.key for bmc in earlier.bmcs}]
    if strange:
        raise InvalidRequest(
            f"the campaign {name} is not finished, and has not these hosts",
            why=", ".join(sorted(strange)[:_NAMED]) + (" and others" if len(strange) > _NAMED else ""),
            way_out="Name the hosts that it began with, give this one another name, or begin anew.",
        )
    bmcs = tuple(
        replace(
            resumed(bmc, retry_failed=retry_failed),
            hosts=tuple(host.name for host in here[bmc.key].hosts),
        )
        if bmc.key in here
        else bmc
        for bmc in earlier.bmcs
    )
    return replace(earlier, bmcs=bmcs, phase=RUNNING, why="", ended=None)


def require_first_try(campaign: Campaign, others: Iterable[Campaign]) -> None:
    """A name is no second try. others: the campaigns of other names.

    Raises InvalidRequest where the same firmware failed on one of the BMCs, or may still be under way there.
    """
    keys = {bmc.key for bmc in campaign.bmcs}
    for other in others:
        left = [bmc for bmc in other.bmcs if bmc.key in keys and bmc.state in (FAILED, *BEGUN)]
        if left and other.asked == campaign.asked:
            raise InvalidRequest(
                f"the same firmware has failed on these hosts, or may be under way, in the campaign {other.name}",
                why=", ".join(bmc.hosts[0] for bmc in left[:_NAMED]) + (" and others" if len(left) > _NAMED else ""),
                way_out="Take that one up by its name, try again what failed with retry_failed, or begin anew.",
            )


def _is_left(earlier: Campaign, asked: Mapping[str, Any], groups: Sequence[Group]) -> bool:
    failed = {bmc.key for bmc in earlier.bmcs if bmc.state == FAILED}
    return earlier.asked == asked and not failed.isdisjoint(group.key for group in groups)


def to_look_at(campaign: Campaign, present: Collection[str]) -> dict[str, str]:
    """The hosts that look at what an update would do, and the keys of their BMCs. present: keys that take part."""
    return {bmc.hosts[0]: bmc.key for bmc in campaign.bmcs if bmc.state == WAITING and bmc.key in present}


def in_waves(campaign: Campaign, canary: int | Sequence[str], sizes: Sequence[str]) -> Campaign:
    """Each BMC that has something to do in its wave. What had one keeps it. Raises InvalidRequest."""
    known = [bmc.wave for bmc in campaign.bmcs if bmc.wave != NO_WAVE]
    waiting = {bmc.key: bmc for bmc in campaign.bmcs if bmc.state == WAITING and bmc.wave == NO_WAVE}
    if known:
        # Somewhat was not ready when the campaign began: it comes last.
        last = max(1, *known)
        return campaign.with_bmcs([replace(bmc, wave=last) for bmc in waiting.values()])
    if isinstance(canary, int):
        first = waves.canaries_by_model({key: bmc.model for key, bmc in waiting.items()}, canary)
    else:
        first = waves.canaries_by_host(canary, {host: bmc.key for bmc in campaign.bmcs for host in bmc.hosts})
    placed = [replace(campaign.bmc(key), wave=CANARY) for key in first]
    rest = [key for key in waiting if key not in set(first)]
    for number, members in enumerate(waves.waves(rest, sizes), CANARY + 1):
        placed += [replace(waiting[key], wave=number) for key in members]
    return campaign.with_bmcs(placed)


def without_canary(campaign: Campaign) -> tuple[str, ...]:
    """The models of which something waits and none is a canary."""
    tried = {bmc.model for bmc in campaign.bmcs if bmc.wave == CANARY}
    rest = {bmc.model: None for bmc in campaign.bmcs if bmc.state == WAITING and bmc.wave != CANARY}
    return tuple(model for model in rest if model not in tried)
