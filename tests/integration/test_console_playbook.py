# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""openchami.bmc.console: files that ssh and ConMan read as they were meant, whole, of all nodes, without a password."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conman import directives, words
from tests.integration import canary
from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Run

CONSOLE = "openchami.bmc.console"
HEAD = "SERVER logdir='/var/log/conman'"
FILES = ["conman.conf", "consoles.json", "ssh_config"]
SSH = shutil.which("ssh")
Hosts = dict[str, dict[str, Any]]

needs_ssh = pytest.mark.skipif(SSH is None, reason="no OpenSSH client is installed")


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    account = {"username": "admin", "password": canary.PASSWORD}
    return start_fleet(
        [
            {"name": "ilo", "profile": "hpe_ilo5", **account},
            {"name": "idrac", "profile": "dell_idrac9", **account},
            {"name": "blade", "profile": "cray_ex_nc", "nodes": 2, **account},
            {"name": "openbmc", "profile": "openbmc", **account},
            {"name": "giga", "profile": "ami_gigabyte", **account},
            {"name": "cmm", "profile": "cray_ex_cc", **account},
        ]
    )


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> Controller:
    """A controller; what writes files for the fleet runs on it, and is never shipped."""
    return Controller(tmp_path_factory.mktemp("controller"))


@pytest.fixture(scope="module")
def hosts(fleet: Fleet) -> Hosts:
    password = {"__ansible_unsafe": canary.PASSWORD}
    return {name: fleet.variables(name, bmc_password=password) for name in fleet.addresses}


@dataclass(frozen=True)
class Written:
    """The files of one run, the run, and the processes that were seen during it."""

    folder: Path
    run: Run
    seen: set[bytes]


@pytest.fixture(scope="module")
def first(head: Controller, hosts: Hosts) -> Written:
    """The whole fleet, with whatever Ansible can keep."""
    canary.keep_everything(head)
    folder = head.folder / "out"
    told = json.dumps({"output": str(folder), "conman_head": HEAD})
    run, seen = canary.watched(head.start_playbook(hosts, CONSOLE, arguments=["-vvv", "-e", told]))
    assert run.status == 0, run.stdout
    return Written(folder, run, seen)


def written(head: Controller, hosts: Hosts, folder: Path, *arguments: str) -> Run:
    return head.run_playbook(hosts, CONSOLE, arguments=["-e", f"output={folder}", *arguments])


def understood(folder: Path, name: str) -> dict[str, str]:
    """What ssh makes of a name."""
    program = subprocess.run(
        [str(SSH), "-G", "-F", str(folder / "ssh_config"), name],
        capture_output=True, text=True, check=True, timeout=20, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return dict(line.split(" ", 1) for line in program.stdout.splitlines() if " " in line)


def consoles(folder: Path) -> dict[str, dict[str, str]]:
    return {directive["name"]: directive for directive in directives((folder / "conman.conf").read_text("utf-8"))}


def host_of(fleet: Fleet, name: str) -> str:
    return fleet.addresses[name].partition(":")[0]


@needs_ssh
def test_ssh_reads_what_is_there(fleet: Fleet, first: Written) -> None:
    ports_and_users = {
        "ilo": ("ilo", "22", "admin"),
        "idrac": ("idrac", "22", "admin"),
        "openbmc": ("openbmc", "2200", "admin"),
        "blade-Node0": ("blade", "22", "n0"),
        "blade-Node1": ("blade", "22", "n1"),
    }
    for name, (bmc, port, user) in ports_and_users.items():
        options = understood(first.folder, name)
        assert (options["hostname"], options["port"], options["user"]) == (host_of(fleet, bmc), port, user)
    content = (first.folder / "ssh_config").read_text("utf-8")
    assert "# then type: vsp, leave it with: ESC (\nHost ilo\n" in content
    assert f"# giga has no console over SSH: ipmitool -I lanplus -H {host_of(fleet, 'giga')}" in content


def test_nothing_was_written_to_a_bmc(fleet: Fleet, first: Written) -> None:
    assert {method for name in fleet.addresses for method in fleet.methods(name)} == {"GET"}


def test_conman_reads_what_is_there(fleet: Fleet, first: Written) -> None:
    """Rather a console that is there at once than the prompt of a shell."""
    assert f"\n{HEAD}\n" in (first.folder / "conman.conf").read_text("utf-8")
    found = consoles(first.folder)
    assert found["giga"]["dev"] == f"ipmi:{host_of(fleet, 'giga')}"
    assert found["idrac"] == {"name": "idrac", "dev": f"ipmi:{host_of(fleet, 'idrac')}", "ipmiopts": "U:admin"}
    by_ssh = {
        name: words(entry["dev"])[1:] for name, entry in found.items() if entry["dev"].startswith("/usr/bin/ssh ")
    }
    assert by_ssh == {
        "ilo": ["-tt", "-p", "22", "-l", "admin", host_of(fleet, "ilo")],
        "openbmc": ["-tt", "-p", "2200", "-l", "admin", host_of(fleet, "openbmc")],
        "blade-Node0": ["-tt", "-p", "22", "-l", "n0", host_of(fleet, "blade")],
        "blade-Node1": ["-tt", "-p", "22", "-l", "n1", host_of(fleet, "blade")],
    }


@pytest.fixture(scope="module")
def strange(hosts: Hosts) -> Hosts:
    """Names that collide when they are made safe, that are patterns, and two hosts that are one node."""
    return {
        "node 1": hosts["ilo"],
        "node*1": hosts["idrac"],
        "NODE_1": hosts["openbmc"],
        "-Fx": hosts["giga"],
        "blade": hosts["blade"],
        "blade-Node0": {**hosts["blade"], "bmc_system": "Node0"},
    }


def test_nodes_of_one_name_do_not_overwrite_each_other(head: Controller, strange: Hosts, tmp_path: Path) -> None:
    assert written(head, strange, tmp_path).status == 0
    told = {
        line.removeprefix("Host ")
        for line in (tmp_path / "ssh_config").read_text("utf-8").splitlines()
        if line.startswith("Host ")
    }
    assert len(told) == 6
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") for name in told)
    assert not any(name.startswith("-") for name in told)
    # The blade's first node is two hosts of the inventory: ConMan gets it once.
    assert len(consoles(tmp_path)) == 6


def test_check_mode_writes_nothing(head: Controller, hosts: Hosts, tmp_path: Path) -> None:
    run = written(head, {"ilo": hosts["ilo"]}, tmp_path / "out", "--check")
    assert run.status == 0
    files = run.of("ilo", "Write the files").result["files"]
    assert sorted(files) == sorted(str(tmp_path / "out" / name) for name in FILES)
    assert not (tmp_path / "out").exists()
    (line,) = [line for line in run.of("ilo", "Say how to reach them").result["msg"] if line.startswith("ilo")]
    assert "ssh -l admin 127." in line
    assert "vsp" in line


def test_who_was_not_asked_or_is_silent_is_not_forgotten(
    head: Controller, first: Written, hosts: Hosts, tmp_path: Path
) -> None:
    for name in FILES:
        (tmp_path / name).write_bytes((first.folder / name).read_bytes())
    whole = (tmp_path / "ssh_config").read_bytes()
    silent = {**hosts, "idrac": {**hosts["idrac"], "bmc_address": "127.0.0.1:9"}}
    run = written(head, silent, tmp_path, "--limit", "ilo,idrac")
    assert run.status != 0
    assert (tmp_path / "ssh_config").read_bytes() == whole
    said = run.of("ilo", "Write the files").result
    assert (sorted(said["kept"]), said["missing"]) == (sorted(set(hosts) - {"ilo"}), [])
    # Gone from the inventory: gone from the files.
    assert written(head, {"ilo": hosts["ilo"]}, tmp_path).status == 0
    assert "Host idrac" not in (tmp_path / "ssh_config").read_text("utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", *FILES]


def test_no_password_is_left_anywhere(head: Controller, first: Written) -> None:
    assert canary.leaks(first.run.stdout.encode()) == canary.leaks(first.run.stderr.encode()) == []
    assert not [found for content in first.seen if (found := canary.leaks(content))]
    assert canary.leaking_files(head.folder, {"inventory.json"}) == {}
