# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One BIOS on its way from what it shows to what is wanted: a value that operation, settling and result share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..._core.errors import BmcError
from ..._core.redact import Redactor, names_secret
from ..._redfish.attribute_registry import Rule
from ..._redfish.bios import SettingsResult, settings_result, without_reset
from ..identity import machine
from ..targets import Target
from ..writes import Write
from .plan import after_changes
from .state import Shown
from .values import at_default, same


@dataclass
class Course:
    """system: the target. before: its BIOS at the start; now: as last read.

    wanted: the values asked for, by name. kept: what somebody else wants, and an earlier task took away with a job and
    was cut off before it was asked for anew. clear, defaults: what else is asked for. hoped: the attributes that a
    reset to the defaults is to bring back; some survive it on some machines. writes: those to the BIOS, in order;
    resets: those of the restart, and escalation: what the restart forces at its deadline. job: URI of the BMC's task
    or job for the change. done: the writes that the BMC took. rebooted: the host took the restart; restarted_before:
    it took one of an earlier task. result: what the BIOS said of its settings at the start.
    """

    system: Target
    before: Shown
    now: Shown
    wanted: Mapping[str, Any]
    kept: Mapping[str, Any]
    clear: bool
    defaults: bool
    hoped: Mapping[str, Rule]
    writes: list[Write]
    resets: list[Write] = field(default_factory=list)
    escalation: list[Write] = field(default_factory=list)
    job: str = ""
    done: list[Write] = field(default_factory=list)
    rebooted: bool = False
    restarted_before: bool = False
    note: str = ""
    warnings: list[str] = field(default_factory=list)
    error: BmcError | None = None
    result: SettingsResult = field(init=False)

    def __post_init__(self) -> None:
        self.result = settings_result(self.before.document)

    @property
    def machine(self) -> Mapping[str, Any]:
        """What identifies the system."""
        return machine(self.system.document)

    @property
    def plan(self) -> list[Write]:
        """All writes of a run, when all goes well."""
        return [*self.writes, *self.resets]

    @property
    def changed(self) -> bool:
        """Whether the BMC took anything."""
        return bool(self.done) or self.rebooted

    @property
    def asked(self) -> list[str]:
        """The attributes that the task is about."""
        others = self.before.pending if self.clear else ()
        return list(dict.fromkeys([*self.wanted, *others]))

    @property
    def missing(self) -> list[str]:
        """The wanted attributes that are not active."""
        return self.lacks(self.now)

    @property
    def waiting(self) -> bool:
        """Whether anything asked for is not active yet."""
        return bool(self.missing) or self.pends(self.now)

    def lacks(self, bios: Shown) -> list[str]:
        """The wanted attributes that are not active in this reading."""
        return [name for name, value in self.wanted.items() if not same(value, bios.current.get(name))]

    def pends(self, bios: Shown) -> bool:
        """Whether anything of what is asked for waits in this reading."""
        left = bios.pending if self.defaults else [name for name in self.asked if name in bios.pending]
        # Not every BIOS shows that a reset to its defaults waits.
        unseen = self.defaults and bool(self.writes) and not self.resets
        return bool(left) or bios.defaults_pending or unseen

    def memory(self) -> dict[str, Any]:
        """What is remembered while writes are under way that take away more than they should.

        A secret is not: of it only the name is left, for a warning.
        """
        patches = [write.body["Attributes"] for write in self.writes if write.method == "PATCH"]
        others = {key: value for patch in patches for key, value in patch.items() if key not in self.wanted}
        kept = {name: value for name, value in others.items() if not names_secret(name)}
        return {"kept": kept, "lost": [name for name in others if name not in kept]}

    def restart_memory(self, evidence: Mapping[str, Any]) -> dict[str, Any]:
        """What is remembered of a restart. evidence: how the system looked before it."""
        return {"wanted": _without_secrets(self.wanted), "evidence": dict(evidence)}

    def is_of(self, memory: Mapping[str, Any]) -> bool:
        """Whether a remembered restart was for the same values."""
        return bool(memory.get("wanted") == _without_secrets(self.wanted))

    def attributes(self, after: Shown) -> dict[str, dict[str, Any]]:
        """What became of all asked for, without secrets: {name: {before, after, pending_before, pending}}."""
        readings = {
            "before": self.before.current,
            "after": after.current,
            "pending_before": self.before.pending,
            "pending": after.pending,
        }
        told = {key: _without_secrets(values) for key, values in readings.items()}
        return {name: {key: values.get(name) for key, values in told.items()} for name in self.asked}

    def off_default(self, bios: Shown) -> list[str]:
        """What a reset to the defaults has not brought back in this reading."""
        return [name for name, rule in self.hoped.items() if not at_default(rule, bios.current.get(name))]

    def expected(self) -> Shown:
        """The BIOS as it is after the writes, and after the restart where one is planned: what check mode shows."""
        waits = (
            after_changes(self.before, {**self.kept, **self.wanted}, clear=self.clear)
            if self.writes
            else self.before.pending
        )
        current = {**self.before.current, **waits} if self.resets else self.before.current
        pending = {} if self.resets else waits
        document = without_reset(self.before.document) if self.resets else self.before.document
        return replace(self.before, document=document, current=current, pending=pending)


def _without_secrets(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by name of the attribute, without those whose name says that they are secrets."""
    hidden: dict[str, Any] = Redactor().data(dict(values))
    return hidden
