# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Never locked out (promise 4): what a change of settings would cut off. Pure rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from ..._redfish.plain import key_name
from .names import REACH

# A BMC registers its name with the name servers that it knows (DDNS), under the domain that it knows.
_NAMING = ("hostname", "dns.servers", "dns.search")
# iLO, iDRAC and XCC make themselves a new certificate when their name changes.
_CERTIFIED = ("hostname", "dns.search")
CONSOLE_WAYS = ("protocols.ssh", "protocols.ipmi")
"""The ways to the consoles."""


@dataclass(frozen=True)
class Turn:
    """A setting that changes. name: what it is, REACH or one of the names of settings; asked: as the task calls it.

    The two differ for an attribute of a dialect's own ("oem.SSH.1.Enable") that is a setting with a common name.
    runs_empty: on the way there a list holds nothing.
    """

    name: str
    before: Any
    after: Any
    asked: str
    runs_empty: bool = False

    @property
    def is_off(self) -> bool:
        """Whether a service goes off."""
        return self.name.startswith("protocols.") and self.after is False

    @property
    def ends_conversation(self) -> bool:
        """Whether the BMC may answer no more once it is written."""
        return self.name == REACH or (self.name == "protocols.https" and self.is_off)


def lockouts(turns: Sequence[Turn], protocols: Mapping[str, Any], host: str, pinned: bool) -> list[str]:
    """Why the changes may lock somebody out, a reason each; none where they do not.

    protocols: what CONSOLE_WAYS are before, None where the BMC does not tell. host: name or address at which the BMC is
    reached. pinned: its certificate is pinned.
    """
    return [
        *_protocols(turns, protocols),
        *_keys(turns),
        *_names(turns, host, pinned),
    ]


def _protocols(turns: Sequence[Turn], protocols: Mapping[str, Any]) -> Iterator[str]:
    https = [turn for turn in turns if turn.name == "protocols.https" and turn.is_off]
    if https:
        yield f"{_all(https)} is what this conversation speaks"
    reach = [turn for turn in turns if turn.name == REACH]
    if reach:
        yield f"{_all(reach)} is how the BMC is reached"
    off = [turn for turn in turns if turn.name in CONSOLE_WAYS and turn.is_off]
    if off and not any(_stays(name, turns, protocols) for name in CONSOLE_WAYS):
        yield f"{_all(off)} is the last way to the consoles"


def _stays(way: str, turns: Sequence[Turn], protocols: Mapping[str, Any]) -> bool:
    """Whether a way to the consoles is open in the end. Who asks for both is taken by the worse."""
    after = [turn.after for turn in turns if turn.name == way]
    return all(after) if after else bool(protocols.get(way))


def _keys(turns: Sequence[Turn]) -> Iterator[str]:
    for turn in turns:
        if not turn.name.startswith("ssh_keys."):
            continue
        gone = _names_of(turn.before) - _names_of(turn.after)
        if gone and not turn.after:
            yield f"{turn.asked} would hold no key any more"
        elif turn.runs_empty:
            yield f"{turn.asked} has no room for a new key before the last one goes"
        elif gone and turn.name == "ssh_keys.console":
            yield f"{len(gone)} keys of {turn.asked} would go, one of which ConMan may use"


def _names(turns: Sequence[Turn], host: str, pinned: bool) -> Iterator[str]:
    naming = [turn for turn in turns if turn.name in _NAMING]
    if naming and not _is_address(host):
        yield f"the BMC is reached by the name {host}, which may depend on {_all(naming)}"
    certified = [turn for turn in turns if turn.name in _CERTIFIED]
    if certified and pinned:
        yield f"the certificate is pinned, and a BMC may make itself a new one with a new {_all(certified)}"


def _all(turns: Iterable[Turn]) -> str:
    return " and ".join(turn.asked for turn in turns)


def _names_of(keys: Sequence[str] | None) -> set[str]:
    return set(map(key_name, keys or ()))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
