# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which firmware a task means, which version is older, and what a handle may be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    BundleRefused,
    InvalidRequest,
    NotSupported,
)
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.metadata import Component
from ansible_collections.openchami.bmc.plugins.module_utils._operations.firmware.inventory import chosen
from ansible_collections.openchami.bmc.plugins.module_utils._operations.firmware.request import Which, require_sense
from ansible_collections.openchami.bmc.plugins.module_utils._operations.firmware.submission import (
    Submission,
    read_handle,
)
from ansible_collections.openchami.bmc.plugins.module_utils._operations.firmware.versions import is_older
from ansible_collections.openchami.bmc.plugins.module_utils.vendor_api.v1 import Software
from tests.unit.json_documents import json_values
from tests.unit.redfish.fake_reader import refused

from .firmware_world import UPDATE, FirmwareWorld, image

BIOS, BMC = (Component(name, "2.0", ("Model X",)) for name in ("bios", "bmc"))


def software(name: str, component: str = "", **more: Any) -> Software:
    return Software(
        uri=f"/inventory/{name}", id=name, name=f"{name} image", key=name, component=component, version="1", **more
    )


KNOWN = [
    software("BMC", "bmc"),
    software("Backup_BMC", "bmc", spare=True),
    software("Node0.BIOS", "bios", system="/systems/0"),
    software("Node1.BIOS", "bios", system="/systems/1"),
    software("Slot1", "nic", hardware=("15b3:1019",)),
    software("Slot2", "nic", hardware=("14e4:16d7",)),
    software("Golden", "cpld", spare=True),
    software("Fixed", "psu", updateable=False),
]
BOTH = frozenset({"/systems/0", "/systems/1"})


def ids(which: Which, *components: Component, nodes: frozenset[str] = BOTH) -> list[str]:
    return [wish.software.id for wish in chosen(KNOWN, components or (BIOS,), which, nodes)]


@pytest.mark.parametrize(
    ("which", "found"),
    [
        (Which(component="bmc"), ["BMC"]),
        (Which(component="BMC"), ["BMC"]),
        (Which(component="Backup_BMC"), ["Backup_BMC"]),
        (Which(component="Slot2 image"), ["Slot2"]),
        (Which(component="nic"), ["Slot1", "Slot2"]),
        (Which(targets=("/inventory/Slot1/", "Golden")), ["Golden", "Slot1"]),
        (Which(all_compatible=True), ["Node0.BIOS", "Node1.BIOS"]),
    ],
    ids=str,
)
def test_what_is_named_is_meant_and_a_spare_image_only_by_its_own_name(which: Which, found: list[str]) -> None:
    assert ids(which) == found


def test_node_of_the_task_alone_is_meant() -> None:
    assert ids(Which(component="bios"), nodes=frozenset({"/systems/1"})) == ["Node1.BIOS"]


def test_components_of_the_image_come_in_its_order() -> None:
    assert ids(Which(), BMC, BIOS, nodes=frozenset({"/systems/0"})) == ["BMC", "Node0.BIOS"]
    assert ids(Which(), BIOS, BMC, nodes=frozenset({"/systems/0"})) == ["Node0.BIOS", "BMC"]


def test_all_compatible_takes_what_goes_by_the_name_of_the_image_alone() -> None:
    exact = Component("nic", "2.0", ("14E4:16D7",))
    listed = Component("nic", "2.0", ("Model X",), inventory_ids=("Slot1",))
    assert ids(Which(all_compatible=True), exact) == ["Slot2"]
    assert ids(Which(), listed) == ["Slot1"]


@pytest.mark.parametrize(
    ("which", "components", "says"),
    [
        (Which(component="cpld"), [BIOS], "Golden is a spare image"),
        (Which(component="psu"), [BIOS], "Fixed is a spare image or not updateable"),
        (Which(component="bois"), [BIOS], "Node0.BIOS (bios)"),
        (Which(targets=("/inventory/none",)), [BIOS], "/inventory/none"),
        (Which(), [BIOS], "2 of the kind 'bios'"),
        (Which(), [Component("", "2.0", ("Model X",))], "does not say which component"),
        (Which(component="Slot1"), [BIOS, BMC], "does not say which of its components is for Slot1"),
        (Which(all_compatible=True), [Component("gpu", "1", ())], "none of the firmware"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_said(which: Which, components: list[Component], says: str) -> None:
    with pytest.raises(InvalidRequest, match=re.escape(says)):
        ids(which, *components)


@pytest.mark.parametrize("which", [Which("bmc", ("x",)), Which("bmc", (), True), Which("", ("x",), True)])
def test_ways_to_name_exclude_each_other(which: Which) -> None:
    with pytest.raises(InvalidRequest, match="exclude each other"):
        require_sense(which)


@pytest.mark.parametrize(
    ("new", "current", "older"),
    [
        ("1.9", "1.10", True),
        ("1.10", "1.9", False),
        ("U46 v2.60 (11/24/2022)", "U46 v2.70 (02/17/2023)", True),
        ("nc.1.6.19-5-shasta", "nc.1.10.1-12-shasta", True),
        ("1.2", "1.2.1", True),
        ("iLO 5 v2.78", "iLO 5 v2.72", False),
        ("C27", "M23", True),
        ("7.00", "M23", None),
        ("1.2", " 1.2 ", False),
    ],
)
def test_older_version(new: str, current: str, older: bool | None) -> None:
    assert is_older(new, current) is older


@given(st.text(), st.text())
def test_no_version_is_older_than_itself_nor_both_than_each_other(one: str, other: str) -> None:
    assert is_older(one, one) is False
    assert not (is_older(one, other) and is_older(other, one))


SUBMISSION = Submission("key", "SimpleUpdate", {"BMC": "1"}, {"BMC": "2"}, {}, started=1.0, phase="applying")


def test_handle_brings_back_what_was_submitted() -> None:
    assert read_handle(SUBMISSION.handle("https://bmc"), "https://bmc", "key") == SUBMISSION


@given(json_values(), st.sampled_from(["version", "origin", "submission", *Submission.__dataclass_fields__]))
def test_damaged_handle_is_refused_or_means_the_same(value: Any, where: str) -> None:
    handle: dict[str, Any] = SUBMISSION.handle("https://bmc")
    within = handle if where in handle else handle["submission"]
    changed = within.get(where) != value
    within[where] = value
    try:
        found = read_handle(handle, "https://bmc", "key")
    except InvalidRequest:
        assert changed
    else:
        assert isinstance(found.started, (int, float))
        assert isinstance(found.wanted, Mapping)


def test_bundle_for_other_hardware_is_refused_before_anything_is_sent() -> None:
    world = FirmwareWorld(Model="Model Y")

    class OtherHardware:
        name, key, file_name, size = "bundle", "sha256:0", "bios.bin", 1000

        def components(self, hardware: Any) -> Any:
            raise BundleRefused("not for this hardware", why=", ".join(hardware))

        def digest(self) -> str:
            return self.key

        def path(self) -> Any:
            raise AssertionError("nobody may fetch it")

    with pytest.raises(BundleRefused, match="Model Y"):
        world.update(OtherHardware())
    assert (world.bodies, world.gate.claimed) == ([], [])


def test_what_a_bmc_offers_is_named_where_nothing_of_it_serves() -> None:
    world = FirmwareWorld()
    with pytest.raises(NotSupported, match="SimpleUpdate: transfer is push"):
        world.update(transfer="push")
    world.client.documents["/redfish/v1"].pop("UpdateService")
    with pytest.raises(NotSupported, match="leads to no UpdateService"):
        world.update()


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        (
            {"Targets@Redfish.AllowableValues": ["/redfish/v1/Chassis/Fan"]},
            "takes no update of .*/BIOS by SimpleUpdate",
        ),
        ({"TransferProtocol@Redfish.AllowableValues": ["SCP"]}, "it is staged by HTTP"),
    ],
)
def test_bmc_that_no_driver_knows_is_named_with_what_one_would_add(parameters: dict[str, Any], why: str) -> None:
    world = FirmwareWorld(Model="R1")
    world.client.documents[UPDATE]["Actions"]["#UpdateService.SimpleUpdate"] |= parameters
    with pytest.raises(NotSupported, match=why) as refusal:
        world.update()
    assert ", R1, firmware unknown version, dialect generic)" in str(refusal.value)
    assert "No driver knows this BMC: one would add" in str(refusal.value)


def test_image_that_says_no_version_is_refused() -> None:
    world = FirmwareWorld()
    with pytest.raises(InvalidRequest, match="which version BIOS is to show"):
        world.update(image("bios", ""))
    world.client.documents["/redfish/v1/UpdateService/FirmwareInventory/BMC"] = refused(404)
    assert world.update(image("bios", ""), version="1.0").courses[0].state == "current"


@pytest.mark.parametrize(
    ("restart", "reboot", "power", "away"),
    [
        ("manager", "never", "On", ["bmc"]),
        ("host", "never", "On", []),
        ("host", "when_needed", "On", ["host"]),
        ("host", "when_needed", "Off", []),
        ("power_cycle", "when_needed", "On", []),
        ("none", "when_needed", "On", []),
    ],
)
def test_only_what_the_task_takes_away_is_told_to_be(restart: str, reboot: str, power: str, away: list[str]) -> None:
    world = FirmwareWorld(power_state=power)
    result = world.update(image("bios", reboot=restart), check_mode=True, allow={"reboot": reboot})
    (batch,) = result.batches
    assert batch.unavailable(batch.courses[0]) == away
    assert batch.reboots is ("host" in away)
