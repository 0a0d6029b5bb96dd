# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A canary for a password, and where to look for it: files, and what a process shows of itself."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.integration.fleet import USERNAME
from tests.integration.playbook import Controller, Playing, Run, ShippingController, processes_of

# Searched for by their hearts: a replacement that misses a quoted or escaped form of the whole is found out, too.
HEART, TOKEN_HEART = "canary-5d41f7", "canary-tok-93ab"
PASSWORD = f"a\"{HEART}\\n'é{{%"
TOKEN = f"{TOKEN_HEART}-0123456789"


def _needles() -> list[bytes]:
    """Every form in which a secret travels."""
    basic = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode())
    return [HEART.encode(), basic, base64.b64encode(HEART.encode())[:-4], TOKEN_HEART.encode()]


def leaks(content: bytes, others: Sequence[bytes] = ()) -> list[bytes]:
    """What of the secrets, and of others, stands in a content, with what is around it."""
    found = []
    for needle in (*_needles(), *others):
        if (at := content.find(needle)) >= 0:
            found.append(content[max(0, at - 200) : at + 100])
    return found


def leaking_files(folder: Path, spared: set[str], others: Sequence[bytes] = ()) -> dict[str, list[bytes]]:
    """The files under a folder that hold a secret, or one of others; names in spared are those that may."""
    files = [file for file in folder.rglob("*") if file.is_file() and file.name not in spared]
    assert files
    return {str(file.relative_to(folder)): found for file in files if (found := leaks(file.read_bytes(), others))}


def keep_everything(controller: Controller) -> None:
    """Whatever Ansible can keep; remote files only where there are none, as nothing is shipped where they are kept."""
    controller.folder.mkdir(parents=True, exist_ok=True)
    controller.environment.update(
        ANSIBLE_LOG_PATH=str(controller.folder / "log"),
        ANSIBLE_KEEP_REMOTE_FILES="0" if isinstance(controller, ShippingController) else "1",
        ANSIBLE_CACHE_PLUGIN="jsonfile",
        ANSIBLE_CACHE_PLUGIN_CONNECTION=str(controller.folder / "facts"),
    )


@dataclass
class ProcessWatch:
    """A context manager that looks at the processes of a run, their arguments and environments, again and again."""

    pid: int

    def __enter__(self) -> ProcessWatch:
        self.seen: set[bytes] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            for pid in processes_of(self.pid):
                for name in ("cmdline", "environ"):
                    self.seen.update(_read(Path(f"/proc/{pid}/{name}")))


def _read(file: Path) -> Iterator[bytes]:
    try:
        yield file.read_bytes()
    except OSError:
        return


def watched(playing: Playing) -> tuple[Run, set[bytes]]:
    with ProcessWatch(playing.process.pid) as watch:
        run = playing.finish()
    return run, watch.seen
