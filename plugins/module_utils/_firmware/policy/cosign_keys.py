# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private keys as `cosign generate-key-pair` writes them: PKCS #8, sealed with scrypt and NaCl's secretbox.

Source: go-securesystemslib, encrypted/encrypted.go; cosign 3.1.2, pkg/cosign/keys.go. What opens the box is PyNaCl.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

from ..._core.errors import InvalidRequest

try:
    from nacl.exceptions import CryptoError
    from nacl.secret import SecretBox
except ImportError:
    HAS_NACL = False
else:
    HAS_NACL = True

_PEM = re.compile(rb"-----BEGIN (ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY)-----(.*?)-----END \1-----", re.DOTALL)
# go-securesystemslib writes N 32768 or 65536, r 8, p 1, and takes what a file says; here a file cannot ask for more.
_MOST_MEMORY = 256 << 20
_BLOCK = 128


def is_sealed_by_cosign(pem: bytes) -> bool:
    return _PEM.search(pem) is not None


def opened(path: str, pem: bytes, password: str) -> bytes:
    """The key as PKCS #8 in DER. path: for messages. Raises InvalidRequest, never with a secret in it."""
    if not HAS_NACL:
        raise InvalidRequest(
            f"{path} is encrypted in cosign's own way, and PyNaCl, which opens it, is not installed",
            way_out="pip install PyNaCl on the controller. Or make a key with 'openssl genpkey -algorithm EC -pkeyopt"
            " ec_paramgen_curve:P-256 -aes256', which 'cosign import-key-pair' brings to cosign, too.",
        )
    if not password:
        raise InvalidRequest(f"{path} is encrypted, and no password was given")
    try:
        salt, costs, nonce, sealed = _parts(pem)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidRequest(f"{path} could not be opened", why="it is no key as cosign writes them") from error
    work, blocks, lanes = costs
    memory = _BLOCK * work * blocks * lanes
    if not 0 < memory <= _MOST_MEMORY:
        raise InvalidRequest(f"{path} could not be opened", why="its scrypt needs more than 256 MiB")
    try:
        key = hashlib.scrypt(
            password.encode(), salt=salt, n=work, r=blocks, p=lanes, dklen=SecretBox.KEY_SIZE, maxmem=2 * _MOST_MEMORY
        )
        return bytes(SecretBox(key).decrypt(sealed, nonce))
    except (CryptoError, ValueError) as error:
        why = "the password is wrong, or the file is damaged"
        raise InvalidRequest(f"{path} could not be opened", why=why) from error


def _parts(pem: bytes) -> tuple[bytes, tuple[int, int, int], bytes, bytes]:
    found = _PEM.search(pem)
    document: dict[str, Any] = json.loads(base64.b64decode(found[2] if found else b""))
    kdf, cipher = document["kdf"], document["cipher"]
    if (kdf["name"], cipher["name"]) != ("scrypt", "nacl/secretbox"):
        raise ValueError("sealed in another way")
    costs = (int(kdf["params"]["N"]), int(kdf["params"]["r"]), int(kdf["params"]["p"]))
    return (
        base64.b64decode(kdf["salt"]),
        costs,
        base64.b64decode(cipher["nonce"]),
        base64.b64decode(document["ciphertext"]),
    )
