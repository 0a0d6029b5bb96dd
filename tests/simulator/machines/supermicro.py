# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of a Supermicro server as its own firmware shows them: GPUs are PCIe devices, drives are in a backplane."""

from __future__ import annotations

from dataclasses import replace

from ..documents import rolled_up, status
from ..parts import Part, dimm, drive, gpu, nic, power_supply, processor
from ..shelves import Bay, Place, PowerArray, Shelf, places

HOST = "1"
PORTS = {"LinkStatus": "LinkDown", "SpeedMbps": 0}
SLOTS = {"1": "P1-DIMMA1", "2": "P1-DIMMB1", "3": "P2-DIMMA1", "4": "P2-DIMMB1"}


def shelves(system: str, chassis: str, backplane: str, model: str) -> tuple[Shelf, ...]:
    """Return the parts of a GPU server; `model` is that of its processors, `backplane` the chassis with the drives."""
    nics = {key: nic(f"nic{key}", HOST, FirmwareVersion="28.37.10.14") for key in "12"}
    gpus = {f"GPU{key}": nameless(gpu(f"gpu{key}", "H100 80GB HBM3", HOST)) for key in "12"}
    cards = {f"NIC{key}": part for key, part in nics.items()}
    return (
        *board(system, chassis, model),
        Bay(
            f"{system}/Storage/NVMeSSD",
            "Drive",
            "v1_11_1",
            "Storage Collection",
            places("{0}", {f"Disk.Bay.{key}": drive(f"drive{key}", HOST) for key in "01"}),
            hides=("MediaType", "PartNumber", "Protocol"),
            storage=("v1_9_0", "NVMe Storage System"),
            holds={"Description": "NVMe SSD", "Status": status()},
            drives=f"{backplane}/Drives",
        ),
        Shelf(
            f"{system}/EthernetInterfaces",
            "EthernetInterface",
            "v1_6_3",
            "Ethernet Network Interface Collection",
            places("AOC_NIC{1}", nics),
            hides=("PermanentMACAddress",),
            says=PORTS,
        ),
        Shelf(
            f"{chassis}/NetworkAdapters",
            "NetworkAdapter",
            "v1_5_0",
            "Network Adapter Collection",
            places("Network Adapter View", nics),
            status={},
        ),
        Shelf(
            f"{chassis}/PCIeDevices",
            "PCIeDevice",
            "v1_5_0",
            "PCIe Device Collection",
            (*places("{0}", gpus), *places("PCIeDevices", cards)),
            status=rolled_up(),
        ),
    )


def nameless(part: Part) -> Part:
    """Return a part whose maker nobody tells."""
    return replace(part, facts={name: value for name, value in part.facts.items() if name != "Manufacturer"})


def board(system: str, chassis: str, model: str) -> tuple[Shelf, ...]:
    """Return what every board shows: processors, memory, power supplies."""
    slots = {key: dimm(f"dimm{key}", HOST) for key in SLOTS}
    return (
        Shelf(
            f"{system}/Processors",
            "Processor",
            "v1_10_0",
            "Processors Collection",
            places("Processor", {key: processor(f"cpu{key}", model, 32, HOST) for key in "12"}, Socket="CPU{0}"),
            says={"PartNumber": None, "SerialNumber": None},
        ),
        Shelf(
            f"{system}/Memory",
            "Memory",
            "v1_11_0",
            "Memory Collection",
            tuple(Place(key, "Memory", part, {"DeviceLocator": SLOTS[key]}) for key, part in slots.items()),
        ),
        PowerArray(
            f"{chassis}/Power",
            "PowerSupply",
            "v1_6_1",
            "Power",
            places("Power Supply Bay {1}", {key: power_supply(f"psu{key}") for key in "01"}),
            hides=("Manufacturer",),
        ),
    )
