# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Supermicro X10: nothing in the root names the maker, resets tell their values themselves, no BIOS, no update.

Unproven. From recordings of X10 boards with firmware 3.80 and 4.0 that others described: an empty OEM part in the root,
no Vendor, no ProtocolFeaturesSupported, no Bios link, no SimpleUpdate, both consoles in the manager. The words of
errors are those that an owner of an SBI-4129P quotes. The reset values are X13's without its PowerCycle; the rest is
taken over from X13, but for what is younger than this firmware.
"""

from __future__ import annotations

from types import MappingProxyType

from ..bmc import Bmc
from ..families.supermicro import MANAGER, SYSTEM, Supermicro
from ..messages import Cause, Message, base_messages
from ..profile import Document
from ..standard import console


class SupermicroX10(Supermicro):
    """X10 board of a rack server. Its settings have no OEM folder, and one of them a blank in its name."""

    name = "supermicro_x10"
    model = "SYS-6018R-TDW"
    part_number = "SYS-6018R-SIM01"
    processor = "Intel(R) Xeon(R) processor"
    board = "X10DRW-i"
    case = "CSE-SIM10-R000N"
    firmware = "3.80"
    bios_version = "3.2"
    inventory = MappingProxyType({"BMC": ("BMC", firmware, MANAGER), "BIOS": ("BIOS", bios_version, SYSTEM)})
    system_resets = ("On", "ForceOff", "GracefulShutdown", "GracefulRestart", "ForceRestart", "Nmi", "ForceOn")
    settings = (f"{MANAGER}/NTP", f"{MANAGER}/Syslog")
    syslog_server = "Syslog ServerIP"
    registry = base_registry = "Base.1.0.0"
    messages = base_messages(registry) | {
        Cause.VALUE_NOT_IN_LIST: Message(
            400,
            f"{registry}.PropertyValueNotInList",
            "The value {0} for the property {1} is not in the list of acceptable values.",
        ),
    }

    def manager(self, bmc: Bmc) -> Document:
        """A console of both kinds, for a number of sessions that it does not know."""
        return super().manager(bmc) | {"SerialConsole": console(0, "SSH", "IPMI")}


PROFILE = SupermicroX10()
