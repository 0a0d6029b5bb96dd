# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware versions: whether two are the same, and which is the older one as far as that can be told."""

from __future__ import annotations

import re
from itertools import zip_longest

_PARTS = re.compile(r"\d+|[a-z]+")


def same_version(one: str, other: str) -> bool:
    """Whether an inventory shows the version: character by character, blanks around it aside."""
    return one.strip() == other.strip()


def is_older(new: str, current: str) -> bool | None:
    """Whether a version is older than another; None where their forms differ, so that nobody can tell.

    Digits are compared as numbers, letters as words, what lies between them not at all: "1.10" is newer than "1.9",
    "U46 v2.70" than "U46 v2.60". Versions in hexadecimal compare well only while their letters stand in one place.
    """
    for one, other in zip_longest(_parts(new), _parts(current)):
        if one == other:
            continue
        if one is None or other is None:
            return one is None
        if one.isdigit() != other.isdigit():
            return None
        return int(one) < int(other) if one.isdigit() else one < other
    return False


def _parts(version: str) -> list[str]:
    return _PARTS.findall(version.lower())
