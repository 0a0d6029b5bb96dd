# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Redfish clients that others wrote, as the programs that they are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.integration.fleet import PASSWORD, USERNAME

ROOT = Path(__file__).resolve().parents[2]
# The library requests reads them: a bundle of CAs overrules that a certificate shall not be verified.
FOREIGN_VARIABLES = ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "ALL_PROXY", "HTTPS_PROXY", "all_proxy", "https_proxy")
SECONDS = 120


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a program with this Python's environment and return what came of it. Raise TimeoutExpired."""
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN_VARIABLES}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def tacklebox(script: str, address: str, *options: str) -> str:
    """Run a script of DMTF's Redfish Tacklebox against a BMC and return what it printed; it must succeed."""
    login = ("--user", USERNAME, "--password", PASSWORD, "--rhost", f"https://{address}")
    program = run(str(Path(sys.executable).with_name(script)), *login, *options)
    assert program.returncode == 0, program.stdout + program.stderr
    return program.stdout
