# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signed statements: DSSE 1.0 envelopes (secure-systems-lab/dsse) with in-toto Statements (in-toto/attestation)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._core.errors import BadArtifact
from ..oci.content import json_object
from ..oci.media_types import IN_TOTO

_MOST_SIGNATURES = 100
"""More are an attack on the time of who verifies."""

STATEMENTS = ("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1")


@dataclass(frozen=True)
class Statement:
    """What is said about some artifacts. subjects: "sha256:..." of each. predicate_type: what kind of thing is said."""

    subjects: frozenset[str]
    predicate_type: str
    predicate: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True)
class Envelope:
    """A statement, unproven until a key verifies one of the signatures over what was signed."""

    statement: Statement
    signed: bytes
    signatures: tuple[bytes, ...]


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """What is signed: payload and its type, so that neither can be taken for another (DSSE protocol.md, PAE)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def envelope(document: Mapping[str, Any]) -> Envelope:
    """The envelope that a JSON object is. Raises BadArtifact. Its key ids are hints of its writer, and not read."""
    kind = document.get("payloadType")
    if kind != IN_TOTO:
        raise BadArtifact("an envelope holds no in-toto statement", why=f"payloadType {_short(kind)}")
    payload = from_base64(document.get("payload"), "an envelope's payload")
    signatures = document.get("signatures")
    if not isinstance(signatures, list) or not all(isinstance(entry, Mapping) for entry in signatures):
        raise BadArtifact("an envelope has no list of signatures")
    if len(signatures) > _MOST_SIGNATURES:
        raise BadArtifact(f"an envelope has more than {_MOST_SIGNATURES} signatures")
    return Envelope(
        statement(json_object(payload, "an envelope's payload")),
        pre_authentication_encoding(IN_TOTO, payload),
        tuple(from_base64(entry.get("sig"), "an envelope's signature") for entry in signatures),
    )


def statement(document: Mapping[str, Any]) -> Statement:
    """The statement that a JSON object is. Raises BadArtifact."""
    if document.get("_type") not in STATEMENTS:
        raise BadArtifact("it is no in-toto statement", why=f"_type {_short(document.get('_type'))}")
    predicate_type, subjects = document.get("predicateType"), document.get("subject")
    if not isinstance(predicate_type, str) or not predicate_type:
        raise BadArtifact("an in-toto statement has no predicateType")
    if not isinstance(subjects, list):
        raise BadArtifact("an in-toto statement has no list of subjects")
    predicate = document.get("predicate") or {}
    if not isinstance(predicate, Mapping):
        raise BadArtifact("the predicate of an in-toto statement is no object")
    return Statement(frozenset(filter(None, map(_digest, subjects))), predicate_type, predicate)


def new_statement(digest: str, predicate_type: str, predicate: Mapping[str, Any]) -> bytes:
    """The statement about one artifact, as cosign writes it: its subject has no name."""
    algorithm, _colon, value = digest.partition(":")
    return json.dumps(
        {
            "_type": STATEMENTS[0],
            "subject": [{"digest": {algorithm: value}}],
            "predicateType": predicate_type,
            "predicate": dict(predicate),
        },
        separators=(",", ":"),
    ).encode()


def from_base64(text: object, what: str) -> bytes:
    """Bytes in either alphabet of Base64, as DSSE's readers must take them. Raises BadArtifact."""
    if not isinstance(text, str):
        raise BadArtifact(f"{what} is missing")
    try:
        return base64.b64decode(text.encode("ascii").translate(bytes.maketrans(b"-_", b"+/")), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadArtifact(f"{what} is not Base64", why=str(error)) from error


def to_base64(content: bytes) -> str:
    """In the standard alphabet."""
    return base64.b64encode(content).decode("ascii")


def _digest(subject: object) -> str:
    digests = subject.get("digest") if isinstance(subject, Mapping) else None
    value = digests.get("sha256") if isinstance(digests, Mapping) else None
    return f"sha256:{value}" if isinstance(value, str) else ""


def _short(value: object) -> str:
    return repr(value)[:80]
