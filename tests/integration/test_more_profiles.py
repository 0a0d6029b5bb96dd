# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power on the dialects that are not in the big table of test_power: in this process, judged by the BMC's account."""

from __future__ import annotations

import time
from itertools import product
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.power_cases import ALLOWED
from tests.trees.tasks import info, power, predict

pytestmark = pytest.mark.usefixtures("own_state")

# Maker and dialect of each profile.
PROFILES = {
    "openbmc": ("openbmc", "openbmc"),
    "nvidia_gh200": ("nvidia", "openbmc"),
    "supermicro_x13": ("supermicro", "supermicro"),
    "supermicro_x10": ("supermicro", "supermicro"),
    "lenovo_xcc": ("lenovo", "lenovo"),
    "lenovo_xcc3": ("lenovo", "lenovo"),
    "ami_gigabyte": ("gigabyte", "ami"),
    "hpe_ilo6": ("hpe", "hpe"),
    "hpe_ilo7": ("hpe", "hpe"),
    "dell_idrac10": ("dell", "dell"),
    "nvidia_gb200": ("nvidia", "openbmc"),
    "supermicro_gb300": ("supermicro", "openbmc"),
    "ami_dgx_h100": ("nvidia", "ami"),
    "intel_s2600": ("intel", "generic"),
    "unknown_maker": ("unknown", "generic"),
}
# For each state, the power before and after, and how often the host boots.
STATES = {
    "off": ("On", "Off", 0),
    "on": ("Off", "On", 1),
    "soft_restart": ("On", "On", 1),
    "hard_restart": ("On", "On", 1),
}
# A restart may show only while the host is in POST: long enough to be seen by a busy controller.
TIMING = {"on": 0.1, "graceful": 0.1, "force": 0.1, "restart": 0.1, "post": 1.0, "rest": 0.0}
WAIT: dict[str, Any] = {"wait_timeout": 10.0, "poll_interval": 0.05}
# Restarts that the BMC does not show: they are not waited for.
UNSEEN = {("supermicro_x10", "soft_restart"), ("lenovo_xcc3", "soft_restart")}


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    """One BMC for each profile and state."""
    return start_fleet(
        [
            {"name": f"{profile}-{state}", "profile": profile, "power": before, "timing": TIMING}
            for profile in PROFILES
            for state, (before, _after, _boots) in STATES.items()
        ]
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_maker_and_dialect(fleet: Fleet, profile: str) -> None:
    bmc = info(fleet.addresses[f"{profile}-on"])["bmc"]
    assert (bmc["vendor"], bmc["dialect"]) == PROFILES[profile]


@pytest.mark.parametrize(("profile", "state"), list(product(PROFILES, STATES)))
def test_power_ends_where_it_was_asked_to(fleet: Fleet, profile: str, state: str) -> None:
    name, (_before, after, boots) = f"{profile}-{state}", STATES[state]
    predicted = predict(fleet.addresses[name], state)
    assert fleet.plan(name) == []
    seen = (profile, state) not in UNSEEN
    result = power(fleet.addresses[name], state, **WAIT)
    assert "msg" not in result, result
    assert result["settled"] is True
    assert result["plan"] == predicted["plan"] == fleet.plan(name) != []
    assert set(fleet.sent(name)) <= ALLOWED[state]
    assert set(fleet.power(name).values()) == {after}
    assert {target["confirmed"] for target in result["targets"]} == {seen}
    # What is not waited for is still to come.
    deadline = time.monotonic() + WAIT["wait_timeout"]
    while not seen and sum(fleet.boots(name).values()) < boots and time.monotonic() < deadline:
        time.sleep(0.01)
    assert sum(fleet.boots(name).values()) == boots
