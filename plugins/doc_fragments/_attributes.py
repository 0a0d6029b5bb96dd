# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of what every module does and does not do."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes of the modules."""

    DOCUMENTATION = r"""
options: {}
attributes:
  action:
    support: full
    description: Has a corresponding action plugin, so it runs in the worker on the controller.
    details: Delegated to another host, the module itself runs there.
  async:
    support: none
    description: Supports being used with C(async).
    details:
      - It is refused before anything is sent.
      - A slow operation is submitted and settled with a handle instead, see O(ignore:handle) of bmc_power.
  check_mode:
    support: full
    description: Can run in check_mode and return changed status prediction without modifying the BMC.
  diff_mode:
    description: Will return details on what has changed, or would in check_mode, when in diff mode.
  platform:
    platforms: all
    support: full
    description: The host's operating system does not matter.
"""

    # Modules that work on the controller alone.
    CONTROLLER = r"""
options: {}
attributes:
  action:
    support: full
    description: Runs in the worker on the controller, wherever the task is delegated to.
  async:
    support: none
    description: Supports being used with C(async).
  platform:
    platforms: all
    support: full
    description: The host's operating system does not matter.
"""
