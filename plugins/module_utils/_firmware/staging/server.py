# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server: accepts, and gives each connection a thread. A slow reader, or a stranger, holds up nobody else."""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field

from .addresses import plain_address
from .connection import Connection, Patience
from .offers import Offers

_LARGEST_COPY = 256 << 10
_SMALLEST_COPY = 16 << 10
_PAUSE = 0.1


@dataclass(frozen=True)
class Limits:
    """connections: at once; who comes then waits in the kernel's queue. each: for an address, for each file that it may
    fetch. strangers: of all addresses that may fetch nothing; who comes then is sent away. copies: bytes of memory for
    what is copied under TLS, all connections together.
    """

    connections: int = 1024
    each: int = 8
    strangers: int = 16
    copies: int = 16 << 20
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True)
class _Peer:
    address: str
    may_fetch: bool
    thread: threading.Thread


class Server:
    """Serves offers on a listening socket from start() to close()."""

    def __init__(
        self,
        listener: socket.socket,
        offers: Offers,
        context: ssl.SSLContext | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.offers = offers
        self.limits = limits or Limits()
        self._listener = listener
        self._context = context
        self._lock = threading.Lock()
        self._open: dict[Connection, _Peer] = {}
        self._wake, self._woken = socket.socketpair()
        self._closing = False
        self._acceptor = threading.Thread(target=self._accept, name="staging", daemon=True)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def start(self) -> None:
        self._listener.setblocking(False)
        self._acceptor.start()

    def close(self) -> None:
        """End everything, also what is being fetched."""
        self._closing = True
        self._wake.send(b".")
        self._acceptor.join()
        self._listener.close()
        with self._lock:
            left = dict(self._open)
        for connection in left:
            connection.abort()
        for peer in left.values():
            peer.thread.join()
        self._wake.close()
        self._woken.close()

    def _accept(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._woken, selectors.EVENT_READ)
            selector.register(self._listener, selectors.EVENT_READ)
            while not self._closing:
                selector.select()
                if self._closing:
                    return
                if len(self._open) >= self.limits.connections:
                    time.sleep(_PAUSE)
                    continue
                try:
                    connection, address = self._listener.accept()
                except BlockingIOError:
                    continue
                except OSError:
                    # No descriptor is left, or the client has gone: the queue is looked at again, but not in a hurry.
                    time.sleep(_PAUSE)
                    continue
                self._begin(connection, plain_address(address[0]))

    def _begin(self, plain: socket.socket, address: str) -> None:
        may_fetch = len(self.offers.of(address))
        connection = Connection(plain, address, self.offers, self.limits.patience, self._context, self._copy_size)
        thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
        with self._lock:
            if self._is_full(address, may_fetch):
                plain.close()
                return
            self._open[connection] = _Peer(address, bool(may_fetch), thread)
        thread.start()

    def _is_full(self, address: str, may_fetch: int) -> bool:
        peers = self._open.values()
        if may_fetch:
            return sum(peer.address == address for peer in peers) >= self.limits.each * may_fetch
        return sum(not peer.may_fetch for peer in peers) >= self.limits.strangers

    def _serve(self, connection: Connection) -> None:
        try:
            connection.serve()
        finally:
            with self._lock:
                del self._open[connection]

    def _copy_size(self) -> int:
        share = self.limits.copies // max(1, len(self._open))
        return max(_SMALLEST_COPY, min(_LARGEST_COPY, share))
