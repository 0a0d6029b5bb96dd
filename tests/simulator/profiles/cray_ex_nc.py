# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HPE Cray EX node controller (nC): several nodes behind one BMC, and nothing that names the vendor.

The systems have no UUID and no Links; the nodes of a blade share its serial number; reset values stand only in an
ActionInfo, and there is no restart among them.
"""

from __future__ import annotations

from functools import partial
from itertools import chain
from types import MappingProxyType

from .. import setups, standard
from ..bios import configurable
from ..bmc import Bmc
from ..documents import collection, fixed, link, links, resource, status, without
from ..families.cray_ex import (
    ENCLOSURE,
    MANAGER,
    MANAGER_RESET,
    CrayExController,
    access,
    controller_updates,
    enclosure,
    firmware,
    images,
    manager,
    service_root,
    services,
)
from ..machines import cray_ex
from ..profile import Builder, Document, Layout, Reset
from ..shelves import equipped
from ..standard import ROOT
from ..update_rules.rules import Item

MODEL = "HPE CRAY EX425 (MILAN)"
PART_NUMBER = "101990001.A"
PROCESSOR = "AMD EPYC 7763 64-Core Processor"
BIOS_VERSION = "ex425.bios-1.7.2"
FIRMWARE = "nc.1.9.8-12-shasta-release.arm.2023-05-11T07:20:41+00:00.5117a1e"
RECOVERY = "nc.1.8.2-3-shasta-release.arm.2022-11-30T10:02:13+00:00.0b5c3de"
# The members of a collection are not sorted (a real blade lists its four nodes so): the first is no special one.
NODES = {2: ("Node1", "Node0"), 4: ("Node3", "Node1", "Node2", "Node0")}
SYSTEM_RESETS = ("ForceOff", "On", "Off")


def system(node: str, bmc: Bmc) -> Document:
    """One node of the blade."""
    uri = f"{ROOT}/Systems/{node}"
    document = standard.system(
        uri,
        "v1_5_0",
        node,
        bmc,
        Bios=link(f"{uri}/Bios"),
        BiosVersion=BIOS_VERSION,
        Description="WNC",
        Manufacturer="HPE",
        MemorySummary={"TotalSystemMemoryGiB": 256},
        Model=MODEL,
        PartNumber=PART_NUMBER,
        ProcessorSummary={"Count": 2, "Model": PROCESSOR},
    )
    return without(document, "UUID")


def node_chassis(node: str) -> Document:
    """The part of the blade that holds one node."""
    uri = f"{ROOT}/Chassis/{node}"
    return resource(
        uri, "Chassis.v1_5_1.Chassis", node, AssetTag="", ChassisType="Blade", Manufacturer="HPE", Status=status()
    )


def mezzanine_controller(number: int) -> Document:
    """A microcontroller: a manager without a reset, that speaks for no system."""
    return resource(
        f"{ROOT}/Managers/MCU{number}",
        "Manager.v1_3_2.Manager",
        f"MCU{number}",
        Description=f"Microcontroller Unit for Mezz{number}",
        Links={"ManagerInChassis": link(ENCLOSURE)},
        ManagerType="AuxiliaryController",
        Status={"Health": "OK"},
    )


def firmwares(nodes: tuple[str, ...]) -> list[Document]:
    """The firmware of a blade."""
    bmc, recovery = images("nc", FIRMWARE, RECOVERY)
    bios_images = [firmware(f"{node}.BIOS", BIOS_VERSION, SoftwareId="bios.ex425.*.*") for node in nodes]
    return [bmc, *bios_images, recovery]


def unchanging(nodes: tuple[str, ...]) -> list[Document]:
    """What never changes."""
    controllers = [mezzanine_controller(number) for number in range(len(nodes) // 2)]
    inventory = firmwares(nodes)
    manager_ids = [document["Id"] for document in controllers] + ["BMC"]
    chassis_ids = [*nodes[:1], "Enclosure", *nodes[1:]]
    return [
        service_root(),
        *controllers,
        *services("Firmware Inventory", inventory, [document["Id"] for document in inventory]),
        *(node_chassis(node) for node in nodes),
        collection(f"{ROOT}/Systems", "ComputerSystem", "Systems Collection", nodes),
        collection(f"{ROOT}/Managers", "Manager", "Manager Collection", manager_ids),
        collection(f"{ROOT}/Chassis", "Chassis", "Chassis Collection", chassis_ids),
    ]


class CrayExNc(CrayExController):
    """Node controller of an EX425 blade."""

    name = "cray_ex_nc"
    node_counts = tuple(NODES)
    # Of a blade with two nodes the last two are not in the inventory.
    updates = controller_updates(*(Item(f"{node}.BIOS", "BIOS", host=node) for node in NODES[4]))
    versions = MappingProxyType({f"{ROOT}/Systems/{node}": ("BiosVersion", f"{node}.BIOS") for node in NODES[4]})

    def layout(self, nodes: int) -> Layout:
        """A blade with two or four nodes. Only the manager tells for which systems it speaks."""
        names = NODES[nodes]
        managed: Document = {"ManagerForServers": links(*(f"{ROOT}/Systems/{node}" for node in names))}
        documents: dict[str, Builder] = {
            MANAGER: partial(manager, ("memtest",), managed),
            ENCLOSURE: partial(enclosure, "WNC", PART_NUMBER),
            **access(),
            **fixed(*unchanging(names)),
        }
        resets = dict(MANAGER_RESET)
        for node in names:
            uri = f"{ROOT}/Systems/{node}"
            documents[uri] = partial(system, node)
            documents[f"{uri}/ResetActionInfo"] = partial(
                standard.reset_action_info, uri, "v1_0_3", "ComputerSystem.Reset", Id="ResetAction", Name="ResetAction"
            )
            resets[f"{uri}/Actions/ComputerSystem.Reset"] = Reset("ComputerSystem.Reset", SYSTEM_RESETS, node)
        layout = Layout(systems=names, documents=documents, resets=resets, writable={ENCLOSURE: ("AssetTag",)})
        shelves = (
            cray_ex.shelves(node, f"{ROOT}/Systems/{node}", f"{ROOT}/Chassis/{node}", PROCESSOR) for node in names
        )
        layout = equipped(
            layout,
            *chain.from_iterable(shelves),
            *cray_ex.without_adapters(ENCLOSURE),
            *cray_ex.without_supplies(ENCLOSURE, *(f"{ROOT}/Chassis/{node}" for node in names)),
        )
        return configurable(layout, *(setups.cray(node, f"{ROOT}/Systems/{node}/Bios") for node in names))


PROFILE = CrayExNc()
