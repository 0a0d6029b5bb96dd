# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections beneath the HTTP clients: bounded, and of a decided trust."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any, cast

from .._core.errors import LocalFailure
from .bounds import Bound, BoundedSocket, dial
from .origin import Origin
from .tls import Trust, ssl_context

try:
    import urllib3
    from urllib3 import exceptions as urllib3_errors
    from urllib3.connection import HTTPConnection, HTTPSConnection
except ImportError:
    HAS_URLLIB3 = False
    HTTPConnection = HTTPSConnection = object  # type: ignore[misc, assignment]
else:
    HAS_URLLIB3 = True


def require_urllib3() -> None:
    """Raises LocalFailure where it is missing."""
    if not HAS_URLLIB3:
        raise LocalFailure(
            "the Python library urllib3 is missing",
            way_out="Install it for the Python that runs Ansible: pip install 'urllib3>=2.2'.",
        )
    # Whether to verify was the user's decision. Not at import: Ansible restores the filters after loading a plugin.
    urllib3.disable_warnings(urllib3_errors.InsecureRequestWarning)


def pool_of_one(origin: Origin, trust: Trust, begins: Callable[[], Bound]) -> urllib3.HTTPConnectionPool:
    """One kept connection to an origin. begins: told when a request begins; gives the bound of the exchange."""
    where: dict[str, Any] = {"host": origin.host, "port": origin.port, "maxsize": 1, "begins": begins}
    if origin.scheme == "http":
        pool = urllib3.HTTPConnectionPool(**where)
        pool.ConnectionCls = _PlainConnection
        return pool
    secure = urllib3.HTTPSConnectionPool(
        **where, ssl_context=ssl_context(trust), assert_fingerprint=trust.fingerprint or None
    )
    secure.ConnectionCls = _TlsConnection
    return secure


class _PlainConnection(HTTPConnection):
    """Tells when a request begins: what fails before, in TCP or TLS, surely did not happen."""

    def __init__(self, *arguments: Any, begins: Callable[[], Bound], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._begins = begins

    def _new_conn(self) -> socket.socket:
        return dial(self.host, self.port, cast(float, self.timeout))

    def request(self, *arguments: Any, **named: Any) -> None:
        if self.sock is None:
            self.connect()
        cast(BoundedSocket, self.sock).bound = self._begins()
        super().request(*arguments, **named)


class _TlsConnection(_PlainConnection, HTTPSConnection):
    """The same with TLS."""
