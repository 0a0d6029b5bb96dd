# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a request goes: one origin, and only that one (promise 3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from .._core.errors import BadAnswer, ForeignLink, InvalidRequest

_PLAIN_PATH = re.compile(r"(?:/[\w~-][\w.~-]*)+/?", re.ASCII)
_DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port (RFC 6454)."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def path_of(self, link: str, base: str = "/") -> str:
        """The path and query of a link found in a document or header, without its fragment.

        link: absolute or relative (RFC 3986). base: path of the document that holds it.
        Raises ForeignLink when the link leads to another origin, or is no HTTP link at all.
        """
        if _PLAIN_PATH.fullmatch(link):
            # Nearly every link; the rest takes 0.1 ms, a good part of what a read costs.
            return link
        try:
            absolute = urlsplit(urljoin(f"{self}{base}", link))
            port = absolute.port or _DEFAULT_PORTS.get(absolute.scheme)
            own = (absolute.scheme, absolute.hostname, port) == (self.scheme, self.host.lower(), self.port)
        except ValueError:
            own = False
        if not own:
            raise ForeignLink(
                "a link leads away from the BMC",
                why=f"{self}{base} points to {link}",
                way_out="Nothing was sent there. A BMC behind a name that it does not know itself answers so:"
                " set bmc_address to the name or address that it uses for itself.",
            )
        path = absolute.path or "/"
        return f"{path}?{absolute.query}" if absolute.query else path


def parse_address(address: str) -> Origin:
    """The origin that an address names: "10.1.2.3", "bmc1:8443", "[fd00::1]", "https://bmc1".

    Raises InvalidRequest: a BMC is reached over HTTPS only, and an address holds no path and no credentials.
    """
    text = address.strip()
    if text.count(":") > 1 and not text.startswith("[") and "://" not in text:
        text = f"[{text}]"
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = parts.hostname or ""
        host.encode("idna")
        port = 443 if parts.port is None else parts.port
        extra = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
        plain = parts.scheme == "https" and host and port and not extra and not set(host) & set(" \t\\%")
    except ValueError:
        plain = False
    if not plain:
        # What was given is not repeated where it may hold a password.
        given = "bmc_address" if "@" in address else f"bmc_address {address!r}"
        raise InvalidRequest(
            f"{given} is not the address of a BMC",
            way_out="Give a name or IP address, with a port where it is not 443: bmc1, 10.1.2.3:8443, [fd00::1].",
        )
    return Origin("https", host, port)


def require_tls(origin: Origin) -> None:
    """Raises InvalidRequest for a BMC that would be reached without TLS."""
    if origin.scheme != "https":
        raise InvalidRequest(f"{origin} is no BMC", way_out="A BMC is reached over HTTPS only.")


def parse_url(url: str) -> tuple[Origin, str]:
    """The origin and the path, without a last slash, of a service that is no BMC: "http://smd:27779/prefix".

    Raises InvalidRequest.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme)
        extra = parts.query or parts.fragment or "@" in parts.netloc
    except ValueError:
        host, port, extra = "", None, ""
    if not host or port is None or extra:
        given = "a URL" if "@" in url else repr(url)
        raise InvalidRequest(
            f"{given} is not the URL of a service", way_out="Give it as https://smd.example.org:27779."
        )
    return Origin(parts.scheme, host, port), parts.path.rstrip("/")


def split_url(url: str) -> tuple[Origin, str]:
    """The origin, and the path with its query, of an absolute URL that a service gave. Raises BadAnswer."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        host, port = "", None
    if not host or port is None or "@" in parts.netloc or not url.isprintable() or " " in url:
        raise BadAnswer("a service leads to what is no URL", why=repr(url)[:200])
    path = parts.path or "/"
    return Origin(parts.scheme, host, port), f"{path}?{parts.query}" if parts.query else path
