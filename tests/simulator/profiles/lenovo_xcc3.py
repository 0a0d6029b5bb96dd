# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lenovo XCC3 of a V4 server: reset values in the ActionInfo alone, a serial console in the system.

Unproven. From a recording of an SR650 V4 with XCC3 1.22 that others described: the manager's Model, the form of the
firmware version, resets without values of their own, SSH on port 22 to the serial console. Whether its OEM part tells
of boots is not known: here nothing does.
That an account's keys are a collection is Lenovo's own example for newer XCCs. The rest is taken over from XCC.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from .. import standard
from ..bmc import Bmc
from ..configuration import Growing
from ..documents import collection, link
from ..families.lenovo import Xcc
from ..profile import Document
from ..standard import ACCOUNTS
from ..update_rules import told

KEYS = f"{ACCOUNTS}/1/Keys"


class LenovoXcc3(Xcc):
    """XCC3 of a rack server."""

    name = "lenovo_xcc3"
    generation = "Lenovo XClarity Controller 3"
    model = "ThinkSystem SR650 V4"
    sku = "7DGDSIM1WW"
    processor = "Intel(R) Xeon(R) 6740P"
    firmware = "IHX414J 1.22 20250402"
    bios_version = "IHE110U"
    inventory = MappingProxyType(
        {
            "BMC-Primary": ("Firmware:BMC", "14J-1.22", "BMC-IHX4-10", "Enabled"),
            "BMC-Primary-Pending": ("Firmware:BMC", "-*", "BMC-*-10", "Disabled"),
            "BMC-Backup": ("Firmware:BMC", "14J-1.22", "BMC-IHX4-10", "StandbySpare"),
            "UEFI": ("Firmware:UEFI", "10U-1.20", "UEFI-IHE1-6", "Enabled"),
        }
    )

    # Its task hands over to a job (metal-operator and confluent follow one on recent XCCs).
    updates = replace(Xcc.updates, tasks=told.lenovo_job)
    account_keys: Document = {"Keys": link(KEYS)}  # noqa: RUF012 - read only
    growing = MappingProxyType({**Xcc.growing, KEYS: Growing(standard.ssh_key, 4)})

    def fixed_documents(self) -> tuple[Document, ...]:
        """Keys of an account are members of a collection."""
        return (*super().fixed_documents(), collection(KEYS, "Key", "KeyCollection", []))

    def system(self, bmc: Bmc) -> Document:
        """Its serial console stands here too."""
        return super().system(bmc) | {"SerialConsole": {"SSH": {"Port": 22, "ServiceEnabled": True}}}


PROFILE = LenovoXcc3()
