# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an iLO means when it refuses a change of the BIOS; all else of an iLO's BIOS is the standard's."""

from __future__ import annotations

from ...vendor_api.v1 import Meaning

MEANINGS = {
    "LicenseKeyRequired": Meaning(
        "the iLO lacks the licence for it", "Install a licence (iLO Advanced), then run the task again."
    ),
}
