# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The path under which a file is staged: a token that nobody guesses, and a file name that every BMC can read."""

from __future__ import annotations

import re
import secrets

_LONGEST = 100
_UNNAMED = "firmware.bin"
_TOKEN = re.compile(r"(?:(?<![0-9a-f])|(?<=%2f))[0-9a-f]{32}(?=/|%2f)", re.IGNORECASE)


def new_token() -> str:
    """128 random bits, as hexadecimal digits: no sign in it that a BMC's own parser of URLs could stumble over."""
    return secrets.token_hex(16)


def without_tokens(text: str) -> str:
    """A text with a sign in place of each token before a slash: a BMC may repeat where it fetches from."""
    return _TOKEN.sub("…", text)


def safe_file_name(title: str) -> str:
    """A file name of at most 100 letters, digits, dots, dashes and underscores, that keeps its extension.

    BMCs and their tools look at the extension. title: as a bundle names its payload; folders in it are left out.
    """
    base = re.split(r"[/\\]", title)[-1]
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", base).lstrip(".-_")
    plain = re.sub(r"\.{2,}", ".", plain).rstrip(".")
    if len(plain) > _LONGEST:
        stem, dot, extension = plain.rpartition(".")
        tail = f"{dot}{extension}" if dot and len(extension) <= _LONGEST // 4 else ""
        plain = f"{(stem if tail else plain)[: _LONGEST - len(tail)]}{tail}"
    return plain or _UNNAMED
