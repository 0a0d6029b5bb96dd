# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The image of an update: a bundle's payload, or a plain file for one component."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from ..._core.errors import InvalidRequest, LocalFailure
from ..._firmware.oci.bundle import Bundle, file_name
from ..._firmware.oci.content import Source, digest_of_file
from ..._firmware.oci.metadata import Component


class Image(Protocol):
    """What is to be flashed."""

    @property
    def name(self) -> str:
        """For messages."""

    @property
    def key(self) -> str:
        """The same for the same bytes, for who looks at an update that was begun earlier."""

    @property
    def file_name(self) -> str:
        """Safe, with the ending that BMCs look at."""

    @property
    def size(self) -> int:
        """Bytes."""

    def components(self, hardware: Iterable[str]) -> Sequence[Component]:
        """What it updates on hardware of these names, in the order of the updates. Raises BundleRefused."""

    def digest(self) -> str:
        """SHA-256 of its bytes, as it stands in descriptors; a plain file is read for it. Raises LocalFailure."""

    def path(self) -> Path:
        """The file on this machine; a bundle's is fetched when it is first asked for. Raises what fetching raises."""


@dataclass(frozen=True)
class BundleImage:
    """The payload of a bundle, from its registry or layout."""

    bundle: Bundle
    source: Source

    @property
    def name(self) -> str:
        return str(self.bundle.reference)

    @property
    def key(self) -> str:
        return self.bundle.payload.digest

    @property
    def file_name(self) -> str:
        return self.bundle.file_name

    @property
    def size(self) -> int:
        return self.bundle.payload.size

    def components(self, hardware: Iterable[str]) -> Sequence[Component]:
        return self.bundle.for_hardware(hardware)

    def digest(self) -> str:
        return self.bundle.payload.digest

    def path(self) -> Path:
        return self.source.fetch(self.bundle.payload)


@dataclass(frozen=True)
class FileImage:
    """A file on the controller. Nothing says which hardware it is for: who names it, and the BMC, judge that."""

    file: Path
    component: Component
    key: str
    size: int

    @property
    def name(self) -> str:
        return str(self.file)

    @property
    def file_name(self) -> str:
        return file_name(self.file.name, "")

    def components(self, hardware: Iterable[str]) -> Sequence[Component]:
        return (self.component,)

    def digest(self) -> str:
        try:
            return digest_of_file(self.file)
        except OSError as error:
            raise _unreadable(self.file, error) from error

    def path(self) -> Path:
        return self.file


def file_image(path: str, component: str, version: str) -> FileImage:
    """A file as the image of one component. Raises InvalidRequest, LocalFailure."""
    file = Path(path).absolute()
    try:
        found = file.stat()
    except OSError as error:
        raise _unreadable(file, error) from error
    if not file.is_file() or not found.st_size:
        raise InvalidRequest("image_path names no file with content", why=str(file))
    key = f"{file} {found.st_size} {found.st_mtime_ns}"
    return FileImage(file, Component(component, version, ()), key, found.st_size)


def opened(image: Image) -> BinaryIO:
    """Its file, to be read. Raises LocalFailure, and what fetching raises."""
    file = image.path()
    try:
        return file.open("rb")
    except OSError as error:
        raise _unreadable(file, error) from error


def _unreadable(file: Path, error: OSError) -> LocalFailure:
    return LocalFailure(
        "the image cannot be read",
        why=f"{file}: {error.strerror or error}",
        way_out="Name a file that this user may read.",
    )
