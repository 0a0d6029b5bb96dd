#!/usr/bin/python

# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bmc_power
short_description: Power of the systems, chassis and managers behind a BMC
version_added: 0.1.0
description:
  - Brings a system, chassis or manager to a power state over Redfish, with the operations of OpenCHAMI's power-control.
  - What is there already is success and nothing is sent. C(changed) means that the BMC took a reset.
  - No harsher reset is sent than O(state) means; RV(targets[].sent) names what was sent.
  - In check mode RV(plan) is the list of writes that the run then sends.
  - While the BMC says that a firmware update runs, everything but V(on) is refused.
author:
  - OpenCHAMI contributors (@OpenCHAMI)
extends_documentation_fragment:
  - openchami.bmc._connection
  - openchami.bmc._attributes
attributes:
  diff_mode:
    support: full
options:
  state:
    description:
      - V(on) powers on.
      - V(off) shuts the operating system down, and cuts the power if it is not off within O(wait_timeout).
      - V(soft_off) shuts down and never cuts the power.
      - V(force_off) cuts the power.
      - V(soft_restart) restarts gracefully, where the BMC has no such reset by shutting down and powering on. The
        system must be on.
      - V(hard_restart) shuts down, cuts the power if it is not off within O(wait_timeout), and powers on. The system
        must be on.
      - V(init) does the same, and powers on a system that is off.
      - V(nmi) sends a non-maskable interrupt to a system that is on.
      - A manager takes V(soft_restart) and V(hard_restart), a chassis all but V(nmi).
    type: str
    required: true
    choices: ["on", "off", soft_off, force_off, soft_restart, hard_restart, init, nmi]
  target:
    description:
      - What to act on.
      - A chassis takes down the systems in it; RV(affected_systems) names them as far as the BMC does.
    type: str
    choices: [system, chassis, manager]
    default: system
  resource_id:
    description:
      - The manager or chassis, by its Redfish Id, Name or URI, or V(all). Needed only where there are several.
      - A system is named with O(bmc_system).
    type: str
  escalate:
    description:
      - Allows a forced reset where O(state) means a gentle one, when the BMC offers no gentle one or when
        O(wait_timeout) passes in vain.
    type: bool
    default: false
  wait:
    description:
      - Whether to wait until the state is seen.
      - V(false) returns as soon as the BMC took the reset, with RV(handle); a second task, given that, settles it.
      - So it does where the BMC refuses the reset only for now, as an iLO does during POST and an iDRAC10 soon after
        power-off. Nothing is C(changed) then, and the task that settles it sends the reset, until O(wait_timeout).
    type: bool
    default: true
  wait_timeout:
    description: Seconds that each reset of the operation gets to show its effect.
    type: float
    default: 300
  poll_interval:
    description: Seconds between two looks.
    type: float
    default: 2
  handle:
    description:
      - What an earlier task with O(wait=false) returned as RV(handle). The task then settles it. It never sends again
        what was sent, and forces at the deadline only what O(state) or O(escalate) of the first task allowed.
      - With O(wait=false) it looks once; RV(settled) says whether the end was reached.
    type: dict
seealso:
  - module: openchami.bmc.bmc_info
"""

EXAMPLES = r"""
- name: Shut down, cutting the power after two minutes
  openchami.bmc.bmc_power:
    state: "off"
    wait_timeout: 120

- name: Power on
  openchami.bmc.bmc_power:
    state: "on"

- name: Restart one node of a blade
  openchami.bmc.bmc_power:
    state: soft_restart
    bmc_system: Node1

- name: Submit to many hosts without waiting for each
  openchami.bmc.bmc_power:
    state: "off"
    wait: false
  register: submitted

- name: Settle what was submitted
  openchami.bmc.bmc_power:
    state: "off"
    handle: "{{ submitted.handle }}"
  when: not submitted.settled

- name: Restart the BMC itself
  openchami.bmc.bmc_power:
    target: manager
    state: soft_restart
"""

RETURN = r"""
state:
  description: The state that was asked for.
  returned: always
  type: str
  sample: "off"
power_state:
  description: PowerState after the task, in check mode as it would be. Only where there is one target.
  returned: success
  type: str
  sample: "Off"
plan:
  description: The writes that the situation asks for, each with C(method), C(uri) and C(body).
  returned: success
  type: list
  elements: dict
  sample:
    - method: POST
      uri: /redfish/v1/Systems/1/Actions/ComputerSystem.Reset
      body: {ResetType: GracefulShutdown}
escalation:
  description: The writes that are sent only when a deadline passes, as RV(plan).
  returned: success
  type: list
  elements: dict
targets:
  description: What was acted on.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: system, chassis or manager.
      type: str
    id:
      description: Redfish Id.
      type: str
    uri:
      description: Redfish URI.
      type: str
    before:
      description: PowerState before.
      type: str
    after:
      description: PowerState as last seen, in check mode as it would be.
      type: str
    changed:
      description: Whether this target changed.
      type: bool
    sent:
      description: The resets that were sent, with C(time) and whether they were C(answered).
      type: list
      elements: dict
    confirmed:
      description:
        - Whether the effect was seen. A restart that this BMC does not show, and an interrupt, are not confirmed.
      type: bool
    note:
      description: Why it is not confirmed or not taken yet, or what failed.
      type: str
settled:
  description: Whether nothing is left to wait for, also because it failed.
  returned: success
  type: bool
handle:
  description: For the task that settles what this one submitted; C(null) where nothing is left.
  returned: success
  type: dict
affected_systems:
  description:
    - URIs of the systems in the chassis acted on and in all that it contains, as far as the BMC names them.
    - Where it names none, a warning says so before and after, with what the reset takes down as far as the driver knows
      (the slots of an HPE Cray EX chassis).
  returned: success
  type: list
  elements: str
dialect:
  description: The driver that spoke with the BMC.
  returned: success
  type: str
  sample: hpe
error:
  description: The parts of C(msg). C(kind) is stable, for conditions.
  returned: failure
  type: dict
  contains:
    kind:
      description: Name of the error's class.
      type: str
      sample: NotReached
    host:
      description: Inventory name.
      type: str
    what:
      description: What happened.
      type: str
    why:
      description: Why, as far as it is known.
      type: str
    way_out:
      description: What to do next.
      type: str
    message_id:
      description: Redfish MessageId, where the BMC gave one.
      type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openchami.bmc.plugins.module_utils._entry import shipping


def main() -> None:
    shipping.require()
    from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_power

    shipping.run(AnsibleModule(argument_spec=bmc_power.ARGUMENT_SPEC, supports_check_mode=True), bmc_power.run)


if __name__ == "__main__":
    main()
