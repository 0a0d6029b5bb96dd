# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of a server as AMI's MegaRAC shows them: of power supplies and network cards next to nothing."""

from __future__ import annotations

from collections.abc import Mapping

from ..documents import link, rolled_up
from ..parts import dimm, drive, gpu, nic, power_supply, processor
from ..shelves import SHOWN, Bay, PowerArray, PowerSubsystem, Shelf, places


def shelves(system: str, chassis: str, model: str) -> tuple[Shelf, ...]:
    """Return the parts of a Gigabyte server; `model` is that of its processors."""
    supplies = {key: power_supply(f"psu{key}") for key in "01"}
    return (
        *board(system, model, "DIMM_P{1}_A0"),
        *outside(system, chassis),
        Shelf(f"{chassis}/NetworkAdapters", "NetworkAdapter", "v1_2_0", "NetworkAdapter Collection", ()),
        # Two entries that are named "nil" and say nothing.
        PowerArray(
            f"{chassis}/Power",
            "PowerSupply",
            "v1_5_3",
            "Power",
            places("nil", supplies),
            SHOWN["PowerSupply"],
            status={},
        ),
    )


def dgx(system: str, baseboard: str, chassis: str, model: str) -> tuple[Shelf, ...]:
    """Return the parts of a DGX; the GPUs are on a baseboard of their own. Unproven, as the profile is."""
    where = baseboard.rpartition("/")[2]
    return (
        *board(system, model, "CPU{1}_DIMM_A1"),
        *outside(system, chassis),
        Shelf(
            f"{baseboard}/Processors",
            "Processor",
            "v1_13_0",
            "Processor Collection",
            places("Processor", {f"GPU_SXM_{key}": gpu(f"gpu{key}", "NVIDIA H100 80GB HBM3", where) for key in "12"}),
            status=rolled_up(),
        ),
        PowerSubsystem(
            f"{chassis}/PowerSubsystem/PowerSupplies",
            "PowerSupply",
            "v1_1_0",
            "Power Supply Collection",
            places("PSU{0}", {key: power_supply(f"psu{key}") for key in "01"}),
        ),
    )


def board(system: str, model: str, locator: str) -> tuple[Shelf, ...]:
    """Return processors, which have serial numbers here, and memory."""
    host = system.rpartition("/")[2]
    cpus = {key: processor(f"cpu{key}", model, 64, host, numbers=("SerialNumber",)) for key in "12"}
    modules = {key: dimm(f"dimm{key}", host) for key in "1234"}
    return (
        Shelf(
            f"{system}/Processors",
            "Processor",
            "v1_7_0",
            "Processors Collection",
            places("Processor {0}", cpus, Socket="P{0}"),
        ),
        Shelf(
            f"{system}/Memory",
            "Memory",
            "v1_7_1",
            "Memory Collection",
            places("Memory {0}", modules, DeviceLocator=locator),
            hides=("BaseModuleType", "RankCount"),
        ),
    )


def outside(system: str, chassis: str) -> tuple[Shelf, ...]:
    """Return network ports and a drive. The members of the collection of ports are not sorted."""
    host = system.rpartition("/")[2]
    here: Mapping[str, object] = {"Links": {"Chassis": link(chassis)}}
    return (
        Shelf(
            f"{system}/EthernetInterfaces",
            "EthernetInterface",
            "v1_5_0",
            "Ethernet Interface Collection",
            places("Lan{0}", {key: nic(f"lan{key}", host) for key in "21"}),
            hides=("PermanentMACAddress",),
            says=here,
            spelled=str.upper,
        ),
        Bay(
            f"{system}/Storage/1",
            "Drive",
            "v1_6_0",
            "Storage Collection",
            places("SAMSUNG MZ7SIM1T9HMLT", {"1": drive("drive1", host)}),
            hides=("Manufacturer", "MediaType", "PartNumber", "Protocol", "Revision"),
            status=rolled_up(),
            says=here,
            storage=("v1_7_0", "Storage"),
        ),
    )
