# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server for one update, inside the task that updates: it ends with the block, however that ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..._core.clock import Clock
from .addresses import Advertised, addresses_of, advertised, listen, networks
from .fetched import Fetched
from .offers import Offer, Offers, offer
from .paths import safe_file_name
from .payload import Payload
from .place import Place
from .server import Limits, Server


@dataclass(frozen=True)
class OwnStage:
    """A Stage that a server in this process serves."""

    offer: Offer
    server: Server
    origin: str
    found: bool

    @property
    def url(self) -> str:
        return f"{self.origin}{self.offer.path}"

    def fetched(self) -> Fetched:
        return self.offer.tally.fetched()

    def close(self) -> None:
        """End the server, and what is being fetched."""
        self.server.close()


@contextmanager
def staged(
    file: Path,
    bmc: str,
    place: Place,
    clock: Clock,
    *,
    title: str = "",
    clients: Sequence[str] = (),
    limits: Limits | None = None,
) -> Iterator[OwnStage]:
    """Serve a file to one BMC for as long as the block lasts.

    bmc: its name or address. title: the file's name for the BMC, the file's own when empty. clients: who may fetch,
    when that is not the BMC's own addresses (NAT).

    It is gone when the block is left, by an exception or KeyboardInterrupt, too; a process that ends by a signal takes
    its threads and sockets with it. Raises InvalidRequest, LocalFailure, Unreachable before anything listens.
    """
    addresses = addresses_of(bmc)
    told = advertised(place.advertise, addresses)
    ports, context = place.port_range(), place.context()
    with ExitStack() as open_things:
        payload = open_things.enter_context(closing(Payload(file)))
        one = offer(bmc, payload, safe_file_name(title or file.name), networks(clients or addresses), clock)
        listener = listen(_own_address(told), ports)
        server = Server(listener, Offers([one]), context, limits)
        server.start()
        open_things.callback(server.close)
        yield OwnStage(one, server, f"{place.scheme}://{told.authority(server.port)}", told.found)


def _own_address(told: Advertised) -> str:
    """Only where it is fetched from is listened on; an address that was given may be one of a router in front."""
    return told.host if told.found else ""
