# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of an HPE server as iLO shows them: an empty DIMM slot is there, of a port only its address."""

from __future__ import annotations

from ..documents import rolled_up
from ..parts import dimm, drive, nic, power_supply, processor
from ..shelves import Bay, PowerArray, Shelf, places

HOST = "1"
# The second of each three DIMM slots is empty.
SLOTS = tuple((number, slot) for number in (1, 2) for slot in (1, 2, 3))
PORTS: dict[str, object] = {"IPv4Addresses": [], "InterfaceEnabled": None, "LinkStatus": None, "SpeedMbps": None}
UNKNOWN = {"Health": None, "State": None}


def shelves(system: str, chassis: str, model: str) -> tuple[Shelf, ...]:
    """Return the parts of the server; `model` is that of its processors."""
    nics = [nic(f"nic{number}", HOST, FirmwareVersion="20.29.1016") for number in (1, 2)]
    slots = {f"proc{cpu}dimm{slot}": dimm(f"proc{cpu}dimm{slot}", HOST, fitted=slot != 2) for cpu, slot in SLOTS}
    return (
        Shelf(
            f"{system}/Processors",
            "Processor",
            "v1_7_2",
            "Processors Collection",
            places("Processors", {key: processor(f"cpu{key}", model, 32, HOST) for key in "12"}, Socket="Proc {0}"),
            says={"PartNumber": "", "SerialNumber": ""},
        ),
        Shelf(
            f"{system}/Memory",
            "Memory",
            "v1_7_1",
            "Memory DIMM Collection",
            places("{0}", slots, DeviceLocator="{0}"),
            absent={"CapacityMiB": 0, "MemoryType": "DRAM", "RankCount": None},
        ),
        Shelf(
            f"{system}/EthernetInterfaces",
            "EthernetInterface",
            "v1_4_1",
            "System Ethernet Interfaces",
            places("", dict(zip("12", nics, strict=True))),
            hides=("PermanentMACAddress",),
            status=UNKNOWN,
            says=PORTS,
        ),
        Bay(
            f"{system}/Storage/DE081000",
            "Drive",
            "v1_14_0",
            "Storage",
            places("1.92TB NVMe SSD", {key: drive(f"drive{key}", HOST) for key in "01"}),
            hides=("Manufacturer", "PartNumber"),
            storage=("v1_12_0", "HPE Smart Array P408i-p SR Gen10"),
            holds={"Status": rolled_up()},
        ),
        Shelf(
            f"{chassis}/NetworkAdapters",
            "NetworkAdapter",
            "v1_5_0",
            "NetworkAdapterCollection",
            places("NetworkAdapter", dict(zip(("DE080000", "DE083000"), nics, strict=True))),
            status={},
        ),
        Shelf(
            f"{chassis}/PCIeDevices",
            "PCIeDevice",
            "v1_5_0",
            "PCIeDevice",
            places("BCM57414 NIC", dict(zip(("223", "225"), nics, strict=True))),
            status=UNKNOWN,
        ),
        PowerArray(
            f"{chassis}/Power",
            "PowerSupply",
            "v1_3_0",
            "PowerMetrics",
            places("HpeServerPowerSupply", {key: power_supply(f"psu{key}") for key in "01"}),
            hides=("PartNumber",),
        ),
    )
