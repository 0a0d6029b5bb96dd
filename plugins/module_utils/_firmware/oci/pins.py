# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tag is resolved once for a run of Ansible: all its hosts get the same bundle, also when someone moves the tag."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..._core.errors import BadArtifact, LocalFailure
from .reference import Reference, checked_digest

_KEPT = 30 * 86400.0
"""Seconds: longer than any run."""


class Pins:
    """What tags meant when a run first asked. run: the same in all processes of it, and in no other."""

    def __init__(self, folder: Path, run: str) -> None:
        self._folder = folder
        self._run = run

    def digest(self, reference: Reference, resolve: Callable[[], str]) -> str:
        """The digest of a reference; resolve is asked only by who comes first, or where the reference has it already.

        Raises LocalFailure, and what resolve raises.
        """
        if reference.digest:
            return reference.digest
        file = self._file(reference)
        with suppress(FileNotFoundError):
            return self._kept(file)
        self._put(file, resolve(), os.link)
        return self._kept(file)

    def moved(self, reference: Reference, digest: str) -> None:
        """The run itself moved the tag. Raises LocalFailure."""
        self._put(self._file(reference), digest, os.replace)

    def _file(self, reference: Reference) -> Path:
        name = f"{self._run}\n{reference.name}:{reference.tag}".encode()
        return self._folder / hashlib.sha256(name).hexdigest()

    def _kept(self, file: Path) -> str:
        try:
            return checked_digest(file.read_text(encoding="ascii").strip())
        except (BadArtifact, ValueError) as error:
            way_out = "Remove it; then tags are resolved anew."
            raise LocalFailure("what a tag meant in this run is damaged", why=str(file), way_out=way_out) from error

    def _put(self, file: Path, digest: str, into_place: Callable[[Path, Path], None]) -> None:
        # Written aside first: a reader never sees half a digest, and link() fails for all but the first.
        aside = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._forget_old()
            aside.write_text(f"{digest}\n", encoding="ascii")
            with suppress(FileExistsError):
                into_place(aside, file)
            aside.unlink(missing_ok=True)
        except OSError as error:
            why = f"{error.filename or file}: {error.strerror or error}"
            raise LocalFailure("what a tag means could not be kept for this run", why=why) from error

    def _forget_old(self) -> None:
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < time.time() - _KEPT:
                    path.unlink()
