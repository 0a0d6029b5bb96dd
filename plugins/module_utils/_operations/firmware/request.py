# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task may ask of firmware, and what of that cannot be meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..._core.errors import InvalidRequest

NEVER, WHEN_NEEDED = "never", "when_needed"
REBOOTS = (NEVER, WHEN_NEEDED)
AUTO, PULL, PUSH = "auto", "pull", "push"
TRANSFERS = (AUTO, PULL, PUSH)


@dataclass(frozen=True)
class Which:
    """What is to be updated. One of them, or none: then the image's components say it.

    component: a plain name, or an inventory's Id or Name. targets: URIs or Ids of the inventory. all_compatible:
    everything that the image is for. system: Id of the node, where a BMC has several.
    """

    component: str = ""
    targets: tuple[str, ...] = ()
    all_compatible: bool = False
    system: str = ""


@dataclass(frozen=True)
class Allowed:
    """What the task may do beyond bringing a newer version in."""

    downgrade: bool = False
    force: bool = False
    bmc_reset: bool = False
    reboot: str = NEVER


@dataclass(frozen=True)
class Times:
    """Seconds. overall: for all updates of the task. transfer: until the BMC has the image. apply: from there until it
    is flashed, and after a restart of the host until it runs. away: for which the BMC may be gone. reset: for each
    reset of a host's restart. interval: between two looks.
    """

    overall: float = 7200.0
    transfer: float = 1800.0
    apply: float = 3600.0
    away: float = 900.0
    reset: float = 300.0
    interval: float = 10.0


class Tell(Protocol):
    """Takes how far an update is, for who watches the run."""

    def __call__(self, phase: str, percent: int | None, note: str) -> None:
        """phase: "wait", "transfer", "apply" or "return". note: the BMC's own words."""


@dataclass(frozen=True)
class FirmwareRequest:
    """What a task asks for.

    version: that the inventory is to show; "" for what the image says. transfer: one of TRANSFERS. restart: the state
    of bmc_power that restarts a host. run: of Ansible, the same in all its tasks. handle: of an earlier task, or None.
    """

    which: Which
    allowed: Allowed
    times: Times
    version: str
    transfer: str
    restart: str
    identity: Mapping[str, Any]
    run: str = ""
    waits: bool = True
    check_mode: bool = False
    handle: Mapping[str, Any] | None = None


def require_sense(which: Which) -> None:
    """Raises InvalidRequest for a request that cannot be meant, before anything is read."""
    named = [name for name in ("component", "targets", "all_compatible") if getattr(which, name)]
    if len(named) > 1:
        raise InvalidRequest(
            f"{' and '.join(named)} exclude each other", way_out="Give one of them, or none: the bundle says it then."
        )
