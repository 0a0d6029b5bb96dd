# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits until written BIOS values wait, or are truly active, or were refused."""

from __future__ import annotations

from dataclasses import dataclass

from ..._core.clock import Clock
from ..._core.errors import BadAnswer, BmcError, CutOff, NotReached, RefusedByBmc, Unreachable
from ..._redfish.bios import settings_result
from ..._redfish.task import task_status
from ..connect import Bmc
from ..identity import same_machine
from ..settlement import Patience
from .course import Course
from .state import bios_of
from .values import same, shown_of

# So many looks in a row at values that neither wait nor are active: then the BIOS has dropped them.
_DROPPED_AFTER = 6
# So many looks at a BIOS that was reset and shows nothing that waits: what is not at its default then has survived it.
_DEFAULTS_AFTER = 30
# A BMC shows a change that it took at once, or shortly after. Seconds.
_SHOWN_WITHIN = 60.0


@dataclass
class BiosSettlement:
    """Looks at the BIOSes of one BMC."""

    bmc: Bmc
    clock: Clock
    patience: Patience

    def await_taken(self, course: Course) -> None:
        """Wait until the BMC shows what it took, as waiting or as active. Raises NotReached where it never does."""
        deadline = self.clock.monotonic() + min(_SHOWN_WITHIN, self.patience.timeout)
        while True:
            seen = self._looked(course)
            lost = [name for name, value in course.wanted.items() if not same(value, course.now.after.get(name))]
            if (seen and not lost) or not self.patience.waits:
                return
            if self.clock.monotonic() >= deadline:
                raise NotReached(
                    f"the BMC took the change of the BIOS and does not keep {', '.join(lost)}",
                    why=f"{course.now.settings_uri} does not show it as waiting",
                    way_out="The BMC dropped it in silence: look at its log, at its licence, and at bmc_info.",
                )
            self.clock.sleep(self.patience.interval)

    def await_active(self, course: Course) -> None:
        """Wait until nothing asked for waits any more. Raises NotReached with the attributes that are not active."""
        deadline = self.clock.monotonic() + self.patience.timeout
        dropped = settled = 0
        while True:
            seen = self._looked(course)
            work = self._work(course) if seen else ""
            if not self.patience.waits:
                return
            if seen and not course.waiting and not work:
                settled += 1
                left = course.off_default(course.now)
                if not left or settled >= _DEFAULTS_AFTER:
                    course.note = f"not at their defaults: {', '.join(left)}" if left else ""
                    return
            if seen:
                self._require_not_refused(course)
                gone = bool(course.missing) and not work and not course.now.defaults_pending
                gone = gone and not any(name in course.now.pending for name in course.missing)
                dropped = dropped + 1 if gone else 0
            if dropped >= _DROPPED_AFTER:
                raise _not_active(course, course.missing, "they do not wait any more, and the BIOS gives no reason")
            if self.clock.monotonic() >= deadline:
                why = work or f"{self.patience.timeout:g} s have passed"
                raise _not_active(course, course.missing, why)
            self.clock.sleep(self.patience.interval)

    def _looked(self, course: Course) -> bool:
        """Whether the BMC could be seen. It may be away for a while, or under load, while the host starts."""
        try:
            with self.bmc.client.apart():
                system = self.bmc.service.fresh(course.system.uri)
                same_machine(course.machine, system)
                course.now = bios_of(self.bmc, system, fresh=True)
        except (Unreachable, CutOff) as _away:
            return False
        except RefusedByBmc as error:
            # While the host starts some BMCs have no BIOS to show.
            if error.status < 500 and error.status != 404:
                raise
            return False
        return True

    def _work(self, course: Course) -> str:
        """What of the BMC's own work is not done yet. Raises NotReached where its job failed."""
        service, driver = self.bmc.service, self.bmc.driver.bios
        with self.bmc.client.apart():
            try:
                job = service.fresh(course.job) if course.job else None
                unfinished = driver.unfinished(service, course.now.settings)
            except (Unreachable, RefusedByBmc, BadAnswer):
                # A job that vanished tells nothing; what is active does.
                return ""
        status = task_status(job) if job is not None else None
        if status is not None and status.failed:
            why = f"job {status.state}, {status.said or 'without a word'}"
            raise _not_active(course, course.missing, why, status.message_id)
        return unfinished

    def _require_not_refused(self, course: Course) -> None:
        told = settings_result(course.now.document)
        if told.mark == course.result.mark:
            return
        refused = [name for name in course.missing if name in told.refused]
        if not refused and "" in told.refused:
            refused = [name for name in course.missing if name not in course.now.pending]
        if refused:
            why = "; ".join(dict.fromkeys(f"{told.refused.get(name, told.refused.get(''))}" for name in refused))
            raise _not_active(course, refused, why)


def _not_active(course: Course, names: list[str], why: str, message_id: str = "") -> BmcError:
    current = course.now.current
    values = {name: (shown_of(name, current.get(name)), shown_of(name, course.wanted[name])) for name in names}
    listed = ", ".join(f"{name} is {now}, wanted {wanted}" for name, (now, wanted) in values.items())
    return NotReached(
        f"the BIOS of system {course.system.id} did not take up {', '.join(names) or 'the change'}",
        why=f"{listed}: {why}" if listed else why,
        message_id=message_id,
        way_out="Look at the BMC's log and at the host's console; bmc_info with gather_subset: bios shows what waits.",
    )
