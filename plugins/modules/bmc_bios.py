#!/usr/bin/python

# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bmc_bios
short_description: BIOS settings of the systems behind a BMC
version_added: 0.1.0
description:
  - Brings attributes of a system's BIOS to the given values over Redfish, and restarts the host where that is allowed.
  - Everything is checked before the first write, and every problem is named at once. The names, types, values and
    bounds come from the attribute registry that the BMC serves, or from the attributes themselves (HPE Cray EX).
  - Active and pending values both count. What is active, with nothing contrary pending, or what is pending already, is
    not written again. A contrary pending value is replaced.
  - While a reset to the defaults is pending, no attribute is written.
  - C(changed) means that the BMC took a write. In check mode RV(plan) is the list of writes that the run then sends.
author:
  - OpenCHAMI contributors (@OpenCHAMI)
extends_documentation_fragment:
  - openchami.bmc._connection
  - openchami.bmc._attributes
attributes:
  diff_mode:
    support: full
options:
  attributes:
    description:
      - Values by attribute, which is given by its name or its display name.
      - A value is converted as the registry says. V("60") is the number 60, a value of an enumeration is given by its
        name or display name in any case, and V(true), V("yes") or V("on") is the value that means so, such as
        C(Enabled).
      - A BIOS password is not an attribute, and is refused.
    type: dict
    default: {}
  reset_to_default:
    description:
      - Resets the BIOS to its defaults. It goes without O(attributes) and O(clear_pending).
      - Nothing is sent where every attribute has the default that the registry tells. A registry that tells no defaults
        makes each run send it.
    type: bool
    default: false
  clear_pending:
    description:
      - Takes away every pending value that O(attributes) does not name. On Dell this deletes the BIOS job that waits,
        elsewhere the active values are written back.
      - A pending reset to the defaults cannot be taken back, and is an error.
    type: bool
    default: false
  apply_time:
    description:
      - When the BIOS is to take the change up, where the BMC offers a choice. By default with the next restart.
    type: str
    choices: [Immediate, OnReset, AtMaintenanceWindowStart, InMaintenanceWindowOnReset]
  maintenance_window:
    description: The window for O(apply_time=AtMaintenanceWindowStart) and O(apply_time=InMaintenanceWindowOnReset).
    type: dict
    suboptions:
      start_time:
        description: Its start, such as V(2026-12-24T02:00:00-06:00).
        type: str
        required: true
      duration:
        description: Its length in seconds.
        type: int
        required: true
  reboot:
    description:
      - V(never) leaves the host alone. Values stay pending until its next restart.
      - V(when_needed) restarts it where something of what was asked for is pending.
      - V(always) restarts it in each run, also where nothing is pending.
      - A host that is off is never powered on. The values stay pending, RV(systems[].note) and a warning say so.
      - A restart is refused while a firmware update runs on the BMC.
    type: str
    choices: [never, when_needed, always]
    default: never
  reboot_type:
    description: How to restart, as O(openchami.bmc.bmc_power#module:state).
    type: str
    choices: [soft_restart, hard_restart]
    default: soft_restart
  reboot_timeout:
    description: Seconds that each reset of the restart gets to show its effect.
    type: float
    default: 300
  validate:
    description:
      - Whether to check O(attributes). V(false) sends them as they are given, under the names that the BIOS uses. It is
        needed where the BMC serves no registry and the attributes state nothing themselves.
    type: bool
    default: true
  wait:
    description:
      - Whether to wait until the values are seen pending, and after a restart until they are active. The restart itself
        is always seen through.
    type: bool
    default: true
  wait_timeout:
    description: Seconds until the values must be active after a restart.
    type: float
    default: 1800
  poll_interval:
    description: Seconds between two looks.
    type: float
    default: 10
seealso:
  - module: openchami.bmc.bmc_info
  - module: openchami.bmc.bmc_power
"""

EXAMPLES = r"""
- name: Two values, pending until the next restart
  openchami.bmc.bmc_bios:
    attributes:
      WorkloadProfile: HighPerformanceCompute(HPC)
      Patrol Scrub Duration (Hours): 12

- name: The same, and active when the task ends
  openchami.bmc.bmc_bios:
    attributes:
      WorkloadProfile: HighPerformanceCompute(HPC)
      Patrol Scrub Duration (Hours): 12
    reboot: when_needed
    poll_interval: 2

- name: Take back what waits for the next restart
  openchami.bmc.bmc_bios:
    clear_pending: true

- name: Back to the defaults of the factory
  openchami.bmc.bmc_bios:
    reset_to_default: true
"""

RETURN = r"""
attributes:
  description:
    - What became of each attribute asked for, by name. Each has C(before) and C(after), the active value before and
      after the task, and C(pending_before) and C(pending), the values that wait before and after it, C(null) for none.
      Only where there is one system. A value whose name says that it is a secret is hidden.
  returned: success
  type: dict
  sample:
    WorkloadProfile:
      before: Custom
      after: Custom
      pending_before: null
      pending: HighPerformanceCompute(HPC)
pending:
  description: Whether something that was asked for waits to become active.
  returned: success
  type: bool
applied:
  description: Whether everything that was asked for is active.
  returned: success
  type: bool
reboot_required:
  description: Whether a restart of the host is needed for that.
  returned: success
  type: bool
rebooted:
  description: Whether the host was restarted, in check mode whether it would be.
  returned: success
  type: bool
plan:
  description: The writes that the situation asks for, each with C(method), C(uri) and C(body).
  returned: success
  type: list
  elements: dict
  sample:
    - method: PATCH
      uri: /redfish/v1/systems/1/bios/settings/
      body: {Attributes: {WorkloadProfile: HighPerformanceCompute(HPC)}}
escalation:
  description: The resets that O(reboot_type=hard_restart) sends only when a deadline passes, as RV(plan).
  returned: success
  type: list
  elements: dict
systems:
  description: The systems acted on.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Redfish Id.
      type: str
    uri:
      description: Redfish URI.
      type: str
    bios_uri:
      description: URI of its BIOS.
      type: str
    changed:
      description: Whether the BMC took a write.
      type: bool
    attributes:
      description: As RV(attributes).
      type: dict
    pending:
      description: As RV(pending).
      type: bool
    applied:
      description: As RV(applied).
      type: bool
    reboot_required:
      description: As RV(reboot_required).
      type: bool
    rebooted:
      description: As RV(rebooted).
      type: bool
    note:
      description: Why something is still pending, or what failed.
      type: str
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
      sample: InvalidRequest
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
    from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_bios

    shipping.run(AnsibleModule(argument_spec=bmc_bios.ARGUMENT_SPEC, supports_check_mode=True), bmc_bios.run)


if __name__ == "__main__":
    main()
