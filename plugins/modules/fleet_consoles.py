#!/usr/bin/python

# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_consoles
short_description: Files with the consoles of the fleet
version_added: 0.3.0
description:
  - Gives every node of the fleet a name of its own, and writes files with the way to its console, for example for ssh
    and ConMan, from what M(openchami.bmc.bmc_console_uri) said of each host.
  - The playbook C(openchami.bmc.console) uses it.
author:
  - OpenCHAMI contributors (@OpenCHAMI)
extends_documentation_fragment:
  - openchami.bmc._attributes.controller
options:
  registered:
    description: The variable in which a task with M(openchami.bmc.bmc_console_uri) registered its result on each host.
    type: str
    required: true
  output:
    description:
      - A folder on the controller. It is made where it is missing. Without one no file is written.
      - Beside the files of O(templates) it gets C(consoles.json), with what was said of each host. From it a host that
        was not asked in this run, or did not answer, keeps what an earlier run found, as long as the inventory has it.
      - Each file is replaced as a whole, so that a reader never sees a part of one.
    type: path
  templates:
    description:
      - Names of files, and the Jinja2 templates that they are made from.
      - A template gets C(consoles), which is RV(consoles), the list C(missing) of hosts of which nothing is known, and
        O(variables).
    type: dict
    default: {}
  variables:
    description: Further variables for the templates.
    type: dict
    default: {}
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
  - V(changed) is always false, as it speaks of BMCs.
seealso:
  - module: openchami.bmc.bmc_console_uri
"""

EXAMPLES = r"""
- name: Ask each BMC
  openchami.bmc.bmc_console_uri:
  register: bmc_consoles
  ignore_unreachable: true

- name: Name the consoles of all
  openchami.bmc.fleet_consoles:
    registered: bmc_consoles
  register: fleet
  run_once: true

- name: Say it
  ansible.builtin.debug:
    msg: "{{ fleet.lines }}"
  run_once: true
"""

RETURN = r"""
lines:
  description: A line for each node, for a person.
  returned: success
  type: list
  elements: str
consoles:
  description: The nodes, by name. Text from a BMC is shown in one line, with control characters as escapes.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description:
        - The host's name in the inventory, with the system's Id where the host has several nodes. What is no letter,
          digit, dot, hyphen or underscore is an underscore. Where two would be called alike, each gets a part computed
          from host and system.
      type: str
      sample: x1000c0s0b0-Node1
    host:
      description: The host's name in the inventory.
      type: str
    same_as:
      description: The name of another entry that is the same node; empty where there is none.
      type: str
    ssh:
      description: Keywords of C(ssh_config) and their values, quoted for it; C(null) without a console over SSH.
      type: dict
      sample: {HostName: 10.1.2.3, Port: "2200", User: admin}
    ssh_note:
      description: What is typed after the login with SSH, and what leaves the console.
      type: str
    conman:
      description:
        - A line for C(conman.conf), rather of a console that is there at once; C(null) where ConMan can express none,
          and for an entry with RV(consoles[].same_as), since ConMan wants a BMC once.
      type: str
    conman_note:
      description: As RV(consoles[].ssh_note), for the console of RV(consoles[].conman).
      type: str
    command:
      description: The command line of the best console; empty where there is none.
      type: str
    uri:
      description: The URI of the best console; empty where there is none.
      type: str
    note:
      description: As RV(consoles[].ssh_note), for the best console.
      type: str
kept:
  description: The hosts whose consoles are those that an earlier run found.
  returned: success
  type: list
  elements: str
missing:
  description: The hosts of this run of which nothing is known.
  returned: success
  type: list
  elements: str
files:
  description: The files that were written, in check mode would be.
  returned: success
  type: list
  elements: str
"""
