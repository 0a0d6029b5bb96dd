# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes as data, and the gate that every one of them passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Write:
    """One request that changes a BMC."""

    method: str
    uri: str
    body: dict[str, Any]

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


class WriteGate(Protocol):
    """What stands between a plan and a BMC. `_entry` keeps it; operations only ask."""

    def exclusively(self) -> AbstractContextManager[bool]:
        """Hold the BMC: one task at a time observes and writes, across all processes of this controller.

        The value is whether another task held it before: then what was read until now may be old.
        Raises Busy when it is not free in time.
        """
        raise NotImplementedError

    def claim(self, target: str, about: Mapping[str, Any] | None = None) -> None:
        """Hold one target until the operation ends. Raises Busy at once when another task is at work on it.

        about: JSON data for other tasks, which holder() gives them.
        """

    def holder(self, target: str) -> Mapping[str, Any] | None:
        """What another task that holds the target says about itself; None where none holds it."""

    def allow(self, plan: Sequence[Write]) -> None:
        """Authorization and the audit line of intent; once, before the first write. Raises what forbids it."""

    def remember(self, target: str, memory: Mapping[str, Any]) -> None:
        """Keep JSON data about a claimed target beyond this process, until it is forgotten or old.

        It is old after an hour, or as many seconds as stand in it as life.
        """

    def recall(self, target: str) -> Mapping[str, Any]:
        """What an earlier task remembered of the target; {} where that is nothing, old, or of a task still at work."""

    def forget(self, target: str) -> None:
        """Forget it: the operation is complete, or a handle carries the rest."""
