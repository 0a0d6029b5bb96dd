# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Never locked out (promise 4): what a change of settings would cut off. Pure rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address
from typing import Any

from ..._redfish.plain import key_name

# A BMC registers its name with the name servers that it knows (DDNS), under the domain that it knows.
_NAMING = ("hostname", "dns.servers", "dns.search")
# iLO, iDRAC and XCC make themselves a new certificate when their name changes.
_CERTIFIED = ("hostname", "dns.search")


def lockouts(
    changing: Mapping[str, tuple[Any, Any]], protocols: Mapping[str, Any], host: str, pinned: bool
) -> list[str]:
    """Why the changes may lock somebody out, a reason each; none where they do not.

    changing: before and after, by name of the setting. protocols: what SSH and IPMI are before, None where the BMC
    does not tell. host: name or address at which the BMC is reached. pinned: its certificate is pinned.
    """
    return [
        *_protocols(changing, protocols),
        *_keys(changing),
        *_names(changing, host, pinned),
    ]


def _protocols(changing: Mapping[str, tuple[Any, Any]], protocols: Mapping[str, Any]) -> Iterator[str]:
    def after(name: str) -> Any:
        return changing[name][1] if name in changing else protocols.get(name)

    if "protocols.https" in changing and changing["protocols.https"][1] is False:
        yield "protocols.https is what this conversation speaks"
    off = [name for name in ("protocols.ssh", "protocols.ipmi") if name in changing and changing[name][1] is False]
    if off and not any(after(name) for name in ("protocols.ssh", "protocols.ipmi")):
        yield f"{' and '.join(off)} is the last way to the consoles"


def _keys(changing: Mapping[str, tuple[Any, Any]]) -> Iterator[str]:
    for name, (before, after) in changing.items():
        if not name.startswith("ssh_keys."):
            continue
        gone = _names_of(before) - _names_of(after)
        if gone and not after:
            yield f"{name} would hold no key any more"
        elif gone and name == "ssh_keys.console":
            yield f"{len(gone)} keys of {name} would go, one of which ConMan may use"


def _names(changing: Mapping[str, tuple[Any, Any]], host: str, pinned: bool) -> Iterator[str]:
    naming = [name for name in _NAMING if name in changing]
    if naming and not _is_address(host):
        yield f"the BMC is reached by the name {host}, which may depend on {' and '.join(naming)}"
    certified = [name for name in _CERTIFIED if name in changing]
    if certified and pinned:
        yield f"the certificate is pinned, and a BMC may make itself a new one with a new {' and '.join(certified)}"


def _names_of(keys: Sequence[str] | None) -> set[str]:
    return set(map(key_name, keys or ()))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
