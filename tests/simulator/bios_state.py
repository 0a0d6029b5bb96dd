# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is active in the BIOS of one system, what waits, and what becomes of that when the host boots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .documents import timestamp
from .settings import InvalidInput, mapping, require_known_keys

if TYPE_CHECKING:
    from .bios import Bios
    from .bmc import Bmc

WAITS, AT_WORK, DONE, FAILED = "Scheduled", "Running", "Completed", "Failed"


@dataclass(slots=True)
class Job:
    """An iDRAC's job for a change."""

    id: str
    state: str = WAITS
    message: str = "Task successfully scheduled."


@dataclass(slots=True)
class BiosState:
    """The truth. waiting: values that differ from the active ones, or are the same, until the next boot takes them up.

    messages: what the BIOS tells of the last settings that it took up.
    """

    bios: Bios
    bmc: Bmc
    active: dict[str, object] = field(init=False)
    waiting: dict[str, object] = field(default_factory=dict)
    defaults_wait: bool = False
    messages: list[dict[str, object]] = field(default_factory=lambda: [{"MessageId": "Base.1.0.Success"}])
    taken_up: str = field(init=False)
    jobs: list[Job] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.active = {attribute.name: attribute.value for attribute in self.bios.attributes}
        self.taken_up = timestamp(self.bmc.clock.time() - 86400)

    @property
    def open_job(self) -> Job | None:
        """The job that has not ended."""
        return next((job for job in self.jobs if job.state in (WAITS, AT_WORK)), None)

    def wait(self, values: Mapping[str, object], cause: str) -> None:
        """Let values wait for the next boot."""
        for name, value in values.items():
            self.bmc.record(self.bios.settings, name, self.waiting.get(name), value, cause)
            self.waiting[name] = value

    def make_job(self) -> Job:
        """Let what waits wait in a job."""
        job = Job(f"JID_{100000000000 + len(self.jobs)}")
        self.jobs.append(job)
        return job

    def discard(self, cause: str) -> None:
        """Forget what waits, and the job for it."""
        for name in self.waiting:
            self.bmc.record(self.bios.settings, name, self.waiting[name], None, cause)
        self.waiting.clear()
        self.jobs = [job for job in self.jobs if job.state != WAITS]

    def reset(self) -> None:
        """Let the defaults wait."""
        self.bmc.record(self.bios.uri, "ResetBiosToDefaultsPending", self.defaults_wait, True, "ResetBios")
        self.defaults_wait = True
        if self.bios.pending == "full":
            defaults = {attribute.name: attribute.value for attribute in self.bios.attributes}
            self.waiting = {name: value for name, value in defaults.items() if value != self.active[name]}

    def begin_boot(self) -> None:
        """The host boots. An iDRAC shows the values before its job is done (libredfish, pull request 25)."""
        job = self.open_job
        if self.bios.jobs and job is not None:
            job.state, job.message = AT_WORK, "Job in progress."
            self._take_up()

    def end_boot(self) -> None:
        """The host's firmware is through: what waited is active, or was refused. What is in no job goes on waiting."""
        job = self.open_job
        if self.bios.jobs and job is not None and job.state == AT_WORK:
            refused = self._refused()
            job.state = FAILED if refused else DONE
            job.message = f"{', '.join(refused)} was not accepted." if refused else "Job completed successfully."
            self.waiting.clear()
        elif not self.bios.jobs:
            self._take_up()
            self.waiting.clear()
        if self.defaults_wait:
            self._activate({attribute.name: attribute.value for attribute in self.bios.attributes})
            self.defaults_wait = False

    def _refused(self) -> list[str]:
        return [name for name in self.waiting if name in self.bmc.settings.bios_refuses]

    def _take_up(self) -> None:
        refused = self._refused()
        self._activate({name: value for name, value in self.waiting.items() if name not in refused})
        if self.waiting:
            told: list[dict[str, object]] = [
                {"MessageId": "Base.1.0.PropertyNotWritable", "MessageArgs": [name]} for name in refused
            ]
            self.messages = told or [{"MessageId": "Base.1.0.Success"}]
            self.taken_up = timestamp(self.bmc.clock.time())

    def _activate(self, values: Mapping[str, object]) -> None:
        for name, value in values.items():
            if value != self.active[name]:
                self.bmc.record(self.bios.uri, name, self.active[name], value, "boot")
                self.active[name] = value

    def truth(self) -> dict[str, object]:
        """Return the state as the control API shows it."""
        return {
            "active": dict(self.active),
            "waiting": dict(self.waiting),
            "defaults_wait": self.defaults_wait,
            "jobs": [{"id": job.id, "state": job.state} for job in self.jobs],
        }

    def set_truth(self, changes: object, where: str) -> None:
        """Set active or waiting values, as somebody else would have done. `job` makes a job of what waits."""
        given = mapping(changes, where)
        require_known_keys(given, {"active", "waiting", "job"}, where)
        for key in ("active", "waiting"):
            values = mapping(given.get(key, {}), f"{where}.{key}")
            unknown = sorted(set(values) - set(self.active))
            if unknown:
                raise InvalidInput(f"{where}.{key}: there is no attribute {', '.join(unknown)}")
        self.wait(mapping(given.get("waiting", {}), where), "control")
        self._activate(mapping(given.get("active", {}), where))
        if given.get("job"):
            self.make_job()
