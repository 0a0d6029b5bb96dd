# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The units of extensions/systemd, judged by systemd itself, and what the service starts."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.integration.discovered import facts, hosts
from tests.integration.playbook import Controller

UNITS = Path(__file__).resolve().parents[2] / "extensions" / "systemd"
SERVICE = UNITS / "openchami-bmc-reconcile.service"
# Of 10, which is a service without any protection. systemd calls up to 2 well protected.
MOST_EXPOSED = 2
# These name where a site installs what the test has in its own place.
INSTALLED = ("PATH", "ANSIBLE_COLLECTIONS_PATH")


@pytest.fixture(scope="module")
def analyze() -> str:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd-analyze on this machine: install systemd")
    return program


def test_systemd_understands_every_line(analyze: str) -> None:
    units = [str(unit) for unit in sorted(UNITS.iterdir()) if unit.suffix in (".service", ".timer")]
    assert len(units) == 2
    verified = subprocess.run([analyze, "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    # It also looks at what is installed on this machine.
    ours = [line for line in verified.stderr.splitlines() if "openchami" in line]
    assert (verified.returncode, ours) == (0, [])


def test_service_is_hardened(analyze: str) -> None:
    command = [analyze, "security", "--offline=true", f"--threshold={MOST_EXPOSED * 10}", "--no-pager", str(SERVICE)]
    judged = subprocess.run(command, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_its_command_runs_a_round(tmp_path: Path) -> None:
    """With the service's own environment; its folders lie in the test's."""
    text = SERVICE.read_text(encoding="utf-8").replace("%S", str(tmp_path / "lib"))
    (command,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    settings = dict(line.split("=", 1) for line in re.findall(r"^Environment=(.*)$", text, re.MULTILINE))
    source = tmp_path / "site.yml"
    inventory = {"all": {"hosts": hosts("bmc1", facts(), "10.0.0.1", new=True)}}
    source.write_text(yaml.safe_dump(inventory), encoding="utf-8")
    words = [str(source) if word.startswith("/etc/openchami-bmc/") else word for word in shlex.split(command)]
    controller = Controller(tmp_path, {name: settings[name] for name in settings if name not in INSTALLED})
    run = controller.run_command(words)
    assert run.status == 0, run.stdout + run.stderr
    told = json.loads((tmp_path / "lib" / "openchami-bmc" / "report" / "reconcile.json").read_bytes())
    assert told["counts"]["new"] == 1
