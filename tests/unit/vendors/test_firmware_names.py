# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entries of firmware inventories that no recording has, as public code and vendors' guides write them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._vendors import registry
from ansible_collections.openchami.bmc.plugins.module_utils.vendor_api.v1 import Software
from tests.unit.redfish.fake_reader import service_of, tree

INVENTORY = "/redfish/v1/UpdateService/FirmwareInventory"
ROOT = {"/redfish/v1": {"@odata.id": "/redfish/v1", "RedfishVersion": "1.6.0"}}


def software(dialect: str, id: str, **more: Any) -> Software:
    document = {"@odata.id": f"{INVENTORY}/{id}", "Id": id, **more}
    return registry.known(dialect, "").firmware_update.software(service_of(ROOT), document)


@pytest.mark.parametrize(
    ("dialect", "id", "component", "spare"),
    [
        # OpenBMC of Intel and others.
        ("openbmc", "bmc_active", "bmc", False),
        ("openbmc", "bmc_backup", "bmc", True),
        ("openbmc", "bmc_recovery", "bmc", True),
        ("openbmc", "bios_active", "bios", False),
        ("openbmc", "cpld_active", "cpld", False),
        ("openbmc", "rot_fw_active", "", False),
        # NVIDIA's GB200 and its DGX H100 (nvfwupd).
        ("openbmc", "FW_BMC_0", "bmc", False),
        ("openbmc", "HGX_FW_BMC_0", "", False),
        ("openbmc", "HGX_FW_CPLD_0", "", False),
        ("openbmc", "HGX_FW_ERoT_CPU_1", "erot", False),
        ("ami", "HostBMC_0", "bmc", False),
        ("ami", "HostBIOS_0", "bios", False),
        ("ami", "EROT_BMC_0", "erot", False),
        ("ami", "CPLDMB_0", "cpld", False),
        ("ami", "CPLDMID_0", "", False),
        ("ami", "PSU_3", "psu", False),
        ("ami", "PCIeSwitch_0", "", False),
        ("ami", "PCIeRetimer_1", "", False),
        # MegaRAC of other makers.
        ("ami", "BMCImage1", "bmc", False),
        ("ami", "BMCImage2", "bmc", True),
        ("ami", "BIOSImage1", "bios", False),
        ("ami", "BIOSImage2", "bios", True),
        ("ami", "BPB_CPLD1", "cpld", False),
        # Other boards and firmware of makers that were recorded.
        ("supermicro", "CPLD_Motherboard_2", "", False),
        ("supermicro", "Staging_BIOS", "bios", True),
        ("cray", "Node3.BIOS", "bios", False),
        ("cray", "Recovery", "", True),
        ("dell", "Installed-25227-1.20.25.00__iDRAC.Embedded.1-1", "bmc", False),
        ("dell", "Available-159-2.0.1__BIOS.Setup.1-1", "bios", True),
        ("dell", "Installed-0-5.0__FC.Slot.3-1", "nic", False),
        ("dell", "Installed-108-2.5__BOSS.SL.10-1", "storage", False),
        ("dell", "Installed-0-94.02__Video.Slot.7-1", "gpu", False),
        ("dell", "Installed-1-4.3__Enclosure.Internal.0-1:RAID.SL.3-1", "backplane", False),
        ("dell", "Previous-25227-6.10", "", True),
        ("lenovo", "BMC-Primary", "bmc", False),
        ("lenovo", "UEFI-Pending", "bios", True),
        # Nothing that anyone knows.
        ("generic", "Frobnicator", "", False),
        ("generic", "5d0869c4", "", False),
        ("generic", "ecbeed01", "", False),
    ],
)
def test_a_name_tells_component_and_reserve(dialect: str, id: str, component: str, spare: bool) -> None:
    entry = software(dialect, id)
    assert (entry.component, entry.spare) == (component, spare)


@pytest.mark.parametrize(
    ("more", "component"),
    [
        ({"RelatedItem": [{"@odata.id": "/redfish/v1/Chassis/1/NetworkAdapters/slot-1"}]}, "nic"),
        ({"RelatedItem": [{"@odata.id": "/redfish/v1/Systems/1/Storage/A/Drives/0"}]}, "drive"),
        ({"RelatedItem": [{"@odata.id": "/redfish/v1/Systems/1/Storage/A"}]}, "storage"),
        ({"RelatedItem": [{"@odata.id": "/redfish/v1/Chassis/1/Power#/PowerSupplies/0"}]}, "psu"),
        ({"RelatedItem": [{"@odata.id": "/redfish/v1/Systems/1/Bios"}]}, "bios"),
        ({"RelatedItem": [{"@odata.id": "/redfish/v1/Managers/1"}]}, "bmc"),
        ({"RelatedItem": [{"@odata.id": "/redfish/v1/Managers/1/EthernetInterfaces/1"}]}, ""),
        ({"RelatedItem": [{"@odata.id": f"/redfish/v1/{uri}"} for uri in ("Managers/1", "Systems/1/Bios")]}, ""),
        ({"Description": "BMC image"}, "bmc"),
        ({"Name": "HPE Smart Storage Energy Pack 1 Firmware"}, ""),
        ({"Name": "NVMe Drive"}, "drive"),
        ({"Name": "SystemRomActive"}, "bios"),
    ],
)
def test_an_id_that_says_nothing_leaves_it_to_name_place_and_description(more: dict[str, Any], component: str) -> None:
    assert software("generic", "17", **more).component == component


@pytest.mark.parametrize(
    ("dialect", "state", "spare"),
    [
        ("generic", "Enabled", False),
        ("generic", "StandbySpare", True),
        ("generic", "Disabled", False),
        ("openbmc", "Disabled", True),
        ("openbmc", "Updating", False),
        ("openbmc", None, False),
    ],
)
def test_a_state_tells_an_image_in_reserve(dialect: str, state: str | None, spare: bool) -> None:
    assert software(dialect, "BMC", Status={"State": state}).spare == spare


@pytest.mark.parametrize(("updateable", "expected"), [(True, True), (False, False), (None, True), ("no", True)])
def test_only_a_plain_no_says_that_a_bmc_does_not_update_it(updateable: object, expected: bool) -> None:
    assert software("generic", "BMC", Updateable=updateable).updateable == expected


def test_what_belongs_to_two_systems_belongs_to_none() -> None:
    systems = [{"@odata.id": f"/redfish/v1/Systems/{number}"} for number in (1, 2, 12)]
    related = {1: ["1/Bios"], 12: ["12/Bios"], 0: ["1/Bios", "2/Bios"]}
    driver = registry.known("generic", "").firmware_update
    for number, items in related.items():
        document = {
            "@odata.id": f"{INVENTORY}/x",
            "RelatedItem": [{"@odata.id": f"/redfish/v1/systems/{item}/"} for item in items],
        }
        expected = f"/redfish/v1/Systems/{number}" if number else ""
        assert driver.software(service_of(tree(Systems=systems)), document).system == expected
