# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signatures without a key of one's own: sigstore's short-lived certificates, verified by its Python library.

Offline: the roots come from a file, or from what the library brings. It reads certificates in sigstore bundles only, so
keyless signatures in the layouts of cosign 2 (a certificate in an annotation) are not verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .claims import Claim
from .dsse import pre_authentication_encoding
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


@dataclass(frozen=True)
class Identity:
    """Who a certificate names. issuer: URL of who confirmed it. subject: the e-mail address or workflow; both exact."""

    issuer: str
    subject: str


@dataclass(frozen=True)
class KeylessSigner:
    """Whoever proved one of some identities. trusted_root: file of sigstore's trusted root; "" for the public one."""

    identities: tuple[Identity, ...]
    trusted_root: str = ""

    def refusal(self, claim: Claim) -> tuple[str, str] | None:
        """Why the claim is not proven to be signed by it; see authority.Signer."""
        if not claim.bundle:
            return WRONG_KEY, "it has no certificate in a sigstore bundle, and this authority is keyless"
        if not HAS_SIGSTORE:
            return NOT_VERIFIABLE, "the Python library sigstore is missing, so no certificate is verified"
        try:
            verifier = self._verifier()
        except _FAILURES as error:
            return NOT_VERIFIABLE, f"the trusted root {self.trusted_root} could not be read: {error}"
        try:
            kind, payload = verifier.verify_dsse(Bundle.from_json(claim.bundle), self._anyone())
        except _FAILURES as error:
            return WRONG_KEY, f"sigstore does not accept it: {error}"
        if pre_authentication_encoding(kind, payload) != claim.signed:
            return WRONG_KEY, "sigstore read another statement in it"
        return None

    def _anyone(self) -> Any:
        return sigstore_policy.AnyOf(
            [sigstore_policy.Identity(identity=known.subject, issuer=known.issuer) for known in self.identities]
        )

    def _verifier(self) -> Any:
        if self.trusted_root:
            return Verifier(trusted_root=TrustedRoot.from_file(self.trusted_root))
        return Verifier.production(offline=True)
