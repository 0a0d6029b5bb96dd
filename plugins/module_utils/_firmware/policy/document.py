# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a site demands of a bundle: verification policies, in the shape of sigstore's ClusterImagePolicy.

    - name: vendor firmware
      mode: enforce                                  # or warn
      images: [{glob: "registry.site/firmware/**"}]
      authorities:                                   # any one suffices
        - {name: vendor, key: {path: /etc/openchami/vendor.pub}}
        - {name: builder, keyless: {identities: [{issuer: ..., subject: ...}], trusted_root: /etc/openchami/root.json}}
      attestations:                                  # all must hold
        - {name: sbom, referrer: {type: application/spdx+json}}
        - {name: provenance, intoto: {type: "https://slsa.dev/provenance/v1"}, authority: vendor}
        - {name: approval, referrer: {type: ...}, authority: {key: {path: /etc/openchami/site.pub}}, expires: true}
      annotations: {org.openchami.firmware.compatibility: vendor-certified}

docs/firmware-policy.md tells what each means, docs/firmware-policy.schema.json what may stand where.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._core.errors import InvalidRequest
from ..oci.media_types import APPROVAL
from . import globs
from .authority import Authority, authority
from .reading import Reading

_MODES = ("enforce", "warn")
_NOT_ATTACHMENTS = ("application/vnd.dev.sigstore.bundle", "application/vnd.dev.cosign.")


@dataclass(frozen=True)
class Attestation:
    """Something that must be attached. predicate_type or referrer_type: the other is "".

    authorities: one of them must have signed it; none: that it is there suffices, and proves nothing. expires: it must
    hold a time `expires` that has not come.
    """

    name: str
    predicate_type: str
    referrer_type: str
    authorities: tuple[Authority, ...]
    expires: bool


@dataclass(frozen=True)
class Policy:
    """What bundles of some names must fulfil. enforce: else what is not fulfilled is only told."""

    name: str
    enforce: bool
    globs: tuple[str, ...]
    authorities: tuple[Authority, ...]
    attestations: tuple[Attestation, ...] = ()
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)

    def is_for(self, name: str) -> bool:
        """Whether it is for the bundle of a name, as globs.name_of() gives it."""
        return any(globs.matches(glob, name) for glob in self.globs)


def policies(given: Any, name: str = "verification_policies") -> list[Policy]:
    """The policies that a task or a file holds: a list of them, or one. name: of the option.

    Raises InvalidRequest with all problems at once, and LocalFailure where a key file cannot be read. No network.
    """
    reading = Reading()
    listed = given if isinstance(given, list) else [given]
    if not listed:
        reading.problem(name, "it is empty; leave it out to ask for no verdict")
    found = [_policy(entry, f"{name}[{number}]", reading) for number, entry in enumerate(listed)]
    twins = {policy.name for policy in found if [other.name for other in found].count(policy.name) > 1}
    for twin in sorted(twins):
        reading.problem(name, f"two policies have the name {twin!r}")
    if reading.problems:
        way_out = "See docs/firmware-policy.md; nothing was asked of a registry or a BMC."
        raise InvalidRequest("; ".join(reading.problems), way_out=way_out)
    return found


def _policy(given: Any, where: str, reading: Reading) -> Policy:
    options = reading.options(given, where, ("name", "mode", "images", "authorities", "attestations", "annotations"))
    name = reading.text(options, "name", where, default=where)
    mode = reading.text(options, "mode", where, default="enforce")
    if mode not in _MODES:
        reading.problem(f"{where}.mode", f"{mode!r} is neither enforce nor warn")
    authorities = _authorities(options, where, reading)
    attestations = tuple(
        _attestation(entry, place, authorities, reading)
        for entry, place in reading.entries(options, "attestations", where, least=0)
    )
    _unique([entry.name for entry in attestations], f"{where}.attestations", reading)
    return Policy(
        name,
        mode != "warn",
        _globs(options, where, reading),
        tuple(authorities.values()),
        attestations,
        reading.texts(options, "annotations", where),
    )


def _globs(options: Mapping[str, Any], where: str, reading: Reading) -> tuple[str, ...]:
    found = []
    for entry, place in reading.entries(options, "images", where, least=1):
        glob = reading.text(reading.options(entry, place, ("glob",)), "glob", place)
        wrong = globs.problem(glob) if glob else ""
        if wrong:
            reading.problem(f"{place}.glob", f"{glob!r}: {wrong}")
        found.append(glob)
    return tuple(found)


def _authorities(options: Mapping[str, Any], where: str, reading: Reading) -> dict[str, Authority]:
    found = [
        authority(entry, place, reading) for entry, place in reading.entries(options, "authorities", where, least=1)
    ]
    _unique([entry.name for entry in found], f"{where}.authorities", reading)
    return {entry.name: entry for entry in found}


def _attestation(given: Any, where: str, known: Mapping[str, Authority], reading: Reading) -> Attestation:
    options = reading.options(given, where, ("name", "intoto", "referrer", "authority", "expires"))
    kind = reading.one_of(options, ("intoto", "referrer"), where)
    place = f"{where}.{kind}"
    wanted = reading.text(reading.options(options.get(kind), place, ("type",)), "type", place) if kind else ""
    if kind == "referrer" and wanted.startswith(_NOT_ATTACHMENTS):
        reading.problem(f"{place}.type", f"{wanted!r} is what signatures are kept in; ask for a statement with intoto")
    # A statement is always signed; what merely refers to the bundle need not be.
    signers = tuple(known.values()) if kind == "intoto" else ()
    if options.get("authority") is not None:
        signers = tuple(_signer(options["authority"], f"{where}.authority", known, reading))
    return Attestation(
        reading.text(options, "name", where, default=wanted or where),
        wanted if kind == "intoto" else "",
        wanted if kind == "referrer" else "",
        signers,
        reading.flag(options, "expires", where, default=wanted == APPROVAL),
    )


def _signer(given: Any, where: str, known: Mapping[str, Authority], reading: Reading) -> list[Authority]:
    if not isinstance(given, str):
        return [authority(given, where, reading)]
    if given in known:
        return [known[given]]
    reading.unknown(where, f"no authority of this policy has the name {given!r}", given, known)
    return []


def _unique(names: list[str], where: str, reading: Reading) -> None:
    for name in sorted({name for name in names if names.count(name) > 1}):
        reading.problem(where, f"the name {name!r} stands there twice")
