# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a server of ours listens, and what it shows: one task's server and the play's share these settings."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from ..._core.errors import InvalidRequest, LocalFailure
from .addresses import parse_ports


@dataclass(frozen=True)
class Place:
    """ports: "0", "8080", "8080-8090". advertise: address for the BMC, "" to find it by the route.

    certificate, key: PEM files, the chain and its private key, which is not encrypted; "" for plain HTTP.
    """

    ports: str = "0"
    advertise: str = ""
    certificate: str = ""
    key: str = ""

    @property
    def scheme(self) -> str:
        return "https" if self.certificate else "http"

    def port_range(self) -> range:
        """Raises InvalidRequest."""
        return parse_ports(self.ports)

    def context(self) -> ssl.SSLContext | None:
        """The server's side of TLS; None for plain HTTP. Raises InvalidRequest, LocalFailure."""
        if bool(self.certificate) != bool(self.key):
            missing = "key" if self.certificate else "certificate"
            raise InvalidRequest(f"the {missing} for TLS is missing", way_out="Give both, or neither for plain HTTP.")
        if not self.certificate:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            # Else OpenSSL would ask the terminal for the passphrase of an encrypted key.
            context.load_cert_chain(Path(self.certificate), Path(self.key), password=lambda: "")
        except (OSError, ValueError) as error:
            raise LocalFailure(
                "the certificate for staging cannot be used",
                why=f"{self.certificate}, {self.key}: {getattr(error, 'strerror', None) or error}",
                way_out="Give PEM files: the chain, the server's certificate first, and its key without a passphrase.",
            ) from error
        return context
