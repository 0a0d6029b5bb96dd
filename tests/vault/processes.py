# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes that are nobody's child, as a broker is: found by a variable of their environment."""

from __future__ import annotations

import os
import select
from pathlib import Path

PATIENCE = 60


def marked(mark: str) -> list[int]:
    """The processes that were started with a variable (NAME=value), and what they forked."""
    found = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in found if mark.encode() in shown(pid, "environ").split(b"\0")]


def shown(pid: int, name: str) -> bytes:
    """What a process shows of itself, its cmdline or environ; nothing once it has ended."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def wait_for_end(pid: int) -> None:
    """Return once a process has ended; AssertionError when it lives on."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    ended, _write, _special = select.select([descriptor], [], [], PATIENCE)
    os.close(descriptor)
    assert ended, f"process {pid} lives on"
