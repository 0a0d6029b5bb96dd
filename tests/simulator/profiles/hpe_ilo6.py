# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HPE iLO 6 of a Gen11 server: an iLO 5 with other versions and with SSH keys of the account.

Unproven. The generation as the root tells it and the keys come from recordings of iLO 6 that others described, the form
of the versions from HPE's documentation (redfishdocs, iLO 6); everything else is taken over from iLO 5.
"""

from __future__ import annotations

from ..families.hpe import Ilo


class HpeIlo6(Ilo):
    """iLO 6 of a rack server."""

    name = "hpe_ilo6"
    generation = "iLO 6"
    model = "ProLiant DL385 Gen11"
    sku = "P53921-B21"
    processor = "AMD EPYC 9354 32-Core Processor"
    firmware = "1.66"
    manager_firmware = f"iLO 6 v{firmware}"
    inventory_firmware = f"{firmware} Jan 16 2025"
    bios_version = "A55 v2.40 (01/09/2025)"
    backup_bios_version = "A55 v2.32 (09/06/2024)"
    bios_registry = "BiosAttributeRegistryA55.v1_2_40"
    provisioning_version = "4.10.60"
    keys = True


PROFILE = HpeIlo6()
