# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HPE Cray EX chassis controller (cC, also CMM): no systems, but the power of every blade and switch of a chassis.

The root has no Systems. Slots are chassis: Blade0 to 7 hold compute blades, Perif0 to 7 switches, and no link leads
from one to anything else. Shapes from a recorded cC 1.6.19, whose switch slots with even numbers are empty. That the
enclosure takes its slots down, and does not bring them back, is powerman's order of Enclosure, Blade and Node; that an
empty slot ignores its reset is invented.
"""

from __future__ import annotations

from functools import partial

from .. import standard
from ..bmc import Bmc
from ..documents import collection, fixed, resource, status, without
from ..families.cray_ex import (
    ENCLOSURE,
    MANAGER,
    MANAGER_RESET,
    CrayExController,
    access,
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

FIRMWARE = "cc.1.9.8-12-shasta-release.arm64.2023-05-11T07:20:41+00:00.5117a1e"
RECOVERY = "cc.1.3.10-shasta-release.arm64.2020-07-21T23:58:55+00:00.d479f59"
CHASSIS_RESETS = ("On", "ForceOff", "Off")
BLADES = tuple(f"Blade{number}" for number in range(8))
SWITCHES = tuple(f"Perif{number}" for number in range(8))
EMPTY = SWITCHES[::2]
POWERED = ("Enclosure", *BLADES, *SWITCHES[1::2])
# The members of the collection are not sorted.
CHASSIS_IDS = ("Blade7", "Perif2", "Perif0", "Enclosure", *BLADES[:7], "Perif1", *SWITCHES[3:])


def powered_enclosure(bmc: Bmc) -> Document:
    """The chassis itself."""
    actions = standard.reset_action(ENCLOSURE, "Chassis.Reset", bmc)
    return enclosure("CMM", "000000001.A", bmc, Actions=actions, PowerState=bmc.slots["Enclosure"].power_state)


def slot(identifier: str, bmc: Bmc) -> Document:
    """One slot, with what is in it."""
    uri = f"{ROOT}/Chassis/{identifier}"
    state = bmc.slots.get(identifier)
    return resource(
        uri,
        "Chassis.v1_5_1.Chassis",
        identifier,
        Actions=standard.reset_action(uri, "Chassis.Reset", bmc),
        AssetTag="",
        ChassisType="Blade",
        Manufacturer="HPE",
        PowerState=state.power_state if state else "Off",
        Status={**status(), "State": "Enabled" if state else "Absent"},
    )


def firmwares() -> list[Document]:
    """The firmware of the controller and of what it controls."""
    bmc, recovery = images("cc", FIRMWARE, RECOVERY)
    rectifiers = [firmware(f"Rectifier{number}", "PFC_01.14-SEC_04.09", Updateable=False) for number in range(4)]
    for number, rectifier in enumerate(rectifiers):
        rectifier |= {"Name": f"Rectifier {number}", "Description": "Firmware of a rectifier controller"}
    return [*rectifiers[1::2], bmc, *rectifiers[::2], recovery]


class CrayExCc(CrayExController):
    """Chassis controller of an EX cabinet."""

    name = "cray_ex_cc"

    def layout(self, nodes: int) -> Layout:
        """One chassis with eight blades and four switches. Of what runs on the blades it knows nothing."""
        slots = (*BLADES, *SWITCHES)
        documents: dict[str, Builder] = {
            MANAGER: partial(manager, ("memtest", "cpuburn"), {}),
            ENCLOSURE: powered_enclosure,
            **{f"{ROOT}/Chassis/{name}": partial(slot, name) for name in slots},
            **access(),
            **fixed(
                without(service_root(), "Systems"),
                collection(f"{ROOT}/Managers", "Manager", "Manager Collection", ["BMC"]),
                collection(f"{ROOT}/Chassis", "Chassis", "Chassis Collection", CHASSIS_IDS),
                *services("Firmware Inventory Collection", firmwares(), ["BMC", "Recovery"]),
            ),
        }
        resets = MANAGER_RESET | {
            f"{ROOT}/Chassis/{name}/Actions/Chassis.Reset": Reset(
                "Chassis.Reset", CHASSIS_RESETS, chassis=() if name in EMPTY else (name,)
            )
            for name in slots
        }
        resets[f"{ENCLOSURE}/Actions/Chassis.Reset"] = Reset("Chassis.Reset", CHASSIS_RESETS, chassis=POWERED)
        writable = {ENCLOSURE: ("AssetTag",)}
        layout = Layout(systems=(), documents=documents, resets=resets, writable=writable, chassis=POWERED)
        empty = cray_ex.without_adapters(ENCLOSURE, *(f"{ROOT}/Chassis/{name}" for name in slots))
        return equipped(layout, cray_ex.rectifiers(ENCLOSURE), *empty)


PROFILE = CrayExCc()
