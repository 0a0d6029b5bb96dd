# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dell iDRAC9 with the firmware of 2023."""

from __future__ import annotations

from ..families.dell import Idrac


class DellIdrac9(Idrac):
    """iDRAC9 of a rack server."""

    name = "dell_idrac9"
    generation = "15G Monolithic"
    model = "PowerEdge R650"
    board = "0SIM650A01"
    processor = "Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz"
    firmware = "6.10.80.00"
    previous_firmware = "6.00.30.00"
    bios_version = "1.12.1"


PROFILE = DellIdrac9()
