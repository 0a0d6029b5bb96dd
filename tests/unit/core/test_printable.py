# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text that came from a BMC, shown."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.printable import printable


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        ("", ""),
        (7, "7"),
        ("ProLiant DL385 Gen10 Plus v2", "ProLiant DL385 Gen10 Plus v2"),
        ("größer 東京", "größer 東京"),
        ("\x1b[31m\r\n\t", r"\x1b[31m\r\n\t"),
        ("\x9b31m\x7f", r"\x9b31m\x7f"),
        ("a\u202eb\u2028\u200b", r"a\u202eb\u2028\u200b"),
        ("\ud800", r"\ud800"),
        ("a" * 301, "a" * 299 + "…"),
    ],
)
def test_nothing_moves_the_cursor(value: Any, shown: str) -> None:
    assert printable(value) == shown
    assert printable(value).isprintable()
