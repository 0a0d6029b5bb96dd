# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of a Dell server as iDRAC shows them: what is not there has no resource, power supplies stand twice."""

from __future__ import annotations

from ..documents import link, rolled_up
from ..parts import dimm, drive, gpu, nic, power_supply, processor
from ..shelves import Bay, Place, PowerArray, PowerSubsystem, Shelf, places

HOST = "System.Embedded.1"
PORTS = {"HostName": None, "InterfaceEnabled": True, "LinkStatus": "LinkDown", "SpeedMbps": 0}
# Of a card that does not speak to iDRAC it knows little.
UNKNOWN_PORT = {"LinkStatus": None, "Status": {"Health": None, "State": None}}
UNKNOWN_CARD = {"Status": {"Health": None, "HealthRollup": None, "State": "Enabled"}}
UNTOLD = ("FirmwareVersion", "UUID")


def shelves(system: str, chassis: str, enclosure: str, model: str) -> tuple[Shelf, ...]:
    """Return the parts of the server; `model` is that of its processors, `enclosure` the backplane."""
    nics = {slot: nic(f"NIC.{slot}", HOST, FirmwareVersion="21.80.16.95") for slot in ("Integrated.1", "Slot.5")}
    supplies = {f"PSU.Slot.{number}": power_supply(f"PSU.Slot.{number}") for number in (1, 2)}
    accelerator = gpu("Video.Slot.2-1", "NVIDIA H100 PCIe", HOST)
    cpus = {f"CPU.Socket.{number}": processor(f"CPU.Socket.{number}", model, 32, HOST) for number in (1, 2)}
    modules = {f"DIMM.Socket.{slot}": dimm(f"DIMM.Socket.{slot}", HOST) for slot in ("B1", "A2", "A1", "B2")}
    disks = [f"Disk.Bay.{number}:Enclosure.Internal.0-1" for number in (1, 0)]
    return (
        Shelf(
            f"{system}/Processors",
            "Processor",
            "v1_12_0",
            "ProcessorsCollection",
            (Place("Video.Slot.2-1", "Video.Slot.2-1", accelerator), *places("CPU {1}", cpus, Socket="{0}")),
            hides=UNTOLD,
        ),
        Shelf(
            f"{system}/Memory",
            "Memory",
            "v1_12_0",
            "Memory Devices Collection",
            tuple(
                Place(key, f"DIMM {key[-2:]}", part, {"DeviceLocator": f"DIMM {key[-2:]}"})
                for key, part in modules.items()
            ),
            hides=("BaseModuleType",),
        ),
        Shelf(
            f"{system}/EthernetInterfaces",
            "EthernetInterface",
            "v1_6_4",
            "System Ethernet Interface Collection",
            (
                Place("NIC.Integrated.1-1-1", "System Ethernet Interface", nics["Integrated.1"]),
                Place("NIC.Slot.5-1", "System Ethernet Interface", nics["Slot.5"], UNKNOWN_PORT),
            ),
            says={"IPv4Addresses": [], "IPv4Addresses@odata.count": 0, "Links": {"Chassis": link(chassis)}, **PORTS},
            spelled=str.upper,
        ),
        Bay(
            f"{system}/Storage/CPU.1",
            "Drive",
            "v1_12_1",
            "Storage Collection",
            places("PCIe SSD in {0}", {key: drive(key, HOST, Protocol="PCIe") for key in disks}),
            status=rolled_up(),
            storage=("v1_10_1", "CPU.1"),
            holds={"Description": "CPU.1", "Status": rolled_up()},
        ),
        Shelf(
            f"{chassis}/NetworkAdapters",
            "NetworkAdapter",
            "v1_7_0",
            "Network Adapter Collection",
            (
                Place("NIC.Integrated.1", "Network Adapter View", nics["Integrated.1"]),
                Place("NIC.Slot.5", "Network Adapter View", nics["Slot.5"], UNKNOWN_CARD),
            ),
            status=rolled_up(),
        ),
        Shelf(
            f"{chassis}/PCIeDevices",
            "PCIeDevice",
            "v1_7_0",
            "PCIeDevice Collection",
            (
                Place("49-0", "BCM57414 NetXtreme-E", nics["Slot.5"], {"Model": None}),
                Place(
                    "23-0", "NVIDIA Corporation", accelerator, dict.fromkeys(("Model", "PartNumber", "SerialNumber"))
                ),
            ),
            status=rolled_up(),
        ),
        Shelf(f"{enclosure}/PCIeDevices", "PCIeDevice", "v1_7_0", "PCIeDevice Collection", ()),
        PowerArray(
            f"{chassis}/Power",
            "PowerSupply",
            "v1_7_1",
            "Power",
            places("PS{1} Status", dict(zip("01", supplies.values(), strict=True))),
        ),
        PowerSubsystem(
            f"{chassis}/PowerSubsystem/PowerSupplies",
            "PowerSupply",
            "v1_1_0",
            "Power Supply Collection",
            places("PS{1} Status", supplies),
            subsystem=("v1_0_0", "Power Subsystem for Chassis"),
        ),
    )
