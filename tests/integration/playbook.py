# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the real ansible-playbook, apart from everything else on this machine, and reads its results as data."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

ANSIBLE_PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")
PLUGINS = Path(__file__).with_name("plugins")
LONGEST_RUN = 240.0

Vars = Mapping[str, Any]
Task = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What one task said of one host. status: ok, failed, unreachable or skipped."""

    host: str
    task: str
    status: str
    result: dict[str, Any]

    @property
    def kind(self) -> str:
        """The kind of the error; "" where there is none."""
        return str(self.result.get("error", {}).get("kind", ""))

    @property
    def msg(self) -> str:
        return str(self.result.get("msg", ""))


@dataclass(frozen=True)
class Run:
    """A run of ansible-playbook that has ended."""

    status: int
    stdout: str
    stderr: str
    outcomes: tuple[Outcome, ...]

    def of(self, host: str, task: str) -> Outcome:
        """The outcome of a task, which ran once on the host."""
        found = [outcome for outcome in self.outcomes if (outcome.host, outcome.task) == (host, task)]
        assert len(found) == 1, f"{task!r} ran {len(found)} times on {host}:\n{self.stdout[-5000:]}\n{self.stderr}"
        return found[0]


@dataclass
class Controller:
    """A controller of its own for a test: its home, its state folder, its temporary files.

    environment: variables for ansible-playbook, beside those that every run gets.
    """

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=count)

    @property
    def state(self) -> Path:
        """The collection's state folder."""
        return self.folder / "state"

    def run(
        self, hosts: Mapping[str, Vars], tasks: Sequence[Task], *, arguments: Sequence[str] = (), **play: Any
    ) -> Run:
        """Play the tasks on the hosts to the end; play: further keywords of the play."""
        return self.start(hosts, tasks, arguments=arguments, **play).finish()

    def start(
        self, hosts: Mapping[str, Vars], tasks: Sequence[Task], *, arguments: Sequence[str] = (), **play: Any
    ) -> Playing:
        """Start to play. A failed or unreachable host takes part in the next task: each task's outcome counts."""
        work = self._folder_of_a_run()
        plays = [
            {
                "hosts": "all",
                "gather_facts": False,
                "ignore_errors": True,
                "ignore_unreachable": True,
                "tasks": [dict(task) for task in tasks],
                **play,
            }
        ]
        (work / "play.json").write_text(json.dumps(plays), encoding="utf-8")
        return self._begin(work, hosts, {}, [*arguments, str(work / "play.json")])

    def run_playbook(
        self,
        hosts: Mapping[str, Vars],
        playbook: str,
        *,
        groups: Mapping[str, Sequence[str]] | None = None,
        arguments: Sequence[str] = (),
    ) -> Run:
        """Run a playbook by its name to the end; groups: further groups of the inventory."""
        return self.start_playbook(hosts, playbook, groups=groups, arguments=arguments).finish()

    def start_playbook(
        self,
        hosts: Mapping[str, Vars],
        playbook: str,
        *,
        groups: Mapping[str, Sequence[str]] | None = None,
        arguments: Sequence[str] = (),
    ) -> Playing:
        """Start a playbook by its name."""
        return self._begin(self._folder_of_a_run(), hosts, groups or {}, [playbook, *arguments])

    def run_command(self, command: Sequence[str]) -> Run:
        """Run any command to the end, with what ansible-playbook would get."""
        work = self._folder_of_a_run()
        return Playing.begin(command, self._environment(work), work).finish()

    def _folder_of_a_run(self) -> Path:
        work = self.folder / f"run{next(self._numbers)}"
        for folder in (work, self.folder / "home", self.folder / "tmp"):
            folder.mkdir(parents=True, exist_ok=True)
        # Found in the working directory, before that of the user or the machine.
        (work / "ansible.cfg").touch()
        return work

    def _begin(
        self, work: Path, hosts: Mapping[str, Vars], groups: Mapping[str, Sequence[str]], arguments: Sequence[str]
    ) -> Playing:
        inventory = {"all": {"hosts": {name: dict(variables) for name, variables in hosts.items()}}}
        inventory |= {group: {"hosts": {name: {} for name in members}} for group, members in groups.items()}
        (work / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
        command = [str(ANSIBLE_PLAYBOOK), "-i", str(work / "inventory.json"), *arguments]
        return Playing.begin(command, self._environment(work), work)

    def _environment(self, work: Path) -> dict[str, str]:
        """Nothing of who runs the tests: neither their Ansible settings nor their home."""
        return {
            "PATH": os.pathsep.join([str(ANSIBLE_PLAYBOOK.parent), os.defpath]),
            "LC_ALL": "C.UTF-8",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_FORKS": "40",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "False",
            "ANSIBLE_CALLBACK_PLUGINS": str(PLUGINS / "callback"),
            "ANSIBLE_CONNECTION_PLUGINS": str(PLUGINS / "connection"),
            "OPENCHAMI_BMC_STATE_DIR": str(self.state),
            "OPENCHAMI_BMC_TEST_JOURNAL": str(work / "journal"),
            **self.environment,
        }


@dataclass
class ShippingController(Controller):
    """One whose tasks of the collection are all delegated to a host that is not in the inventory: so they are shipped.

    Fewer at once than in the worker: each is a Python process that first reads the whole collection.
    """

    @property
    def elsewhere(self) -> Path:
        """The delegate's home, temporary files and state folder."""
        return self.folder / "elsewhere"

    @property
    def state(self) -> Path:
        return self.elsewhere / "state"

    def _environment(self, work: Path) -> dict[str, str]:
        for name in ("home", "tmp"):
            (self.elsewhere / name).mkdir(parents=True, exist_ok=True)
        shipping = {
            "ANSIBLE_FORKS": "4",
            "ANSIBLE_TRANSPORT": "like_ssh",
            # Ansible's default is in the home that the user database names, whatever HOME says.
            "ANSIBLE_REMOTE_TEMP": str(self.elsewhere / "home" / ".ansible" / "tmp"),
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "OPENCHAMI_BMC_TEST_DELEGATE": "elsewhere",
            "OPENCHAMI_BMC_TEST_ELSEWHERE": str(self.elsewhere),
            "OPENCHAMI_BMC_STATE_DIR": str(self.folder / "unused"),
        }
        return super()._environment(work) | shipping | self.environment


@dataclass
class Playing:
    """A run of ansible-playbook that may be under way."""

    process: subprocess.Popen[bytes]
    work: Path

    @classmethod
    def begin(cls, command: Sequence[str], environment: Mapping[str, str], work: Path) -> Playing:
        # Into files: a pipe that nobody reads would stop a chatty run.
        with (work / "stdout").open("wb") as stdout, (work / "stderr").open("wb") as stderr:
            process = subprocess.Popen(
                command,
                env=dict(environment),
                cwd=work,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        return cls(process, work)

    def finish(self, longest: float = LONGEST_RUN) -> Run:
        """Wait for its end. longest: seconds; then it is killed, and the test fails."""
        try:
            self.process.wait(longest)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        stdout, stderr = ((self.work / name).read_text(encoding="utf-8") for name in ("stdout", "stderr"))
        return Run(self.process.returncode, stdout, stderr, self.outcomes())

    def outcomes(self) -> tuple[Outcome, ...]:
        """The results so far."""
        journal = self.work / "journal"
        lines = journal.read_text(encoding="utf-8").splitlines(keepends=True) if journal.exists() else []
        return tuple(Outcome(**json.loads(line)) for line in lines if line.endswith("\n"))

    def kill(self) -> None:
        """SIGKILL it and its workers; each worker leads a session of its own, so its process group would not do."""
        for pid in processes_of(self.process.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()


def processes_of(pid: int) -> list[int]:
    """A process and all its descendants, as they are now."""
    found = [pid]
    for parent in found:
        try:
            children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
        except OSError:
            continue
        found += map(int, children.split())
    return found
