# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of bundles: what is meant is understood, and nothing else passes."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BadArtifact, InvalidRequest
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.reference import (
    Reference,
    checked_digest,
    parse_reference,
)

DIGEST = "sha256:" + "0a" * 32

part = st.from_regex(r"[a-z0-9]+([._-][a-z0-9]+)?", fullmatch=True)
references = st.builds(
    Reference,
    registry=st.sampled_from(
        ["registry.example", "registry.example:5000", "localhost:5000", "[fd00::1]:5000", "10.0.0.1"]
    ),
    repository=st.lists(part, min_size=1, max_size=4).map("/".join),
    tag=st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,20}", fullmatch=True),
    digest=st.sampled_from(["", DIGEST]),
)


@given(references)
def test_what_it_writes_it_reads(reference: Reference) -> None:
    assert parse_reference(str(reference)) == reference


@given(st.text() | st.text(alphabet="abc/:@.-_[]0", max_size=30))
def test_any_text_is_a_reference_or_refused(text: str) -> None:
    with suppress(InvalidRequest):
        reference = parse_reference(text)
        assert parse_reference(str(reference)) == reference
        assert ".." not in reference.repository
        assert reference.layout or reference.tag or reference.digest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("oci-layout:/srv/nc:1.10.2", Reference(layout="/srv/nc", tag="1.10.2")),
        (f"oci-layout:srv/nc@{DIGEST}", Reference(layout="srv/nc", digest=DIGEST)),
        ("/srv/nc", Reference(layout="/srv/nc")),
        ("./nc:1", Reference(layout="./nc", tag="1")),
        ("/srv/a:b/nc", Reference(layout="/srv/a:b/nc")),
        (f"registry.example/nc@{DIGEST}", Reference("registry.example", "nc", digest=DIGEST)),
    ],
)
def test_forms(text: str, expected: Reference) -> None:
    assert parse_reference(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nc",
        "nc:1",
        "registry.example/nc",
        "registry.example/nc:",
        "registry.example/NC:1",
        "registry.example/../nc:1",
        "registry.example/a//b:1",
        "registry.example/nc:1@sha256:12",
        f"registry.example/nc@{DIGEST.upper()}",
        "registry.example/nc@sha512:" + "0" * 128,
        "registry.example:0/nc:1",
        "registry.example:70000/nc:1",
        "https://registry.example/nc:1",
        "user:canary-secret@registry.example/nc:1",
        "registry.example/nc:1\n2",
        "registry.example/n\u202ec:1",
        "oci-layout:",
        "oci-layout:/srv/nc:a b",
    ],
)
def test_nonsense_is_refused_and_no_password_repeated(text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_reference(text)
    assert "canary-secret" not in str(refused.value)


@pytest.mark.parametrize(
    "digest", ["", "sha256:../../etc/passwd", "sha256:" + "0" * 63, "md5:0", None, 5, DIGEST + "\n"]
)
def test_only_a_digest_becomes_a_file_name(digest: object) -> None:
    with pytest.raises(BadArtifact):
        checked_digest(digest)
