#!/usr/bin/python

# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_report
short_description: The discovered fleet, for a person
version_added: 0.2.0
description:
  - Tells how many BMCs there are of each vendor, model and firmware, which are silent or refuse and why, and which are
    ill, incomplete, known by several addresses, or new.
  - Writes the same as data and as one HTML page.
author:
  - OpenCHAMI contributors (@OpenCHAMI)
extends_documentation_fragment:
  - openchami.bmc._fleet
  - openchami.bmc._attributes.controller
options:
  output:
    description:
      - A folder on the controller for C(fleet.json), C(fleet.yml) and C(fleet.html). It is made where it is missing.
        Without one no file is written.
      - Each file is replaced as a whole, so that a reader never sees a part of one.
      - The page needs no other file and no network.
    type: path
  width:
    description: Characters of a line.
    type: int
    default: 100
seealso:
  - module: openchami.bmc.fleet_changes
"""

EXAMPLES = r"""
- name: Look at the fleet
  openchami.bmc.fleet_report:
    output: /srv/fleet
  register: fleet
  run_once: true

- name: Say it
  ansible.builtin.debug:
    msg: "{{ fleet.lines }}"
  run_once: true
"""

RETURN = r"""
lines:
  description: The report, line by line. Control characters of what a BMC wrote are shown as escapes.
  returned: success
  type: list
  elements: str
counts:
  description: How many there are of each.
  returned: success
  type: dict
  sample:
    bmcs: 12
    nodes: 22
    answered: 11
    silent: 1
    refused: 0
    failed: 0
    unknown: 0
    new: 2
    changed: 1
    incomplete: 0
    several_addresses: 0
files:
  description: The files that were written, in check mode would be.
  returned: success
  type: list
  elements: str
"""
