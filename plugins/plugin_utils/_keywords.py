# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible gives a task beside its options, and does only for modules by itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from ansible.plugins.action import ActionBase

RUN = uuid4().hex
"""Of this run: Ansible imports an action plugin in its main process, then forks the workers."""


@contextmanager
def environment_of(action: ActionBase) -> Iterator[None]:
    """The task's environment, in this worker for as long as the task runs."""
    wanted: dict[str, Any] = {}
    action._compute_environment_string(wanted)
    before = dict(os.environ)
    os.environ.update({name: str(value) for name, value in wanted.items()})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def decrypted(value: Any) -> Any:
    """Plain text for Ansible Vault's, which ansible-core 2.18 leaves in lists and dicts, and which is no str."""
    if getattr(value, "__ENCRYPTED__", False):
        return str(value)
    if isinstance(value, list):
        return [decrypted(item) for item in value]
    if isinstance(value, dict):
        return {key: decrypted(item) for key, item in value.items()}
    return value
