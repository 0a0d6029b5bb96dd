#!/usr/bin/python

# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_changes
short_description: What discovery found and nobody told yet
version_added: 0.2.0
description:
  - Tells in plain words, BMC by BMC, what is silent, refused, failed or incomplete, and what discovery found new or
    changed. With O(output) that is what was not told there before, also by rounds that others made meanwhile, else what
    the last round found.
  - Keeps it for the next steps as data.
author:
  - OpenCHAMI contributors (@OpenCHAMI)
extends_documentation_fragment:
  - openchami.bmc._fleet
  - openchami.bmc._attributes.controller
options:
  output:
    description:
      - A folder on the controller for C(reconcile.json), what this run told, C(history/), with a file for each run that
        told something which the run before it did not, and C(told.json), up to when each BMC was told. It is made where
        it is missing. Without one no file is written.
      - Each file is whole at any moment, also when the task is killed, or runs twice at once.
      - C(docs/discovery.md) describes the content.
    type: path
  history:
    description: How many runs C(history/) keeps.
    type: int
    default: 500
  fail_on:
    description: States that RV(failing) counts.
    type: list
    elements: str
    choices: [silent, refused, failed, incomplete]
    default: []
seealso:
  - module: openchami.bmc.fleet_report
"""

EXAMPLES = r"""
- name: Look at the last round
  openchami.bmc.fleet_changes:
    output: /srv/fleet
    fail_on: [refused]
  register: round
  run_once: true

- name: Say it
  ansible.builtin.debug:
    msg: "{{ round.lines }}"
  run_once: true
"""

RETURN = r"""
lines:
  description: The round in plain words, line by line. Control characters of what a BMC wrote are shown as escapes.
  returned: success
  type: list
  elements: str
facts:
  description:
    - What fits into a scheduler's store. C(counts) as M(openchami.bmc.fleet_report) has them; C(changed), C(new),
      C(silent), C(refused), C(failed) and C(incomplete) name at most 100 BMCs each; C(complete) is false where there
      are more; C(files) are the files that were written, in check mode would be.
  returned: success
  type: dict
failing:
  description: How many BMCs are in each of the states of O(fail_on); empty where all is well.
  returned: success
  type: dict
  sample:
    refused: 3
"""
