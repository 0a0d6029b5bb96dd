# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a conman.conf as ConMan 0.2.7 does (conman.conf(5), and what conmand was seen to make of it)."""

from __future__ import annotations

import re

# Strings have no escapes: they end at the same quote. A comment begins outside of one.
_TOKEN = re.compile(r"""\s+|\#.*|(?P<quote>["'])(?P<text>[^\r\n]*?)(?P=quote)|(?P<word>\w+)|(?P<sign>=)""")
_WORD = re.compile(r"""'[^']*'|"[^"]*"|\S+""")


def directives(content: str) -> list[dict[str, str]]:
    """The console directives: keywords in lower case and their values. ValueError for what ConMan would refuse."""
    found: list[dict[str, str]] = []
    for line in content.splitlines():
        tokens = list(_tokens(line))
        if not tokens or tokens[0].lower() in ("server", "global"):
            continue
        if tokens[0].lower() != "console" or tokens[2::3] != ["="] * (len(tokens) // 3):
            raise ValueError(f"no directive: {line}")
        found.append(dict(zip(map(str.lower, tokens[1::3]), tokens[3::3], strict=True)))
    names = [directive["name"] for directive in found]
    hosts = [directive["dev"] for directive in found if directive["dev"].startswith("ipmi:")]
    if len(set(names)) < len(names) or len(set(hosts)) < len(hosts):
        raise ValueError("a name or a host of IPMI stands there twice")
    return found


def words(device: str) -> list[str]:
    """The arguments of a process device."""
    return [word[1:-1] if word[0] in "'\"" else word for word in _WORD.findall(device)]


def _tokens(line: str) -> list[str]:
    tokens, at = [], 0
    while at < len(line):
        match = _TOKEN.match(line, at)
        if match is None:
            raise ValueError(f"no token at {line[at:]!r}")
        if match["quote"] is not None or match["word"] or match["sign"]:
            tokens.append(match["text"] if match["quote"] is not None else match[0])
        at = match.end()
    return tokens
