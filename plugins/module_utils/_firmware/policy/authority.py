# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may sign: the holder of a key, or an identity that sigstore's certificates name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from ..._core.errors import InvalidRequest, LocalFailure
from .claims import Claim
from .keyless import Identity, KeylessSigner
from .keys import PublicKey, public_key, public_key_file
from .reading import Reading
from .verdict import WRONG_KEY


class Signer(Protocol):
    """Whoever can tell whether it signed something."""

    def refusal(self, claim: Claim) -> tuple[str, str] | None:
        """Why the claim is not proven to be signed by it, as reason and detail of a Finding; None when it is."""


@dataclass(frozen=True)
class KeySigner:
    """The holder of a key."""

    key: PublicKey

    def refusal(self, claim: Claim) -> tuple[str, str] | None:
        if any(self.key.verifies(signature, claim.signed) for signature in claim.signatures):
            return None
        if claim.bundle:
            return WRONG_KEY, "it is signed with a certificate, and this authority is a key"
        return WRONG_KEY, f"it is not signed with the key {self.key.fingerprint}"


@dataclass(frozen=True)
class Authority:
    """One that a policy trusts, under the name that the verdict shows."""

    name: str
    signer: Signer


def authority(given: Any, where: str, reading: Reading) -> Authority:
    """One that stands in a policy."""
    options = reading.options(given, where, ("name", "key", "keyless"))
    kind = reading.one_of(options, ("key", "keyless"), where)
    name = reading.text(options, "name", where, default=where)
    return Authority(name, _SIGNERS[kind](options.get(kind), f"{where}.{kind}", reading))


@dataclass(frozen=True)
class _Nobody:
    """In the place of what could not be read; a document with problems is never used."""

    def refusal(self, _claim: Claim) -> tuple[str, str] | None:
        return WRONG_KEY, "there is no such authority"


def _key(given: Any, where: str, reading: Reading) -> Signer:
    options = reading.options(given, where, ("data", "path"))
    kind = reading.one_of(options, ("data", "path"), where)
    text = reading.text(options, kind, where) if kind else ""
    if not text:
        return _Nobody()
    try:
        return KeySigner(public_key(text.encode()) if kind == "data" else public_key_file(text))
    except (InvalidRequest, LocalFailure) as error:
        # Whatever was given may be a secret by mistake: only what the error says of it is shown.
        reading.problem(f"{where}.{kind}", f"{error.what}. {error.why or error.way_out}")
        return _Nobody()


def _keyless(given: Any, where: str, reading: Reading) -> Signer:
    options = reading.options(given, where, ("identities", "trusted_root"))
    identities = []
    for entry, place in reading.entries(options, "identities", where, least=1):
        known = reading.options(entry, place, ("issuer", "subject"))
        identities.append(Identity(reading.text(known, "issuer", place), reading.text(known, "subject", place)))
    return KeylessSigner(tuple(identities), reading.text(options, "trusted_root", where, default=""))


def _nobody(_given: Any, _where: str, _reading: Reading) -> Signer:
    return _Nobody()


_SIGNERS = {"key": _key, "keyless": _keyless, "": _nobody}
