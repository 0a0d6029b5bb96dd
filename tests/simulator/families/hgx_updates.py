# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware of NVIDIA's servers with an HGX baseboard, and its updates. Nothing restarts by itself.

What was written runs after a reset of its manager, or after the server was off (NVIDIA's documents ask for an AC power
cycle, which no Redfish request is).
"""

from __future__ import annotations

from types import MappingProxyType

from .. import standard
from ..configuration import Rule
from ..documents import links, without
from ..profile import Document
from ..standard import ROOT, UPDATE_SERVICE
from ..update_rules.rules import IMMEDIATE, ON_RESET, POWER, SKIPPED, Item, Updates
from ..update_rules.rules import MANAGER as BY_RESET
from .bmcweb import ROLLUP, counted, pushed_updates

OTHER = "Other image"
SETTINGS = Rule(("HttpPushUriOptions", "HttpPushUriTargets"))
SERVICE = standard.update_service(
    "v1_8_0",
    Description="Service for Software Update",
    HttpPushUri=f"{UPDATE_SERVICE}/update",
    HttpPushUriOptions={"ForceUpdate": False, "HttpPushUriApplyTime": {"ApplyTime": ON_RESET}},
    HttpPushUriTargets=[],
    MaxImageSizeBytes=209715200,
    MultipartHttpPushUri=f"{UPDATE_SERVICE}/update-multipart",
    Status={"Conditions": [], "State": "Enabled"},
    **{f"MultipartHttpPushUri{name}": value for name, value in standard.apply_time_support((IMMEDIATE,)).items()},
)


def inventory(bmc: str) -> list[Document]:
    """Return the firmware, of which the version of both BMCs is the machine's, and the rest the same in all."""
    return [
        firmware("FW_BMC_0", bmc, "0x0010", "BMC_0", Description="BMC image"),
        firmware("UEFI", "buildbrain-gcid-00000000", "UEFI", Updateable=False),
        firmware("HGX_FW_BMC_0", bmc, "0x001E", "HGX_BMC_0", Description="BMC image"),
        without(firmware("FW_CPLD_0", "0.01", ""), "Manufacturer"),
        firmware("FW_ERoT_BMC_0", "01.03.0183.0000_n04", "0xFF00", "ERoT_BMC_0"),
        # These have blanks at their ends, as recorded.
        *(firmware(f"HGX_FW_CPU_{key}", "01.03.02         ", "0x0030") for key in "01"),
    ]


def firmware(identifier: str, version: str, software_id: str, chassis: str = "", **properties: object) -> Document:
    """Return one firmware, of what is in a chassis."""
    related = counted(RelatedItem=links(f"{ROOT}/Chassis/{chassis}") if chassis else [])
    status = {"Conditions": [], **ROLLUP}
    image = {"Description": OTHER, "Manufacturer": "NVIDIA", "SoftwareId": software_id, "Status": status}
    return standard.firmware(identifier, "v1_4_0", "Software Inventory", version, **image | related | properties)


def updates(hmc: str) -> Updates:
    """Return how they are taken. An upload may name the chassis of a BMC, too; hmc: the baseboard's manager."""
    return pushed_updates(
        f"{UPDATE_SERVICE}/update-multipart",
        Item("FW_BMC_0", "BMC", BY_RESET),
        Item("HGX_FW_BMC_0", "HMC", BY_RESET, manager=hmc),
        Item("FW_CPLD_0", "CPLD", POWER),
        Item("FW_ERoT_BMC_0", "EROT", POWER),
        Item("HGX_FW_CPU_0", "CPU", POWER),
        Item("HGX_FW_CPU_1", "CPU", POWER),
        apply_times=(IMMEDIATE,),
        same=SKIPPED,
        targets=MappingProxyType({f"{ROOT}/Chassis/BMC_0": "BMC", f"{ROOT}/Chassis/HGX_BMC_0": "HMC"}),
    )
