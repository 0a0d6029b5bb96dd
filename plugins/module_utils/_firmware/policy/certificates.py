# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of sigstore, verified by its Python library, which loads with this room.

Offline: the roots come from a file, or from what the library brings. It reads certificates in sigstore bundles only, so
keyless signatures in the layouts of cosign 2 (a certificate in an annotation) are not verified.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .claims import Claim
from .dsse import pre_authentication_encoding
from .keyless import Identity
from .verdict import NOT_VERIFIABLE, WRONG_KEY

_FAILURES: tuple[type[Exception], ...] = ()

try:
    from sigstore.errors import Error as SigstoreError
    from sigstore.models import Bundle, TrustedRoot
    from sigstore.verify import Verifier
    from sigstore.verify import policy as sigstore_policy
except ImportError:
    HAS_SIGSTORE = False
else:
    HAS_SIGSTORE = True
    # Its own errors, and what its code runs into in a bundle that is not formed as it thinks.
    _FAILURES = (SigstoreError, OSError, ValueError, TypeError, LookupError, AttributeError)


def refusal(claim: Claim, identities: Iterable[Identity], trusted_root: str) -> tuple[str, str] | None:
    """Why no certificate of these identities proves the claim; see authority.Signer. trusted_root: of KeylessSigner."""
    if not HAS_SIGSTORE:
        return NOT_VERIFIABLE, "the Python library sigstore is missing, so no certificate is verified"
    try:
        verifier = _verifier(trusted_root)
    except _FAILURES as error:
        return NOT_VERIFIABLE, f"the trusted root {trusted_root} could not be read: {error}"
    anyone = sigstore_policy.AnyOf(
        [sigstore_policy.Identity(identity=known.subject, issuer=known.issuer) for known in identities]
    )
    try:
        kind, payload = verifier.verify_dsse(Bundle.from_json(claim.bundle), anyone)
    except _FAILURES as error:
        return WRONG_KEY, f"sigstore does not accept it: {error}"
    if pre_authentication_encoding(kind, payload) != claim.signed:
        return WRONG_KEY, "sigstore read another statement in it"
    return None


def _verifier(trusted_root: str) -> Any:
    if trusted_root:
        return Verifier(trusted_root=TrustedRoot.from_file(trusted_root))
    return Verifier.production(offline=True)
