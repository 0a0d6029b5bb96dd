# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Debian's docker-registry as a registry of a test's own on the loopback."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.simulator.certificate import issue

PROGRAM = shutil.which("docker-registry", path="/usr/bin:/usr/local/bin")
USERNAME = "publisher"
PASSWORD = "canary-registry-password"
# bcrypt of the password, of the least cost: the registry takes no other kind.
_HTPASSWD = f"{USERNAME}:$2b$04$RbNwIrd4/dQ5HEZ8Nj/QNOYeo1PHZxCiYOoOq79XDfZ8KUECKQ7UG\n"
START_SECONDS = 30.0


@dataclass(frozen=True)
class DebianRegistry:
    """A running one. address: host:port. folder: what it keeps, the certificate, and its log."""

    address: str
    folder: Path

    @property
    def ca(self) -> Path:
        return self.folder / "certificate.pem"

    def blob(self, digest: str) -> Path:
        """Where it keeps a blob on its disk."""
        digits = digest.removeprefix("sha256:")
        return self.folder / "data/docker/registry/v2/blobs/sha256" / digits[:2] / digits / "data"

    def gets(self, digest: str) -> int:
        """How often a blob was asked for, by its own log."""
        return sum('"GET /v2/' in line and f"/blobs/{digest}" in line for line in self.log().splitlines())

    def log(self) -> str:
        """What it wrote of each request."""
        return (self.folder / "log").read_text()


@contextmanager
def debian_registry(folder: Path, *, tls: bool = False, password: bool = False) -> Iterator[DebianRegistry]:
    """Run one until the block ends. It is a program of its own, so a test asks its log and its disk what happened."""
    assert PROGRAM
    folder.mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    http: dict[str, object] = {"addr": address, "secret": "tests"}
    if tls:
        (folder / "certificate.pem").write_bytes(issue("registry", "127.0.0.1").pem)
        http["tls"] = {"certificate": f"{folder}/certificate.pem", "key": f"{folder}/certificate.pem"}
    settings: dict[str, object] = {
        "version": "0.1",
        "storage": {"filesystem": {"rootdirectory": f"{folder}/data"}},
        "http": http,
    }
    if password:
        (folder / "htpasswd").write_text(_HTPASSWD)
        settings["auth"] = {"htpasswd": {"realm": "tests", "path": f"{folder}/htpasswd"}}
    # JSON is YAML.
    (folder / "config.yml").write_text(json.dumps(settings))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([PROGRAM, "serve", f"{folder}/config.yml"], stdout=log, stderr=log)
        try:
            _wait(process, address)
            yield DebianRegistry(address, folder)
        finally:
            process.terminate()
            process.wait(10)


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    host, _colon, port = address.partition(":")
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection((host, int(port)), 1).close()
        except OSError:
            assert process.poll() is None, "docker-registry did not start"
            assert time.monotonic() < end, "docker-registry does not answer"
            time.sleep(0.05)
        else:
            return
