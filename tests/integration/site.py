# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site that discovers BMCs: its source file, and ansible-inventory as its users and AWX call it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.integration.fleet import PASSWORD, USERNAME, Fleet

_COMMAND = Path(sys.executable).with_name("ansible-inventory")
LONGEST_RUN = 240.0


@dataclass(frozen=True)
class Listed:
    """What ansible-inventory said. stderr: in one line."""

    status: int
    content: dict[str, Any]
    stderr: str

    @property
    def hostvars(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.content["_meta"]["hostvars"]
        return found

    @property
    def summary(self) -> dict[str, Any]:
        """What the plugin says of its round."""
        said: dict[str, Any] = self.content["bmcs"]["vars"]["bmc_discovery_summary"]
        return said

    def bmc(self, address: str) -> dict[str, Any]:
        """The variables of the BMC at an address."""
        (found,) = (
            host for name, host in self.hostvars.items() if host["bmc_address"] == address and "bmc_system" not in host
        )
        return found


@dataclass(frozen=True)
class Source:
    """folder: its home, state folder and source file. addresses: what it discovers. account: of all that is there."""

    folder: Path
    addresses: Sequence[str]
    account: tuple[str, str] = (USERNAME, PASSWORD)

    @property
    def source(self) -> Path:
        return self.folder / "site.bmc_discovery.yml"

    def listed(self, *arguments: str, **options: Any) -> Listed:
        """What `ansible-inventory --list --export` says with these options of the plugin."""
        self.write(**options)
        program = self.call("--list", "--export", *arguments)
        content = json.loads(program.stdout) if program.returncode == 0 else {}
        # ansible-core 2.18 breaks the lines of a warning.
        return Listed(program.returncode, content, " ".join(program.stderr.split()))

    def write(self, **options: Any) -> None:
        """Write the source: all addresses, trust on first use, the account by reference, both kinds of hosts."""
        reference = {"type": "environment", "username_variable": "SITE_USER", "password_variable": "SITE_PASSWORD"}
        content = {
            "plugin": "openchami.bmc.bmc_discovery",
            "targets": list(self.addresses),
            "bmc_fingerprint": "trust-on-first-use",
            "bmc_credentials": [reference],
            "hosts": "both",
            **options,
        }
        self.source.write_text(yaml.safe_dump({key: value for key, value in content.items() if value is not None}))

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """ansible-inventory on the source as it is."""
        return subprocess.run(
            self.command(*arguments),
            env=self.environment(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=LONGEST_RUN,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def flush_cache(self) -> None:
        """Discover anew, as the first play of a run would; ansible-inventory of 2.18 has no option for it."""
        play = self.folder / "play.json"
        play.write_text('[{"hosts": "all"}]')
        program = _COMMAND.with_name("ansible-playbook")
        command = [str(program), "-i", str(self.source), "--flush-cache", "--list-hosts", str(play)]
        subprocess.run(command, env=self.environment(), cwd=self.folder, capture_output=True, check=True)

    def command(self, *arguments: str) -> list[str]:
        return [str(_COMMAND), "-i", str(self.source), *arguments]

    def environment(self) -> Mapping[str, str]:
        """As AWX: a source that cannot be parsed is an error."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return {
            "PATH": os.pathsep.join([str(_COMMAND.parent), os.defpath]),
            "LC_ALL": "C.UTF-8",
            "HOME": str(home),
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_INVENTORY_UNPARSED_FAILED": "1",
            "ANSIBLE_NOCOLOR": "1",
            "OPENCHAMI_BMC_STATE_DIR": str(self.folder / "state"),
            "SITE_USER": self.account[0],
            "SITE_PASSWORD": self.account[1],
        }


@dataclass(frozen=True)
class Site(Source):
    """One that discovers a simulated fleet."""

    fleet: Fleet = field(kw_only=True)

    @classmethod
    def of(cls, folder: Path, fleet: Fleet) -> Site:
        return cls(folder, list(fleet.addresses.values()), fleet=fleet)

    @property
    def _kept(self) -> Path:
        return self.folder / "kept"

    def keep(self) -> None:
        """Keep what discovery knows now, of a fleet to which nothing was done yet."""
        shutil.copytree(self.folder / "state", self._kept)

    def begin_anew(self) -> None:
        """Fleet and site as they were at keep(), nothing asked since: so a test need not discover all anew."""
        self.fleet.simulator.reset()
        shutil.rmtree(self.folder / "state")
        shutil.copytree(self._kept, self.folder / "state")
        for name in self.fleet.addresses:
            self.fleet.simulator.clear_requests(name)
