# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Follows an update to its end: the transfer, the flash, the BMC's own restart, and the version that then runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..._core.clock import Clock
from ..._core.errors import BmcError, NotReached, UpdateFailed
from ..._firmware.staging.fetched import Fetched
from ..._firmware.staging.stage import Stage
from ..._firmware.staging.waiting import await_fetched
from ...vendor_api.firmware_v1 import FAILED, FINISHED, RUNNING, UNTOLD, WAITING
from ...vendor_api.v1 import UpdateStatus
from .course import MANAGER, PENDING_REBOOT, POWER_CYCLE, UNSEEN, UPDATED, Batch
from .request import Tell, Times
from .submission import PENDING, Submission
from .told import FLASHED_WITHIN
from .versions import same_version
from .watch import Watch

GOOD_ANSWERS = 3
"""So many in a row show that a BMC is back for good (openstack ironic, firmware.py)."""

SHOWN_WITHIN = 300.0
"""Seconds after which an inventory shows what runs (ironic, firmware_update_bmc_version_check_timeout)."""

STALLED_AFTER = 300.0
"""Seconds without a byte, after which a BMC does not fetch any more."""


def fetch(watch: Watch, batch: Batch, stage: Stage, times: Times, end: float, tell: Tell) -> None:
    """Wait until the BMC has fetched the image, and keep whether that was seen. end: seconds since the epoch.

    Raises NotReached, UpdateFailed.
    """
    clock = watch.clock
    begun = looked = clock.wall()

    def each(fetched: Fetched) -> None:
        nonlocal looked
        now = clock.wall()
        tell("transfer", 100 * fetched.received // max(fetched.size, 1), "")
        # Not once it is whole: that is to be remembered first, in case this task is killed.
        if not fetched.complete and now - looked >= times.interval:
            looked = now
            require_not_failed(batch, watch.look(batch))
        # Why one never came at all is for the stage to say.
        if fetched.last is not None and (now - begun >= times.transfer or now >= end):
            raise NotReached(
                f"{batch.about()}: the BMC has not fetched the image in time",
                why=f"{fetched.received} of {fetched.size} bytes in {now - begun:.0f} s",
                way_out="Its log may say why. A larger transfer_timeout gives it longer.",
            )

    within = min(times.transfer, max(end - begun, 0.0))
    found = await_fetched(stage, clock, begun_within=within, stalled_after=min(within, STALLED_AFTER), watch=each)
    batch.submission.seen = found is not None


@dataclass
class Following:
    """One wait, for one batch. start: sends the request that begins what waits. restarted: the host was, for this.

    end: when the task stops looking, seconds since the epoch. good: answers in a row that show success. since: when
    the BMC had the image, or the host had restarted.
    """

    watch: Watch
    batch: Batch
    times: Times
    start: Callable[[Batch], None]
    end: float
    tell: Tell
    restarted: bool = False
    good: int = 0
    since: float = field(init=False)

    def __post_init__(self) -> None:
        self.since = self.clock.wall() if self.restarted else self.submission.arrived

    @property
    def clock(self) -> Clock:
        return self.watch.clock

    @property
    def submission(self) -> Submission:
        """What is followed."""
        return self.batch.submission

    def ended(self) -> bool:
        """One look; whether the new versions run, or wait for a restart of the host: the courses say which.

        Raises UpdateFailed where it is over without success, NotReached where it may still succeed.
        """
        status = self.watch.look(self.batch)
        if status is None:
            self.good = 0
            self.tell("return", None, self.watch.said)
            self._require_return()
        else:
            self.tell("apply", status.percent, status.said)
            require_not_failed(self.batch, status)
            if status.state == WAITING:
                self.start(self.batch)
            if status.state == RUNNING and not self.batch.method.pull:
                # It is at what was uploaded, also where the answer to that is missing.
                self.submission.seen = True
            self._count(status)
            if self.good >= self._needed():
                self.batch.become(UPDATED)
                return True
            if self._waits_for_restart(status):
                return True
            self._require_shown(status)
        if not self.good:
            # A look that shows success is followed by two more at the most, however late the first one comes.
            self._require_time(over=status is not None and status.state == FINISHED)
        return False

    def _count(self, status: UpdateStatus) -> None:
        """Count a look that shows success: the update's end or the transition observed, and the versions read back."""
        gone, told = self._gone(status), status.state == FINISHED
        # A task that the BMC's restart has left behind says "Running" for ever.
        over = told or status.state == UNTOLD or gone
        observed = told or gone or self.restarted or self._moved()
        self.good = self.good + 1 if self.batch.reached and over and observed else 0
        # A task may vanish with the BMC's restart (iDRAC), and Cray EX never has one. For the firmware of a host that
        # says nothing: the network may have been away, and a restart of the host would cut the flash off.
        restarted = status.state == UNTOLD and gone and self._takes_bmc()
        if (told or restarted) and not self.submission.finished:
            self.submission.finished = self.clock.wall()

    def _gone(self, status: UpdateStatus) -> bool:
        """Whether it was away for the update, as far as the version bears that out.

        One that is sent again by force shows nothing, and the network may have been away: then a BMC's restart is
        believed of one that tells nothing, once it has had the time for its flash.
        """
        before, wanted = self.submission.before, self.submission.wanted
        if not self.submission.gone or any(not same_version(before.get(key, ""), wanted[key]) for key in wanted):
            return self.submission.gone
        return status.state == UNTOLD and self._takes_bmc() and self._flashed()

    def _moved(self) -> bool:
        before = self.submission.before
        return any(course.now.version != before.get(course.software.key) for course in self.batch.courses)

    def _flashed(self) -> bool:
        """Whether a BMC that tells nothing has had the time for it, since it took the image."""
        longest = max(course.duration for course in self.batch.courses) or FLASHED_WITHIN
        return self.clock.wall() - self.submission.arrived >= min(longest, self.times.apply)

    def _takes_bmc(self) -> bool:
        return any(course.restart in (MANAGER, POWER_CYCLE) for course in self.batch.courses)

    def _needed(self) -> int:
        return GOOD_ANSWERS if self.submission.gone or self._takes_bmc() else 1

    def _waits_for_restart(self, status: UpdateStatus) -> bool:
        waiting = [course for course in self.batch.courses if not course.reached]
        by_others = bool(waiting) and all(course.waits_for_others for course in waiting)
        known = self.submission.finished or self.submission.phase == PENDING
        flashed = known or (status.state == UNTOLD and self._flashed())
        if self.restarted or not by_others or not flashed or status.state == RUNNING:
            return False
        if not known and not self.submission.seen:
            raise unseen(self.batch)
        for course in self.batch.courses:
            course.state = UPDATED if course.reached else PENDING_REBOOT
            if course.restart == POWER_CYCLE and not course.reached:
                course.note = "it runs after the machine has lost its power"
        return True

    def _require_shown(self, status: UpdateStatus) -> None:
        """Raises UpdateFailed for what is over, and is not what was wanted."""
        over = self.submission.finished
        if not over or status.state == RUNNING or self.batch.reached:
            return
        # A host takes its time to start; what it flashes then counts from there.
        since, limit = (self.since, self.times.apply) if self.restarted else (over, SHOWN_WITHIN)
        if status.state == UNTOLD and not self.submission.task:
            # It was away: that may have been the network, and the flash goes on.
            limit = max(limit, FLASHED_WITHIN)
        if self.clock.wall() - since >= min(limit, self.times.apply):
            raise not_shown(self.batch)

    def _require_return(self) -> None:
        away_since, now = self.watch.away_since, self.clock.wall()
        if away_since is not None and now - away_since >= self.times.away:
            raise NotReached(
                "the BMC went away during its update and has not come back",
                why=f"no good answer for {now - away_since:.0f} s, last: {self.watch.said}",
                way_out="It may still be flashing: do not cut its power. return_timeout gives it longer.",
            )

    def _require_time(self, *, over: bool) -> None:
        now = self.clock.wall()
        # What is well by now only needs as many good answers, however late somebody looks.
        if self.good or (now < self.since + self.times.apply and now < self.end):
            return
        if over and not self.batch.reached:
            raise not_shown(self.batch)
        about, said = self.batch.about(), self.watch.said or "nothing"
        if self.batch.reached:
            raise NotReached(
                f"{about} shows the version that is wanted, but nothing shows that this update has ended",
                why=f"the BMC says: {said}",
                way_out="It may still be running: look at the BMC's tasks.",
            )
        raise NotReached(
            f"the update of {about} has not ended in time, it may still be running",
            why=f"after {now - self.submission.started:.0f} s the BMC says: {said}",
            way_out="Give the handle of this result to look again; apply_timeout and timeout give it longer.",
        )


def require_not_failed(batch: Batch, status: UpdateStatus | None) -> None:
    """Raises UpdateFailed where the BMC says so."""
    if status is not None and status.state == FAILED:
        raise UpdateFailed(
            f"the update of {batch.about()} failed",
            why=f"the BMC says: {status.said or 'nothing more'}",
            message_id=status.message_id,
            way_out="Look at the BMC's log. It is not tried again by itself: a second flash may do harm.",
        )


def unseen(batch: Batch) -> BmcError:
    """The error for a BMC that tells nothing, of which nobody knows either whether it has fetched the image."""
    return NotReached(
        f"nothing shows whether the update of {batch.about()} has begun",
        why=f"the BMC tells nothing of it, and {UNSEEN}",
        way_out="Its own log, or that of the web server, may say so: do not restart the host before. What bmc_staging"
        " stages on the machine where this task runs is seen to be fetched.",
    )


def not_shown(batch: Batch) -> BmcError:
    """The error for an update that is over, and whose versions are not what was wanted."""
    why = "; ".join(
        f"{course.software.id} shows {course.now.version or 'nothing'}"
        + ("" if course.moved else ", as before")
        + f", wanted {course.wanted}"
        for course in batch.courses
        if not course.reached
    )
    return UpdateFailed(
        f"the update of {batch.about()} did not bring the version that is wanted",
        why=why,
        way_out="Look at the BMC's log. Where the image is right, the inventory may write its version otherwise.",
    )
