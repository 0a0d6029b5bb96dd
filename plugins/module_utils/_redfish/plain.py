# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a value means, however a BMC writes it: lists are padded, names differ in case, nothing has many spellings.

Evidence (recorded): HPE pads with "0.0.0.0" and "::", older Lenovo with "", X13 writes null and "(null)", a DGX has a
leading blank (" 216.239.35.4"), Cray EX ends a list of keys with two newlines and repeats a key.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from ipaddress import ip_address

_BLANKS = frozenset({"", "0.0.0.0", "::", "(null)", "null", "none"})  # noqa: S104 - a spelling of nothing


def is_blank(value: object) -> bool:
    """Whether a value says that there is nothing."""
    return not isinstance(value, str) or plain(value) in _BLANKS


def plain(value: str) -> str:
    """A host name or address in one spelling: no padding, lower case, IPv6 in its short form."""
    text = value.strip().lower()
    try:
        return str(ip_address(text)) if ":" in text else text
    except ValueError:
        return text


def filled(values: object) -> tuple[str, ...]:
    """The entries of a list that say something, without padding, each once; () for what is no list."""
    if not isinstance(values, (list, tuple)):
        return ()
    found: dict[str, str] = {}
    for value in values:
        if isinstance(value, str) and not is_blank(value):
            found.setdefault(plain(value), value.strip())
    return tuple(found.values())


def same_list(left: Iterable[str], right: Iterable[str]) -> bool:
    """Whether two lists name the same hosts, in any order."""
    return {plain(value) for value in left} == {plain(value) for value in right}


def key_identity(line: str) -> tuple[str, str]:
    """Type and body of an SSH public key, which identify it; its comment does not.

    Raises ValueError for what is no public key. The text of the error holds nothing of it: it may be a private key.
    """
    kind, _blank, rest = line.strip().partition(" ")
    body = rest.split(maxsplit=1)[0] if rest.split() else ""
    if "\n" in line.strip() or "\r" in line.strip():
        raise ValueError("it has several lines")
    try:
        decoded = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("it is not TYPE BASE64 [COMMENT]") from error
    length = int.from_bytes(decoded[:4], "big")
    if not kind or decoded[4 : 4 + length] != kind.encode("utf-8", "surrogatepass"):
        raise ValueError("its type and its body do not belong together")
    return kind, body


def key_lines(text: object) -> tuple[str, ...]:
    """The lines of an authorized_keys file that hold something."""
    return tuple(line.strip() for line in text.split("\n") if line.strip()) if isinstance(text, str) else ()


def key_name(line: str) -> str:
    """What tells a key on a BMC from another: its identity, or the whole line where it has none (options before)."""
    try:
        return " ".join(key_identity(line))
    except ValueError:
        return line.strip()
