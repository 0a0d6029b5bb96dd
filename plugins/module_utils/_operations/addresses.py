# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which addresses are asked: targets and exclude, expanded as they are needed, each address once.

A target is an address ("10.1.2.3", "bmc1:8443", "[fd00::1]"), a network ("10.1.2.0/24"), a range ("10.1.2.3-10.1.2.40",
"10.1.2.3-40") or a pattern of names or addresses ("bmc[001-512]", "10.1.[1:4].1", as Ansible's own host ranges).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import product
from math import prod
from string import ascii_letters
from typing import Union

from .._core.errors import InvalidRequest
from .._transport.origin import Origin, parse_address
from .sweep import Candidate

Host = Union[IPv4Address, IPv6Address, str]  # noqa: UP007 - ansible-test's pylint does not understand the other form here

_MOST = 1 << 20
_HTTPS = 443
_RANGE = re.compile(r"\[(\w*)([:-])(\w+)(?::(\d+))?\]", re.ASCII)
_NAME = re.compile(r"[\w.:-]+")
_LIKE_AN_ADDRESS = re.compile(r"[\d.]+(-[\d.]*)?(:\d*)?")


@dataclass(frozen=True)
class Target:
    """One target. text: as above. name: the name or xname of the one address that it is, where it has one."""

    text: str
    name: str = ""


class Candidates:
    """Candidates in the order of their targets, made as they are taken; may be iterated again.

    ports: tried where a target names none. Raises InvalidRequest, when made, for a target that cannot be meant.
    """

    def __init__(
        self, targets: Iterable[Target], exclude: Iterable[Target] = (), ports: Sequence[int] = (_HTTPS,)
    ) -> None:
        self._blocks = [_bounded(_hosts_of(_block(target)), target) for target in targets]
        self._excluded = _Excluded([_block(target) for target in exclude])
        self._ports = tuple(dict.fromkeys(ports))
        single = [block for block in self._blocks if block.count == 1]
        self._single = {(block.only, block.port): block.name for block in single}
        # Several targets may be one address, and only one of them says how it is called.
        self._single |= {(block.only, block.port): block.name for block in single if block.name}
        if not self._ports or not all(0 < port < 1 << 16 for port in self._ports):
            raise InvalidRequest(f"ports {list(self._ports)} are not ports", way_out="Give numbers from 1 to 65535.")

    def __length_hint__(self) -> int:
        """At most so many: what is excluded, or named twice, is counted too."""
        return sum(block.count * (1 if block.port else len(self._ports)) for block in self._blocks)

    def __iter__(self) -> Iterator[Candidate]:
        seen = set()
        for block in self._blocks:
            for host in block:
                for port in (block.port,) if block.port else self._ports:
                    if (host, port) not in seen and not self._excluded.has(host, port):
                        seen.add((host, port))
                        yield self._candidate(host, port)

    def _candidate(self, host: Host, port: int) -> Candidate:
        said = [self._single[place] for place in ((host, port), (host, 0)) if place in self._single]
        name = next(filter(None, said), host if isinstance(host, str) else "")
        return Candidate(_shown(host, port), Origin("https", str(host), port), name, named=bool(said))


def place(text: str) -> tuple[str, int]:
    """The host of one address, however it is spelled, as an origin has it, and the port, 0 where it names none.

    Raises InvalidRequest for what is no single address.
    """
    block = _one(text.strip())
    return str(block.only), block.port


def canonical(text: str) -> str:
    """One address, however it is spelled, as candidates have it. Raises InvalidRequest."""
    block = _one(text.strip())
    return _shown(block.only, block.port or _HTTPS)


def _shown(host: Host, port: int) -> str:
    if port == _HTTPS:
        return str(host)
    return f"[{host}]:{port}" if isinstance(host, IPv6Address) else f"{host}:{port}"


@dataclass(frozen=True)
class _Block:
    """The addresses of one target. port: 0 where it names none. first, last: of a network or a range, else None."""

    parts: tuple[Sequence[str], ...] = ()
    first: IPv4Address | IPv6Address | None = None
    last: IPv4Address | IPv6Address | None = None
    port: int = 0
    name: str = ""
    network: bool = False

    @property
    def count(self) -> int:
        if self.first is None or self.last is None:
            return prod(map(len, self.parts))
        return int(self.last) - int(self.first) + 1

    def __iter__(self) -> Iterator[Host]:
        if self.first is None or self.last is None:
            return (_host("".join(parts)) for parts in product(*self.parts))
        kind = type(self.first)
        return (kind(number) for number in range(int(self.first), int(self.last) + 1))

    @property
    def only(self) -> Host:
        """The one host of a target that is one."""
        return next(iter(self))


class _Excluded:
    """What is left out. An address is known by itself, not by the names that lead to it."""

    def __init__(self, blocks: Sequence[_Block]) -> None:
        spans = [block for block in blocks if block.first is not None]
        self._hosts = {(host, block.port) for block in blocks if block.first is None for host in block}
        self._spans = sorted((_number(block.first), _number(block.last), block.port) for block in spans)

    def has(self, host: Host, port: int) -> bool:
        if (host, 0) in self._hosts or (host, port) in self._hosts:
            return True
        if isinstance(host, str):
            return False
        number = _number(host)
        reached = bisect_right(self._spans, (number, (9, 0), 0))
        return any(number <= last and owned in (0, port) for _first, last, owned in self._spans[:reached])


def _number(address: IPv4Address | IPv6Address | None) -> tuple[int, int]:
    """A place in one order of all addresses."""
    return (address.version, int(address)) if address is not None else (0, 0)


def _block(target: Target) -> _Block:
    """Raises InvalidRequest."""
    text = target.text.strip()
    if _RANGE.search(text):
        return _bounded(_pattern(text), target)
    if "/" in text and "://" not in text:
        return _network(text)
    if "-" in text and _address(text.partition("-")[0].strip()):
        return _range(text)
    return _one(text, target.name)


def _bounded(block: _Block, target: Target) -> _Block:
    """Raises InvalidRequest for more addresses than one can mean."""
    if block.count > _MOST:
        why, way_out = f"these are {block.count} addresses", f"A target has at most {_MOST}: give smaller ones."
        raise _meaningless(target.text, why, way_out)
    return block


def _network(text: str) -> _Block:
    try:
        network = ip_network(text)
    except ValueError as error:
        raise _meaningless(
            text, str(error), "Give a network as 10.1.2.0/24, a file as ./targets or @targets."
        ) from error
    return _Block(first=network[0], last=network[-1], network=True)


def _hosts_of(block: _Block) -> _Block:
    """Without the network's own address and its broadcast address (RFC 1122), which IPv6 has not (RFC 4291).

    Of two addresses both are hosts (RFC 3021, RFC 6164).
    """
    if not block.network or block.first is None or block.last is None or block.count <= 2:
        return block
    return replace(block, first=block.first + 1, last=block.last - (1 if block.last.version == 4 else 0))


def _range(text: str) -> _Block:
    left, _dash, right = (part.strip() for part in text.partition("-"))
    first, last = _address(left), _address(right)
    if last is None and right.isdecimal() and isinstance(first, IPv4Address):
        last = _address(f"{left.rpartition('.')[0]}.{right}")
    if first is None or last is None or first.version != last.version:
        raise _meaningless(text, "it is no range", "Give one as 10.1.2.3-10.1.2.40 or 10.1.2.3-40.")
    if int(first) > int(last):
        raise _meaningless(text, "its end comes before its begin", "Turn it around.")
    return _Block(first=first, last=last)


def _pattern(text: str) -> _Block:
    parts: list[Sequence[str]] = []
    rest = 0
    for found in _RANGE.finditer(text):
        parts += [(text[rest : found.start()],), _values(text, *found.groups())]
        rest = found.end()
    tail, port = _without_port(text[rest:])
    parts.append((tail,))
    block = _Block(parts=tuple(parts), port=port)
    # The outermost show whether all are addresses: a pattern of IP addresses may leave their numbers.
    for end in (0, -1):
        try:
            _one("".join(part[end] for part in parts))
        except InvalidRequest as error:
            raise _meaningless(text, f"{error.what}: {error.why}", error.way_out) from error
    return block


def _values(text: str, begin: str, mark: str, end: str, step: str | None) -> Sequence[str]:
    """As Ansible expands [begin:end:step]: letters, or numbers, with leading zeros where the begin has them."""
    begin = begin or "0"
    by = int(step or 1)
    letters = len(begin) == len(end) == 1 and begin in ascii_letters and end in ascii_letters
    if not letters and not (begin.isdecimal() and end.isdecimal()):
        raise _meaningless(text, f"[{begin}{mark}{end}] is no range", "Give one as bmc[001:512] or bmc[a:f].")
    if begin[0] == "0" and len(begin) > 1 and len(begin) != len(end):
        raise _meaningless(text, "begin and end differ in length", "Write both with the same number of digits.")
    first, last = (ascii_letters.index(begin), ascii_letters.index(end)) if letters else (int(begin), int(end))
    if by < 1 or first > last:
        raise _meaningless(text, f"[{begin}{mark}{end}] is empty", "Turn it around; a step is 1 or more.")
    if last - first > _MOST:
        raise _meaningless(text, f"{last - first + 1} names", f"A target has at most {_MOST}: give smaller ones.")
    if letters:
        return ascii_letters[first : last + 1 : by]
    width = len(begin) if begin[0] == "0" else 0
    return [str(number).zfill(width) for number in range(first, last + 1, by)]


def _one(text: str, name: str = "") -> _Block:
    if _LIKE_AN_ADDRESS.fullmatch(text) and _address(_without_port(text)[0]) is None:
        raise _meaningless(
            text, "it looks like an address and is none", "Give an address as 10.1.2.3 or 10.1.2.3:8443."
        )
    try:
        origin = parse_address(text)
    except InvalidRequest as error:
        raise _meaningless("" if "@" in text else text, "it is no address of a BMC", error.way_out) from error
    if not _NAME.fullmatch(origin.host):
        raise _meaningless(text, "it is no name", "Give several targets as a list.")
    port = origin.port if _address(text) is None and _without_port(text)[1] else 0
    return _Block(parts=((origin.host.rstrip("."),),), port=port, name=name)


def _without_port(text: str) -> tuple[str, int]:
    """A text and the port that it ends with, 0 where there is none."""
    found = re.search(r":(\d{1,5})/*$", text, re.ASCII)
    return (text[: found.start()], int(found[1])) if found else (text, 0)


def _host(text: str) -> Host:
    return _address(text) or text.lower()


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _meaningless(text: str, why: str, way_out: str) -> InvalidRequest:
    return InvalidRequest(
        f"the target {text!r} cannot be meant" if text else "a target cannot be meant", why=why, way_out=way_out
    )
