# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A gate for an operation within another one, which has told the whole intent already."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from .writes import Write, WriteGate


@dataclass(frozen=True)
class AllowedGate:
    """allow_all: authorization and the line of intent of the outer operation, where it has not been told yet."""

    gate: WriteGate
    allow_all: Callable[[], None]

    def allow(self, plan: Sequence[Write]) -> None:
        self.allow_all()

    def exclusively(self) -> AbstractContextManager[bool]:
        return self.gate.exclusively()

    def claim(self, target: str, about: Mapping[str, Any] | None = None) -> None:
        self.gate.claim(target, about)

    def holder(self, target: str) -> Mapping[str, Any] | None:
        return self.gate.holder(target)

    def remember(self, target: str, memory: Mapping[str, Any]) -> None:
        self.gate.remember(target, memory)

    def recall(self, target: str) -> Mapping[str, Any]:
        return self.gate.recall(target)

    def forget(self, target: str) -> None:
        self.gate.forget(target)
