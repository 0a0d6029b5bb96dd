# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The network side of one BMC: its listening socket, TLS, its connections, and what faults do to them."""

from __future__ import annotations

import asyncio
import asyncio.sslproto
import logging
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import cached_property, partial

from aiohttp import web

from . import mangling
from .bmc import Bmc
from .certificate import Certificate, issue, server_context
from .download import download
from .faults import Fault
from .profile import Reply
from .push import push_at, receive
from .service import Call, respond
from .updates import Update

LOG = logging.getLogger(__name__)

# asyncio gives every TLS connection a zeroed buffer of 256 KiB (sslproto.SSLProtocol.max_size); 10,000 connections
# would take 2.5 GiB. A TLS record holds at most 16 KiB, and requests to a BMC are smaller still.
asyncio.sslproto.SSLProtocol.max_size = 32 * 1024

# Faults that answer, or hang up, instead of doing what was asked.
ANSWERS_INSTEAD = frozenset({"drop", "status", "not_json", "redirect"})
MOST_UNSENT = 1 << 20
LOOK_AGAIN_SECONDS = 0.005
BUSY_RETRY_SECONDS = 0.1


class Connection(web.Server):
    """One accepted connection: an aiohttp server of its own, so that a request knows on which connection it came."""

    def __init__(self, endpoint: Endpoint, number: int, sock: socket.socket) -> None:
        super().__init__(self._answer, access_log=None)
        self._endpoint = endpoint
        self._socket = sock
        self._transport: asyncio.Transport | None = None
        self._answered_at: float | None = None
        self._lost = asyncio.Event()
        self.number = number
        self.discarded = False

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Remember the transport; called by aiohttp after the TLS handshake."""
        super().connection_made(handler, transport)
        self._transport = transport
        if self.discarded:
            transport.abort()

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        """Forget the connection; called by aiohttp when it has ended."""
        super().connection_lost(handler, exc)
        self._lost.set()
        self._endpoint.connections.discard(self)

    def discard(self) -> None:
        """End the connection at once; a request that is under way on it has no effect any more."""
        self.discarded = True
        self._lost.set()
        self.hang_up()

    async def lost(self) -> None:
        """Return when the connection has ended."""
        await self._lost.wait()

    def hang_up(self, reset: bool = False) -> None:
        """Close without another word; with `reset` the peer gets a TCP RST."""
        if self._transport is None or self._transport.is_closing():
            return
        if reset:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, as the BMC's state and the injected faults have it."""
        loop = asyncio.get_running_loop()
        bmc = self._endpoint.bmc
        push = push_at(bmc, request.method, request.path)
        body = b"" if push else await request.read()
        entry = bmc.requests.add(self.number, request.method, request.path_qs, request.headers.items(), body)
        limit = bmc.settings.idle_limit
        if limit is not None and self._answered_at is not None and loop.time() - self._answered_at > limit:
            self.hang_up(reset=True)
            return web.Response()
        delay, fault = bmc.faults.strike(request.method, request.path_qs)
        if delay:
            await asyncio.sleep(delay)
        if self.discarded:
            return web.Response()
        if fault is not None and fault.kind == "tarpit":
            await self.lost()
            return web.Response()
        taken = None if push is None else partial(receive, bmc, push, request, entry)
        reply = await _reply(bmc, request, body, fault, taken)
        if reply is not None and reply.then_download is not None:
            self._endpoint.download(reply.then_download)
        try:
            if fault is not None and fault.kind == "hold":
                await asyncio.sleep(fault.details["seconds"])
            response = await self._send(request, reply, fault)
        finally:
            # Also when the client has not waited for the answer.
            if reply is not None and reply.then_restart and not self.discarded:
                self._endpoint.restart()
        if response is not None and not self.discarded:
            entry.status = response.status
            self._answered_at = loop.time()
        return response or web.Response()

    async def _send(self, request: web.BaseRequest, reply: Reply | None, fault: Fault | None) -> web.Response | None:
        """Send the reply, mangled as the fault has it. Return None when the client gets no whole answer."""
        kind = fault.kind if fault is not None else None
        if reply is None or kind == "drop_after":
            self.hang_up()
            return None
        response = mangling.response(reply, fault, self._endpoint.bmc.profile.headers)
        parts = mangling.parts(response, fault)
        if parts is not None:
            await self._send_raw(parts, fault.details.get("interval", 0.0) if fault is not None else 0.0)
            return None
        try:
            await response.prepare(request)
            await response.write_eof()
        except ConnectionError:
            # The client has gone: what it asked for was done nevertheless.
            return None
        return response

    async def _send_raw(self, parts: Iterator[bytes], pause: float) -> None:
        """Send what aiohttp would not send, as fast as the client takes it, then close."""
        assert self._transport is not None
        for part in parts:
            self._transport.write(part)
            await asyncio.sleep(pause)
            while not self._lost.is_set() and self._transport.get_write_buffer_size() > MOST_UNSENT:
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
            if self._lost.is_set():
                return
        self._transport.close()


async def _reply(
    bmc: Bmc,
    request: web.BaseRequest,
    body: bytes,
    fault: Fault | None,
    upload: Callable[[], Awaitable[Reply | None]] | None,
) -> Reply | None:
    """Do what the request asks for, as the fault lets it; `upload` takes one that is an upload."""
    kind = fault.kind if fault is not None else ""
    if upload is None or kind in ANSWERS_INSTEAD:
        if fault is not None and fault.details.get("status", 500) < 300:
            # Who is told that all went well has sent all of it.
            await request.read()
        reply = _done(bmc, request, body, fault)
    else:
        if kind == "logout":
            bmc.sessions.clear()
        taken = await upload()
        reply = taken if taken is None or fault is None else mangling.mangled(taken, fault)
    return reply


def _done(bmc: Bmc, request: web.BaseRequest, body: bytes, fault: Fault | None) -> Reply | None:
    """Do what the request asks for, as far as the fault lets it, and return the reply; None when it hangs up."""
    call = Call(request.method, request.path, request.headers, body, query=request.query)
    if fault is None:
        return respond(bmc, call)
    if fault.kind in ANSWERS_INSTEAD:
        return mangling.instead(bmc, fault, request.path_qs)
    if fault.kind == "logout":
        bmc.sessions.clear()
    return mangling.mangled(respond(bmc, replace(call, power_is_stuck=fault.kind == "stuck_power")), fault)


class Endpoint:
    """One BMC on the network. Its certificate and TLS context are made when they are first needed."""

    def __init__(self, bmc: Bmc) -> None:
        self.bmc = bmc
        self.connections: set[Connection] = set()
        self.accepted = 0
        self._listener: socket.socket | None = None
        self._return: asyncio.TimerHandle | None = None
        self._handshakes: set[asyncio.Task[None]] = set()
        self._replacement: Certificate | None = None
        self._downloads: set[asyncio.Task[None]] = set()
        bmc.on_restart = self.restart

    @cached_property
    def _factory_certificate(self) -> Certificate:
        return issue(self.bmc.spec.name, self.bmc.spec.address)

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return server_context(self.certificate)

    @property
    def certificate(self) -> Certificate:
        """The certificate in use."""
        return self._replacement or self._factory_certificate

    def listen(self) -> None:
        """Start to accept connections. Raise OSError when the address is taken."""
        address = (self.bmc.spec.address, self.bmc.spec.port)
        self._listener = socket.create_server(address, backlog=128)
        self._listener.setblocking(False)
        asyncio.get_running_loop().add_reader(self._listener, self._accept)

    def close(self) -> None:
        """Stop to listen, and end all connections."""
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
            self._listener = None
        for connection in list(self.connections):
            connection.discard()

    def restart(self) -> None:
        """Be away, as a BMC is that restarts: connections are refused until it is back."""
        self.close()
        delay = self.bmc.settings.timing.manager_reset
        self._return = asyncio.get_running_loop().call_later(delay, self.listen)

    def download(self, update: Update) -> None:
        """Fetch an image, while everything else goes on."""
        task = asyncio.get_running_loop().create_task(download(self.bmc, update))
        self._downloads.add(task)
        task.add_done_callback(self._downloads.discard)

    def restore(self) -> None:
        """Return to the state that the fleet file declares."""
        for task in list(self._downloads):
            task.cancel()
        self.bmc.restore()
        self.accepted = 0
        for connection in list(self.connections):
            connection.discard()
        if self._return is not None:
            self._return.cancel()
            self._return = None
        if self._listener is None:
            self.listen()
        self._use_certificate(None)

    def renew_certificate(self) -> None:
        """Show another certificate from now on, as after a replaced board or with a man in the middle."""
        self._use_certificate(issue(self.bmc.spec.name, self.bmc.spec.address))
        for connection in list(self.connections):
            connection.discard()

    def _use_certificate(self, certificate: Certificate | None) -> None:
        if certificate is not self._replacement:
            self._replacement = certificate
            self.__dict__.pop("_context", None)

    def _accept(self) -> None:
        assert self._listener is not None
        try:
            while True:
                sock, _peer = self._listener.accept()
                self.accepted += 1
                handshake = asyncio.get_running_loop().create_task(self._serve(sock, self.accepted))
                self._handshakes.add(handshake)
                handshake.add_done_callback(self._handshakes.discard)
        except BlockingIOError:
            return
        except OSError as error:
            # Out of file descriptors: clients stay in the backlog until there are some again.
            LOG.error("%s cannot accept: %s", self.bmc.spec.name, error)
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._listener)
            loop.call_later(BUSY_RETRY_SECONDS, self._accept_again)

    def _accept_again(self) -> None:
        if self._listener is not None:
            asyncio.get_running_loop().add_reader(self._listener, self._accept)

    async def _serve(self, sock: socket.socket, number: int) -> None:
        connection = Connection(self, number, sock)
        self.connections.add(connection)
        if self.bmc.faults.holds_connections:
            await connection.lost()
            sock.close()
            return
        try:
            sock.setblocking(False)
            await asyncio.get_running_loop().connect_accepted_socket(connection, sock, ssl=self._context)
        except OSError as error:
            # The client went away, or does not trust the certificate: its own business (SSLError is an OSError).
            LOG.debug("%s: handshake failed: %s", self.bmc.spec.name, error)
            self.connections.discard(connection)
            sock.close()
