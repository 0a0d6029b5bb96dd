# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which certificate is believed: a CA, a pin, trust on first use, or, only when told so, any.

One SSLContext serves the whole process: loading the CA bundle for each connection costs 20 ms of CPU, with a shared
context a connection costs 1.2 ms (docs/performance.md).
"""

from __future__ import annotations

import hashlib
import os
import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from .._core.errors import InvalidRequest, LocalFailure, Unreachable, Untrusted
from .bounds import BoundedTlsSocket, dial
from .origin import Origin

TRUST_ON_FIRST_USE = "trust-on-first-use"

# These tell OpenSSL where the system's CAs are; a task's environment may name others than the process began with.
_SYSTEM_CAS = ("SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True)
class Trust:
    """The decision.

    fingerprint: SHA-256 of the certificate in DER, 64 hexadecimal digits: it alone decides when it is given.
    Else validate: verify against ca_path (file or folder), or against the system's CAs when that is empty.
    """

    validate: bool = True
    ca_path: str = ""
    fingerprint: str = ""


def parse_fingerprint(text: str) -> str:
    """64 lower-case digits from "SHA256:AA:BB..." or bare digits. Raises InvalidRequest."""
    digits = re.sub(r"^sha-?256[:=]", "", text.strip(), flags=re.IGNORECASE).replace(":", "").lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise InvalidRequest(
            f"bmc_fingerprint {text!r} is not a SHA-256 fingerprint",
            way_out="Give the 64 hexadecimal digits that 'openssl x509 -noout -fingerprint -sha256' prints,"
            f" or {TRUST_ON_FIRST_USE}.",
        )
    return digits


def ssl_context(trust: Trust) -> ssl.SSLContext:
    """The context for a decision, made once in a process. Raises LocalFailure when the CA cannot be read."""
    if trust.fingerprint or not trust.validate:
        return _unverified_context()
    try:
        return _verified_context(trust.ca_path, *map(os.environ.get, _SYSTEM_CAS))
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError; ValueError: a path with a null byte
        raise LocalFailure(
            "the CA could not be read",
            why=f"{trust.ca_path}: {error}",
            way_out="Set bmc_ca_path to a PEM file or a folder of hashed certificates.",
        ) from error


@lru_cache(maxsize=8)
def _verified_context(ca_path: str, *_system_cas: str | None) -> ssl.SSLContext:
    if not ca_path:
        return _bounded(ssl.create_default_context())
    if Path(ca_path).is_dir():
        return _bounded(ssl.create_default_context(capath=ca_path))
    return _bounded(ssl.create_default_context(cafile=ca_path))


@lru_cache(maxsize=1)
def _unverified_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return _bounded(context)


def _bounded(context: ssl.SSLContext) -> ssl.SSLContext:
    context.sslsocket_class = BoundedTlsSocket
    return context


def prepare_for_forks() -> None:
    """Do once, before a process forks, what the first handshake of each child would otherwise cost.

    Reading the system's CAs takes 20 ms of CPU. OpenSSL 3 also looks its algorithms up at the first handshake of a
    process: measured in a forked child, that handshake took 3.5 ms of CPU, and 1.5 ms when the parent had begun one.
    """
    for trust in (Trust(), Trust(validate=False)):
        begun = ssl_context(trust).wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")
        with suppress(ssl.SSLWantReadError):
            begun.do_handshake()


def observed_fingerprint(origin: Origin, timeout: float) -> str:
    """SHA-256 of the certificate that the origin shows, without sending a request. Raises Unreachable.

    timeout: seconds for the TCP and TLS connection together.
    """
    try:
        with (
            dial(origin.host, origin.port, timeout) as plain,
            _unverified_context().wrap_socket(plain, server_hostname=origin.host) as secure,
        ):
            return fingerprint_of(secure)
    except OSError as error:
        why = f"{origin}: {error.strerror or error}"
        raise Unreachable("no TLS connection", why=why, way_out="Check bmc_address and the network.") from error


def fingerprint_of(connection: ssl.SSLSocket | ssl.SSLObject) -> str:
    """SHA-256 of the certificate that the peer of a connection shows."""
    return hashlib.sha256(connection.getpeercert(binary_form=True) or b"").hexdigest()


def pin_on_first_use(origin: Origin, pins: Path, timeout: float) -> str:
    """The pin kept for an origin; at the first meeting, what it shows when asked for it. See kept_pin()."""
    return kept_pin(origin, pins, lambda: observed_fingerprint(origin, timeout))


def kept_pin(origin: Origin, pins: Path, shown: Callable[[], str]) -> str:
    """The pin recorded for an origin; at the first meeting, what it shows now is recorded.

    pins: folder with one file for each origin, named host_port. The first of several processes decides.
    shown: the SHA-256 of what the origin shows; called at a first meeting only.
    Raises what shown() raises, or LocalFailure when the pin cannot be kept.
    """
    file = pins / re.sub(r"[^A-Za-z0-9.-]", "_", f"{origin.host}_{origin.port}")
    try:
        pins.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        pins.mkdir(exist_ok=True)
        if not file.exists():
            _create(file, shown())
        return parse_fingerprint(file.read_text())
    except OSError as error:
        raise LocalFailure("the pin could not be kept", why=f"{file}: {error.strerror or error}") from error
    except (InvalidRequest, UnicodeDecodeError) as error:
        way_out = "Compare it with the BMC's certificate, then remove it."
        raise LocalFailure("the recorded pin is damaged", why=str(file), way_out=way_out) from error


def _create(file: Path, content: str) -> None:
    # Written aside and linked into place: a reader never sees half a pin, and link() fails for all but the first.
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    aside.write_text(content + "\n")
    try:
        os.link(aside, file)
    except FileExistsError:
        return
    finally:
        aside.unlink()


def untrusted(error: ssl.SSLCertVerificationError, shown: str) -> Untrusted:
    """The error for a certificate that could not be verified; it shows what a person has to compare.

    shown: its SHA-256; "" where it could not be read again.
    """
    told = f"it shows SHA256:{shown}" if shown else "its certificate could not be read again"
    return Untrusted(
        "the certificate is not trusted",
        why=f"{error.verify_message or 'not verified'}; {told}",
        way_out="Decide: bmc_ca_path (its CA), bmc_fingerprint (this very certificate, once you compared it),"
        f" bmc_fingerprint: {TRUST_ON_FIRST_USE}, or bmc_validate_certs: false. No password was sent.",
    )
