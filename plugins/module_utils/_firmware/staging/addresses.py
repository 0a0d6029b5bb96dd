# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses: of the BMC that may fetch, and of this machine as that BMC sees it."""

from __future__ import annotations

import ipaddress
import random
import re
import socket
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Union

from ..._core.errors import InvalidRequest, LocalFailure, Unreachable

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]  # noqa: UP007 - evaluated by Python 3.9 in sanity
_BACKLOG = 4096
_HOST = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<plain>[A-Za-z0-9._-]+))(?::(?P<port>\d{1,5}))?")
_ANY_PORT = 9


@dataclass(frozen=True)
class Advertised:
    """What a BMC is told to fetch from. host: name or address; port: None for the one that is listened on.

    found: whether it was found by the route to the BMC, not given.
    """

    host: str
    port: int | None = None
    found: bool = False

    def authority(self, port: int) -> str:
        """Host and port as in a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port or port}"


def plain_address(address: str) -> str:
    """One form of an address: no scope, and no IPv4 address in the clothes of IPv6 as a dual-stack socket shows it."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)


def addresses_of(host: str) -> tuple[str, ...]:
    """The addresses of a BMC, in the resolver's order. Raises Unreachable."""
    try:
        found = socket.getaddrinfo(host, _ANY_PORT, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        why = f"{host}: {getattr(error, 'strerror', None) or error}"
        raise Unreachable("the BMC has no address", why=why, way_out="Check bmc_address.") from error
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def networks(clients: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks ("10.1.2.3", "10.1.0.0/16", "fd00::/8") as data. Raises InvalidRequest."""
    try:
        return tuple(ipaddress.ip_network(client.partition("%")[0], strict=False) for client in clients)
    except ValueError as error:
        way_out = "Give addresses or networks: 10.1.2.3, 10.1.0.0/16, fd00::/8."
        raise InvalidRequest("clients holds no address", why=str(error), way_out=way_out) from error


def advertised(given: str, bmc: Sequence[str]) -> Advertised:
    """What to tell a BMC: what was given ("10.1.1.1", "head.site:8080", "[fd00::1]"), else this machine's own address
    on the route to the first of the BMC's addresses that has one. No packet is sent.

    Raises InvalidRequest, LocalFailure.
    """
    if not given:
        return Advertised(_on_the_route(bmc), found=True)
    if given.count(":") > 1 and not given.startswith("["):
        given = f"[{given}]"
    match = _HOST.fullmatch(given)
    port = int(match["port"]) if match and match["port"] else None
    if not match or port == 0 or (port or 0) > 65535:
        way_out = "Give a name or address as the BMC sees it, with a port where that is another one: 10.1.1.1:8080."
        raise InvalidRequest(f"advertise {given!r} is not an address", way_out=way_out)
    return Advertised(match["six"] or match["plain"], port)


def _on_the_route(bmc: Sequence[str]) -> str:
    why = ""
    for address in bmc:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((address, _ANY_PORT))
                return str(probe.getsockname()[0])
            except OSError as error:
                why = f"{address}: {error.strerror or error}"
    raise LocalFailure(
        "no route leads to the BMC",
        why=why,
        way_out="Set advertise to the address under which it reaches this machine.",
    )


def parse_ports(text: str) -> range:
    """The ports to try: "0" (any free one), "8080", "8080-8090". Raises InvalidRequest."""
    match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", text.strip())
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if not first <= last <= 65535 or (first == 0 and last):
        way_out = "Give 0 for any free one, a port, or a range: 8080, 8080-8090."
        raise InvalidRequest(f"port {text!r} is no port", way_out=way_out)
    return range(first, last + 1)


def listen(host: str, ports: range) -> socket.socket:
    """A socket that listens on one of the ports. host: own address; "" for all of this machine. Raises LocalFailure."""
    why = ""
    # Forks that share a range do not all try the same one first.
    for port in random.sample(ports, len(ports)):
        try:
            return _listener(host, port)
        except OSError as error:
            why = f"port {port}: {error.strerror or error}"
    shown = f"{ports[0]}-{ports[-1]}" if len(ports) > 1 else str(ports[0])
    raise LocalFailure(
        f"no port of {shown} can be listened on" if len(ports) > 1 else f"port {shown} cannot be listened on",
        why=why,
        way_out="Name a longer range, run fewer forks, or stage once for the whole play with bmc_staging.",
    )


def _listener(host: str, port: int) -> socket.socket:
    if host:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    if socket.has_dualstack_ipv6():
        with suppress(OSError):
            return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=_BACKLOG)
    return socket.create_server(("", port), backlog=_BACKLOG)
