# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Self-signed certificates of simulated BMCs."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import ssl
import tempfile
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with its private key: `pem` holds both, `sha256` is the lower-case hex digest of the DER form."""

    pem: bytes
    sha256: str


def issue(name: str, address: str) -> Certificate:
    """Return a new self-signed certificate for a BMC of this name and IPv4 address.

    P-256 because an RSA key would take 100 times longer to make, and the fleet has thousands. The address as
    alternative name is all that a client needs that trusts the certificate, also in OpenSSL's strict mode.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.IPv4Address(address))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Certificate(
        pem=private + certificate.public_bytes(serialization.Encoding.PEM),
        sha256=hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest(),
    )


def server_context(certificate: Certificate) -> ssl.SSLContext:
    """Return the TLS context of a server with this certificate. TLS 1.2 and newer, as the BMCs of today speak."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # The ssl module takes a key from a file only.
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(certificate.pem)
        file.flush()
        context.load_cert_chain(file.name)
    return context
