# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of HPE Cray EX blades and chassis: ports without a Name, DIMMs without a Status, no drives."""

from __future__ import annotations

from ..parts import Part, dimm, nic, power_supply, processor
from ..shelves import Place, PowerArray, Shelf

# The members of collections are not sorted.
MODULES = ("DIMM1", "DIMM3", "DIMM2", "DIMM0")
RECTIFIERS = {"300": 1, "500": 3, "400": 2, "200": 0}
CARD = "SS11 200Gb 2P NIC Mezz REV02 (HSN)"


def shelves(node: str, system: str, chassis: str, model: str) -> tuple[Shelf, ...]:
    """Return the parts of a node; `model` is that of its processors."""
    cpus = {f"CPU{key}": processor(f"{node}.CPU{key}", model, 64, node, numbers=("SerialNumber",)) for key in "10"}
    modules = {key: dimm(f"{node}.{key}", node, Manufacturer="SK Hynix", MemoryDeviceType="DDR4") for key in MODULES}
    card = nic(f"{node}.HPCNet0", node, Manufacturer="HPE-PRM", Model="R4K44A", PartNumber="P43012-001")
    port = Part(f"{node}.ManagementEthernet", "ethernet_interfaces", {}, ("MACAddress",), node)
    return (
        Shelf(
            f"{system}/Processors",
            "Processor",
            "v1_7_0",
            "Processors Collection",
            tuple(Place(key, "Processor", part, {"Socket": f"CPU {key[3:]}"}) for key, part in cpus.items()),
            hides=("InstructionSet", "ProcessorArchitecture"),
            status={"Health": "OK"},
        ),
        Shelf(
            f"{system}/Memory",
            "Memory",
            "v1_5_0",
            "Memory Collection",
            tuple(Place(key, f"DIMM {key[4:]}", part) for key, part in modules.items()),
            status={},
        ),
        # The host's driver, not the BMC, knows the address of the high-speed network.
        Shelf(
            f"{system}/EthernetInterfaces",
            "EthernetInterface",
            "v1_3_0",
            "Ethernet Interface Collection",
            (
                Place("ManagementEthernet", None, port, {"Description": "Node Maintenance Network"}),
                Place(
                    "HPCNet0",
                    None,
                    card,
                    {"Description": CARD, "MACAddress": "Not Available", "PermanentMACAddress": ""},
                ),
            ),
            status={},
        ),
        Shelf(
            f"{chassis}/NetworkAdapters",
            "NetworkAdapter",
            "v1_0_1",
            "NetworkAdapter Collection",
            (Place("HPCNet0", None, card, {"Description": CARD}),),
            status={},
        ),
    )


def without_adapters(*chassis: str) -> tuple[Shelf, ...]:
    """Return the empty collections of the network adapters of some chassis."""
    return tuple(
        Shelf(f"{uri}/NetworkAdapters", "NetworkAdapter", "v1_0_1", "NetworkAdapter Collection", ()) for uri in chassis
    )


def without_supplies(*chassis: str) -> tuple[Shelf, ...]:
    """Return the Power of chassis that have no power supply."""
    return tuple(PowerArray(f"{uri}/Power", "PowerSupply", "v1_4_0", "Power", ()) for uri in chassis)


def rectifiers(enclosure: str) -> PowerArray:
    """Return the power supplies of a chassis."""
    supplies = {key: power_supply(f"rectifier{key}", Manufacturer="ABB", Model="CC15000H3C380T") for key in RECTIFIERS}
    return PowerArray(
        f"{enclosure}/Power",
        "PowerSupply",
        "v1_4_0",
        "Power",
        tuple(Place(key, f"Rectifier {RECTIFIERS[key]}", part) for key, part in supplies.items()),
        hides=("FirmwareVersion", "PartNumber", "PowerCapacityWatts", "PowerSupplyType"),
        status={"State": "Enabled"},
        numbered={},
    )
