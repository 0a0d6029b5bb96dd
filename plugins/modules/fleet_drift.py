#!/usr/bin/python

# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_drift
short_description: What of the fleet differs from its baseline
version_added: 0.3.0
description:
  - The part of the role C(openchami.bmc.bmc_baseline) that looks at all hosts at once. From the results that the role's
    tasks registered it tells the drift as a table and as data, and chooses what is mended within a budget.
author:
  - OpenCHAMI contributors (@OpenCHAMI)
extends_documentation_fragment:
  - openchami.bmc._attributes.controller
options:
  mend:
    description: The classes of drift that are mended.
    type: list
    elements: str
    choices: [settings, bios_staging, reboots, manager_resets]
    default: []
  budget:
    description:
      - How many BMCs at most are mended in this run of ansible-playbook, across all hosts and batches, in the order of
        the inventory.
    type: int
    default: 0
  output:
    description:
      - A folder on the controller for C(drift.json). It is made where it is missing. Without one no file is written.
      - The file is replaced as a whole, so that a reader never sees a part of it.
    type: path
  width:
    description: Characters of a line.
    type: int
    default: 120
  max_named:
    description: Rows of the table, and lines under each heading; of the rest the number is told.
    type: int
    default: 60
attributes:
  check_mode:
    support: full
    description: Can run in check_mode; then no file is written.
  diff_mode:
    support: N/A
    description: Will return details on what has changed.
    details: No BMC changes.
notes:
  - One task tells of all hosts of the play, so give it C(run_once).
  - It sends nothing to any host or BMC. V(changed) is always false, as it speaks of BMCs.
  - Hosts of the group C(bmc_protected) are told of, and nothing is chosen for them.
seealso:
  - module: openchami.bmc.bmc_settings
  - module: openchami.bmc.bmc_bios
"""

EXAMPLES = r"""
- name: Compare the settings, as the role does
  openchami.bmc.bmc_settings:
    ntp:
      servers: [10.1.0.1]
    unsupported: ignore
  check_mode: true
  register: bmc_baseline_settings_found

- name: Know which hosts are one BMC
  ansible.builtin.set_fact:
    bmc_baseline_bmc: "{{ bmc_address }}"

- name: Look at the drift of all
  openchami.bmc.fleet_drift:
  register: drift
  run_once: true

- name: Say it
  ansible.builtin.debug:
    msg: "{{ drift.lines }}"
  run_once: true
"""

RETURN = r"""
lines:
  description: The report, line by line. Control characters of what a BMC wrote are shown as escapes.
  returned: success
  type: list
  elements: str
counts:
  description: How many hosts and BMCs are described, how many BMCs drift or are not known, and the drift of each class.
  returned: success
  type: dict
  sample:
    hosts: 5
    bmcs: 4
    drifting: 2
    as_described: 2
    not_known: 0
    settings: 1
    bios_staging: 3
    reboots: 0
    manager_resets: 0
    mended: 0
    failed: 0
drift:
  description: Each thing that is not as described, host by host. A BMC that several hosts lead to is told of once.
  returned: success
  type: list
  elements: dict
  contains:
    host:
      description: The host's name in the inventory.
      type: str
    bmc:
      description: Address of its BMC.
      type: str
    system:
      description: Id of the system of a BIOS value; C(null) for a setting of the BMC.
      type: str
    class:
      description:
        - What would mend it. V(settings), a write to the BMC. V(bios_staging), a write to the BIOS. V(reboots), a
          restart of the host in which the value waits. V(manager_resets), a restart of the BMC in which it waits.
      type: str
    name:
      description: Name of the setting or the attribute.
      type: str
      sample: ntp.servers
    is:
      description: What the BMC holds.
      type: raw
    wanted:
      description: What is described.
      type: raw
    outcome:
      description:
        - V(not switched on) for its class, V(over budget), V(protected), V(waits for the rest) where something
          of a class that is not switched on would have to be written first.
        - V(would mend) in check mode, V(to mend) before it was done. Afterwards V(mended), V(staged) for a BIOS value
          that waits for a restart, V(waits for a restart) for a setting that does, or V(failed).
      type: str
    why:
      description: Why it failed.
      type: str
not_known:
  description: The hosts whose BMC could not be compared, each with C(host) and C(why).
  returned: success
  type: list
  elements: dict
not_supported:
  description: The described settings that a BMC does not have, each with C(host) and C(names).
  returned: success
  type: list
  elements: dict
mend:
  description: By host what is mended there, C(settings), C(reset) of the BMC, C(stage) and C(reboot) of the BIOS.
  returned: success
  type: dict
over_budget:
  description: The hosts that the budget leaves out.
  returned: success
  type: list
  elements: str
files:
  description: The files that were written, in check mode would be.
  returned: success
  type: list
  elements: str
"""
