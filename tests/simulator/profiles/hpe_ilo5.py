# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HPE iLO 5 of a Gen10 server."""

from __future__ import annotations

from ..families.hpe import Ilo


class HpeIlo5(Ilo):
    """iLO 5 of a rack server."""

    name = "hpe_ilo5"
    generation = "iLO 5"
    model = "ProLiant DL365 Gen10 Plus"
    sku = "P38578-B21"
    processor = "AMD EPYC 7543 32-Core Processor"
    firmware = "2.78"
    manager_firmware = f"iLO 5 v{firmware}"
    inventory_firmware = f"{firmware} Jan 25 2023"
    bios_version = "A42 v2.84 (08/17/2023)"
    backup_bios_version = "A42 v2.80 (04/20/2023)"
    bios_registry = "BiosAttributeRegistryA42.v1_2_84"
    provisioning_version = "3.84.3"


PROFILE = HpeIlo5()
