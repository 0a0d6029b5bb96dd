# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware updates of an iDRAC: a job for each, and an id in the inventory for each version.

What needs the host waits in its job until the host boots, and with Immediate the iDRAC reboots it (Dell,
DeviceFirmwareSimpleUpdateREDFISH.py and DeviceFirmwareMultipartUploadREDFISH.py).
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from ..standard import UPDATE_SERVICE
from ..update_rules import answers, told
from ..update_rules.rules import BMC, IMMEDIATE, ON_RESET, ON_START, Item, Pull, Push, Updates

PULL = Pull("SimpleUpdate", f"{UPDATE_SERVICE}/Actions/UpdateService.SimpleUpdate")
PUSH = Push("MultipartHttpPushUri", f"{UPDATE_SERVICE}/MultipartUpload")
START = f"{UPDATE_SERVICE}/Actions/UpdateService.StartUpdate"
APPLY_TIMES = (IMMEDIATE, ON_RESET, ON_START)
INSTALLED, PREVIOUS, CURRENT = "Installed", "Previous", "Current"


class Image(NamedTuple):
    """A firmware in the inventory: its state, its component's number, place and name, its version."""

    state: str
    number: str
    place: str
    name: str
    version: str

    @property
    def id(self) -> str:
        """Its id there."""
        return f"{self.state}-{self.number}-{self.version}__{self.place}"


def images(firmware: str, previous: str, bios: str) -> tuple[Image, ...]:
    """Return the inventory of a server whose iDRAC has these banks. The names of a card's ports have MAC addresses."""
    idrac = ("25227", "iDRAC.Embedded.1-1", "Integrated Dell Remote Access Controller")
    setup = ("159", "BIOS.Setup.1-1", "BIOS")
    ports = ((f"NIC.Integrated.1-{port}-1", f"Broadcom 25Gb Ethernet - 02:00:00:00:00:0{port}") for port in (1, 2))
    return (
        Image(INSTALLED, *idrac, firmware),
        Image(PREVIOUS, *idrac, previous),
        Image(INSTALLED, *setup, bios),
        Image(CURRENT, *setup, bios),
        Image(INSTALLED, "27763", "CPLD.Embedded.1", "System CPLD", "1.0.4"),
        *(Image(INSTALLED, "108089", place, name, "21.80.16.92") for place, name in ports),
        Image(INSTALLED, "108076", "PSU.Slot.1", "Power Supply.Slot.1", "00.2A.29"),
    )


def updates(inventory: tuple[Image, ...], pulls: tuple[Pull, ...], pushes: tuple[Push, ...], jobs: str) -> Updates:
    """Return how updates are taken. The image itself says what it is for. jobs: their collection."""
    idrac, previous = inventory[:2]
    others = (image for image in inventory[2:] if image.state == INSTALLED)
    items = (Item(image.id, image.place.partition(".")[0]) for image in others)
    return Updates(
        items=(Item(idrac.id, "BMC", BMC, previous=previous.id), *items),
        answer=answers.location_alone,
        pulls=pulls,
        pushes=pushes,
        apply_times=APPLY_TIMES,
        starts=START,
        restarts=True,
        flashes_at_boot=True,
        tasks=partial(told.dell, jobs=jobs),
    )
