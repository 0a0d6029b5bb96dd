# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a worker and the broker say to each other: one question and one answer a connection, in JSON, ended by EOF."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from typing import Any

from .._core.errors import BmcError, InvalidRequest, LocalFailure, NoCredential
from .._core.local_socket import received, send
from .account import Account

_KINDS: Mapping[str, type[BmcError]] = {kind.__name__: kind for kind in (InvalidRequest, LocalFailure, NoCredential)}


class BrokerGone(Exception):
    """The connection ended without a whole answer: the broker was killed. Nothing but a question is lost."""


def ask(connection: socket.socket, references: Sequence[Mapping[str, Any]]) -> Account:
    """The broker's answer. Raises what it raised; BrokerGone; TimeoutError where the connection has a timeout."""
    try:
        send(connection, references)
        answer = received(connection)
    except (ConnectionError, ValueError) as error:
        raise BrokerGone from error
    if "kind" in answer:
        raise _KINDS[answer["kind"]](answer["what"], why=answer["why"], way_out=answer["way_out"])
    return Account(**answer)


def question(connection: socket.socket) -> Any:
    """What a worker asks. Raises OSError, ValueError."""
    return received(connection)


def reply(connection: socket.socket, answer: Account | BmcError) -> None:
    """Answer. Raises OSError."""
    if isinstance(answer, Account):
        send(connection, {"username": answer.username, "password": answer.password})
    else:
        parts = {"what": answer.what, "why": answer.why, "way_out": answer.way_out}
        send(connection, {"kind": answer.kind, **parts})
