# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the stars of a glob stand for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.reference import parse_reference
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy import globs
from tests.unit.json_documents import quick

DIGEST = f"sha256:{'0' * 64}"


@pytest.mark.parametrize(
    ("glob", "name", "expected"),
    [
        ("r.example/firmware/nc", "r.example/firmware/nc", True),
        ("r.example/firmware/nc", "r.example/firmware/nc2", False),
        ("r.example/firmware/nc", "xr.example/firmware/nc", False),
        ("r.example/firmware/*", "r.example/firmware/nc", True),
        ("r.example/firmware/*", "r.example/firmware/cray/nc", False),
        ("r.example/firmware/*/nc", "r.example/firmware/cray/nc", True),
        ("r.example/firmware/**", "r.example/firmware/cray/nc", True),
        ("r.example/firmware/**", "r.example/firmware", False),
        ("r.example/firmware/**", "r.example/firmware-evil/nc", False),
        ("r.example/**/nc", "r.example/a/b/nc", True),
        ("r.example/**/nc", "r.example/nc", False),
        ("r.example/**", "r.example.evil.org/firmware", False),
        ("*.example/**", "a.example/firmware", True),
        ("*.example/**", "evil.org/a.example/firmware", False),
        ("R.Example:5000/**", "r.example:5000/firmware", True),
        ("r.example/**", "r.example:5000/firmware", False),
        ("rXexample/**", "r.example/firmware", False),
        ("r.example/**", "rXexample/firmware", False),
        ("**", "anything/at/all", True),
        ("**", "oci-layout:/srv/bundles", True),
        ("oci-layout:/srv/bundles/*", "oci-layout:/srv/bundles/nc", True),
        ("oci-layout:/srv/bundles/*", "oci-layout:/srv/bundles/nc/old", False),
        ("oci-layout:/srv/(a)+/**", "oci-layout:/srv/(a)+/nc", True),
        ("oci-layout:/Srv/**", "oci-layout:/srv/nc", False),
    ],
)
def test_matches(glob: str, name: str, expected: bool) -> None:
    assert globs.problem(glob) == ""
    assert globs.matches(glob, name) is expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Registry.Example:5000/firmware/nc:1.9.7", "registry.example:5000/firmware/nc"),
        (f"registry.example/firmware/nc@{DIGEST}", "registry.example/firmware/nc"),
        ("oci-layout:/srv/bundles/../secret:1", "oci-layout:/srv/secret"),
        ("oci-layout:~/bundles", f"oci-layout:{Path.home()}/bundles"),
        ("./bundles", f"oci-layout:{os.path.realpath('.')}/bundles"),
    ],
)
def test_the_name_of_a_bundle(text: str, name: str) -> None:
    assert globs.name_of(parse_reference(text)) == name


@quick
@given(st.text("ab/*.", max_size=12), st.text("ab/.", max_size=12))
def test_stars_against_a_matcher_that_tries_everything(glob: str, name: str) -> None:
    def tries(pattern: list[str], rest: str) -> bool:
        if not pattern:
            return not rest
        head, tail = pattern[0], pattern[1:]
        if head == "**":
            return any(tries(tail, rest[cut:]) for cut in range(len(rest) + 1))
        if head == "*":
            return any(tries(tail, rest[cut:]) for cut in range(len(rest) + 1) if "/" not in rest[:cut])
        return rest.startswith(head) and tries(tail, rest[1:])

    parts: list[str] = []
    for sign in glob:
        if sign == "*" and parts and parts[-1] == "*":
            parts[-1] = "**"
        else:
            parts.append(sign)
    assert globs.matches(glob, name) is tries(parts, name)
