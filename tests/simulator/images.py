# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware images that a simulated BMC can judge: what they are for, and whether they arrived as they were made."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import asdict, dataclass

_MAGIC = "SIMULATED-FIRMWARE"
_LONGEST_HEADER = 4096


class BadImage(Exception):
    """What a BMC says of an image that it does not take."""


@dataclass(frozen=True, slots=True)
class Image:
    """A header of one line before the payload. size, sha256: of the payload.

    component: "BMC", "BIOS", "CPLD" and so on, as the rules of a profile name what can be updated. version: as the
    inventory will show it.
    """

    component: str
    version: str
    size: int
    sha256: str


def build(component: str, version: str, size: int = 100_000) -> bytes:
    """Return an image; the same arguments give the same bytes."""
    payload = random.Random(f"{component} {version}").randbytes(size)  # noqa: S311 - bytes to fill it, no secret
    image = Image(component, version, size, hashlib.sha256(payload).hexdigest())
    return f"{_MAGIC} {json.dumps(asdict(image))}\n".encode() + payload


class Check:
    """Judges an image part by part, as it arrives; only its header is kept."""

    def __init__(self) -> None:
        self._header = b""
        self._image: Image | None = None
        self._hash = hashlib.sha256()
        self._size = 0

    def feed(self, part: bytes) -> None:
        """Take the next part. Raise BadImage where it cannot become one."""
        if self._image is None:
            header, end, part = (self._header + part).partition(b"\n")
            self._header = header
            if len(header) > _LONGEST_HEADER or (not end and not _MAGIC.startswith(header[:10].decode("latin-1"))):
                raise BadImage("the file is no firmware")
            if not end:
                return
            self._image = _header(header)
        self._hash.update(part)
        self._size += len(part)

    def image(self) -> Image:
        """Return what arrived. Raise BadImage when it is not what was made."""
        if self._image is None:
            raise BadImage("the file is no firmware")
        if (self._size, self._hash.hexdigest()) != (self._image.size, self._image.sha256):
            raise BadImage(f"the image is damaged: {self._size} of {self._image.size} bytes")
        return self._image


def _header(line: bytes) -> Image:
    magic, _space, content = line.decode("latin-1").partition(" ")
    try:
        if magic == _MAGIC:
            return Image(**json.loads(content))
    except (ValueError, TypeError) as error:
        raise BadImage("the file is no firmware") from error
    raise BadImage("the file is no firmware")
