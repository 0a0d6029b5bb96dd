# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks of a bundle what policies demand: the one place where a claim becomes a proof, or does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..._core.clock import Clock
from ..._core.errors import BadArtifact
from ..oci.content import Descriptor, Manifest, Source, json_object
from ..oci.reference import Reference
from . import globs
from .authority import Authority
from .claims import SIGNATURE, Claim, claims_about
from .document import Attestation, Policy
from .verdict import (
    ACCEPTED,
    ANNOTATION_DIFFERS,
    ANNOTATION_MISSING,
    ATTESTATION,
    EXPIRED,
    MISSING,
    NO_EXPIRY,
    OTHER_DIGEST,
    PRESENT,
    UNREADABLE,
    UNSIGNED,
    Check,
    Finding,
    PolicyVerdict,
    Verdict,
    nearest,
)

_LARGEST_DOCUMENT = 4 << 20


def judge(source: Source, reference: Reference, digest: str, policies: Sequence[Policy], clock: Clock) -> Verdict:
    """What the policies say of the bundle of a digest. reference: the name under which it was asked for.

    Raises RegistryFailure, LocalFailure where it cannot be found out, and BadArtifact for a forged index of referrers.
    """
    name = globs.name_of(reference)
    bundle = _Evidence(source, digest, clock.wall())
    found = [
        PolicyVerdict(policy.name, policy.enforce, bundle.checks(policy)) for policy in policies if policy.is_for(name)
    ]
    return Verdict(name, digest, tuple(found))


class _Evidence:
    """What is attached to one manifest; read when it is first needed. now: seconds since the epoch."""

    def __init__(self, source: Source, digest: str, now: float) -> None:
        self._source = source
        self._digest = digest
        self._now = now
        self._referrers: list[Descriptor] | None = None
        self._claims: list[Claim] | None = None

    def checks(self, policy: Policy) -> tuple[Check, ...]:
        """Every demand of a policy."""
        signature = self.signature(policy.authorities)
        annotations = self._source.manifest(self._digest).annotations if policy.annotations else {}
        return (
            signature,
            *(self.attestation(wanted) for wanted in policy.attestations),
            *(
                _annotation(name, value, annotations, signature.proven)
                for name, value in sorted(policy.annotations.items())
            ),
        )

    def signature(self, authorities: Sequence[Authority]) -> Check:
        """Whether one of some authorities signed it. An attestation is no signature, whoever made it."""
        findings = []
        for claim in self.claims():
            for finding in self._findings(claim, authorities):
                if claim.problem or claim.predicate_type == SIGNATURE:
                    findings.append(finding)
                elif finding.reason == ACCEPTED:
                    detail = f"it is an attestation ({claim.predicate_type}), which says something else"
                    findings.append(replace(finding, reason=ATTESTATION, detail=detail))
        best = nearest(findings, Finding(UNSIGNED, "there is no signature"))
        names = " or ".join(authority.name for authority in authorities)
        detail = f"signed by {best.authority}" if best.reason == ACCEPTED else f"not signed by {names}: {best.detail}"
        return Check("signature", names, best.reason, detail, tuple(findings))

    def attestation(self, wanted: Attestation) -> Check:
        """Whether something is attached as wanted."""
        kind = wanted.predicate_type or wanted.referrer_type
        findings = tuple(self._statements(wanted) if wanted.predicate_type else self._attached(wanted))
        best = nearest(findings, Finding(MISSING, f"nothing of the type {kind} is attached"))
        return Check("attestation", wanted.name, best.reason, f"{wanted.name}: {best.detail}", findings)

    def referrers(self) -> list[Descriptor]:
        """Of every type."""
        if self._referrers is None:
            self._referrers = self._source.referrers(self._digest)
        return self._referrers

    def claims(self) -> list[Claim]:
        """All that may be signed."""
        if self._claims is None:
            self._claims = claims_about(self._source, self._digest, self.referrers())
        return self._claims

    def _statements(self, wanted: Attestation) -> Iterator[Finding]:
        for claim in self.claims():
            if claim.predicate_type == wanted.predicate_type:
                for finding in self._findings(claim, wanted.authorities):
                    expired = self._expiry([claim.predicate]) if wanted.expires else None
                    yield self._unless_expired(finding, expired)

    def _attached(self, wanted: Attestation) -> Iterator[Finding]:
        for entry in self.referrers():
            if entry.artifact_type != wanted.referrer_type:
                continue
            expired = self._expiry_of(entry) if wanted.expires else None
            if wanted.authorities:
                # Signed is what a signature over its own manifest proves: its type, its content, and what it is about.
                inner = _Evidence(self._source, entry.digest, self._now).signature(wanted.authorities)
                for finding in inner.findings or (Finding(inner.reason, inner.detail),):
                    yield self._unless_expired(replace(finding, place=entry.digest), expired)
            else:
                detail = "it is there, and nothing proves who attached it"
                yield self._unless_expired(Finding(PRESENT, detail, entry.digest, "referrer"), expired)

    def _findings(self, claim: Claim, authorities: Iterable[Authority]) -> Iterator[Finding]:
        for authority in authorities:
            reason, detail = self._worth(claim, authority)
            yield Finding(reason, detail, claim.place, claim.layout, authority.name, claim.predicate_type)

    def _worth(self, claim: Claim, authority: Authority) -> tuple[str, str]:
        if claim.problem:
            return UNREADABLE, claim.problem
        if not claim.signatures and not claim.bundle:
            return UNSIGNED, "it is there without a signature"
        refusal = authority.signer.refusal(claim)
        if refusal is not None:
            return refusal
        if self._digest not in claim.subjects:
            signed = ", ".join(sorted(claim.subjects)) or "none"
            return OTHER_DIGEST, f"{authority.name} signed another digest: {signed}"
        return ACCEPTED, f"signed by {authority.name}"

    def _expiry_of(self, entry: Descriptor) -> tuple[str, str] | None:
        try:
            return self._expiry(list(_documents(self._source, self._source.manifest(entry.digest))))
        except BadArtifact as error:
            return UNREADABLE, ": ".join(filter(None, (error.what, error.why)))

    def _expiry(self, documents: Sequence[Mapping[str, Any]]) -> tuple[str, str] | None:
        """Why its time is over; None while it lasts."""
        times = [document["expires"] for document in documents if "expires" in document]
        if not times:
            return NO_EXPIRY, "it does not say when it expires"
        for text in times:
            ends = _moment(text)
            if ends is None:
                return NO_EXPIRY, f"its expires is no time with a time zone: {text!r}"
            if ends <= self._now:
                return EXPIRED, f"it expired at {text}"
        return None

    @staticmethod
    def _unless_expired(finding: Finding, expired: tuple[str, str] | None) -> Finding:
        if expired is None or finding.reason not in (ACCEPTED, PRESENT):
            return finding
        reason, detail = expired
        return replace(finding, reason=reason, detail=detail)


def _annotation(name: str, value: str, there: Mapping[str, str], signed: bool) -> Check:
    """The annotations of a manifest are signed with it."""
    if name not in there:
        return Check("annotation", name, ANNOTATION_MISSING, f"the annotation {name} is missing")
    if there[name] != value:
        return Check("annotation", name, ANNOTATION_DIFFERS, f"the annotation {name} is {there[name]!r}, not {value!r}")
    if not signed:
        return Check("annotation", name, PRESENT, f"the annotation {name} is there, and nothing proves who wrote it")
    return Check("annotation", name, ACCEPTED, f"the annotation {name} is {value!r}")


def _documents(source: Source, manifest: Manifest) -> Iterator[dict[str, Any]]:
    layers = manifest.layers
    for layer in layers:
        if len(layers) == 1 or layer.media_type.endswith("json"):
            yield json_object(source.blob(layer, _LARGEST_DOCUMENT), "an attached document")


def _moment(text: object) -> float | None:
    """Seconds since the epoch of a time as RFC 3339 writes it."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment.timestamp()
