# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Key files as they come: of every kind, with a password, and none that is weak, foreign or of the wrong half."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa, x25519
from nacl.secret import SecretBox

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BmcError, InvalidRequest, LocalFailure
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy import cosign_keys
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy.keys import (
    private_key_file,
    public_key,
    public_key_file,
)

from .signers import Signer, signer

KINDS = ("p256", "p384", "p521", "rsa", "ed25519")
PASSWORD = "canary-of-a-key-file"


@pytest.mark.parametrize("password", ["", PASSWORD])
@pytest.mark.parametrize("kind", KINDS)
def test_a_private_key_of_every_kind(kind: str, password: str, tmp_path: Path) -> None:
    by = signer("vendor", kind)
    key = private_key_file(str(by.key_file(tmp_path, password)), password)
    public = public_key(by.public.encode())
    assert key.public == public
    assert public.verifies(key.sign(b"message"), b"message")
    assert not public.verifies(key.sign(b"message"), b"another")
    assert not public.verifies(b"", b"message")


def traditional(by: Signer) -> bytes:
    form = serialization.PrivateFormat.TraditionalOpenSSL
    pem: bytes = by.key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return pem


@pytest.mark.parametrize("kind", ["p256", "rsa"])
def test_the_older_forms_of_openssl(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "old.key"
    path.write_bytes(traditional(signer("vendor", kind)))
    assert private_key_file(str(path)).sign(b"message")


@pytest.mark.parametrize(
    ("sealed_with", "given", "told"),
    [
        (PASSWORD, "", "is encrypted, and no password was given"),
        ("", PASSWORD, "is not encrypted, and a password was given"),
        (PASSWORD, "canary-of-another", "the password is wrong"),
    ],
)
def test_a_password_that_does_not_fit_is_not_told(sealed_with: str, given: str, told: str, tmp_path: Path) -> None:
    path = signer("vendor").key_file(tmp_path, sealed_with)
    with pytest.raises(InvalidRequest, match=told) as caught:
        private_key_file(str(path), given)
    assert "canary" not in str(caught.value)
    assert "canary" not in repr(caught.value.__cause__)


def sealed_by_cosign(by: Signer, folder: Path, name: str = "SIGSTORE", **changes: Any) -> Path:
    """A key file as go-securesystemslib writes it. changes: of its parameters for scrypt."""
    form = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    salt, nonce = b"s" * 32, b"n" * 24
    key = hashlib.scrypt(PASSWORD.encode(), salt=salt, n=1024, r=8, p=1, dklen=32)
    ciphertext = SecretBox(key).encrypt(by.key.private_bytes(*form), nonce).ciphertext
    parts = {"salt": salt, "nonce": nonce, "ciphertext": ciphertext}
    told = {part: base64.b64encode(content).decode() for part, content in parts.items()}
    params = {"N": 1024, "r": 8, "p": 1, **changes}
    document = {
        "kdf": {"name": "scrypt", "params": params, "salt": told["salt"]},
        "cipher": {"name": "nacl/secretbox", "nonce": told["nonce"]},
        "ciphertext": told["ciphertext"],
    }
    body = base64.encodebytes(json.dumps(document).encode()).decode()
    path = folder / "cosign.key"
    path.write_text(f"-----BEGIN ENCRYPTED {name} PRIVATE KEY-----\n{body}-----END ENCRYPTED {name} PRIVATE KEY-----\n")
    return path


@pytest.mark.parametrize("name", ["SIGSTORE", "COSIGN"])
def test_a_key_as_cosign_seals_it(name: str, tmp_path: Path) -> None:
    by = signer("vendor")
    key = private_key_file(str(sealed_by_cosign(by, tmp_path, name)), PASSWORD)
    assert key.public == public_key(by.public.encode())
    assert key.public.verifies(key.sign(b"message"), b"message")


@pytest.mark.parametrize(
    ("changes", "given", "told"),
    [
        ({}, "", "no password was given"),
        ({}, "canary-of-another", "the password is wrong"),
        ({"N": 1 << 20}, PASSWORD, "more than 256 MiB"),
        ({"N": 1000}, PASSWORD, "could not be opened"),
        ({"N": 0}, PASSWORD, "could not be opened"),
        ({"N": "x"}, PASSWORD, "no key as cosign writes them"),
    ],
)
def test_what_cosign_sealed_and_does_not_open(changes: dict[str, Any], given: str, told: str, tmp_path: Path) -> None:
    path = sealed_by_cosign(signer("vendor"), tmp_path, **changes)
    with pytest.raises(InvalidRequest, match=told) as caught:
        private_key_file(str(path), given)
    assert "canary" not in str(caught.value)


def test_without_pynacl_the_way_out_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cosign_keys, "HAS_NACL", False)
    with pytest.raises(InvalidRequest, match=r"cosign's own way.*pip install PyNaCl"):
        private_key_file(str(sealed_by_cosign(signer("vendor"), tmp_path)), PASSWORD)


def pem(key: object) -> bytes:
    public = key.public_key() if hasattr(key, "public_key") else key
    assert hasattr(public, "public_bytes")
    content: bytes = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return content


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (lambda: pem(rsa.generate_private_key(65537, 1024)), "an RSA key of only 1024 bits"),  # noqa: S505
        (lambda: pem(ec.generate_private_key(ec.SECP256K1())), "of a kind that is not accepted"),
        (lambda: pem(ec.generate_private_key(ec.SECP224R1())), "of a kind that is not accepted"),
        (lambda: pem(x25519.X25519PrivateKey.generate()), "of a kind that is not accepted"),
        (lambda: pem(dsa.generate_private_key(1024)), "of a kind that is not accepted"),  # noqa: S505
        (lambda: signer("vendor").private(), "it is a private key"),
        (lambda: b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "no public key in PEM"),
        (lambda: b"", "no public key in PEM"),
        (lambda: b"\xff\x00", "no public key in PEM"),
    ],
    ids=["short RSA", "secp256k1", "P-224", "X25519", "DSA", "private", "damaged", "empty", "bytes"],
)
def test_what_is_no_key_to_trust(content: object, told: str) -> None:
    assert callable(content)
    with pytest.raises(InvalidRequest, match=told):
        public_key(content())


def test_a_file_in_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    signer("vendor").key_file(tmp_path)
    assert private_key_file("~/vendor.key").public == public_key(signer("vendor").public.encode())


@pytest.mark.parametrize("read", [public_key_file, private_key_file])
def test_a_file_that_cannot_be_read(read: object, tmp_path: Path) -> None:
    assert callable(read)
    for path in (tmp_path / "nowhere", tmp_path, Path("/nul\0l"), Path("~nobody-of-that-name/key")):
        with pytest.raises((LocalFailure, InvalidRequest)) as caught:
            read(str(path))
        assert isinstance(caught.value, BmcError)
