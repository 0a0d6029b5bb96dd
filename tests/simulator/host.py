# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One computer system behind a BMC: what a reset does to it, and when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from .clock import Clock, Timer
from .settings import Settings


class Owner(Protocol):
    """What a host needs of its BMC."""

    settings: Settings

    @property
    def clock(self) -> Clock:
        """The time."""

    def booting(self, system: str) -> None:
        """Note that a host begins to boot."""

    def booted(self, system: str) -> None:
        """Note that the firmware of a host is through."""

    def record(self, resource: str, name: str, before: object, after: object, cause: str) -> None:
        """Note a change of the truth in the BMC's history."""


class Host:
    """A computer system. Its attributes are the truth; Redfish documents are views of it.

    A reset that was accepted takes effect after the declared time. Another one that is accepted meanwhile takes its
    place, as a real front panel would have it: there is one power supply and the last press counts.
    """

    __slots__ = (
        "_action",
        "_bmc",
        "_post",
        "booted_at",
        "boots",
        "discovered_at",
        "id",
        "in_post",
        "nmis",
        "off_at",
        "power_state",
        "uri",
    )

    def __init__(self, bmc: Owner, identifier: str, power_state: str) -> None:
        self._bmc = bmc
        self.id = identifier
        self.uri = f"/redfish/v1/Systems/{identifier}"
        self.power_state = power_state
        self.in_post = False
        self.boots = 0
        self.nmis = 0
        # A plausible past: it was booted a day before the fleet was started.
        self.booted_at = bmc.clock.time() - 86400
        self.discovered_at = self.booted_at
        self.off_at = self.booted_at
        self._action: Timer | None = None
        self._post: Timer | None = None

    @property
    def rests(self) -> bool:
        """Whether its power went off so recently that a BMC may refuse to switch it on again."""
        return self.power_state == "Off" and self._bmc.clock.time() < self.off_at + self._bmc.settings.timing.rest

    def reset(self, reset_type: str) -> None:
        """Start what the ResetType asks for. What makes no sense in the present state has no effect."""
        timing = self._bmc.settings.timing
        graceful = self._bmc.settings.graceful == "honoured"
        on = self.power_state == "On"
        if reset_type in ("On", "ForceOn") and not on:
            self._start(timing.on, self._boot, reset_type)
        elif reset_type in ("ForceOff", "Off") and not on:
            self.stop()
        elif reset_type == "ForceOff":
            self._start(timing.force, self._off, reset_type)
        elif reset_type in ("GracefulShutdown", "Off") and on and graceful:
            self._start(timing.graceful, self._off, reset_type)
        elif reset_type == "ForceRestart" and on:
            self._start(timing.restart, self._boot, reset_type)
        elif reset_type == "GracefulRestart" and on and graceful:
            self._start(timing.graceful + timing.restart, self._boot, reset_type)
        elif reset_type == "PowerCycle" and on:
            self._start(timing.force, self._off_then_on, reset_type)
        elif reset_type == "PushPowerButton":
            self.reset("GracefulShutdown" if on else "On")
        elif reset_type == "Nmi" and on:
            self._bmc.record(self.uri, "Nmi", self.nmis, self.nmis + 1, reset_type)
            self.nmis += 1

    def set_power(self, power_state: str, cause: str) -> None:
        """Make the power state the truth at once, and forget what was under way."""
        self.stop()
        self._change(power_state, cause)

    def stop(self) -> None:
        """Cancel everything that is under way."""
        for timer in (self._action, self._post):
            if timer is not None:
                timer.cancel()
        self._action = self._post = None
        self.in_post = False

    def _start(self, delay: float, effect: Callable[[str], None], cause: str) -> None:
        if self._action is not None:
            self._action.cancel()
        self._action = self._bmc.clock.later(delay, lambda: effect(cause))

    def _change(self, power_state: str, cause: str) -> None:
        if power_state != self.power_state:
            self._bmc.record(self.uri, "PowerState", self.power_state, power_state, cause)
            self.power_state = power_state
            if power_state == "Off":
                self.off_at = self._bmc.clock.time()

    def _off(self, cause: str) -> None:
        self.stop()
        self._change("Off", cause)

    def _off_then_on(self, cause: str) -> None:
        self._off(cause)
        self._start(self._bmc.settings.timing.on, self._boot, cause)

    def _boot(self, cause: str) -> None:
        self.stop()
        self._change("On", cause)
        self._bmc.record(self.uri, "Boots", self.boots, self.boots + 1, cause)
        self.boots += 1
        # Whole seconds are what Redfish shows of it, so two boots within one second must still differ.
        self.booted_at = max(self._bmc.clock.time(), self.booted_at + 1)
        self.in_post = True
        self._bmc.booting(self.id)
        self._post = self._bmc.clock.later(self._bmc.settings.timing.post, self._finish_post)

    def _finish_post(self) -> None:
        self.in_post = False
        self.discovered_at = max(self._bmc.clock.time(), self.discovered_at + 1)
        self._post = None
        self._bmc.booted(self.id)


class Slot(Host):
    """The power of a chassis itself. Nothing that boots is known of it."""

    __slots__ = ()

    def __init__(self, bmc: Owner, identifier: str, power_state: str) -> None:
        super().__init__(bmc, identifier, power_state)
        self.uri = f"/redfish/v1/Chassis/{identifier}"

    def _boot(self, cause: str) -> None:
        self.stop()
        self._change("On", cause)
