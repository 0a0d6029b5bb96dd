# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection plugin that is to Ansible another host, as ssh is, and yet stays on this machine.

A module gets nothing of the controller's environment: home, temporary files and state folder are the delegate's own, in
the folder that the environment variable OPENCHAMI_BMC_TEST_ELSEWHERE names.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from ansible.plugins.connection.local import Connection as LocalConnection

DOCUMENTATION = r"""
name: like_ssh
short_description: Another host on this machine
description: Runs commands on this machine, with a home and an environment of their own.
extends_documentation_fragment:
  - connection_pipelining
options:
  become_success_timeout:
    description: As of the connection local.
    type: int
    default: 10
  become_strip_preamble:
    description: As of the connection local.
    type: bool
    default: true
  reconnection_retries:
    description: As of the connection ssh.
    type: int
    default: 0
"""


class Connection(LocalConnection):
    """Whatever asks for the transport sees that it is not local."""

    transport = "like_ssh"
    has_pipelining = os.environ.get("OPENCHAMI_BMC_TEST_PIPELINING") != "0"

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        elsewhere = Path(os.environ["OPENCHAMI_BMC_TEST_ELSEWHERE"])
        environment = {
            "HOME": elsewhere / "home",
            "TMPDIR": elsewhere / "tmp",
            "OPENCHAMI_BMC_STATE_DIR": elsewhere / "state",
            "PATH": os.defpath,
            "LC_ALL": "C.UTF-8",
        }
        bare = shlex.join(["env", "-i", *(f"{name}={value}" for name, value in environment.items())])
        return super().exec_command(f"{bare} {cmd}", in_data, sudoable)
