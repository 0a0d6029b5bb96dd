# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory plugin says and hands over to Ansible."""

from __future__ import annotations

import pytest

from ansible_collections.openchami.bmc.plugins.plugin_utils._inventory import Progress, Trusting
from tests.unit.fake_clock import FakeClock


def test_progress_is_told_in_long_runs_only(capsys: pytest.CaptureFixture[str]) -> None:
    clock = FakeClock()
    progress = Progress(clock)
    for answered in range(1, 61):
        clock.sleep(0.5)
        progress(answered, answered * 2, 1000)
    told = capsys.readouterr().err.splitlines()
    assert told == [
        "bmc_discovery: 60 of 1000 addresses, 20 BMCs answered",
        "bmc_discovery: 120 of 1000 addresses, 40 BMCs answered",
        "bmc_discovery: 180 of 1000 addresses, 60 BMCs answered",
    ]


def test_nothing_with_a_brace_is_trusted() -> None:
    # ansible-core 2.18 knows no trust.
    tags = pytest.importorskip("ansible._internal._datatag._tags")
    trusting = Trusting()
    value = trusting.value({"plain": ["HPE", 5, None], "hostile": "{{ 7 * 7 }}", "block": "{% raw %}"})
    assert value == {"plain": ["HPE", 5, None], "hostile": "{{ 7 * 7 }}", "block": "{% raw %}"}
    assert tags.TrustedAsTemplate.is_tagged_on(value["plain"][0])
    assert not tags.TrustedAsTemplate.is_tagged_on(value["hostile"])
    assert not tags.TrustedAsTemplate.is_tagged_on(value["block"])
