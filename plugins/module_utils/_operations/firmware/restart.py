# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The restarts that bring new firmware to run: planned by what waits for them, done as bmc_power does them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..._core.clock import Clock
from ..._core.errors import NotSupported
from ..allowed import AllowedGate
from ..connect import Bmc
from ..power import PowerRequest
from ..power import predict as predict_power
from ..power import run as run_power
from ..settlement import Patience
from ..targets import choose
from ..writes import WriteGate
from .course import HOST, MANAGER, Batch
from .request import Times

SOFT = "soft_restart"


@dataclass(frozen=True)
class Restart:
    """Of one BMC and its hosts. state: of bmc_power, for hosts. hosts: whether these may be restarted.

    allow: authorization and the line of intent.
    """

    bmc: Bmc
    gate: WriteGate
    clock: Clock
    state: str
    hosts: bool
    times: Times
    identity: Mapping[str, Any]
    allow: Callable[[], None]

    def plan(self, batch: Batch) -> None:
        """Put into the batch what the restarts send: of managers always, as the task allowed it, of hosts where asked.

        A host that is off is not powered on, and its course says so. Raises TargetUnknown where nobody can tell which
        host, NotSupported in the words of this module's options.
        """
        for manager in _managers(batch):
            self._predict(batch, "manager", manager)
        for system in _hosts(batch) if self.hosts else ():
            (target,) = choose(self.bmc, "system", system, self.identity)
            if target.power_state == "On":
                self._predict(batch, "system", target.id)
                batch.reboots = True
                continue
            for course in batch.courses:
                course.note = f"PowerState is {target.power_state}: it runs when the host is powered on"

    def run(self, batch: Batch) -> None:
        """Restart what waits for that. Raises what the restart ends with."""
        for manager in _managers(batch):
            self._restart("manager", manager)
            batch.submission.gone = True
        for system in _hosts(batch) if self.hosts else ():
            (target,) = choose(self.bmc, "system", system, self.identity)
            if target.power_state == "On":
                self._restart("system", target.id)
                batch.rebooted = True

    def _predict(self, batch: Batch, kind: str, name: str) -> None:
        try:
            predicted = predict_power(self.bmc, self._request(kind, name), self.gate)
        except NotSupported as error:
            way_out = "reboot: never leaves the update waiting, reboot_type: hard_restart may cut the power."
            raise NotSupported(error.what, why=error.why, way_out=way_out) from error
        batch.resets += predicted.plan
        batch.escalation += predicted.escalation

    def _restart(self, kind: str, name: str) -> None:
        gate = AllowedGate(self.gate, self.allow)
        outcome = run_power(self.bmc, self._request(kind, name), gate, self.clock)
        if outcome.error is not None:
            raise outcome.error

    def _request(self, kind: str, name: str) -> PowerRequest:
        patience = Patience(self.times.reset, self.times.interval, waits=True)
        state = self.state if kind == "system" else SOFT
        return PowerRequest(state, kind, name, self.identity, patience)


def _managers(batch: Batch) -> list[str]:
    """URIs of the managers that a client must reset for what does not run yet."""
    waiting = (course.software.manager for course in batch.courses if course.restart == MANAGER and not course.reached)
    return list(dict.fromkeys(filter(None, waiting)))


def _hosts(batch: Batch) -> list[str]:
    """Ids of the systems that must restart; "" for one that only choose() can find."""
    return list(
        dict.fromkeys(course.system for course in batch.courses if course.restart == HOST and not course.reached)
    )
