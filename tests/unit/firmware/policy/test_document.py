# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policies as a site writes them: every mistake is told, all at once, before anything is asked of a registry."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy.document import policies
from tests.unit.json_documents import json_values, quick

from .conftest import a_policy
from .signers import SIGN, signer

SCHEMA = json.loads((Path(__file__).parents[4] / "docs" / "firmware-policy.schema.json").read_text())
VENDOR = signer("vendor")


def whole() -> dict[str, Any]:
    """A policy with everything that can stand in one."""
    return {
        **a_policy(VENDOR),
        "mode": "warn",
        "authorities": [
            {"name": "vendor", "key": {"data": VENDOR.public}},
            {
                "name": "builder",
                "keyless": {"identities": [{"issuer": "https://idp", "subject": "a@b"}], "trusted_root": "/root.json"},
            },
        ],
        "attestations": [
            {"name": "sbom", "referrer": {"type": "application/spdx+json"}},
            {"name": "provenance", "intoto": {"type": "https://slsa.dev/provenance/v1"}, "authority": "vendor"},
            {
                "name": "approval",
                "referrer": {"type": "application/vnd.openchami.firmware.approval.v1+json"},
                "authority": {"key": {"data": VENDOR.public}},
                "expires": True,
            },
        ],
        "annotations": {"org.openchami.firmware.compatibility": "vendor-certified"},
    }


def problems(document: Any) -> str:
    with pytest.raises(InvalidRequest) as caught:
        policies(document)
    return str(caught.value)


def test_a_whole_policy() -> None:
    (found,) = policies([whole()])
    sbom, provenance, approval = found.attestations
    assert not found.enforce
    assert [entry.name for entry in found.authorities] == ["vendor", "builder"]
    assert (sbom.authorities, sbom.expires, approval.expires) == ((), False, True)
    assert provenance.authorities == found.authorities[:1]
    jsonschema.validate([whole()], SCHEMA)


def test_one_policy_is_a_list_of_one() -> None:
    assert policies(a_policy(VENDOR)) == policies([a_policy(VENDOR)])
    jsonschema.validate(a_policy(VENDOR), SCHEMA)


def test_a_statement_is_always_signed_by_someone() -> None:
    (found,) = policies([a_policy(VENDOR, attestations=[{"intoto": {"type": SIGN}}])])
    assert found.attestations[0].authorities == found.authorities


def test_all_problems_at_once_and_what_was_meant() -> None:
    wrong = whole()
    wrong["authoritys"] = wrong.pop("authorities")
    wrong["mode"] = "enforced"
    wrong["attestations"][0]["refferer"] = wrong["attestations"][0].pop("referrer")
    wrong["attestations"][1]["authority"] = "vender"
    wrong["images"] = [{"glob": "registry.example/firmware:1.0"}]
    told = problems([a_policy(VENDOR), wrong])
    for part in (
        "verification_policies[1]: there is no option 'authoritys'; did you mean authorities?",
        "verification_policies[1].authorities: it is missing",
        "verification_policies[1].mode: 'enforced' is neither enforce nor warn",
        "attestations[0]: there is no option 'refferer'; did you mean referrer?",
        "attestations[0]: it needs exactly one of intoto, referrer, and has none",
        "attestations[1].authority: no authority of this policy has the name 'vender'",
        "images[0].glob: 'registry.example/firmware:1.0': a policy looks at registry and repository",
        "two policies have the name 'vendor'",
    ):
        assert part in told


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no image": ({"images": []}, "images: it is empty"),
    "an image without a glob": ({"images": [{}]}, "images[0].glob: it is missing"),
    "an image that is a text": ({"images": ["**"]}, "images[0]: it should hold glob, and is no dictionary"),
    "a tag": ({"images": [{"glob": "r.example/a@sha256:1"}]}, "only letters"),
    "a relative layout": ({"images": [{"glob": "oci-layout:here/**"}]}, "absolute path"),
    "no slash": ({"images": [{"glob": "firmware*"}]}, "it has no '/'"),
    "no authority": ({"authorities": []}, "authorities: it is empty"),
    "a nameless one twice": (
        {"authorities": [{"name": "a", "key": {"data": VENDOR.public}}] * 2},
        "stands there twice",
    ),
    "key and keyless": ({"authorities": [{"key": {}, "keyless": {}}]}, "exactly one of key, keyless"),
    "no key": ({"authorities": [{"key": {}}]}, "key: it needs exactly one of data, path"),
    "no PEM": ({"authorities": [{"key": {"data": "ssh-ed25519 AAAA"}}]}, "it is no public key in PEM"),
    "no file": ({"authorities": [{"key": {"path": "/nowhere.pub"}}]}, "/nowhere.pub: No such file"),
    "nobody": ({"authorities": [{"keyless": {"identities": []}}]}, "identities: it is empty"),
    "no issuer": ({"authorities": [{"keyless": {"identities": [{"subject": "a"}]}}]}, "issuer: it is missing"),
    "a signature as document": (
        {"attestations": [{"referrer": {"type": "application/vnd.dev.sigstore.bundle.v0.3+json"}}]},
        "is what signatures are kept in",
    ),
    "both": (
        {"attestations": [{"referrer": {"type": "a"}, "intoto": {"type": "b"}}]},
        "exactly one of intoto, referrer",
    ),
    "neither true nor false": (
        {"attestations": [{"intoto": {"type": "b"}, "expires": "maybe"}]},
        "neither true nor false",
    ),
    "a number as annotation": ({"annotations": {"a": 1}}, "it is no dictionary of texts"),
    "no list": ({"attestations": {"a": 1}}, "attestations: it is no list"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake(case: str) -> None:
    change, told = WRONG[case]
    wrong = {**a_policy(VENDOR), **change}
    assert told in problems([wrong])


def test_no_policy_is_no_policy() -> None:
    assert "it is empty" in problems([])
    assert "is no dictionary" in problems("registry.example/**")


def test_a_private_key_in_a_policy_is_not_shown() -> None:
    private = VENDOR.private().decode()
    told = problems([a_policy(VENDOR, authorities=[{"key": {"data": private}}])])
    assert "it is a private key" in told
    assert private.splitlines()[1] not in told


def places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a document."""
    entries = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    return [path, *(place for key, value in entries for place in places(value, (*path, key)))]


@quick
@given(st.sampled_from(places([whole()])[1:]), json_values("name", "key", "glob", "type", texts=(SIGN, "vendor")))
def test_any_value_anywhere_is_a_policy_or_a_mistake(place: tuple[Any, ...], value: Any) -> None:
    document = copy.deepcopy([whole()])
    inner: Any = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    try:
        policies(document)
    except InvalidRequest:
        return
    # What is taken, the schema for editors takes, too.
    jsonschema.validate(document, SCHEMA)
