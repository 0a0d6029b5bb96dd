# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far updates are, for who watches a run: in the worker's output, and in the status file of the run."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from .._core.clock import timestamp
from .._core.errors import LocalFailure
from .._core.lines import append_line
from .._core.printable import printable
from .task import Task

_STEP = 10
_LONGEST_NOTE = 200


def status_file(folder: Path, run: str) -> Path:
    """Of all updates of one run of Ansible: a line of JSON for each step. run: "" for what ran without Ansible."""
    return folder / "firmware" / f"{sha256(run.encode()).hexdigest()[:16] if run else 'modules'}.jsonl"


@dataclass
class Progress:
    """Of one task. Tells a phase when it begins, and then every ten percent."""

    task: Task
    file: Path
    component: str = ""
    _last: tuple[str, int] = field(default=("", 0), init=False)

    def tell(self, phase: str, percent: int | None, note: str) -> None:
        """Raises LocalFailure where the file cannot be written."""
        at = (phase, (percent or 0) // _STEP)
        if at == self._last:
            return
        self._last = at
        note = printable(note, _LONGEST_NOTE)
        far = f" {percent} %" if percent is not None else ""
        self.task.show(f"{self.task.host}: {self.component}: {phase}{far}" + (f": {note}" if note else ""))
        line = {
            "time": timestamp(self.task.clock.wall()),
            "host": self.task.host,
            "component": self.component,
            "phase": phase,
            "percent": percent,
            "note": note,
        }
        try:
            append_line(self.file, json.dumps(line))
        except OSError as error:
            raise LocalFailure(
                "the status file of the run cannot be written",
                why=f"{self.file}: {error.strerror or error}",
                way_out="Set OPENCHAMI_BMC_STATE_DIR to a folder that you may write.",
            ) from error
