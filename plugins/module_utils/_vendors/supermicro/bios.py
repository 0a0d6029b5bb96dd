# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Supermicro's own firmware means when it refuses a change of the BIOS; all else is the standard's.

Evidence: the message registry SMC.1.0.0 of a recorded X13 11.01.01; that BIOS writes need a licence on most boards:
bmclib, providers/supermicro/x12.go and x13.go; ironic, redfish/management.py.
"""

from __future__ import annotations

from ...vendor_api.v1 import Meaning

MEANINGS = {
    "OemLicenseNotPassed": Meaning(
        "this BMC lacks the licence that BIOS settings over Redfish need",
        "Activate SFT-OOB-LIC or SFT-DCMS-SINGLE on it (Supermicro), then run the task again.",
    ),
    "OemSystemLockdownEnabled": Meaning(
        "this BMC is in lockdown, in which nothing can be configured",
        "End the system lockdown, then run the task again.",
    ),
}
