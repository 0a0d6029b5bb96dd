# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of a machine as they leave the factory: what each kind is, in Redfish's words.

All BMCs of a profile share these values. What differs from machine to machine, and what changes, is in hardware.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAKERS = {"AMD": "Advanced Micro Devices, Inc.", "Intel": "Intel(R) Corporation", "ARM": "NVIDIA"}


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `id` is its name for the control API; `kind` of those that a record of
    discovery has: processors, memory, drives, network_adapters,
    ethernet_interfaces, power_supplies.

    facts: Redfish properties that all machines have the same. numbers: those that every machine has its own of, which
    are SerialNumber, MACAddress and UUID. system: the id of the system it belongs to, None for a chassis' own. fitted:
    whether its slot is filled at first.
    """

    id: str
    kind: str
    facts: Mapping[str, object]
    numbers: tuple[str, ...] = ("SerialNumber",)
    system: str | None = None
    fitted: bool = True


@dataclass(frozen=True, slots=True)
class Equipment:
    """The parts of a BMC's machines, and where its dialect shows them.

    parts: by id. views: the URIs that show a part, by its id. vanishing: those of them that are gone when it is pulled.
    collections: the URIs that count a part. empty: those at which nothing is at first. links: what a resource links to
    beside its own words, by URI.
    """

    parts: Mapping[str, Part] = field(default_factory=dict)
    views: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    vanishing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    collections: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    empty: tuple[str, ...] = ()
    links: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def processor(
    identifier: str, model: str, cores: int, system: str, numbers: tuple[str, ...] = (), **facts: object
) -> Part:
    """Return a CPU, two threads a core unless `facts` say otherwise. Few tell a serial number."""
    maker = next((name for word, name in MAKERS.items() if word in model), "NVIDIA")
    standard = {
        "InstructionSet": "x86-64",
        "Manufacturer": maker,
        "MaxSpeedMHz": 3500,
        "Model": model,
        "ProcessorArchitecture": "x86",
        "ProcessorType": "CPU",
        "TotalCores": cores,
        "TotalThreads": 2 * cores,
    }
    return Part(identifier, "processors", standard | facts, numbers, system)


def gpu(identifier: str, model: str, system: str, **facts: object) -> Part:
    """Return a GPU."""
    standard = {
        "FirmwareVersion": "96.00.61.00.01",
        "Manufacturer": "NVIDIA",
        "Model": model,
        "PartNumber": "900-SIM00-0000-000",
        "ProcessorType": "GPU",
    }
    return Part(identifier, "processors", standard | facts, ("SerialNumber", "UUID"), system)


def dimm(
    identifier: str,
    system: str,
    fitted: bool = True,
    numbers: tuple[str, ...] = ("SerialNumber",),
    **facts: object,
) -> Part:
    """Return a memory module of 64 GiB."""
    standard = {
        "BaseModuleType": "RDIMM",
        "CapacityMiB": 65536,
        "Manufacturer": "Samsung",
        "MemoryDeviceType": "DDR5",
        "MemoryType": "DRAM",
        "OperatingSpeedMhz": 4800,
        "PartNumber": "SIM321R8GA0BB0",
        "RankCount": 2,
    }
    return Part(identifier, "memory", standard | facts, numbers, system, fitted)


def drive(identifier: str, system: str, **facts: object) -> Part:
    """Return an NVMe drive of 1.92 TB."""
    standard = {
        "CapacityBytes": 1920383410176,
        "Manufacturer": "Samsung",
        "MediaType": "SSD",
        "Model": "SIMQL21T9HCJR",
        "PartNumber": "SIMQL21T9HCJR-00A07",
        "Protocol": "NVMe",
        "Revision": "GDC5602Q",
    }
    return Part(identifier, "drives", standard | facts, ("SerialNumber",), system)


def nic(identifier: str, system: str, **facts: object) -> Part:
    """Return a network adapter of one port."""
    standard = {"Manufacturer": "Broadcom", "Model": "BCM57414", "PartNumber": "SIM57414-2X25"}
    return Part(identifier, "network_adapters", standard | facts, ("SerialNumber", "MACAddress"), system)


def power_supply(identifier: str, **facts: object) -> Part:
    """Return a power supply of 1600 W."""
    standard = {
        "FirmwareVersion": "2.00",
        "Manufacturer": "DELTA",
        "Model": "SIM-1600-PS",
        "PartNumber": "SIM-1600-PS",
        "PowerCapacityWatts": 1600,
        "PowerSupplyType": "AC",
    }
    return Part(identifier, "power_supplies", standard | facts)
