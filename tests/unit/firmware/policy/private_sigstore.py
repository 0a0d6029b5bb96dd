# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A private sigstore in memory: certificate authority, and logs of certificates (RFC 6962) and of signatures.

What it makes, sigstore's own library judges; so it is only as right as that finds it to be.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

IN_TOTO = "application/vnd.in-toto+json"
ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
"""Fulcio's extension for who confirmed the identity."""

SCTS = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
REKOR = "rekor.example"
EPOCH = "2020-01-01T00:00:00Z"

Key = ec.EllipticCurvePrivateKey


def _key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class PrivateSigstore:
    """root, rekor, ct: the keys of the authority and of both logs."""

    root: Key = field(default_factory=_key)
    rekor: Key = field(default_factory=_key)
    ct: Key = field(default_factory=_key)
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def trusted_root(self) -> str:
        """What a site gives to those who verify."""
        authority = {
            "subject": {"organization": "tests", "commonName": "root"},
            "uri": "https://fulcio.example",
            "certChain": {"certificates": [{"rawBytes": _text(self._authority().public_bytes(_DER))}]},
            "validFor": {"start": EPOCH},
        }
        return json.dumps(
            {
                "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                "tlogs": [_log(f"https://{REKOR}", self.rekor)],
                "certificateAuthorities": [authority],
                "ctlogs": [_log("https://ct.example", self.ct)],
                "timestampAuthorities": [],
            }
        )

    def bundle(self, statement: bytes, subject: str, issuer: str) -> bytes:
        """A statement, signed with a key that the authority certified for a subject, and logged."""
        key = _key()
        certificate = self._certificate(key, subject, issuer)
        signed = b"DSSEv1 %d %b %d %b" % (len(IN_TOTO), IN_TOTO.encode(), len(statement), statement)
        signature = _text(_signed(key, signed))
        envelope = {"payload": _text(statement), "payloadType": IN_TOTO, "signatures": [{"sig": signature}]}
        material = {
            "certificate": {"rawBytes": _text(certificate.public_bytes(_DER))},
            "tlogEntries": [self._logged(statement, envelope, signature, certificate)],
        }
        return json.dumps(
            {
                "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
                "verificationMaterial": material,
                "dsseEnvelope": envelope,
            }
        ).encode()

    def _authority(self) -> x509.Certificate:
        names = _name("root")
        usage = _usage(certificates=True)
        made = _builder(names, names, self.root, self.now - timedelta(days=1), timedelta(days=10))
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        return made.add_extension(usage, critical=True).sign(self.root, hashes.SHA256())

    def _certificate(self, key: Key, subject: str, issuer: str) -> x509.Certificate:
        made = _builder(x509.Name([]), _name("root"), key, self.now, timedelta(minutes=10))
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(subject)])
        made = made.add_extension(names, critical=True)
        made = made.add_extension(_usage(certificates=False), critical=True)
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.root.public_key())
        made = made.add_extension(identifier, critical=False)
        made = made.add_extension(x509.UnrecognizedExtension(ISSUER, issuer.encode()), critical=False)
        stamp = self._stamp(made.sign(self.root, hashes.SHA256()).tbs_certificate_bytes)
        # Two lengths of TLS, of the list and of its one entry, in an OCTET STRING.
        listed = struct.pack("!HH", len(stamp) + 2, len(stamp)) + stamp
        wrapped = b"\x04" + _der_length(len(listed)) + listed
        made = made.add_extension(x509.UnrecognizedExtension(SCTS, wrapped), critical=False)
        return made.sign(self.root, hashes.SHA256())

    def _stamp(self, certificate: bytes) -> bytes:
        """The log's word that it has a certificate (RFC 6962, 3.2)."""
        milliseconds = int(self.now.timestamp() * 1000)
        entry = hashlib.sha256(_spki(self.root)).digest() + len(certificate).to_bytes(3, "big") + certificate
        signature = _signed(self.ct, struct.pack("!BBQH", 0, 0, milliseconds, 1) + entry + b"\0\0")
        begin = b"\0" + hashlib.sha256(_spki(self.ct)).digest() + struct.pack("!Q", milliseconds) + b"\0\0"
        return begin + b"\x04\x03" + struct.pack("!H", len(signature)) + signature

    def _logged(
        self, payload: bytes, envelope: dict[str, Any], signature: str, certificate: x509.Certificate
    ) -> dict[str, Any]:
        """The first and only entry of Rekor's log."""
        verifier = _text(certificate.public_bytes(serialization.Encoding.PEM))
        spec = {
            "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(json.dumps(envelope).encode()).hexdigest()},
            "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
            "signatures": [{"signature": signature, "verifier": verifier}],
        }
        body = _canonical({"apiVersion": "0.0.1", "kind": "dsse", "spec": spec})
        log, seconds = hashlib.sha256(_spki(self.rekor)).digest(), int(self.now.timestamp())
        promised = {"body": _text(body), "integratedTime": seconds, "logID": log.hex(), "logIndex": 0}
        tree = hashlib.sha256(b"\0" + body).digest()
        note = f"{REKOR} - 1\n1\n{_text(tree)}\n"
        checkpoint = f"{note}\n\u2014 {REKOR} {_text(log[:4] + _signed(self.rekor, note.encode()))}\n"
        return {
            "logIndex": "0",
            "logId": {"keyId": _text(log)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(seconds),
            "inclusionPromise": {"signedEntryTimestamp": _text(_signed(self.rekor, _canonical(promised)))},
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": _text(tree),
                "treeSize": "1",
                "hashes": [],
                "checkpoint": {"envelope": checkpoint},
            },
            "canonicalizedBody": _text(body),
        }


_DER = serialization.Encoding.DER


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Key, begin: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(begin).not_valid_after(begin + lasts)
    return made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _log(url: str, key: Key) -> dict[str, Any]:
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": _text(_spki(key)),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "validFor": {"start": EPOCH},
        },
        "logId": {"keyId": _text(hashlib.sha256(_spki(key)).digest())},
    }


def _spki(key: Key) -> bytes:
    return key.public_key().public_bytes(_DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _signed(key: Key, message: bytes) -> bytes:
    return key.sign(message, ec.ECDSA(hashes.SHA256()))


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _canonical(document: dict[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _der_length(length: int) -> bytes:
    return bytes([length]) if length < 128 else bytes([0x81, length])
