# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signatures without a key of one's own: whom the short-lived certificates of sigstore may name."""

from __future__ import annotations

from dataclasses import dataclass

from .claims import Claim
from .verdict import WRONG_KEY


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
        # Imported where a certificate is judged: the library takes longer to load than all of bmc_firmware.
        from .certificates import refusal

        return refusal(claim, self.identities, self.trusted_root)
