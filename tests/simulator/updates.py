# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An update of a BMC's firmware: what was asked for, how far it is, and what it comes to.

An image that has arrived whole is written in `timing.flash` seconds. What then must restart before it runs, and who
restarts it, is the dialect's: see update_rules/rules.py. A BMC that is restarted while it writes loses the update.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .images import Image
from .standard import TASKS, UPDATE_SERVICE
from .update_rules.rules import BMC, HOST, IMMEDIATE, MANAGER, NEVER, NOTHING, ON_START, POWER, REFUSED, Item, Updates

if TYPE_CHECKING:
    from .bmc import Bmc
    from .clock import Timer
    from .host import Host

DOWNLOADING, UPLOADING, WAITING, FLASHING, PENDING, COMPLETED, FAILED = (
    "Downloading", "Uploading", "Waiting", "Flashing", "Pending", "Completed", "Failed",
)  # fmt: skip
ARRIVING = (DOWNLOADING, UPLOADING)
RUNNING = (*ARRIVING, WAITING, FLASHING)
# What a fault of the kind `update` does; faults.py and the README say when.
FAULTS = (
    "refuses", "vanishes", "fails", "hangs", "lies", "reboots", "reboots_and_loses", "logs_out", "old_version",
    "third_version", "another_identity", "renumbers",
)  # fmt: skip
_HUNG_AT = 42


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for. method: the action or property by which; targets: ids of the firmware, () where the image
    alone says it; apply: the apply time, "" where none is known; faults: of FAULTS; odd: of those of a download;
    forced: the same version again, too.
    """

    method: str
    url: str = ""
    targets: tuple[str, ...] = ()
    apply: str = ""
    faults: tuple[str, ...] = ()
    odd: str = ""
    forced: bool = False


class Update:
    """One update, from its acceptance on.

    taken: the bytes that came, all of them. intact: whether they are what was made; None as long as nobody knows.
    reboots: how often the BMC restarted a host for it; boots: how often a host that it waited for started. restarted:
    the BMC was, after its end. result_read: a client has had the end from a monitor that tells it once.
    """

    def __init__(self, bmc: Bmc, number: int, request: Request) -> None:
        self.number = number
        self.request = request
        self.bmc = bmc
        self.state = DOWNLOADING if request.url else UPLOADING
        self.why = ""
        self.taken = 0
        self.intact: bool | None = None
        self.component = ""
        self.version = ""
        self.items: tuple[Item, ...] = ()
        self.reboots = 0
        self.boots = 0
        self.accepted = bmc.clock.time()
        self.started: float | None = None
        self.ended: float | None = None
        self.lied = False
        self.forgotten = False
        self.restarted = False
        self.result_read = False
        self._waits: list[Item] = []
        self._waits_since = 0.0
        self._timers: list[Timer] = []

    @property
    def rules(self) -> Updates:
        rules = self.bmc.profile.updates
        assert rules is not None
        return rules

    @property
    def runs(self) -> bool:
        return self.state in RUNNING

    @property
    def percent(self) -> int:
        """How much of the image is written, as the BMC tells it."""
        if self.state != FLASHING:
            return 0 if self.runs else 100
        if "hangs" in self.request.faults:
            return _HUNG_AT
        assert self.started is not None
        share = (self.bmc.clock.time() - self.started) / max(self.bmc.settings.timing.flash, 0.001)
        return min(99, int(share * 100))

    @property
    def is_told(self) -> bool:
        """Whether there is a task of it still."""
        return not self.forgotten and ("vanishes" not in self.request.faults or self.state in ARRIVING)

    # What happens to it

    def arrived(self, image: Image) -> None:
        """The image is there whole."""
        if not self.runs:
            return
        self.intact = True
        self.component, self.version = image.component, image.version
        if self.request.apply == NEVER:
            self.why = "it is stored, and was not to be written"
            self._become(COMPLETED)
            return
        targets = self.request.targets
        meant = tuple(item for item in self.bmc.updates.items if item.component == image.component)
        self.items = tuple(item for item in meant if (item.id in targets if targets else not item.spare))
        if not self.items or set(targets) - {item.id for item in self.items}:
            self.fail(f"the image is for {image.component}")
        elif self.rules.same and not self.request.forced and self._runs_already():
            self._is_the_same()
        elif self.request.apply == ON_START:
            self._become(WAITING)
        else:
            self.start()

    def _runs_already(self) -> bool:
        hardware = self.bmc.hardware
        return all(hardware.version(item.id, hardware.factory_version(item.id)) == self.version for item in self.items)

    def _is_the_same(self) -> None:
        """The version runs already: some refuse it, some have nothing to do."""
        if self.rules.same == REFUSED:
            self.fail("this version is there already")
        else:
            self.why = "this version runs already, and force was not asked for"
            self._become(COMPLETED)

    def start(self) -> None:
        """Write the image, now or when the host boots."""
        at_boot = [item for item in self.items if item.restart in (HOST, POWER)]
        if self.rules.flashes_at_boot and at_boot:
            self._wait(at_boot)
        else:
            self._flash()

    def fail(self, why: str) -> None:
        """It ends without effect."""
        if self.runs:
            self.why = why
            self.stop()
            self._become(FAILED)

    def stop(self) -> None:
        """Let nothing more come of it by itself."""
        for timer in self._timers:
            timer.cancel()
        self._timers = []

    def abandon(self) -> None:
        """The BMC is as new: not even what is still on its way may come to anything."""
        self.stop()
        self.state = FAILED

    def host_boots(self, host: Host) -> None:
        """A host boots, with what waited for that."""
        if self.state != PENDING:
            return
        cold = host.off_at >= self._waits_since
        ready = [
            item
            for item in self._waits
            if self.host(item) is host and (item.restart == HOST or (item.restart == POWER and cold))
        ]
        if ready:
            self.boots += 1
            self._flash() if self.rules.flashes_at_boot else self._run(ready)

    def manager_restarts(self) -> None:
        """The BMC restarts, whoever wanted that."""
        self.forgotten = self.forgotten or self.rules.forgetful
        if self.runs and "reboots" not in self.request.faults:
            self.fail("the BMC was restarted")
        self.other_manager_restarts("")
        self.restarted = not self.runs

    def other_manager_restarts(self, uri: str) -> None:
        """A manager restarts, with what waited for that; "" for the BMC."""
        if self.state == PENDING:
            self._run([item for item in self._waits if item.restart == MANAGER and item.manager == uri])

    def host(self, item: Item) -> Host | None:
        """The host that a firmware belongs to; None for a BMC without."""
        hosts = self.bmc.hosts
        return hosts[item.host] if item.host else next(iter(hosts.values()), None)

    def _flash(self) -> None:
        clock, seconds, faults = self.bmc.clock, self.bmc.settings.timing.flash, self.request.faults
        self.started = clock.time()
        self._become(FLASHING)
        if "logs_out" in faults:
            self.bmc.sessions.clear()
        if "reboots" in faults or "reboots_and_loses" in faults:
            self._timers.append(clock.later(seconds / 2, lambda: self.bmc.restart("update")))
        if "hangs" not in faults:
            self._timers.append(clock.later(seconds, self._flashed))

    def _flashed(self) -> None:
        self._timers = []
        if "fails" in self.request.faults:
            self.fail("the flash was not written")
        elif "lies" in self.request.faults:
            self.lied = True
            self._become(COMPLETED)
        else:
            waiting = [item for item in self.items if self._must_wait(item)]
            self._wait(waiting) if waiting else self._run(list(self.items))

    def _must_wait(self, item: Item) -> bool:
        """Whether what is written now runs only after a restart that comes later."""
        if item.restart in (NOTHING, BMC) or self.rules.flashes_at_boot:
            return False
        host = self.host(item)
        if item.restart == MANAGER:
            return not self._restarts_by_itself
        return host is not None and host.power_state != "Off"

    @property
    def _restarts_by_itself(self) -> bool:
        return self.rules.restarts and self.request.apply == IMMEDIATE

    def _wait(self, items: list[Item]) -> None:
        self._waits, self._waits_since = items, self.bmc.clock.time()
        for item in self.items:
            if item.pending:
                self.bmc.hardware.flash(item.pending, self.version)
        self._become(PENDING)
        if self._restarts_by_itself:
            for host in {self.host(item) for item in items} - {None}:
                assert host is not None
                self.reboots += 1
                host.reset("ForceRestart" if host.power_state == "On" else "On")

    def _run(self, items: list[Item]) -> None:
        """Let the new version of these run."""
        faults = self.request.faults
        version = f"{self.version}-other" if "third_version" in faults else self.version
        for item in items:
            if "old_version" not in faults:
                self.bmc.hardware.replace(item.id, version, item.previous)
            if item.pending:
                self.bmc.hardware.flash(item.pending, self.bmc.hardware.factory_version(item.pending))
        self._waits = [item for item in self._waits if item not in items]
        if items and not self._waits:
            self._become(COMPLETED)
        restarts = {BMC, MANAGER} if self._restarts_by_itself else {BMC}
        if any(item.restart in (BMC, MANAGER) and not item.manager for item in items):
            self._return_otherwise()
        if any(item.restart in restarts for item in items):
            self.bmc.restart("update")

    def _return_otherwise(self) -> None:
        """Let the BMC come back as a fault has it."""
        if "another_identity" in self.request.faults:
            self.bmc.be_another()
        if "renumbers" in self.request.faults:
            self.bmc.hardware.renumber()

    def _become(self, state: str) -> None:
        self.bmc.note(UPDATE_SERVICE, f"Update {self.number}", self.state, state, self.why or "update")
        self.bmc.hardware.touch([UPDATE_SERVICE, TASKS, *self.rules.tasks(self)])
        self.state = state
        if state in (COMPLETED, FAILED):
            self.ended = self.bmc.clock.time()

    # The test's view

    def told(self) -> dict[str, object]:
        """Return the truth of it."""
        named = tuple(item.id for item in self.items) or self.request.targets
        known = (
            "number", "component", "version", "state", "why", "taken", "accepted", "started", "ended", "reboots",
            "boots",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in known},
            "method": self.request.method,
            "url": self.request.url,
            "apply": self.request.apply,
            "image": next(iter(named), ""),
            "images": list(named),
            "sha256_ok": self.intact,
        }
