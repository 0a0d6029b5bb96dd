#!/usr/bin/python

# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_campaign
short_description: The steps of a firmware campaign that look at all hosts at once
version_added: 0.4.0
description:
  - The part of the role C(openchami.bmc.firmware_campaign) that decides. From the results that the role's tasks
    registered it knows what became of each BMC, keeps that in a state file, and says who is next.
  - It makes one BMC of all hosts that lead to it, puts them in waves, counts failures, and writes the report.
author:
  - OpenCHAMI contributors (@OpenCHAMI)
extends_documentation_fragment:
  - openchami.bmc._attributes.controller
options:
  step:
    description:
      - V(open) takes the campaign O(name) up, or begins it. From then on no other run on this controller may, until
        this one ends.
      - V(plan) makes the plan, of what M(openchami.bmc.bmc_firmware) said in check mode.
      - V(begin) begins O(wave), unless the campaign has stopped or is to pause.
      - V(record) keeps what the tasks of O(wave) came to, and tells who is to submit and to settle.
      - V(close) ends the run.
    type: str
    choices: [open, plan, begin, record, close]
    required: true
  name:
    description: Name of the campaign, and of its state file.
    type: str
    default: firmware
  state_folder:
    description: The folder of the state files. It is C(campaigns) in the state folder of the collection by default.
    type: path
  output:
    description:
      - A folder on the controller for C(campaign.json), C(campaign.md) and C(campaign.html). It is made where it is
        missing. Without one no report is written.
    type: path
  firmware:
    description:
      - What is asked for, C(bundle) or C(image_path), C(component), C(targets), C(all_compatible), C(version),
        C(downgrade) and C(force) of M(openchami.bmc.bmc_firmware). A later run has to ask for the same.
    type: dict
    default: {}
  bundle:
    description: What M(openchami.bmc.bmc_firmware_bundle_info) returned, for O(step=plan).
    type: dict
  canary:
    description: Who goes first, so many BMCs of each model, or names of hosts.
    type: raw
    default: 1
  waves:
    description: Sizes of the waves after that, as numbers or in percent. The last one repeats.
    type: list
    elements: str
    default: ["10%", "50%", "100%"]
  budget:
    description: How many BMCs may fail, as a number or in percent of those that the firmware is for.
    type: str
    default: "0"
  pause:
    description: Where the run ends before the campaign does.
    type: str
    choices: [never, after_canaries, after_each_wave]
    default: never
  pause_file:
    description: While this file is there, no further wave begins.
    type: path
  half_groups:
    description: What to do with a BMC of which only some nodes are among the hosts of the play.
    type: str
    choices: [refuse, first_node]
    default: refuse
  retry_failed:
    description: Whether a run that takes a campaign up tries once more what failed.
    type: bool
    default: false
  anew:
    description: Put an unfinished campaign of this name aside, and begin anew.
    type: bool
    default: false
  hook:
    description: Whether the site's own tasks prepare each host. One that they did not report on is not ready then.
    type: bool
    default: false
  take_back:
    description:
      - Whether the site's own tasks take each host back. Until they have come to their end, each later run begins them.
    type: bool
    default: false
  wave:
    description: The wave that O(step=begin) and O(step=record) are about.
    type: int
  first_wave:
    description: The first wave of this run, for O(step=begin).
    type: int
  width:
    description: Characters of a line.
    type: int
    default: 160
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
  - One task is for all hosts of the play, so give it C(run_once).
  - It sends nothing to any host or BMC. V(changed) is always false, as it speaks of BMCs.
  - Hosts that share a BMC with a host of the group C(bmc_protected) are left alone.
seealso:
  - module: openchami.bmc.bmc_firmware
"""

EXAMPLES = r"""
- name: Take a campaign up, as the role does
  openchami.bmc.fleet_campaign:
    step: open
    name: nc-1.10.2
    firmware:
      bundle: registry.example:5000/firmware/nc:1.10.2
  register: campaign
  run_once: true

- name: Say which hosts have to look at their BMCs
  ansible.builtin.debug:
    msg: "{{ campaign.look.keys() | join(', ') }} for {{ campaign.reference }}"
  run_once: true
"""

RETURN = r"""
resumed:
  description: Whether a campaign was taken up that had begun.
  returned: O(step=open)
  type: bool
reference:
  description: The bundle, by the digest that it had when the campaign began.
  returned: O(step=open)
  type: str
leads:
  description: The hosts that update a BMC, each with the node that it is about, V("") for all.
  returned: O(step=open)
  type: dict
look:
  description: The hosts that have to look at what an update would do, and their BMCs.
  returned: O(step=open)
  type: dict
left_alone:
  description: The hosts that take no part, and why.
  returned: O(step=open)
  type: dict
set_aside:
  description: Where the state of an earlier campaign of this name went; empty for nowhere.
  returned: O(step=open)
  type: str
waves:
  description: The numbers of the waves that are left, V(0) for the canaries.
  returned: O(step=plan)
  type: list
  elements: int
budget:
  description: How many BMCs may fail.
  returned: O(step=plan)
  type: int
go:
  description: Whether there is something to do in the wave. After a stop or at a pause that is what was under way.
  returned: O(step=begin)
  type: bool
hosts:
  description: The hosts of the wave, each with what became of its BMC.
  returned: O(step=begin) and O(step=record)
  type: dict
prepare:
  description: The hosts that the site's own tasks prepare.
  returned: O(step=begin) and O(step=record)
  type: dict
submit:
  description: The hosts that submit an update.
  returned: O(step=begin) and O(step=record)
  type: dict
settle:
  description: The hosts that settle one, each with its handle.
  returned: O(step=begin) and O(step=record)
  type: dict
take_back:
  description: The hosts that the site's own tasks take back, each with what became of its BMC.
  returned: O(step=begin) and O(step=record)
  type: dict
lines:
  description: The plan, or the report, line by line. Control characters of what a BMC wrote are shown as escapes.
  returned: O(step=plan) and O(step=close)
  type: list
  elements: str
counts:
  description: How many BMCs there are, how many of each state, and how many count against the budget.
  returned: O(step=plan) and O(step=close)
  type: dict
phase:
  description: V(finished), V(paused) or V(stopped).
  returned: O(step=close)
  type: str
state_file:
  description: The state file.
  returned: O(step=close)
  type: str
files:
  description: The files of the report.
  returned: O(step=record) and O(step=close)
  type: list
  elements: str
failed_hosts:
  description: The hosts whose BMC failed, or whose tasks after the update did, and why.
  returned: O(step=plan) and O(step=close)
  type: dict
problem:
  description: Why the campaign as a whole failed, V("") where it did not.
  returned: O(step=plan) and O(step=close)
  type: str
"""
