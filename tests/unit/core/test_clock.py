# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time as the records write it."""

from __future__ import annotations

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.clock import timestamp


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "1970-01-01T00:00:00.000Z"), (1_800_000_000.0625, "2027-01-15T08:00:00.062Z")],
)
def test_timestamp_is_rfc_3339_in_utc_with_milliseconds(seconds: float, text: str) -> None:
    assert timestamp(seconds) == text
