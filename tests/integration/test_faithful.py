# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated BMCs are faithful: what an operation reads in a recorded BMC of a dialect, it reads in its profile.

The same tasks run against a recorded tree and against the profile of its dialect. Every property that they find in one
must be there in the other, with the same JSON type; reviewed_differences.yml lists, with a reason, what may differ.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.openchami.bmc.plugins.module_utils._redfish.service import Service
from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.trees.archives import each, tree
from tests.trees.expected import STATES
from tests.trees.reads import Read, Reads
from tests.trees.server import TreeServer
from tests.trees.tasks import assert_in_order, consoles, info, predict

# The recorded tree of each profile.
RECORDED = {
    "hpe_ilo5": "hpe-ilo5-dl385gen10plusv2",
    "dell_idrac9": "dell-idrac9-r750",
    "cray_ex_nc": "cray-ex425-nc",
    "cray_ex_cc": "cray-cmm-cc",
    "openbmc": "openbmc-stock",
    "nvidia_gh200": "nvidia-gh200",
    "supermicro_x13": "supermicro-x13-sys821ge",
    "lenovo_xcc": "lenovo-xcc-sr670v2",
    "ami_gigabyte": "ami-gigabyte-h262z63",
}
# Those that were recorded while the system was off: it is told less then, and less is read.
RECORDED_OFF = ("openbmc",)
# Those that have no systems.
WITHOUT_SYSTEMS = ("cray_ex_cc",)
REVIEWED = Path(__file__).with_name("reviewed_differences.yml")

PROFILE_LACKS = "the profile lacks it"
PROFILE_ADDS = "the profile adds it"


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    """One BMC of each profile."""
    power = {profile: "Off" if profile in RECORDED_OFF else "On" for profile in RECORDED}
    return start_fleet([{"name": profile, "profile": profile, "power": power[profile]} for profile in RECORDED])


def exercise(address: str) -> None:
    """Everything that reads: facts, consoles, and the plan for every state of every kind of target, cold and warm."""
    facts = info(address)
    assert "error" not in facts, facts
    assert_in_order(consoles(address))
    targets = (
        {"bmc_system": "all"},
        {"target": "chassis", "resource_id": "all"},
        {"target": "manager", "resource_id": "all"},
    )
    for state, target, identity in product(STATES, targets, (None, facts["bmc"]["identity"])):
        assert_in_order(predict(address, state, bmc_identity=identity, **target))


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Reads]:
    """Exercise the BMC at an address and return what was read from it."""
    monkeypatch.setenv("OPENCHAMI_BMC_STATE_DIR", str(tmp_path / "state"))
    get, root = Service.get, Service.root

    def reads_of(address: str) -> Reads:
        reads = Reads()
        with monkeypatch.context() as patched:
            patched.setattr(Service, "get", lambda service, uri: reads.wrap(dict(get(service, uri))))
            patched.setattr(Service, "root", lambda service: reads.wrap(dict(root(service))))
            exercise(address)
        return reads

    return reads_of


def differences(real: set[Read], simulated: set[Read]) -> set[tuple[str, str, str, str]]:
    """resource, path, JSON type and what is the matter, for all that is read in one and not in the other."""
    return {(*read, PROFILE_LACKS) for read in real - simulated} | {(*read, PROFILE_ADDS) for read in simulated - real}


def reviewed(profile: str) -> set[tuple[str, str, str, str]]:
    """The differences of a profile that somebody looked at and found harmless."""
    entries: list[dict[str, str]] = yaml.safe_load(REVIEWED.read_text(encoding="utf-8"))[profile]
    assert all(entry["reason"] for entry in entries)
    return {(entry["resource"], entry["path"], entry["type"], entry["difference"]) for entry in entries}


@pytest.mark.parametrize("name", each(*RECORDED.values()))
def test_the_profile_shows_what_the_recorded_bmc_shows(
    name: str, fleet: Fleet, recorded: Callable[[str], Reads]
) -> None:
    """Both ways: a profile that shows more would let a test pass that fails at a real BMC."""
    profile = next(profile for profile, archive in RECORDED.items() if archive == name)
    with TreeServer(tree(name).documents) as server:
        real = recorded(server.address)
    simulated = recorded(fleet.addresses[profile])
    systems = set() if profile in WITHOUT_SYSTEMS else {"ComputerSystem"}
    assert {"ServiceRoot", "Manager", "Chassis"} | systems <= {read.resource for read in real.found}
    found = differences(real.found, simulated.found)
    accepted = reviewed(profile)
    assert sorted(found - accepted) == [], "differences that nobody reviewed"
    assert sorted(accepted - found) == [], "reviewed differences that are no longer there"


def test_what_is_read_is_recorded_and_nothing_else() -> None:
    """The recorder itself: every way to look at a document leaves its trace."""
    document: dict[str, Any] = {
        "@odata.type": "#ComputerSystem.v1_17_0.ComputerSystem",
        "PowerState": "On",
        "Model": None,
        "Status": {"Health": "OK", "State": "Enabled"},
        "Links": {"ManagedBy": [{"@odata.id": "/m"}]},
        "Oem": {"Hpe": {"PostState": "InPost"}},
        "Boot": {"Order": [1]},
        "Unread": {"Inner": True},
    }
    reads = Reads()
    wrapped = reads.wrap(document)
    assert (wrapped["PowerState"], wrapped.get("Model"), wrapped.get("UUID")) == ("On", None, None)
    assert "Health" in wrapped["Status"]
    assert [entry["@odata.id"] for entry in wrapped["Links"]["ManagedBy"]] == ["/m"]
    assert list(wrapped["Oem"]) == ["Hpe"]
    assert list(wrapped["Boot"].items()) == [("Order", [1])]
    assert {(read.path, read.json_type) for read in reads} == {
        ("/PowerState", "string"),
        ("/Model", "null"),
        ("/UUID", "absent"),
        ("/Status", "object"),
        ("/Status/Health", "string"),
        ("/Links", "object"),
        ("/Links/ManagedBy", "array"),
        ("/Links/ManagedBy/[]", "object"),
        ("/Links/ManagedBy/[]/@odata.id", "string"),
        ("/Oem", "object"),
        ("/Oem/Hpe", "object"),
        ("/Boot", "object"),
        ("/Boot/Order", "array"),
        ("/Boot/Order/[]", "number"),
    }
    assert {read.resource for read in reads} == {"ComputerSystem"}
    assert ("/Model", "null") not in {(read.path, read.json_type) for read in reads.found}
