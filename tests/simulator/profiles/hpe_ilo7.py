# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HPE iLO 7 of a Gen12 server: the manager's firmware version no longer names the generation, but has a date.

Unproven. The generation as the root tells it, the firmware version "1.17.00 Aug 13 2025", the keys, and that there is
still no multipart push come from a recording of iLO 7 1.17 that others described; the rest is taken over from iLO 5.
"""

from __future__ import annotations

from ..families.hpe import Ilo


class HpeIlo7(Ilo):
    """iLO 7 of a rack server."""

    name = "hpe_ilo7"
    generation = "iLO 7"
    model = "ProLiant Compute DL380 Gen12"
    sku = "P73282-B21"
    processor = "Intel(R) Xeon(R) 6740P"
    firmware = "1.17.00"
    manager_firmware = f"{firmware} Aug 13 2025"
    inventory_firmware = manager_firmware
    bios_version = "U68 v1.40 (07/25/2025)"
    backup_bios_version = "U68 v1.30 (04/18/2025)"
    bios_registry = "BiosAttributeRegistryU68.v1_1_40"
    provisioning_version = "4.20.1"
    keys = True


PROFILE = HpeIlo7()
