# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes as data, and the gate that every one of them passes."""

from __future__ import annotations

from collections.abc import Sequence
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

    def exclusively(self) -> AbstractContextManager[None]:
        """Hold the BMC: one task at a time observes and writes, across all processes of this controller.

        Raises Busy when it is not free in time.
        """
        raise NotImplementedError

    def claim(self, target: str, state: str) -> None:
        """Hold one target until the operation ends. Raises Busy at once when another task is at work on it."""

    def cut_off(self, target: str) -> str:
        """The state that an earlier task wanted of the target when it was cut off between two writes; "" if none."""

    def allow(self, plan: Sequence[Write]) -> None:
        """Authorization and the audit line of intent; once, before the first write. Raises what forbids it."""

    def begun(self, target: str) -> None:
        """Remember, beyond this process, that writes to the target have begun and are not complete."""

    def completed(self, target: str) -> None:
        """Forget that: the wanted state was reached, or a handle carries the rest."""
