# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of machines on bmcweb: none that stock OpenBMC would know, and those of NVIDIA's HGX servers."""

from __future__ import annotations

from ..documents import rolled_up, status
from ..parts import dimm, gpu, processor
from ..shelves import Bay, Place, PowerArray, PowerSubsystem, Shelf

PART = {"Conditions": [], **status()}
WHOLE = {"Conditions": [], **rolled_up()}
COLLECTIONS = {
    "Memory": "Memory Module Collection",
    "Processors": "Processor Collection",
    "Storage": "Storage Collection",
}
DEVICES = "PCIe Device Collection"
UNTOLD = ("InstructionSet", "ProcessorArchitecture")


def nothing(system: str, chassis: str) -> tuple[Shelf, ...]:
    """Return empty collections. The system's PCIe devices are linked by the chassis."""
    kinds = {"Processors": "Processor"}
    return (
        *(Shelf(f"{system}/{place}", kinds.get(place, place), "", name, ()) for place, name in COLLECTIONS.items()),
        Shelf(f"{system}/PCIeDevices", "PCIeDevice", "", DEVICES, (), owner=chassis),
        PowerArray(f"{chassis}/Power", "PowerSupply", "v1_5_2", "Power", ()),
    )


def host(system: str, chassis: str, cores: int, memory: int) -> tuple[Shelf, ...]:
    """Return the parts of the server: two modules of so many cores and GiB of memory in all. It knows no drives."""
    name = system.rpartition("/")[2]
    cpus = [
        processor(f"CPU_{key}", "Grace A02", cores // 2, name, numbers=("SerialNumber",), **grace(cores // 2))
        for key in "01"
    ]
    modules = [
        dimm(
            f"ProcessorModule_{key}_Memory_0",
            name,
            CapacityMiB=memory * 512,
            Manufacturer="",
            PartNumber="",
            OperatingSpeedMhz=0,
        )
        for key in "01"
    ]
    return (
        Shelf(
            f"{system}/Processors",
            "Processor",
            "v1_13_0",
            COLLECTIONS["Processors"],
            tuple(
                Place(part.id, "Processor", part, {"PartNumber": "", "Socket": f"G1:{part.id[-1]}.0"}) for part in cpus
            ),
            hides=UNTOLD,
            status=PART,
        ),
        Shelf(
            f"{system}/Memory",
            "Memory",
            "v1_11_0",
            COLLECTIONS["Memory"],
            tuple(Place(part.id, "DIMM Slot", part) for part in modules),
            hides=("MemoryDeviceType",),
            status=WHOLE,
        ),
        Bay(f"{system}/Storage/1", "Drive", "v1_7_0", COLLECTIONS["Storage"], (), holds={"Status": rolled_up()}),
        unpowered(chassis),
        Shelf(f"{chassis}/PCIeDevices", "PCIeDevice", "", DEVICES, ()),
    )


def unpowered(chassis: str) -> PowerSubsystem:
    """Return the power subsystem of a chassis without power supplies."""
    uri = f"{chassis}/PowerSubsystem/PowerSupplies"
    return PowerSubsystem(uri, "PowerSupply", "v1_3_0", "Power Supply Collection", (), holds={"Status": status()})


def grace(cores: int) -> dict[str, object]:
    """Return what is otherwise about a Grace: no threads, no speed."""
    return {"Manufacturer": "NVIDIA", "MaxSpeedMHz": 0, "TotalThreads": cores}


def baseboard(system: str, chassis: str, others: tuple[str, ...], model: str) -> tuple[Shelf, ...]:
    """Return the parts of the HGX baseboard: a GPU of this model, which is a processor and a PCIe device, its memory.

    chassis: that of the GPU. others: chassis in which there is nothing.
    """
    name = system.rpartition("/")[2]
    part = gpu("GPU_0", model, name, MaxSpeedMHz=1980)
    memory = dimm("GPU_0_DRAM_0", name, numbers=(), CapacityMiB=97871, Manufacturer="", MemoryDeviceType="HBM")
    return (
        Shelf(
            f"{system}/Processors",
            "Processor",
            "v1_13_0",
            COLLECTIONS["Processors"],
            (Place("GPU_0", "Processor", part),),
            status=WHOLE,
        ),
        Shelf(
            f"{system}/Memory",
            "Memory",
            "v1_11_0",
            COLLECTIONS["Memory"],
            (Place("GPU_0_DRAM_0", "DIMM Slot", memory),),
            hides=("BaseModuleType", "RankCount"),
            status=WHOLE,
        ),
        Shelf(
            f"{chassis}/PCIeDevices",
            "PCIeDevice",
            "v1_5_0",
            DEVICES,
            (Place("GPU_0", "PCIe Device", part),),
            hides=("FirmwareVersion",),
            status=WHOLE,
        ),
        *map(unpowered, (chassis, *others)),
        *(Shelf(f"{uri}/PCIeDevices", "PCIeDevice", "", DEVICES, ()) for uri in others),
    )
