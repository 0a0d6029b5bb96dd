# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys that sign bundles, and what they signed: the algorithms of cosign in key mode.

cosign 3 signs with the hash that belongs to the curve, and verifies with SHA-256 unless told otherwise (cosign 3.1.2,
pkg/signature/keys.go); so there are signatures of either kind, and both are taken. RSA is PKCS #1 v1.5 in cosign; PSS
is what its libraries have besides. Ed25519 is taken as cosign verifies it; what cosign 3.1.2 itself signs with such a
key is Ed25519ph, which neither it nor this verifies.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..._core.errors import InvalidRequest, LocalFailure
from .cosign_keys import is_sealed_by_cosign, opened

try:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
except ImportError:
    HAS_CRYPTOGRAPHY = False
else:
    HAS_CRYPTOGRAPHY = True

_CURVES = {"secp256r1": "SHA256", "secp384r1": "SHA384", "secp521r1": "SHA512"}
_SMALLEST_RSA = 2048
"""Bits: the smallest that sigstore's algorithm registry has."""

_LARGEST_FILE = 64 << 10
_KINDS = "ECDSA on P-256, P-384 or P-521, RSA of at least 2048 bits, and Ed25519"


@dataclass(frozen=True)
class PublicKey:
    """A key that proves who signed. fingerprint: "sha256:..." of its SubjectPublicKeyInfo."""

    fingerprint: str
    key: Any = field(repr=False, compare=False)

    @property
    def hint(self) -> str:
        """How sigstore's bundles name the key: the same hash in Base64 (sigstore-go, pkg/sign/keys.go)."""
        return base64.b64encode(bytes.fromhex(self.fingerprint.removeprefix("sha256:"))).decode()

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether the key made this signature of this message."""
        return any(_valid(self.key, signature, message, scheme) for scheme in _schemes(self.key))


@dataclass(frozen=True)
class PrivateKey:
    """A key to sign with. public: its other half."""

    public: PublicKey
    key: Any = field(repr=False, compare=False)

    def sign(self, message: bytes) -> bytes:
        """As cosign 3 signs: with the hash of the curve, RSA with PKCS #1 v1.5 and SHA-256, Ed25519 as it is."""
        signature: bytes = self.key.sign(message, *next(_schemes(self.key)))
        return signature


def public_key(pem: bytes) -> PublicKey:
    """The key in a PEM text. Raises InvalidRequest, whose text never holds what was given."""
    _require_cryptography()
    if b"PRIVATE KEY" in pem:
        raise InvalidRequest(
            "it is a private key",
            way_out="A policy holds public keys: 'openssl pkey -in KEY -pubout' prints one. Keep this one secret.",
        )
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        way_out = "Give the PEM text that begins with -----BEGIN PUBLIC KEY-----."
        raise InvalidRequest("it is no public key in PEM", way_out=way_out) from error
    return _public(key)


def public_key_file(path: str) -> PublicKey:
    """The key in a PEM file. Raises InvalidRequest, LocalFailure."""
    return public_key(_content(path))


def private_key_file(path: str, password: str = "") -> PrivateKey:
    """The key in a PEM file, plain, PKCS #8 with a password, or as cosign seals it.

    Raises InvalidRequest, LocalFailure; not with its text.
    """
    _require_cryptography()
    pem = _content(path)
    sealed = is_sealed_by_cosign(pem)
    content = opened(path, pem, password) if sealed else pem
    load = serialization.load_der_private_key if sealed else serialization.load_pem_private_key
    try:
        key = load(content, password.encode() if password and not sealed else None)
    except TypeError as error:
        what = "is not encrypted, and a password was given" if password else "is encrypted, and no password was given"
        raise InvalidRequest(f"{path} {what}") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        why = "the password is wrong, or it is no private key in PEM" if password else "it is no private key in PEM"
        raise InvalidRequest(f"{path} could not be opened", why=why) from error
    return PrivateKey(_public(key.public_key()), key)


def _public(key: Any) -> PublicKey:
    """Raises InvalidRequest for a kind of key that cosign does not sign with."""
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _SMALLEST_RSA:
        raise InvalidRequest(f"it is an RSA key of only {key.key_size} bits", way_out=f"Accepted: {_KINDS}.")
    elliptic = isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES
    if not elliptic and not isinstance(key, (rsa.RSAPublicKey, ed25519.Ed25519PublicKey)):
        raise InvalidRequest("it is a key of a kind that is not accepted", way_out=f"Accepted: {_KINDS}.")
    information = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return PublicKey(f"sha256:{hashlib.sha256(information).hexdigest()}", key)


def _schemes(key: Any) -> Iterator[tuple[Any, ...]]:
    """What follows signature and message in cryptography's calls, for each way to sign; first the one that is used."""
    if isinstance(key, (ec.EllipticCurvePublicKey, ec.EllipticCurvePrivateKey)):
        for name in dict.fromkeys((_CURVES[key.curve.name], "SHA256")):
            yield (ec.ECDSA(getattr(hashes, name)()),)
    elif isinstance(key, (rsa.RSAPublicKey, rsa.RSAPrivateKey)):
        for algorithm in (hashes.SHA256(), hashes.SHA384(), hashes.SHA512()):
            yield padding.PKCS1v15(), algorithm
        for algorithm in (hashes.SHA256(), hashes.SHA384(), hashes.SHA512()):
            yield padding.PSS(padding.MGF1(algorithm), padding.PSS.AUTO), algorithm
    else:
        yield ()


def _valid(key: Any, signature: bytes, message: bytes, scheme: tuple[Any, ...]) -> bool:
    try:
        key.verify(signature, message, *scheme)
    except InvalidSignature:
        return False
    return True


def _content(path: str) -> bytes:
    try:
        with Path(path).expanduser().open("rb") as file:
            return file.read(_LARGEST_FILE)
    # RuntimeError: the home of a user who is not there.
    except (OSError, ValueError, RuntimeError) as error:
        why = f"{path}: {getattr(error, 'strerror', None) or error}"
        raise LocalFailure("a key file could not be read", why=why) from error


def _require_cryptography() -> None:
    if not HAS_CRYPTOGRAPHY:
        raise LocalFailure(
            "the Python library cryptography is missing",
            way_out="Install it for the Python that runs Ansible: pip install 'cryptography>=44'.",
        )
