# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file on its way to a BMC: as the body of a request, or as one part of a form."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from .._core.errors import LocalFailure

PART = 1 << 16
"""Bytes of a file that are in memory at a time."""


@dataclass(frozen=True)
class FormField:
    """A part of a form before its file. content_type: "" for none, as browsers send plain values.

    content: may be the token of a session (HPE), so no message shows it.
    """

    name: str
    content: str = field(repr=False)
    content_type: str = ""


@dataclass(frozen=True)
class Upload:
    """A POST that carries a file.

    fields: those before the file, of multipart/form-data (RFC 7578). file_field: name of the file's part; "" where the
    file itself is the body, as for HttpPushUri. headers: further ones, by name; a Cookie may be among them.
    """

    uri: str
    file_name: str
    file_field: str = ""
    fields: tuple[FormField, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Frame:
    """What goes before and after the bytes of the file in the body of a request."""

    content_type: str
    before: bytes = b""
    after: bytes = b""


def frame_of(upload: Upload) -> Frame:
    """The frame of an upload. No file holds its boundary by chance: that has 128 random bits."""
    if not upload.file_field:
        return Frame("application/octet-stream")
    boundary = f"openchami-{secrets.token_hex(16)}"
    parts = [_part(boundary, _named(part.name), part.content_type) + part.content for part in upload.fields]
    file = f'{_named(upload.file_field)}; filename="{_quoted(upload.file_name)}"'
    begin = "\r\n".join([*parts, _part(boundary, file, "application/octet-stream")])
    return Frame(f"multipart/form-data; boundary={boundary}", begin.encode(), f"\r\n--{boundary}--\r\n".encode())


def body_of(
    frame: Frame, file: BinaryIO, size: int, watch: Callable[[int], None], last: Callable[[], None]
) -> Iterator[bytes]:
    """The body, part by part. watch: told how many bytes of the file were sent, after each part. last: called before
    its last byte is sent.

    Raises LocalFailure where the file has fewer bytes than its size said: a BMC would wait for the rest.
    """
    if frame.before:
        yield frame.before
    sent = 0
    while sent < size:
        part = file.read(min(PART, size - sent))
        if not part:
            raise LocalFailure(
                "the image became shorter while it was sent",
                why=f"{sent} of {size} bytes were there",
                way_out="Nothing was flashed: the BMC did not get it whole. Let nothing change the file meanwhile.",
            )
        if sent + len(part) == size:
            last()
        yield part
        sent += len(part)
        watch(sent)
    if frame.after:
        yield frame.after


def _part(boundary: str, disposition: str, content_type: str) -> str:
    kind = f"Content-Type: {content_type}\r\n" if content_type else ""
    return f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n{kind}\r\n"


def _named(name: str) -> str:
    return f'name="{_quoted(name)}"'


def _quoted(text: str) -> str:
    """As browsers quote names in forms (WHATWG, "multipart/form-data encoding algorithm")."""
    return text.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
