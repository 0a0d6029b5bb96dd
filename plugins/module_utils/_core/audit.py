# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit record: a line of intent before the first write, a line of outcome after the last (promise 7)."""

from __future__ import annotations

import getpass
import json
import os
import socket
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .clock import Clock, timestamp
from .errors import LocalFailure
from .lines import append_line
from .redact import Redactor


@dataclass(frozen=True)
class AuditRecord:
    """One line of the audit log.

    phase: "intent" or "outcome"; both lines of one operation share the id.
    operation: "bmc_power off". plan: the writes, as method, uri, body. detail: what came of it (outcome only).
    """

    phase: str
    id: str
    time: str
    host: str
    address: str
    operation: str
    plan: list[dict[str, Any]]
    actor: dict[str, str]
    detail: dict[str, Any] = field(default_factory=dict)


class AuditLog:
    """Appends JSON lines to a file that only its owner can read."""

    def __init__(self, path: Path, clock: Clock, redactor: Redactor) -> None:
        self._path = path
        self._clock = clock
        self._redactor = redactor

    def intent(self, host: str, address: str, operation: str, plan: list[dict[str, Any]], job: str) -> AuditRecord:
        """Write the line of intent. Raises LocalFailure when it cannot be kept: then nothing may be written."""
        actor = {"user": _user(), "controller": socket.gethostname(), "pid": str(os.getpid()), "job": job}
        record = AuditRecord("intent", uuid.uuid4().hex, self._now(), host, address, operation, plan, actor)
        self._append(record)
        return record

    def outcome(self, intent: AuditRecord, detail: dict[str, Any]) -> None:
        """Write the line of outcome that belongs to an intent."""
        self._append(AuditRecord(**{**asdict(intent), "phase": "outcome", "time": self._now(), "detail": detail}))

    def _now(self) -> str:
        return timestamp(self._clock.wall())

    def _append(self, record: AuditRecord) -> None:
        line = json.dumps(self._redactor.data(asdict(record)), sort_keys=True, default=str)
        try:
            append_line(self._path, line)
        except OSError as error:
            raise LocalFailure(
                "the audit line could not be written",
                why=f"{self._path}: {error.strerror or error}",
                way_out="Nothing is written to a BMC without a record: make the path writable,"
                " or set OPENCHAMI_BMC_STATE_DIR to a folder that is.",
            ) from error


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
