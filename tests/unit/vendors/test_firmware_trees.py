# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the drivers make of the firmware inventories and update services of recorded BMCs, entry by entry.

A line is: component, what must restart, a key with # for each number in it, and how many entries are like it. Where an
entry is a spare image the line begins with "spare", where the BMC does not update it with "fixed".
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import RefusedByBmc
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.resource import link
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.service import Service
from ansible_collections.openchami.bmc.plugins.module_utils._vendors import registry
from ansible_collections.openchami.bmc.plugins.module_utils.vendor_api.firmware_v1 import COMPONENTS
from ansible_collections.openchami.bmc.plugins.module_utils.vendor_api.v1 import FirmwareUpdate, Software, UpdateMethod
from tests.trees.archives import Tree, each, tree

DIALECTS = {
    "ami-gigabyte-h262z63": "ami",
    "cray-cmm-cc": "cray",
    "cray-ex425-nc": "cray",
    "dell-idrac9-r750": "dell",
    "hpe-ilo5-dl385gen10plusv2": "hpe",
    "lenovo-xcc-sr670v2": "lenovo",
    "nvidia-gh200": "openbmc",
    "openbmc-stock": "openbmc",
    "supermicro-x13-sys821ge": "supermicro",
}

INVENTORIES = {
    "ami-gigabyte-h262z63": [
        "bios host BIOS",
        "bmc manager BMC",
        "cpld power_cycle MB_CPLD#",
    ],
    "cray-cmm-cc": [
        "bmc manager BMC",
        "fixed bootloader host Bootloader",
        "fixed fpga host FPGA#",
        "fixed psu host Rectifier# x4",
        "spare - host Recovery",
    ],
    "cray-ex425-nc": [
        "bios host Node#.BIOS x2",
        "bmc manager BMC",
        "fixed bootloader host Bootloader",
        "fixed fpga host FPGA# x2",
        "fixed nic host Node#.HPCNet# x2",
        "nic host Node#.ManagementEthernet x2",
        "spare - host Recovery",
    ],
    "dell-idrac9-r750": [
        "- host TPM.Integrated.#-#",
        "- none Diagnostics.Embedded.#:LC.Embedded.#",
        "- none DriverPack.Embedded.#:LC.Embedded.#",
        "- none ServiceModule.Embedded.#",
        "- none USC.Embedded.#:LC.Embedded.#",
        "backplane host RAID.Backplane.Firmware.#",
        "bios host BIOS.Setup.#-#",
        "bmc manager iDRAC.Embedded.#-#",
        "cpld host CPLD.Embedded.#",
        "drive host Disk.Bay.#:Enclosure.Internal.#-# x3",
        "nic host InfiniBand.Slot.#-# x2",
        "nic host NIC.Embedded.#-#-# x2",
        "nic host NIC.Integrated.#-#-# x2",
        "nic host NIC.Slot.#-#",
        "psu host PSU.Slot.# x2",
        "spare backplane host RAID.Backplane.Firmware.#",
        "spare bios host BIOS.Setup.#-# x2",
        "spare bmc manager iDRAC.Embedded.#-#",
        "spare nic host NIC.Embedded.#-#-# x2",
        "spare nic host NIC.Integrated.#-#-# x2",
    ],
    "hpe-ilo5-dl385gen10plusv2": [
        "- host Intelligent Platform Abstraction Data",
        "- host Intelligent Provisioning",
        "- host Power Management Controller FW Bootloader",
        "- host Power Management Controller Firmware",
        "backplane host # SFF #G x#NVMe/SAS UBM# BC BP, Box=# x8",
        "backplane host # SFF #G x#SAS UBM# BC BP, Slot=#:Port=#I:Box=# x2",
        "bios host System ROM",
        "bmc manager iLO #",
        "cpld power_cycle System Programmable Logic Device",
        "fixed - host Embedded Video Controller, Embedded Device",
        "fixed - host HPE Smart Storage Energy Pack # Firmware, Embedded Device",
        "fixed - host PCIe Riser # Programmable Logic Device x2",
        "fixed - host TPM Firmware",
        "fixed drive host #GB #G SATA SSD, Slot=#:Port=#I:Box=#:Bay=# x2",
        "fixed drive host NVMe Drive, NVMe Drive Port #A Box # Bay # x8",
        "fixed drive host NVMe Drive, NVMe Drive Port #B Box # Bay # x4",
        "fixed drive host NVMe Drive, NVMe Drive Port #C Box # Bay # x4",
        "fixed nic host Intel Eth Adptr I#T# OCPv#, OCP #.# Slot #",
        "nic host BlueField-# SmartNIC Main Card, PCI-E Slot #",
        "nic host ConnectX-# #GE #P NIC, PCI-E Slot # x2",
        "psu host Power Supply Firmware, Bay # x2",
        "spare bios host Redundant System ROM",
        "storage host HPE Smart Array P#i-p SR Gen#, PCI-E Slot #",
    ],
    "lenovo-xcc-sr670v2": [
        "- host Slot_#.Bundle x2",
        "- none LXPM",
        "- none LXPMLinuxDriver",
        "- none LXPMWindowsDriver",
        "bios host UEFI",
        "bmc manager BMC-Primary",
        "fixed - host Slot_#.# x10",
        "fixed drive host Disk# x4",
        "fixed gpu host GPU# x8",
        "fixed nic host Slot_#.# x3",
        "fixed storage host Slot_#.# x2",
        "nic host Slot_#.Bundle",
        "psu host PSU# x4",
        "spare bios host UEFI-Pending",
        "spare bmc manager BMC-Backup",
        "spare bmc manager BMC-Primary-Pending",
        "storage host Slot_#.Bundle",
    ],
    "nvidia-gh200": [
        "- host HGX_FW_BMC_#",
        "- host HGX_FW_CPLD_#",
        "bmc manager FW_BMC_#",
        "cpld power_cycle FW_CPLD_#",
        "cpu power_cycle HGX_FW_CPU_# x2",
        "erot power_cycle FW_ERoT_BMC_#",
        "erot power_cycle HGX_FW_ERoT_BMC_#",
        "erot power_cycle HGX_FW_ERoT_CPU_# x2",
        "erot power_cycle HGX_FW_ERoT_FPGA_#",
        "erot power_cycle HGX_FW_ERoT_GPU_# x2",
        "fixed - host HGX_InfoROM_GPU_# x2",
        "fixed bios host UEFI",
        "fpga power_cycle HGX_FW_FPGA_#",
        "gpu power_cycle HGX_FW_GPU_# x2",
    ],
    "openbmc-stock": [
        "bmc manager /redfish/v#/Managers/bmc",
    ],
    "supermicro-x13-sys821ge": [
        "- host BIOS_ME",
        "- host CPLD_Motherboard_#",
        "- host Fanboard_#_CPLD_# x2",
        "- host HGX_FW_BMC_#",
        "- host HGX_FW_NVSwitch_# x4",
        "- host HGX_FW_PCIeRetimer_# x8",
        "- host HGX_FW_PCIeSwitch_#",
        "- host Switchboard_#_CPLD_# x3",
        "backplane host CPLD_Backplane_#",
        "bios host BIOS",
        "bmc manager BMC",
        "cpld power_cycle CPLD_Motherboard",
        "erot host HGX_FW_ERoT_BMC_#",
        "erot host HGX_FW_ERoT_FPGA_#",
        "erot host HGX_FW_ERoT_GPU_SXM_# x8",
        "erot host HGX_FW_ERoT_NVSwitch_# x4",
        "erot host HGX_FW_ERoT_PCIeSwitch_#",
        "fixed - host HGX_InfoROM_GPU_SXM_# x8",
        "fixed - host HGX_InfoROM_NVSwitch_# x4",
        "fixed drive host NVMeSSDA# x8",
        "fixed gpu host GPU# x8",
        "fixed nic host NIC# x9",
        "fixed psu host PowerSupply# x8",
        "fixed storage host NVMeController#",
        "fpga host HGX_FW_FPGA_#",
        "gpu host HGX_FW_GPU_SXM_# x8",
        "nic host NIC#",
        "spare bios host Backup_BIOS",
        "spare bios host Capsule_BIOS",
        "spare bios host Capsule_MCU",
        "spare bios host Capsule_ME",
        "spare bios host Golden_BIOS",
        "spare bios host Staging_BIOS",
        "spare bmc manager Backup_BMC",
        "spare bmc manager Golden_BMC",
        "spare bmc manager Staging_BMC",
        "spare cpld power_cycle Golden_CPLD_Motherboard",
    ],
}

OFFERS = {
    "ami-gigabyte-h262z63": [
        "SimpleUpdate Actions/SimpleUpdate by=HTTP/FTP targets=7 names_targets by_address",
    ],
    "cray-cmm-cc": [
        "SimpleUpdate Actions/SimpleUpdate by=HTTP/HTTPS targets=2 names_targets",
    ],
    "cray-ex425-nc": [
        "SimpleUpdate Actions/SimpleUpdate by=HTTP/HTTPS targets=6 names_targets",
    ],
    "dell-idrac9-r750": [
        "MultipartHttpPushUri MultipartUpload times=Immediate/OnReset/OnStartUpdateRequest",
        "SimpleUpdate Actions/UpdateService.SimpleUpdate by=HTTP/NFS/CIFS/TFTP/HTTPS"
        " times=Immediate/OnReset/OnStartUpdateRequest",
    ],
    "hpe-ilo5-dl385gen10plusv2": [
        "SimpleUpdate Actions/UpdateService.SimpleUpdate by=HTTP/HTTPS",
        "AddFromUri Actions/Oem/Hpe/HpeiLOUpdateServiceExt.AddFromUri by=HTTP/HTTPS",
        "HttpPushUri /cgi-bin/uploadFile session",
    ],
    "lenovo-xcc-sr670v2": [
        "MultipartHttpPushUri /mfwupdate largest=250000000",
        "SimpleUpdate Actions/UpdateService.SimpleUpdate by=TFTP/SFTP/HTTPS/HTTP largest=250000000 targets=1",
        "HttpPushUri /fwupdate largest=250000000",
    ],
    "nvidia-gh200": [
        "MultipartHttpPushUri update-multipart largest=209715200 times=Immediate names_targets forces",
        "HttpPushUri update largest=209715200 times=Immediate/OnReset names_targets forces",
    ],
    "openbmc-stock": [
        "MultipartHttpPushUri update largest=419430400 times=Immediate/OnReset names_targets",
        "HttpPushUri update largest=419430400 times=Immediate/OnReset",
    ],
    "supermicro-x13-sys821ge": [
        "MultipartHttpPushUri upload names_targets",
        "SimpleUpdate Actions/UpdateService.SimpleUpdate by=HTTP/HTTPS/FTP targets=49 names_targets",
    ],
}

# Words of images that nobody flashes by accident, as these vendors write them.
RESERVED = re.compile(
    "backup|golden|staging|pending|recovery|previous|current-|available|capsule|redundant", re.IGNORECASE
)


class Recording:
    def __init__(self, recorded: Tree) -> None:
        self._recorded = recorded

    def get(self, uri: str) -> dict[str, object]:
        document = self._recorded.document(uri)
        if document is None:
            raise RefusedByBmc("not recorded", status=404)
        return document

    get_unauthenticated = get


@cache
def known(name: str) -> tuple[tuple[Software, ...], tuple[UpdateMethod, ...], FirmwareUpdate]:
    service = Service(Recording(tree(name)))
    driver = registry.known(DIALECTS[name], "").firmware_update
    update_service = service.get(link(service.root(), "UpdateService") or "")
    uris = service.members(link(update_service, "FirmwareInventory") or "")
    software = tuple(driver.software(service, service.get(uri)) for uri in uris)
    return software, driver.methods(service, update_service), driver


def line_of(software: Software, driver: FirmwareUpdate) -> str:
    state = "spare" if software.spare else "" if software.updateable else "fixed"
    key = re.sub(r"\d+", "#", software.key)
    return " ".join(filter(None, [state, software.component or "-", driver.restart(software), key]))


def lines_of(name: str) -> list[str]:
    software, _methods, driver = known(name)
    counted = Counter(line_of(entry, driver) for entry in software)
    return sorted(line if count == 1 else f"{line} x{count}" for line, count in counted.items())


def offer_of(method: UpdateMethod) -> str:
    facts = {
        "by": "/".join(method.protocols),
        "largest": method.largest,
        "times": "/".join(method.apply_times),
        "targets": len(method.targets),
    }
    flags = [flag for flag in ("names_targets", "session", "forces", "by_address") if getattr(method, flag)]
    where = method.uri.removeprefix("/redfish/v1/UpdateService/")
    return " ".join([method.name, where, *(f"{fact}={value}" for fact, value in facts.items() if value), *flags])


@pytest.mark.parametrize("name", each())
def test_each_entry_of_an_inventory_is_what_a_reader_of_it_says(name: str) -> None:
    assert lines_of(name) == INVENTORIES[name]


@pytest.mark.parametrize("name", each())
def test_the_methods_are_those_that_the_bmc_offers(name: str) -> None:
    assert [offer_of(method) for method in known(name)[1]] == OFFERS[name]


@pytest.mark.parametrize("name", each())
def test_components_have_the_plain_names_of_the_contract(name: str) -> None:
    assert {entry.component for entry in known(name)[0]} <= {"", *COMPONENTS}


@pytest.mark.parametrize("name", each())
def test_no_component_leads_to_a_spare_image(name: str) -> None:
    software, _methods, _driver = known(name)
    pickable = [entry for entry in software if not entry.spare]
    assert [entry for entry in pickable if RESERVED.search(f"{entry.id} {entry.name}")] == []
    assert [entry.id for entry in software if entry.spare and not RESERVED.search(f"{entry.id} {entry.name}")] == []


@pytest.mark.parametrize("name", each())
def test_a_key_names_one_entry_that_is_in_use_or_twins_that_the_bmc_does_not_tell_apart(name: str) -> None:
    in_use = [entry for entry in known(name)[0] if not entry.spare]
    twins = {key for key, count in Counter(entry.key for entry in in_use).items() if count > 1}
    assert {entry.component for entry in in_use if entry.key in twins} <= {"backplane"}
    assert len({(entry.key, entry.name, entry.version) for entry in in_use if entry.key in twins}) == len(twins)


@pytest.mark.parametrize("name", each())
def test_one_image_at_most_is_the_bmc_and_each_system_has_one_bios(name: str) -> None:
    in_use = [entry for entry in known(name)[0] if not entry.spare]
    assert len([entry for entry in in_use if entry.component == "bmc"]) == 1
    bioses = [entry.system for entry in in_use if entry.component == "bios"]
    assert len(bioses) == len(set(bioses))


@pytest.mark.parametrize("name", each("cray-ex425-nc", "lenovo-xcc-sr670v2", "supermicro-x13-sys821ge"))
def test_a_bios_belongs_to_its_system(name: str) -> None:
    recorded = {entry["@odata.id"] for entry in tree(name).collection("Systems") if "Bios" in entry}
    assert {entry.system for entry in known(name)[0] if entry.component == "bios" and not entry.spare} == recorded


NAMED = (
    ("supermicro-x13-sys821ge", "bios", "/redfish/v1/Systems/1/Bios"),
    ("supermicro-x13-sys821ge", "bmc", "/redfish/v1/Managers/1"),
    ("supermicro-x13-sys821ge", "cpld", ""),
    ("openbmc-stock", "bmc", "/redfish/v1/Managers/bmc"),
    ("nvidia-gh200", "bmc", ""),
    ("ami-gigabyte-h262z63", "cpld", "MB_CPLD"),
)


@pytest.mark.parametrize("name", each(*dict.fromkeys(name for name, _component, _target in NAMED)))
def test_what_requests_call_a_component(name: str) -> None:
    in_use = [entry for entry in known(name)[0] if not entry.spare]
    expected = [(component, target) for recorded, component, target in NAMED if recorded == name]
    assert [
        (component, entry.target) for component, _target in expected for entry in in_use if entry.component == component
    ] == expected
