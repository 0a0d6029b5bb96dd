# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every request that a BMC received, in order of arrival, without the secrets in it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from .clock import Clock

REDACTED = "<redacted>"
SECRET_HEADERS = frozenset({"authorization", "x-auth-token", "cookie"})


@dataclass(slots=True)
class LoggedRequest:
    """One request. `status` stays None when it was never answered."""

    number: int
    time: float
    connection: int
    method: str
    uri: str
    headers: tuple[tuple[str, str], ...]
    body: object
    status: int | None = None

    def as_json(self) -> dict[str, object]:
        """Return the request as the control API shows it."""
        return {
            "n": self.number,
            "time": self.time,
            "connection": self.connection,
            "method": self.method,
            "uri": self.uri,
            "headers": dict(self.headers),
            "body": self.body,
            "status": self.status,
        }


class RequestLog:
    """The requests of one BMC, and those who wait for the next one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self.entries: list[LoggedRequest] = []

    def add(
        self, connection: int, method: str, uri: str, headers: Iterable[tuple[str, str]], body: bytes
    ) -> LoggedRequest:
        """Note a request that has just arrived."""
        entry = LoggedRequest(
            number=len(self.entries) + 1,
            time=self._clock.time(),
            connection=connection,
            method=method,
            uri=uri,
            # A client sends the same few headers every time: interned, a fleet's worth of them fits into memory.
            headers=tuple((sys.intern(str(name)), _header(name, value)) for name, value in headers),
            body=redacted_body(body),
        )
        self.entries.append(entry)
        for count, waiter in self._waiters:
            if len(self.entries) >= count and not waiter.done():
                waiter.set_result(None)
        return entry

    def clear(self) -> None:
        """Forget all requests; numbering starts again at 1."""
        self.entries = []

    async def wait(self, count: int, timeout: float) -> bool:
        """Return True as soon as `count` requests have arrived, False after `timeout` seconds without."""
        if len(self.entries) >= count:
            return True
        waiter = (count, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout):
                await waiter[1]
            return True
        except TimeoutError:
            return False
        finally:
            self._waiters.remove(waiter)


def _header(name: str, value: str) -> str:
    return REDACTED if name.lower() in SECRET_HEADERS else sys.intern(value)


def redacted_body(body: bytes) -> object:
    """Return a request's body as JSON with every password replaced, as text when it is no JSON, None when empty."""
    if not body:
        return None
    try:
        return _without_passwords(json.loads(body))
    except ValueError:
        return body.decode("utf-8", errors="replace")


def _without_passwords(value: object) -> object:
    if isinstance(value, dict):
        return {key: REDACTED if key.lower() == "password" else _without_passwords(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_passwords(item) for item in value]
    return value
