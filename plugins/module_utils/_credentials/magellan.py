# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""magellan's secret store: a JSON file of entries, each encrypted with a key of its own.

The form, as magellan's pkg/secrets writes it: {id: hex(nonce of 12 bytes + ciphertext + tag of 16)}, AES-256-GCM, with
the key HKDF-SHA256(master key, salt = id). An id is a BMC's URL as magellan lists it, or "default". The plain text is
{"username": ..., "password": ...}. The master key stands, in hexadecimal, in the environment variable MASTER_KEY.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._core.errors import LocalFailure, NoCredential
from .account import Account, account_in, malformed
from .reference import Reference

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
except ImportError:
    HAS_CRYPTOGRAPHY = False
else:
    HAS_CRYPTOGRAPHY = True

_NONCE = 12


class Magellan:
    """Reads such files, each once for as long as it does not change."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._files: dict[str, tuple[tuple[int, ...], Mapping[str, Any]]] = {}

    def find(self, reference: Reference) -> Account | None:
        if not HAS_CRYPTOGRAPHY:
            raise LocalFailure(
                "the Python library cryptography is missing",
                way_out="Install it for the Python that runs Ansible: pip install cryptography.",
            )
        identifier, where = str(reference["id"]), self.place(reference)
        entries = self._entries(str(reference["path"]))
        if identifier not in entries:
            return None
        plain = _opened(entries[identifier], identifier, self._master_key(), where)
        try:
            return account_in(json.loads(plain), where)
        except ValueError as error:
            raise malformed(where, "it is not JSON") from error

    def place(self, reference: Reference) -> str:
        return f"entry {reference['id']} of {reference['path']}"

    def close(self) -> None:
        """Nothing stays open."""

    def _entries(self, path: str) -> Mapping[str, Any]:
        try:
            status = Path(path).stat()
            state = (status.st_ino, status.st_size, status.st_mtime_ns)
            if path not in self._files or self._files[path][0] != state:
                self._files[path] = (state, _object(Path(path).read_bytes(), path))
            return self._files[path][1]
        except OSError as error:
            raise NoCredential(
                "magellan's secret store could not be read",
                why=f"{path}: {error.strerror or error}",
                way_out="Name the file that 'magellan secrets' writes (its --file), readable for this user.",
            ) from error

    def _master_key(self) -> bytes:
        try:
            key = bytes.fromhex(self._environ.get("MASTER_KEY", ""))
        except ValueError as error:
            raise _no_master_key("MASTER_KEY is not hexadecimal") from error
        if not key:
            raise _no_master_key("MASTER_KEY is not set")
        return key


def _object(content: bytes, path: str) -> Mapping[str, Any]:
    try:
        entries = json.loads(content)
    except ValueError as error:
        raise malformed(path, "it is not JSON") from error
    if not isinstance(entries, dict):
        raise malformed(path, "it is no object")
    return entries


def _opened(sealed: Any, identifier: str, master_key: bytes, where: str) -> bytes:
    try:
        content = bytes.fromhex(sealed)
    except (TypeError, ValueError) as error:
        raise malformed(where, "it is not hexadecimal") from error
    key = HKDF(algorithm=SHA256(), length=32, salt=identifier.encode(), info=None).derive(master_key)
    try:
        return AESGCM(key).decrypt(content[:_NONCE], content[_NONCE:], None)
    except (InvalidTag, ValueError) as error:
        raise NoCredential(
            f"{where} does not open with this MASTER_KEY",
            why="another key sealed it, or it is damaged",
            way_out="Give the key that magellan stored it with, or store it again.",
        ) from error


def _no_master_key(why: str) -> NoCredential:
    return NoCredential(
        "the key of magellan's secret store is missing",
        why=why,
        way_out="Set it to what 'magellan secrets generatekey' printed, in the environment of ansible-playbook.",
    )
