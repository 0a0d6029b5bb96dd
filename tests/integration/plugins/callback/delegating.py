# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A callback plugin that delegates every task of the collection, also those inside its own playbooks and roles.

It hears of each task before any worker gets it. A task that names a delegate itself keeps it.
"""

from __future__ import annotations

import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: delegating
type: aggregate
short_description: Tasks of the collection, delegated
description: Delegates to the host that the environment variable OPENCHAMI_BMC_TEST_DELEGATE names, where it is set.
"""


class CallbackModule(CallbackBase):
    """Changes each task as it begins."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "delegating"

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        if task.action.startswith("openchami.bmc.") and task.delegate_to is None:
            task.delegate_to = os.environ.get("OPENCHAMI_BMC_TEST_DELEGATE")
