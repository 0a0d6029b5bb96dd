# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The network side of one BMC: its listening socket, TLS, its connections, and what faults do to them."""

from __future__ import annotations

import asyncio
import asyncio.sslproto
import json
import logging
import socket
import ssl
import struct
from collections.abc import Mapping
from functools import cached_property

from aiohttp import web

from .bmc import Bmc
from .certificate import Certificate, issue, server_context
from .faults import Fault
from .messages import Cause
from .profile import Reply
from .service import Call, respond

LOG = logging.getLogger(__name__)

# asyncio gives every TLS connection a zeroed buffer of 256 KiB (sslproto.SSLProtocol.max_size); 10,000 connections
# would take 2.5 GiB. A TLS record holds at most 16 KiB, and requests to a BMC are smaller still.
asyncio.sslproto.SSLProtocol.max_size = 32 * 1024

# Faults that answer, or hang up, instead of doing what was asked.
ANSWERS_INSTEAD = frozenset({"drop", "status", "not_json"})
BUSY_RETRY_SECONDS = 0.1


class Connection(web.Server):
    """One accepted connection: an aiohttp server of its own, so that a request knows on which connection it came."""

    def __init__(self, endpoint: Endpoint, number: int, sock: socket.socket) -> None:
        super().__init__(self._answer, access_log=None)
        self._endpoint = endpoint
        self._socket = sock
        self._transport: asyncio.Transport | None = None
        self._answered_at: float | None = None
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
        self._endpoint.connections.discard(self)

    def discard(self) -> None:
        """End the connection at once; a request that is under way on it has no effect any more."""
        self.discarded = True
        self.hang_up()

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
        body = await request.read()
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
        if fault is not None and fault.kind in ANSWERS_INSTEAD:
            reply = _reply_of_fault(bmc, fault)
        else:
            stuck = fault is not None and fault.kind == "stuck_power"
            reply = respond(bmc, Call(request.method, request.path, request.headers, body, stuck, request.query))
        if fault is not None and fault.kind == "hold":
            await asyncio.sleep(fault.seconds)
        response = await self._send(request, reply, fault)
        if response is not None and not self.discarded:
            entry.status = response.status
            self._answered_at = loop.time()
        if reply is not None and reply.then_restart:
            self._endpoint.restart()
        return response or web.Response()

    async def _send(self, request: web.BaseRequest, reply: Reply | None, fault: Fault | None) -> web.Response | None:
        """Send the reply, mangled as the fault has it. Return None when the client gets no whole answer."""
        kind = fault.kind if fault is not None else None
        if reply is None or kind == "drop_after":
            self.hang_up()
            return None
        response = _response(reply, self._endpoint.bmc.profile.headers)
        if kind == "not_json":
            response = web.Response(text="<html><body>It works.</body></html>", content_type="text/html")
        elif kind == "empty":
            response = web.Response(status=reply.status, headers={"Content-Type": "application/json"})
        elif kind in ("truncate", "wrong_length"):
            self._send_raw(response, kind)
            return None
        try:
            await response.prepare(request)
            await response.write_eof()
        except ConnectionError:
            # The client has gone: what it asked for was done nevertheless.
            return None
        return response

    def _send_raw(self, response: web.Response, kind: str) -> None:
        """Send a body whose length is not the announced one, then close; aiohttp itself would not do such a thing."""
        body = response.body if isinstance(response.body, bytes) and response.body else b"{}"
        sent, announced = (body[: len(body) // 2], len(body)) if kind == "truncate" else (body, len(body) // 2)
        head = f"HTTP/1.1 {response.status} {response.reason}\r\nContent-Length: {announced}\r\n"
        head += "Content-Type: application/json\r\n\r\n"
        assert self._transport is not None
        self._transport.write(head.encode() + sent)
        self._transport.close()


def _reply_of_fault(bmc: Bmc, fault: Fault) -> Reply | None:
    """Return the reply of a fault that answers instead of the service; None when it hangs up."""
    if fault.kind == "drop":
        return None
    if fault.kind == "not_json":
        return Reply(200)
    document = fault.body
    if document is None:
        document = bmc.profile.refusal(Cause.UNAVAILABLE, str(fault.retry_after or 0)).document
    return Reply(fault.status, document, {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)})


def _response(reply: Reply, profile_headers: Mapping[str, str]) -> web.Response:
    headers = {"OData-Version": "4.0", "Cache-Control": "no-cache", **profile_headers, **reply.headers}
    if reply.document is None:
        return web.Response(status=reply.status, headers=headers)
    text = reply.document if isinstance(reply.document, str) else json.dumps(reply.document)
    headers.setdefault("Content-Type", "application/json; charset=utf-8")
    return web.Response(status=reply.status, headers=headers, body=text.encode())


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

    def restore(self) -> None:
        """Return to the state that the fleet file declares."""
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
        try:
            sock.setblocking(False)
            await asyncio.get_running_loop().connect_accepted_socket(connection, sock, ssl=self._context)
        except OSError as error:
            # The client went away, or does not trust the certificate: its own business (SSLError is an OSError).
            LOG.debug("%s: handshake failed: %s", self.bmc.spec.name, error)
            self.connections.discard(connection)
            sock.close()
