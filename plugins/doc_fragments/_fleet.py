# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of what looks at the whole fleet."""

from __future__ import annotations


class ModuleDocFragment:
    """What the modules share that tell of the fleet from host variables."""

    DOCUMENTATION = r"""
options:
  max_named:
    description: How many BMCs are named under one heading; of the rest the number is told.
    type: int
    default: 20
attributes:
  check_mode:
    support: full
    description: Can run in check_mode; then no file is written.
  diff_mode:
    support: N/A
    description: Will return details on what has changed.
    details: No BMC changes.
notes:
  - One task tells of all hosts of the play, so give it C(run_once). A C(--limit) limits what is told.
  - It reads the host variables that the inventory plugin C(openchami.bmc.bmc_discovery) makes, as they are, and sends
    nothing to any host or BMC. Hosts without the variable C(bmc_discovery) are counted, and left out.
  - V(changed) is always false, as it speaks of BMCs.
"""
