# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The facts of a whole inventory, as data, for the demo and the bench."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PLAY = {
    "name": "Facts",
    "hosts": "all",
    "gather_facts": False,
    "tasks": [
        {"name": "Ask", "openchami.bmc.bmc_info": {}, "register": "facts"},
        {
            "name": "Keep",
            "ansible.builtin.copy": {
                "content": "{{ dict(ansible_play_hosts | zip(told)) | to_json }}",
                "dest": "{{ destination }}",
                "mode": "0600",
            },
            "vars": {"told": "{{ ansible_play_hosts | map('extract', hostvars, 'facts') }}"},
            "run_once": True,
            "delegate_to": "localhost",
            "connection": "local",
        },
    ],
}


def gather(inventory: Path, folder: Path, environment: Mapping[str, str], forks: int) -> dict[str, Any]:
    """What bmc_info returns of every host of an inventory, by host. Ends the program when it fails."""
    playbook, destination = folder / "facts-playbook.json", folder / "facts.json"
    playbook.write_text(json.dumps([_PLAY]))
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", str(inventory), "-f", str(forks)]
    command += [str(playbook), "-e", json.dumps({"destination": str(destination)})]
    program = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)
    if program.returncode:
        sys.exit(f"bmc_info failed:\n{program.stdout}{program.stderr}")
    return dict(json.loads(destination.read_text()))
