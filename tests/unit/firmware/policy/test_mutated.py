# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whoever may push can write anything into envelopes, bundles and manifests. Nothing of it makes a signature.

Each example begins with something genuine that does not prove the bundle: a stranger's signature, the vendor's
signature of another bundle, the vendor's attestation of this one. Then anything in it is changed, with digests that fit
again. The answer is a verdict or an error of the collection, and never an acceptance: the vendor never signed this.
"""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BadArtifact, RegistryFailure
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.content import INDEX, Descriptor, digest_of
from tests.unit.json_documents import json_values

from .conftest import a_bundle, a_policy, verdict
from .memory import MemoryRepository
from .signers import (
    BUNDLE,
    COSIGN_ARTIFACT,
    DSSE,
    IN_TOTO,
    PROVENANCE,
    SIGN,
    SIMPLE,
    bundle,
    envelope,
    signer,
    simple_layer,
    statement,
)

VENDOR, STRANGER = signer("vendor"), signer("stranger")
STORE = MemoryRepository()
SUBJECT, OTHER = a_bundle(STORE), a_bundle(STORE, "1.9.6")
POLICY = a_policy(
    VENDOR,
    attestations=[
        {"name": "sbom", "referrer": {"type": "application/spdx+json"}, "authority": "vendor"},
        {"name": "signed again", "intoto": {"type": SIGN}, "expires": True},
    ],
)


def _simple(digest: str, by: Any) -> tuple[str, Any, dict[str, str]]:
    document, annotations = simple_layer(digest, by)
    return SIMPLE, json.loads(document), annotations


GENUINE: dict[str, tuple[str, Any, Mapping[str, str]]] = {
    "a stranger's simple signing": _simple(SUBJECT.digest, STRANGER),
    "simple signing of another": _simple(OTHER.digest, VENDOR),
    "a stranger's bundle": (BUNDLE, json.loads(bundle(statement(SUBJECT.digest, SIGN), STRANGER)), {}),
    "a bundle of another": (BUNDLE, json.loads(bundle(statement(OTHER.digest, SIGN), VENDOR)), {}),
    "an attestation in a bundle": (BUNDLE, json.loads(bundle(statement(SUBJECT.digest, PROVENANCE), VENDOR)), {}),
    "an attestation in an envelope": (DSSE, envelope(statement(SUBJECT.digest, PROVENANCE), VENDOR), {}),
    "a bare statement": (IN_TOTO, json.loads(statement(SUBJECT.digest, SIGN)), {}),
}
_KEYS = ("payload", "payloadType", "signatures", "sig", "subject", "digest", "sha256", "predicateType", "critical")
_TEXTS = (SUBJECT.digest, SUBJECT.digest.removeprefix("sha256:"), SIGN, SIMPLE, BUNDLE, DSSE, IN_TOTO, "sha256")


def places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    entries = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    return [path, *(place for key, value in entries for place in places(value, (*path, key)))]


def changed(data: st.DataObject, document: Any) -> Any:
    """The document with another value somewhere, possibly within a payload in Base64."""
    place = data.draw(st.sampled_from(places(document)))
    value = data.draw(json_values(*_KEYS, texts=_TEXTS))
    if not place:
        return value
    result = copy.deepcopy(document)
    inner = result
    for key in place[:-1]:
        inner = inner[key]
    if place[-1] == "payload" and data.draw(st.booleans()):
        payload = changed(data, json.loads(base64.b64decode(inner["payload"])))
        inner["payload"] = base64.b64encode(json.dumps(payload).encode()).decode()
    elif data.draw(st.booleans()):
        inner[place[-1]] = value
    else:
        del inner[place[-1]]
    return result


def mangled(data: st.DataObject, content: bytes) -> bytes:
    """Bytes of it cut off, doubled, or others."""
    begin = data.draw(st.integers(0, len(content)))
    return content[:begin] + data.draw(st.binary(max_size=3)) + content[data.draw(st.integers(begin, len(content))) :]


def put(content: bytes) -> str:
    STORE.raw[digest_of(content)] = content
    return digest_of(content)


def attached(content: bytes, media_type: str, annotations: Mapping[str, str], artifact_type: str) -> dict[str, Any]:
    """The manifest of what is attached, as a document that may still be changed."""
    layer = {"mediaType": media_type, "digest": put(content), "size": len(content), "annotations": dict(annotations)}
    return {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactType": artifact_type,
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": put(b"{}"), "size": 2},
        "layers": [layer],
        "subject": SUBJECT.document(),
    }


def listed(digest: str, media_type: str) -> None:
    """Put a manifest into the fallback index of the bundle, and under both tags of cosign."""
    entry = Descriptor(media_type, digest, len(STORE.raw[digest])).document()
    index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}).encode()
    tag = SUBJECT.digest.replace(":", "-")
    STORE.tags |= {tag: put(index), f"{tag}.sig": digest, f"{tag}.att": digest}


def never_accepted() -> None:
    try:
        found = verdict(STORE, SUBJECT.digest, POLICY)
    except (BadArtifact, RegistryFailure):
        return
    assert found.refusals
    checks = {check.name: check for check in found.policies[0].checks}
    assert not checks["vendor"].passed
    assert not checks["signed again"].passed
    json.dumps(found.data(), allow_nan=False).encode()


@pytest.mark.parametrize("name", GENUINE)
@given(data=st.data())
def test_what_is_changed_in_an_envelope(name: str, data: st.DataObject) -> None:
    media_type, document, annotations = GENUINE[name]
    content = json.dumps(changed(data, document)).encode()
    if data.draw(st.booleans()):
        content = mangled(data, content)
    artifact_type = data.draw(st.sampled_from([BUNDLE, COSIGN_ARTIFACT, IN_TOTO, "application/spdx+json", ""]))
    manifest = attached(
        content, data.draw(st.sampled_from([media_type, BUNDLE, DSSE, SIMPLE])), annotations, artifact_type
    )
    listed(put(json.dumps(manifest).encode()), manifest["mediaType"])
    never_accepted()


@pytest.mark.parametrize("name", GENUINE)
@given(data=st.data())
def test_what_is_changed_in_a_manifest(name: str, data: st.DataObject) -> None:
    media_type, document, annotations = GENUINE[name]
    manifest = changed(data, attached(json.dumps(document).encode(), media_type, annotations, BUNDLE))
    content = json.dumps(manifest).encode()
    listed(put(mangled(data, content) if data.draw(st.booleans()) else content), INDEX)
    never_accepted()


def test_the_examples_begin_with_what_is_read() -> None:
    """Else the changes above would be made to rubbish: each is taken for what it is."""
    reasons = set()
    for name in GENUINE:
        media_type, document, signature = GENUINE[name]
        manifest = attached(json.dumps(document).encode(), media_type, signature, media_type)
        listed(put(json.dumps(manifest).encode()), manifest["mediaType"])
        reasons.add(verdict(STORE, SUBJECT.digest, POLICY).policies[0].checks[0].reason)
    assert reasons == {"wrong_key", "other_digest", "attestation_in_place_of_signature", "unsigned"}
