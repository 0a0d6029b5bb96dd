# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was found about a bundle, as data: each check with its own reason, and what the reason rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..._core.errors import BundleRefused
from ..._core.printable import printable

ACCEPTED = "accepted"
PRESENT = "present_not_proven"
EXPIRED = "expired"
NO_EXPIRY = "no_expiry"
OTHER_DIGEST = "other_digest"
NOT_VERIFIABLE = "not_verifiable"
WRONG_KEY = "wrong_key"
ATTESTATION = "attestation_in_place_of_signature"
UNREADABLE = "unreadable"
UNSIGNED = "unsigned"
MISSING = "missing"
ANNOTATION_DIFFERS = "annotation_differs"
ANNOTATION_MISSING = "annotation_missing"
NO_POLICY = "no_policy"

_RANKS = (
    ACCEPTED,
    PRESENT,
    EXPIRED,
    NO_EXPIRY,
    OTHER_DIGEST,
    NOT_VERIFIABLE,
    WRONG_KEY,
    ATTESTATION,
    UNREADABLE,
    UNSIGNED,
    MISSING,
)
"""How near a finding came to be accepted: the nearest one is the reason of a check."""


@dataclass(frozen=True)
class Finding:
    """What one attached thing is worth to one authority. place: digest or tag of the manifest in which it stands."""

    reason: str
    detail: str
    place: str = ""
    layout: str = ""
    authority: str = ""
    predicate_type: str = ""

    def data(self) -> dict[str, str]:
        """For a result."""
        found = {
            "reason": self.reason,
            "detail": self.detail,
            "manifest": self.place,
            "layout": self.layout,
            "authority": self.authority,
            "predicate_type": self.predicate_type,
        }
        return {name: printable(value) for name, value in found.items()}


@dataclass(frozen=True)
class Check:
    """One demand of a policy. kind: signature, attestation or annotation. findings: the evidence, also of a failure."""

    kind: str
    name: str
    reason: str
    detail: str
    findings: tuple[Finding, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the demand is fulfilled."""
        return self.reason in (ACCEPTED, PRESENT)

    @property
    def proven(self) -> bool:
        """Whether a signature that was verified proves it; what merely is there, anyone who may push can put there."""
        return self.reason == ACCEPTED

    def data(self) -> dict[str, Any]:
        """For a result."""
        return {
            "kind": self.kind,
            "name": self.name,
            "passed": self.passed,
            "proven": self.proven,
            "reason": self.reason,
            "detail": printable(self.detail),
            "evidence": [finding.data() for finding in self.findings],
        }


@dataclass(frozen=True)
class PolicyVerdict:
    """What one policy says. enforce: else its failures are warnings."""

    policy: str
    enforce: bool
    checks: tuple[Check, ...]

    @property
    def failures(self) -> list[str]:
        """A sentence for each demand that is not fulfilled."""
        return [f"policy {self.policy!r}: {check.detail}" for check in self.checks if not check.passed]

    def data(self) -> dict[str, Any]:
        """For a result."""
        return {
            "policy": self.policy,
            "mode": "enforce" if self.enforce else "warn",
            "passed": not self.failures,
            "checks": [check.data() for check in self.checks],
        }


@dataclass(frozen=True)
class Verdict:
    """What all policies that are for a bundle say. name: of the bundle, as policies see it."""

    name: str
    digest: str
    policies: tuple[PolicyVerdict, ...]

    @property
    def refusals(self) -> list[str]:
        """Why the bundle may not be used; empty when it may."""
        if not self.policies:
            return [f"no policy is for {self.name}"]
        return [failure for policy in self.policies if policy.enforce for failure in policy.failures]

    @property
    def warnings(self) -> list[str]:
        """What policies in the mode warn say, and what is present and proves nothing."""
        told = [failure for policy in self.policies if not policy.enforce for failure in policy.failures]
        unproven = [
            f"policy {policy.policy!r}: {check.detail}"
            for policy in self.policies
            for check in policy.checks
            if check.passed and not check.proven
        ]
        return [*told, *unproven]

    @property
    def reasons(self) -> list[str]:
        """The codes of what enforced demands failed for, each once."""
        if not self.policies:
            return [NO_POLICY]
        failed = (check for policy in self.policies if policy.enforce for check in policy.checks if not check.passed)
        return list(dict.fromkeys(check.reason for check in failed))

    def data(self) -> dict[str, Any]:
        """For a result."""
        return {
            "accepted": not self.refusals,
            "image": self.name,
            "digest": self.digest,
            "reasons": self.reasons,
            "refusals": [printable(text, 1000) for text in self.refusals],
            "warnings": [printable(text, 1000) for text in self.warnings],
            "policies": [policy.data() for policy in self.policies],
        }

    def require(self) -> None:
        """Raises BundleRefused, with every reason, for a bundle that may not be used."""
        if self.refusals:
            raise BundleRefused(
                f"the bundle {self.name}@{self.digest} is refused",
                why=printable("; ".join(self.refusals), 4000),
                way_out="No BMC was touched. bmc_firmware_bundle_info shows what was found.",
            )


def nearest(findings: Iterable[Finding], otherwise: Finding) -> Finding:
    """The finding that came nearest to be accepted."""
    return min(findings, key=lambda finding: _RANKS.index(finding.reason), default=otherwise)
