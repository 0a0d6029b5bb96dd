# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is staged for whom: a token opens one file to one BMC."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ..._core.clock import Clock
from .addresses import Network
from .fetched import Tally
from .paths import new_token
from .payload import Payload


@dataclass(frozen=True)
class Offer:
    """A file for one BMC. host: inventory name. name: safe file name. clients: who may fetch it."""

    host: str
    payload: Payload
    name: str
    clients: tuple[Network, ...]
    tally: Tally
    token: str = field(default_factory=new_token, repr=False)

    @property
    def path(self) -> str:
        return f"/{self.token}/{self.name}"

    def admits(self, address: str) -> bool:
        found = ipaddress.ip_address(address)
        return any(found in network for network in self.clients)


def offer(host: str, payload: Payload, name: str, clients: Sequence[Network], clock: Clock) -> Offer:
    """A new offer, with a token of its own."""
    return Offer(host, payload, name, tuple(clients), Tally(payload.size, clock))


class Offers:
    """All that a server serves, and to whom. Called by its threads."""

    def __init__(self, offers: Iterable[Offer] = ()) -> None:
        self._lock = threading.Lock()
        self._by_path: dict[str, Offer] = {}
        # Thousands of BMCs have an address each: they are found by it, and only wider networks are searched.
        self._by_address: dict[str, set[str]] = {}
        self._wide: set[str] = set()
        for each in offers:
            self.add(each)

    def add(self, new: Offer) -> None:
        with self._lock:
            self._by_path[new.path] = new
            for paths in self._indexes(new):
                paths.add(new.path)

    def remove(self, old: Offer) -> None:
        """Nobody gets it from now on. Who is fetching it goes on until the payload is closed."""
        with self._lock:
            del self._by_path[old.path]
            for paths in self._indexes(old):
                paths.discard(old.path)

    def find(self, path: str, address: str) -> Offer | None:
        """What stands under a path for an address; None, and kept in the account, for anything else."""
        with self._lock:
            found = self._by_path.get(path)
        if found and found.admits(address):
            return found
        for concerned in [found] if found else self.of(address):
            concerned.tally.refuse(address)
        return None

    def of(self, address: str) -> list[Offer]:
        """What an address may fetch."""
        with self._lock:
            paths = self._by_address.get(address, set()) | self._wide
            candidates = [self._by_path[path] for path in paths]
        return [each for each in candidates if each.admits(address)]

    def all(self) -> list[Offer]:
        with self._lock:
            return list(self._by_path.values())

    def _indexes(self, of: Offer) -> Iterator[set[str]]:
        for network in of.clients:
            if network.num_addresses == 1:
                yield self._by_address.setdefault(str(network.network_address), set())
            else:
                yield self._wide
