# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that never seem to end."""

from __future__ import annotations

from .scripted_server import Answer, Wire

MIB = 1 << 20


def flood(head: bytes, part: bytes, mebibytes: int = 8) -> Answer:
    """A head, then the same part again and again, until so much was sent or the client went away."""

    def answer(wire: Wire) -> None:
        wire.close()
        try:
            wire.send(head)
            for _time in range(mebibytes * MIB // len(part)):
                wire.send(part)
        except OSError:
            return

    return answer


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
FLOODS = {
    "announced": flood(OK + b"Content-Length: 104857600\r\n\r\n", b" " * 65536),
    "until the end": flood(OK + b"\r\n", b" " * 65536),
    "chunks": flood(CHUNKED, b"10000\r\n" + b" " * 65536 + b"\r\n"),
    "trailers": flood(CHUNKED + b"0\r\n", b"X-More: 1\r\n" * 6000),
    "100 Continue": flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2000),
}
