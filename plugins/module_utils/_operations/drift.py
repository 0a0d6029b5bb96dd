# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of the fleet differs from its baseline, and what of it a run may mend.

It judges the results that bmc_settings and bmc_bios gave in check mode: they alone know a BMC.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

SETTINGS, STAGING, REBOOTS, RESETS = "settings", "bios_staging", "reboots", "manager_resets"
CLASSES = (SETTINGS, STAGING, REBOOTS, RESETS)
"""What is missing: a setting of the BMC; a write to the BIOS; a restart of the host; of the BMC."""

Result = Mapping[str, Any]
"""A module's result on a host; {} where the task did not run."""


@dataclass(frozen=True)
class Drift:
    """One thing that is not as described. system: Id of the system of a BIOS value, "" for the BMC itself."""

    kind: str
    name: str
    now: Any
    wanted: Any
    system: str = ""


@dataclass(frozen=True)
class Host:
    """A host of the inventory that has a baseline.

    bmc, node: names that two hosts share that are one BMC, one node. settings, bios: the results in check mode.
    settings_mended, bios_mended: those of this run's writes. protected: never to be mended.
    """

    name: str
    bmc: str
    node: str
    settings: Result = field(default_factory=dict)
    bios: Result = field(default_factory=dict)
    settings_mended: Result = field(default_factory=dict)
    bios_mended: Result = field(default_factory=dict)
    protected: bool = False

    def drifts(self) -> tuple[Drift, ...]:
        """All of it, as far as the comparisons did not fail."""
        return (*_of_settings(self.settings), *_of_bios(self.bios))

    def why_unknown(self) -> str:
        """Why a BMC could not be compared; "" where it was."""
        told = [str(result["msg"]) for result in (self.settings, self.bios) if has_failed(result)]
        return "; ".join(dict.fromkeys(told))

    def lacking(self) -> tuple[str, ...]:
        """The settings that are described and that this BMC does not have."""
        return tuple(entry["name"] for entry in self.settings.get("settings", ()) if entry["state"] == "unsupported")


@dataclass(frozen=True)
class Mend:
    """What is done on a host. stage, reboot: of its BIOS. settings, reset: of its BMC, on one host of each BMC."""

    settings: bool = False
    reset: bool = False
    stage: bool = False
    reboot: bool = False

    def __bool__(self) -> bool:
        return self.settings or self.reset or self.stage or self.reboot

    def covers(self, kind: str) -> bool:
        """Whether this mends drift of a class."""
        return {SETTINGS: self.settings, STAGING: self.stage, REBOOTS: self.reboot, RESETS: self.reset}[kind]


@dataclass(frozen=True)
class Choice:
    """mends: by host. over: hosts that the budget leaves out."""

    mends: Mapping[str, Mend]
    over: tuple[str, ...]


def has_failed(result: Result) -> bool:
    return bool(result.get("failed") or result.get("unreachable"))


def once(hosts: Iterable[Host]) -> list[Host]:
    """Each BMC's settings, and each node's BIOS, on the first host that leads there: the others show the same."""
    found: list[Host] = []
    bmcs: set[str] = set()
    nodes: set[tuple[str, str]] = set()
    for host in hosts:
        seen = replace(
            host,
            settings={} if host.bmc in bmcs else host.settings,
            bios={} if (host.bmc, host.node) in nodes else host.bios,
        )
        bmcs |= {host.bmc} if host.settings else set()
        nodes |= {(host.bmc, host.node)} if host.bios else set()
        found.append(seen)
    return found


def choose(hosts: Sequence[Host], classes: Collection[str], budget: int, spent: Sequence[str]) -> Choice:
    """What a run mends: of the classes switched on, on at most so many BMCs, in the order of the hosts.

    spent: the BMCs that this run has mended already, which count.
    """
    mends: dict[str, Mend] = {}
    used, over = list(spent), []
    for host in hosts:
        mend = _wanted(host, classes)
        if not mend or host.protected or host.why_unknown():
            continue
        if host.bmc not in used and len(used) >= budget:
            over.append(host.name)
            continue
        mends[host.name] = mend
        used += [host.bmc] if host.bmc not in used else []
    return Choice(mends, tuple(over))


def _wanted(host: Host, classes: Collection[str]) -> Mend:
    """A restart alone goes only where nothing else is left to write: else it would bring more than what it is for."""
    kinds = {drift.kind for drift in host.drifts()}
    settings, stage = (kind in kinds and kind in classes for kind in (SETTINGS, STAGING))
    return Mend(
        settings=settings,
        reset=RESETS in classes and (settings or (RESETS in kinds and SETTINGS not in kinds)),
        stage=stage,
        reboot=REBOOTS in classes and (stage or (REBOOTS in kinds and STAGING not in kinds)),
    )


def _of_settings(result: Result) -> Iterator[Drift]:
    if has_failed(result):
        return
    for entry in result.get("settings", ()):
        if entry["state"] == "changed":
            yield Drift(SETTINGS, entry["name"], entry["before"], entry["after"])
        elif entry["state"] == "unchanged" and entry["pending"]:
            yield Drift(RESETS, entry["name"], "waits for a restart of the BMC", entry["after"])


def _of_bios(result: Result) -> Iterator[Drift]:
    if has_failed(result):
        return
    systems = result.get("systems", ())
    for system in systems:
        for name, value in system["attributes"].items():
            if value["pending"] is not None:
                kind = STAGING if _is_written(result, system, name, alone=len(systems) == 1) else REBOOTS
                yield Drift(kind, name, value["before"], value["pending"], system["id"])
            elif value["pending_before"] is not None:
                # The described value is active, and the plan takes back what the next boot would make of it.
                yield Drift(STAGING, name, value["pending_before"], value["before"], system["id"])


def _is_written(result: Result, system: Result, name: str, *, alone: bool) -> bool:
    """Whether the plan writes an attribute; what waits already is not written again."""
    bios = str(system["bios_uri"]).rstrip("/").lower()
    return any(
        name in ((write.get("body") or {}).get("Attributes") or {})
        for write in result.get("plan", ())
        if alone or str(write["uri"]).lower().startswith(bios)
    )
