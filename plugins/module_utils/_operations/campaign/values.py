# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A campaign: one firmware for many BMCs, in waves. What is known of each BMC, and what a state file keeps of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

SCHEMA = "openchami.bmc.campaign/1"

# What lies before a BMC.
WAITING = "waiting"
PREPARING = "preparing"
SUBMITTING = "submitting"
SUBMITTED = "submitted"
# What it came to.
CURRENT = "current"
UPDATED = "updated"
PENDING = "pending_reboot"
FAILED = "failed"
NOT_READY = "not_ready"
UNFIT = "other_hardware"

STATES = (FAILED, NOT_READY, SUBMITTED, SUBMITTING, PREPARING, WAITING, PENDING, UPDATED, CURRENT, UNFIT)
"""What needs a look first."""
BEGUN = frozenset({SUBMITTING, SUBMITTED})
"""An interruption here leaves an update that may run."""
DONE = frozenset({CURRENT, UPDATED, PENDING, UNFIT})
ENDED = DONE | {FAILED, NOT_READY}

RUNNING, PAUSED, STOPPED, FINISHED = "running", "paused", "stopped", "finished"

CANARY = 0
"""The number of the canaries' wave."""
NO_WAVE = -1


@dataclass(frozen=True)
class Bmc:
    """A BMC, and what the campaign knows of it.

    key: what its hosts share. hosts: in the order of the inventory; the first one updates it. state: one of STATES.
    why: of what did not work, "" else; where it was SUBMITTED, that its end was not seen. updates: as bmc_firmware
    tells them, planned or done. handle: of the update that was submitted. cut_off: an earlier run was, while it
    submitted. away: whether the site's own tasks after the update are due to its hosts, and have not come to their end.
    hook: what they failed with. begun, ended: seconds since the epoch.
    """

    key: str
    hosts: tuple[str, ...]
    model: str = ""
    wave: int = NO_WAVE
    state: str = WAITING
    why: str = ""
    updates: tuple[Mapping[str, Any], ...] = ()
    handle: Mapping[str, Any] | None = None
    cut_off: bool = False
    away: bool = False
    hook: str = ""
    begun: float | None = None
    ended: float | None = None

    @property
    def failed(self) -> bool:
        """Whether it counts against the budget."""
        return self.state in (FAILED, NOT_READY) or self.unseen

    @property
    def unseen(self) -> bool:
        """Whether an update may still run that nobody follows."""
        return self.state in BEGUN and bool(self.why)

    @property
    def open(self) -> bool:
        """Whether an update is left to do."""
        return self.state in (WAITING, PREPARING, SUBMITTING, SUBMITTED)

    @property
    def under_way(self) -> bool:
        """Whether a run that came to an end early has left it so that it is seen through, with nothing flashed anew."""
        return self.state == SUBMITTED or (self.away and self.state != SUBMITTING)


@dataclass(frozen=True)
class Campaign:
    """asked: what was asked for, by which a later run knows it again. firmware: the one thing that all BMCs get.

    phase: one of RUNNING, PAUSED, STOPPED, FINISHED. why: of a stop or pause.
    """

    name: str
    asked: Mapping[str, Any]
    firmware: Mapping[str, Any] = field(default_factory=dict)
    bmcs: tuple[Bmc, ...] = ()
    phase: str = RUNNING
    why: str = ""
    started: float = 0.0
    ended: float | None = None

    def bmc(self, key: str) -> Bmc:
        """Raises KeyError."""
        return next(bmc for bmc in self.bmcs if bmc.key == key)

    def with_bmcs(self, changed: Sequence[Bmc]) -> Campaign:
        """With these in place of those of their keys."""
        by_key = {bmc.key: bmc for bmc in changed}
        return replace(self, bmcs=tuple(by_key.get(bmc.key, bmc) for bmc in self.bmcs))

    @property
    def begun(self) -> bool:
        """Whether anything was submitted."""
        return any(bmc.begun is not None for bmc in self.bmcs)

    @property
    def waves(self) -> tuple[int, ...]:
        """The numbers of the waves in which something is left to do."""
        return tuple(sorted({bmc.wave for bmc in self.bmcs if bmc.wave != NO_WAVE and (bmc.open or bmc.away)}))

    @property
    def failed(self) -> int:
        """How many BMCs count against the budget."""
        return sum(bmc.failed for bmc in self.bmcs)


def as_data(campaign: Campaign) -> dict[str, Any]:
    """Plain data, for the state file."""
    return {"schema": SCHEMA, **asdict(campaign)}


def from_data(data: Mapping[str, Any]) -> Campaign:
    """The campaign of a state file. Raises ValueError for what is none."""
    if data.get("schema") != SCHEMA:
        raise ValueError(f"its schema is {data.get('schema')!r}, not {SCHEMA!r}")
    try:
        bmcs = tuple(_bmc(entry) for entry in data["bmcs"])
        return Campaign(**{**_known(Campaign, data), "bmcs": bmcs})
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"it is incomplete: {error}") from error


def _bmc(entry: Mapping[str, Any]) -> Bmc:
    told = _known(Bmc, entry)
    return Bmc(**{**told, "hosts": tuple(told["hosts"]), "updates": tuple(told["updates"])})


def _known(kind: type[Any], data: Mapping[str, Any]) -> dict[str, Any]:
    return {entry.name: data[entry.name] for entry in fields(kind)}
