# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text that came from a BMC, made fit to be shown to a person."""

from __future__ import annotations

from typing import Any

_LONGEST = 300


def printable(value: Any, longest: int = _LONGEST) -> str:
    r"""A value in one line without anything that moves a terminal's cursor or turns the reading direction.

    Control, format and unassigned characters become their Python escapes (\x1b, \u202e). "" for None.
    """
    if value is None:
        return ""
    text = str(value)
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    if text.isprintable():
        return str(text)
    return "".join(sign if sign.isprintable() else _escaped(sign) for sign in text)


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape", "surrogatepass").decode("ascii")
