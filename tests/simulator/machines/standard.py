# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of a server in the standard's own shape, for those of which no recording tells more."""

from __future__ import annotations

from ..parts import dimm, drive, nic, power_supply, processor
from ..shelves import Bay, PowerArray, PowerSubsystem, Shelf, places


def inside(system: str, model: str, processor_schema: str, memory_schema: str, owner: str = "") -> tuple[Shelf, ...]:
    """Return processors of this model and memory. `owner`: how the system calls itself, if not by `system`."""
    host = system.rpartition("/")[2]
    cpus = {f"CPU{key}": processor(f"cpu{key}", model, 20, host) for key in "12"}
    modules = {f"Memory{key}": dimm(f"dimm{key}", host) for key in "1234"}
    return (
        Shelf(
            f"{system}/Processors",
            "Processor",
            processor_schema,
            "Processors",
            places("Processor", cpus, Socket="{0}"),
            owner=owner,
        ),
        Shelf(
            f"{system}/Memory",
            "Memory",
            memory_schema,
            "Memory",
            places("Memory", modules, DeviceLocator="{0}"),
            owner=owner,
        ),
    )


def outside(system: str, chassis: str, owner: str) -> tuple[Shelf, ...]:
    """Return what the oldest of them do not show: ports, drives, and power supplies in a subsystem."""
    host = system.rpartition("/")[2]
    ports = {f"port{key}": nic(f"nic{key}", host) for key in "12"}
    drives = {f"drive{key}": drive(f"drive{key}", host) for key in "12"}
    supplies = {f"supply{key}": power_supply(f"psu{key}") for key in "12"}
    return (
        Shelf(
            f"{system}/EthernetInterfaces", "EthernetInterface", "v1_6_0", "Ports", places("A port", ports), owner=owner
        ),
        Bay(f"{system}/Storage/1", "Drive", "v1_10_0", "Storages", places("A drive", drives), owner=owner),
        PowerSubsystem(
            f"{chassis}/PowerSubsystem/PowerSupplies", "PowerSupply", "v1_0_0", "Supplies", places("A supply", supplies)
        ),
    )


def power(chassis: str, schema: str) -> PowerArray:
    """Return power supplies in a Power."""
    supplies = {key: power_supply(f"psu{key}") for key in "01"}
    return PowerArray(f"{chassis}/Power", "PowerSupply", schema, "Power", places("Power Supply {1}", supplies))
