# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of a Lenovo server as XCC shows them: an empty DIMM slot is full of nulls, power supplies stand twice."""

from __future__ import annotations

from ..documents import link
from ..parts import dimm, drive, nic, power_supply, processor
from ..shelves import SHOWN, Bay, Place, PowerArray, PowerSubsystem, Shelf, places

HOST = "1"
PORTS = {"HostName": "", "IPv4Addresses": [], "InterfaceEnabled": True, "LinkStatus": "LinkDown", "SpeedMbps": None}


def shelves(system: str, chassis: str, model: str) -> tuple[Shelf, ...]:
    """Return the parts of the server; `model` is that of its processors."""
    nics = {slot: nic(f"nic{slot}", HOST, FirmwareVersion="222.0.2.1") for slot in ("15", "27")}
    supplies = {f"PSU{number}": power_supply(f"psu{number}") for number in (1, 2)}
    slots = {str(number): dimm(f"dimm{number}", HOST, fitted=number != 11) for number in (1, 3, 5, 7, 11)}
    cpus = {key: processor(f"cpu{key}", model, 32, HOST) for key in "12"}
    return (
        Shelf(
            f"{system}/Processors",
            "Processor",
            "v1_14_0",
            "ProcessorCollection",
            tuple(Place(key, f"Processor {key}", part, {"Socket": f"CPU {key}"}) for key, part in cpus.items()),
            says={"PartNumber": "", "SerialNumber": ""},
        ),
        Shelf(
            f"{system}/Memory",
            "Memory",
            "v1_14_0",
            "Memory Collection",
            places("DIMM {0}", slots, DeviceLocator="DIMM {0}"),
            absent={
                **dict.fromkeys(SHOWN["Memory"]),
                "DeviceLocator": None,
                "Status": {"Health": None, "State": "Absent"},
            },
        ),
        Shelf(
            f"{system}/EthernetInterfaces",
            "EthernetInterface",
            "v1_8_0",
            "EthernetInterfaceCollection",
            places("External Ethernet Interface", dict(zip(("NIC1", "NIC2"), nics.values(), strict=True))),
            says={"Links": {"Chassis": link(chassis)}, **PORTS},
            spelled=str.upper,
        ),
        Bay(
            f"{system}/Storage/Direct_Attached_NVMe",
            "Drive",
            "v1_14_0",
            "StorageCollection",
            places("1.92TB NVMe SSD", {f"Drive.Bay_{key}": drive(f"drive{key}", HOST) for key in "01"}),
            storage=("v1_12_0", "NVMe Storage"),
        ),
        Shelf(
            f"{chassis}/NetworkAdapters",
            "NetworkAdapter",
            "v1_9_0",
            "NetworkAdapterCollection",
            places("NetworkAdapter", {f"slot-{slot}": part for slot, part in nics.items()}),
        ),
        Shelf(
            f"{chassis}/PCIeDevices",
            "PCIeDevice",
            "v1_9_0",
            "PCIeDeviceCollection",
            places("Broadcom BCM57414", {f"slot_{slot}": part for slot, part in nics.items()}),
        ),
        PowerArray(
            f"{chassis}/Power",
            "PowerSupply",
            "v1_7_1",
            "Power",
            places("PSU{1}", dict(zip("01", supplies.values(), strict=True))),
        ),
        PowerSubsystem(
            f"{chassis}/PowerSubsystem/PowerSupplies",
            "PowerSupply",
            "v1_3_0",
            "Power Supplies",
            places("Power Supply {1}", supplies),
        ),
    )
