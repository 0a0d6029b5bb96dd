# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a 401 asks for (RFC 9110, 11.6.1; distribution's token authentication)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_LONGEST = 4096

_PARAMETER = r'([A-Za-z0-9!#$%&\'*+.^_`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))'
_PARAMETERS = re.compile(_PARAMETER)
_CHALLENGE = re.compile(rf"([A-Za-z][A-Za-z0-9-]*)(?:\s+({_PARAMETER}(?:\s*,\s*{_PARAMETER})*))?(?:\s*,\s*|\s*$)")


@dataclass(frozen=True)
class Challenge:
    """One way to log in. scheme: "basic" or "bearer". parameters: names in lower case."""

    scheme: str
    parameters: Mapping[str, str]


def challenges(header: str) -> dict[str, Challenge]:
    """Those of a WWW-Authenticate header, by scheme in lower case; what cannot be understood is left out."""
    found: dict[str, Challenge] = {}
    header, position = header[:_LONGEST], 0
    while match := _CHALLENGE.match(header, position):
        scheme = match[1].lower()
        parameters = {
            name.lower(): re.sub(r"\\(.)", r"\1", quoted) or plain
            for name, quoted, plain in _PARAMETERS.findall(match[2] or "")
        }
        found.setdefault(scheme, Challenge(scheme, parameters))
        if match.end() == position:
            break
        position = match.end()
    return found
