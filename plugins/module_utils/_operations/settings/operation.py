# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of a BMC: observe, compare, plan, then write, read back, and reset the manager where it says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..._core.clock import Clock
from ..._core.errors import BmcError, Busy, LoginRefused, RefusedByBmc
from ..._redfish.resource import uri_of
from ..._redfish.service import key
from .. import power
from ..connect import Bmc
from ..settlement import Settlement
from ..transition import Transition, make_handle
from ..writes import Write, WriteGate
from .names import group
from .plan import CHANGED, UNCHANGED, Observation, Setting, SettingsRequest, Step, observe, plan, read_again
from .verify import read_back

# A graceful restart where the BMC has one; a manager's restart leaves its hosts alone.
_RESET = "soft_restart"


@dataclass
class SettingsResult:
    """What came of it.

    plan: the writes that a run sends; reset_plan: the reset that it sends only if the BMC then says that it needs one.
    reset: that reset, None where none was sent. handle: of a reset that nobody waited for; bmc_power settles it.
    stopped: what ended it before all was tried.
    """

    settings: list[Setting]
    plan: list[Write]
    reset_plan: list[Write] = field(default_factory=list)
    reset: Transition | None = None
    handle: dict[str, Any] | None = None
    changed: bool = False
    stopped: BmcError | None = None

    @property
    def reset_needed(self) -> bool:
        """Settings wait for a reset of the manager."""
        return any(setting.pending for setting in self.settings)

    @property
    def error(self) -> BmcError | None:
        """What ended it, else the first error of a setting."""
        failed = (setting.error for setting in self.settings if setting.error is not None)
        return self.stopped or (self.reset.error if self.reset else None) or next(failed, None)


def run(bmc: Bmc, request: SettingsRequest, gate: WriteGate, clock: Clock) -> SettingsResult:
    """Carry out a request. Raises BmcError when nothing was sent yet."""
    return _Run(bmc, request, gate, clock).run()


@dataclass
class _Run:
    """One run. written: the URIs that it changed, or tried to, by their keys."""

    bmc: Bmc
    request: SettingsRequest
    gate: WriteGate
    clock: Clock
    written: dict[str, str] = field(default_factory=dict)

    def run(self) -> SettingsResult:
        if self.request.check_mode:
            result, _restart = self._planned(observe(self.bmc, self.request))
            result.changed = bool(result.plan)
            return result
        with self.gate.exclusively() as waited:
            if waited:
                self.bmc.service.forget()
            observation = observe(self.bmc, self.request)
            result, restart = self._planned(observation)
            if not result.plan:
                return result
            self.gate.claim(uri_of(observation.manager))
            self.gate.allow(result.plan + result.reset_plan)
            self._write(observation.steps, result)
            self._reset(observation, result, restart)
        return self._finished(observation, result)

    def _planned(self, observation: Observation) -> tuple[SettingsResult, power.PowerResult | None]:
        """The writes, and the reset of the manager: certain where something waits for it already, else possible."""
        result = SettingsResult(observation.settings, [step.write for step in observation.steps])
        may = bool(result.plan) and self.bmc.driver.settings.may_await_reset()
        if not self.request.reset or not (observation.waits or may):
            return result, None
        wanted = power.PowerRequest(
            state=_RESET,
            kind="manager",
            name=uri_of(observation.manager),
            identity=self.request.identity,
            patience=self.request.patience,
            escalate=True,
            host=self.request.host,
        )
        restart = power.observe_at_rest(self.bmc, wanted, self.gate, self.clock)
        if observation.waits:
            result.plan += restart.plan
        else:
            result.reset_plan = restart.plan
        return result, restart

    def _write(self, steps: Sequence[Step], result: SettingsResult) -> None:
        """Send the writes. A refusal is the answer of its settings, the others go on; what else fails ends it."""
        for step in steps:
            if any(setting.error for setting in step.settings) or _must_wait(step, result.settings):
                continue
            step.tried = True
            try:
                self._send(step.write, step)
            except BmcError as error:
                for setting in step.settings:
                    setting.fail(error)
                    setting.leave()
                if not _goes_on(error):
                    result.stopped = error
                    break
                continue
            for setting in step.settings:
                setting.moved = True
        _tell_what_is_left(steps, result)

    def _send(self, write: Write, step: Step) -> None:
        client, service = self.bmc.client, self.bmc.service
        # Also one that failed counts: who answers 500 may have done it.
        again = key(write.uri) in self.written
        self.written[key(write.uri)] = write.uri
        if write.method == "POST":
            client.post(write.uri, write.body)
        elif write.method == "DELETE":
            client.delete(write.uri)
        elif again:
            document = service.fresh(write.uri)
            self._refuse_moved(step)
            client.patch(write.uri, write.body, dict(document))
        else:
            client.patch(write.uri, write.body, dict(service.get(write.uri)))

    def _refuse_moved(self, step: Step) -> None:
        """The resource was read again for its new ETag: it must still ask for the same write. Raises Busy."""
        now = plan([read_again(self.bmc, self.request, setting) for setting in step.settings])
        if step.write not in [other.write for other in now]:
            raise Busy(
                f"{step.write.uri} was changed by someone else meanwhile",
                why="what was planned for it does not fit any more",
                way_out="Run the task again.",
            )

    def _reset(self, observation: Observation, result: SettingsResult, restart: power.PowerResult | None) -> None:
        """Reset the manager, where what was written waits for that. The caller holds the gate."""
        if result.stopped is not None:
            return
        try:
            self._look_for_pending(result)
        except BmcError as error:
            result.stopped = error
            return
        if not result.reset_needed or restart is None:
            return
        (transition,) = restart.transitions
        result.reset = transition
        self._settlement().submit(transition)

    def _look_for_pending(self, result: SettingsResult) -> None:
        """Whether the resources that were written say now that they wait for a reset."""
        driver, service = self.bmc.driver.settings, self.bmc.service
        if not driver.may_await_reset():
            return
        held = {key(uri) for setting in result.settings for uri in setting.resources}
        told = {name: driver.awaits_reset(service.fresh(uri)) for name, uri in self.written.items() if name in held}
        for setting in result.settings:
            setting.pending = setting.pending or any(told.get(key(uri), False) for uri in setting.resources)

    def _settlement(self) -> Settlement:
        # The intent of the whole run was told before the first write.
        return Settlement(self.bmc, self.gate, self.clock, self.request.patience, allowed=True)

    def _finished(self, observation: Observation, result: SettingsResult) -> SettingsResult:
        reset, waits = result.reset, self.request.patience.waits
        if reset is not None and waits and reset.error is None:
            self._settlement().settle([reset])
        if reset is not None and reset.error is None and not reset.done:
            result.handle = make_handle(_RESET, str(self.bmc.origin), [reset])
            self.gate.remember(reset.uri, reset.memory())
        elif reset is not None and reset.error is None:
            self.gate.forget(reset.uri)
            for setting in result.settings:
                setting.pending = False
        if reset is None or (reset.done and reset.error is None):
            read_back(self.bmc, self.request, result.settings, self.clock)
        result.changed = bool(reset and reset.sent) or any(setting.moved for setting in result.settings)
        return result


def _must_wait(step: Step, settings: Sequence[Setting]) -> bool:
    """Whether it would lock up or cut off a BMC that did not take all that comes before."""
    return any(setting.is_last for setting in step.settings) and any(setting.error for setting in settings)


def _tell_what_is_left(steps: Sequence[Step], result: SettingsResult) -> None:
    """What came of settings that were not written, or not wholly, because something else failed."""
    tried = {setting.name for step in steps if step.tried for setting in step.settings}
    left = {setting.name for step in steps if not step.tried for setting in step.settings}
    for setting in result.settings:
        if setting.error is not None:
            continue
        if setting.name in left and setting.name in tried and result.error is not None:
            setting.fail(result.error)
            setting.note = "not all of it was tried, after what failed"
        elif setting.name in left:
            setting.state, setting.note = UNCHANGED, "not tried, after what failed"
            setting.leave()
        elif setting.state == CHANGED and setting.name not in tried:
            _with_the_others(setting, result.settings)


def _with_the_others(setting: Setting, settings: Sequence[Setting]) -> None:
    """A setting without a write of its own (the port of a new Lenovo recipient) fares as the others of its group."""
    for other in settings:
        if other.error is not None and group(other.name) == group(setting.name):
            setting.fail(other.error)
            setting.leave()


def _goes_on(error: BmcError) -> bool:
    """Whether the other settings can still be tried: the BMC said no to this one, and did nothing."""
    return isinstance(error, (Busy, RefusedByBmc)) or (isinstance(error, LoginRefused) and error.status == 403)
