# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a discovered BMC is called: the first of the wished ways that gives a name.

An xname is the geolocation name of HPE Cray EX and OpenCHAMI: x1000c3s0b0 is a BMC, x1000c3s0b0n1 a node behind it.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from .._core.errors import InvalidRequest
from .addresses import canonical

Namer = Callable[[str, str, str], str]
"""The name of a BMC from its address as written, its host part, and what the targets call it."""

_CONTROLLER = re.compile(r"(x\d+c\d+)([sr]\d+)?b\d+")


def id_map(content: Any) -> dict[str, str]:
    """Names by the addresses as candidates have them, from magellan's `--bmc-id-map` format or from a plain mapping.

    magellan (v0.5, README "BMC ID map"): {"map_key": "bmc-ip-addr", "id_map": {"172.16.0.105": "x3000c0s1b0"}}.
    Raises InvalidRequest.
    """
    given = content
    if isinstance(content, Mapping) and "id_map" in content:
        if content.get("map_key", "bmc-ip-addr") != "bmc-ip-addr":
            raise InvalidRequest(f"id_map has the map_key {content['map_key']!r}", way_out="Only bmc-ip-addr is known.")
        given = content["id_map"]
    if not isinstance(given, Mapping) or not all(isinstance(name, str) and name for name in given.values()):
        raise InvalidRequest("id_map is no mapping of addresses to names", way_out="Write 10.1.2.3: x3000c0s1b0.")
    twice = sorted(name for name, times in Counter(given.values()).items() if times > 1)
    if twice:
        raise InvalidRequest(f"id_map gives several BMCs the name {', '.join(twice)}")
    return {canonical(str(address)): str(name) for address, name in given.items()}


def namer(
    ways: Sequence[str],
    names: Mapping[str, str],
    template: Namer | None = None,
    resolve: Callable[[str], str] | None = None,
) -> Namer:
    """The first of these ways that gives a name; the address stands at the end of every list.

    ways: "id_map" is in names, "given" as the targets call it, "template", "dns" by reverse DNS, "xname" computed from
    an IPv4 address, "address". Each name is sought once. Raises InvalidRequest for a template that there is not.
    """
    if "template" in ways and template is None:
        raise InvalidRequest("names wants a template", way_out="Set name_template, or take template off the list.")
    resolve = resolve or _by_dns
    found: dict[str, Namer] = {
        "template": template or _nothing,
        "id_map": lambda address, host, _given: names.get(address) or names.get(host) or "",
        "given": lambda _address, _host, given: given,
        "dns": lambda _address, host, _given: resolve(host),
        "xname": lambda _address, host, _given: generated_xname(host),
        # A colon would end the name in a pattern of hosts, as --limit takes them.
        "address": lambda address, host, _given: host if address == host else address.replace(f"{host}:", f"{host}_"),
    }
    chosen = [found[way] for way in (*ways, "address")]
    # A round asks for each name several times, and a resolver may take seconds to say that it knows none.
    return cache(lambda address, host, given: next(filter(None, (way(address, host, given) for way in chosen))))


def generated_xname(host: str) -> str:
    """The xname that magellan computes from an IPv4 address; "" for what is none.

    magellan b5b14f3, pkg/idmap/generated_xname.go: the bits of the address, one part after the other.
    """
    try:
        bits = int(ipaddress.IPv4Address(host))
    except ValueError:
        return ""
    return f"x{bits >> 19 & 0x1FFF}c{bits >> 16 & 7}s{bits >> 24 & 0xFF}b{bits & 0xFF}"


def chassis_of(name: str) -> str:
    """The chassis that holds a BMC: of its xname ("x1000c3" of "x1000c3s0b0"), else the BMC's own name."""
    found = _CONTROLLER.fullmatch(name)
    return found.group(1) if found else name


def _nothing(_address: str, _host: str, _given: str) -> str:
    return ""


def _by_dns(host: str) -> str:
    """The name of an address; a name stays what it is; "" where the resolver knows none."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host
    try:
        return socket.gethostbyaddr(host)[0]
    except OSError:
        return ""
