# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An OpenSSH server of a test's own on the loopback: its own keys, port, and home; ~/.ssh is left alone."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.playbook import processes_of

START_SECONDS = 30.0
# Where a server that root starts wants an empty folder; its package makes it when the system's own server starts.
PRIVILEGE_SEPARATION = Path("/run/sshd")


@dataclass(frozen=True)
class OpenSsh:
    """A running server. elsewhere: the home, temporary files and state folder of who logs in."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    @property
    def elsewhere(self) -> Path:
        return self.folder / "elsewhere"

    def variables(self) -> dict[str, Any]:
        """The host variables that reach it, without a master connection that would outlive the run."""
        options = f"-F none -o UserKnownHostsFile={self.folder}/known_hosts -o StrictHostKeyChecking=yes"
        return {
            "ansible_connection": "ssh",
            "ansible_host": "127.0.0.1",
            "ansible_port": self.port,
            "ansible_ssh_private_key_file": str(self.folder / "user"),
            "ansible_ssh_args": f"{options} -o IdentitiesOnly=yes -o IdentityAgent=none",
            "ansible_python_interpreter": sys.executable,
            # Ansible's default is in the home that the user database names, whatever HOME says.
            "ansible_remote_tmp": str(self.elsewhere / "home" / ".ansible" / "tmp"),
        }

    def sessions(self) -> list[int]:
        """Its processes for those who are logged in, and their commands."""
        return processes_of(self.process.pid)[1:]


@contextmanager
def openssh(folder: Path) -> Iterator[OpenSsh]:
    """Start a server, with its files in a folder; skip the test where there is none to start."""
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("no sshd on this machine: install openssh-server")
    if os.getuid() == 0:
        PRIVILEGE_SEPARATION.mkdir(mode=0o755, exist_ok=True)
    server = OpenSsh(_started(program, folder, port := _free_port()), port, folder)
    try:
        _await_start(server)
        yield server
    finally:
        server.process.terminate()
        server.process.wait()


def _started(program: str, folder: Path, port: int) -> subprocess.Popen[bytes]:
    for name in ("elsewhere/home", "elsewhere/tmp"):
        (folder / name).mkdir(parents=True)
    for name in ("host", "user"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)]
        subprocess.run(command, check=True)
    host_key = (folder / "host.pub").read_text(encoding="ascii")
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key}", encoding="ascii")
    config = [
        "ListenAddress 127.0.0.1",
        f"Port {port}",
        f"HostKey {folder}/host",
        f"AuthorizedKeysFile {folder}/user.pub",
        "AuthenticationMethods publickey",
        "PermitRootLogin prohibit-password",
        "StrictModes no",
        "UsePAM no",
        "PidFile none",
        f"SetEnv HOME={folder}/elsewhere/home TMPDIR={folder}/elsewhere/tmp"
        f" OPENCHAMI_BMC_STATE_DIR={folder}/elsewhere/state",
    ]
    (folder / "sshd_config").write_text("\n".join(config) + "\n", encoding="utf-8")
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [program, "-D", "-e", "-f", str(folder / "sshd_config")], stdin=subprocess.DEVNULL, stderr=log
        )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _await_start(server: OpenSsh) -> None:
    deadline = time.monotonic() + START_SECONDS
    while server.process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", server.port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"sshd did not start:\n{(server.folder / 'log').read_text(encoding='utf-8')}")
