#!/usr/bin/python

# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bmc_info
short_description: Facts of a BMC, its systems, managers and chassis
version_added: 0.1.0
description:
  - Reads over Redfish what a BMC (baseboard management controller) is and what is behind it. It never writes.
  - The maker and the dialect are two answers. A board of one maker may speak the dialect of another.
author:
  - OpenCHAMI contributors (@OpenCHAMI)
extends_documentation_fragment:
  - openchami.bmc._connection
  - openchami.bmc._attributes
attributes:
  diff_mode:
    support: N/A
    details: Nothing changes.
seealso:
  - module: openchami.bmc.bmc_power
"""

EXAMPLES = r"""
- name: What is behind the BMCs of these hosts
  openchami.bmc.bmc_info:
  register: facts

- name: Say it
  ansible.builtin.debug:
    msg: "{{ facts.bmc.vendor }} {{ facts.bmc.model }}, BMC firmware {{ facts.bmc.firmware_version }}"

- name: Record who it is; give it back as the host variable bmc_identity
  ansible.builtin.set_fact:
    bmc_identity: "{{ facts.bmc.identity }}"
"""

RETURN = r"""
bmc:
  description: The BMC itself.
  returned: success
  type: dict
  contains:
    vendor:
      description:
        - The maker, lower case. One of V(hpe), V(dell), V(supermicro), V(lenovo), V(cray), V(nvidia), V(gigabyte),
          V(intel), V(quanta), V(openbmc), or what the BMC names; V(unknown) where it names nobody.
      type: str
      sample: hpe
    dialect:
      description:
        - The driver that speaks with it. One of V(hpe), V(dell), V(supermicro), V(lenovo), V(cray), V(openbmc), V(ami)
          or V(generic).
      type: str
      sample: hpe
    model:
      description: Model of the machine; C(null) where it is not told.
      type: str
      sample: ProLiant DL385 Gen10 Plus v2
    firmware_version:
      description: Version of the BMC's firmware, as the BMC writes it.
      type: str
      sample: iLO 5 v2.72
    redfish_version:
      description: Version of the Redfish protocol that the BMC claims.
      type: str
      sample: 1.6.0
    identity:
      description:
        - Who the BMC is, to be recorded in the host variable C(bmc_identity). C(vendor), C(dialect), C(model),
          C(firmware_version), C(uuid), C(serial_number), C(mac_address), and C(systems) with C(uri), C(uuid) and
          C(serial_number) of each system that can be powered, by its Id.
      type: dict
systems:
  description: The systems, ordered by URI.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Redfish Id.
      type: str
      sample: Node0
    uri:
      description: Redfish URI.
      type: str
      sample: /redfish/v1/Systems/Node0
    name:
      description: Redfish Name.
      type: str
    manufacturer:
      description: Manufacturer, as the BMC writes it.
      type: str
    model:
      description: Model, as the BMC writes it.
      type: str
    part_number:
      description: Part number.
      type: str
    serial_number:
      description: Serial number. The nodes of a Cray EX blade share one.
      type: str
    uuid:
      description: UUID.
      type: str
    power_state:
      description: PowerState.
      type: str
      sample: "On"
    health:
      description: Status.Health.
      type: str
      sample: OK
    reset_types:
      description: The ResetTypes that the resource says it takes; empty where it has no reset or does not say.
      type: list
      elements: str
    reset_target:
      description: URI of the reset action; C(null) where there is none.
      type: str
    system_type:
      description: SystemType (systems only).
      type: str
    bios_version:
      description: Version of the BIOS (systems only).
      type: str
    host_name:
      description: Name of the host, as the BMC knows it (systems only).
      type: str
    managed_by:
      description: URIs of the managers (systems only).
      type: list
      elements: str
managers:
  description:
    - The managers, ordered by URI. As RV(systems), with C(manager_type), C(firmware_version), C(manager_for_servers).
  returned: success
  type: list
  elements: dict
chassis:
  description: The chassis, ordered by URI. As RV(systems), with C(chassis_type), C(computer_systems).
  returned: success
  type: list
  elements: dict
capabilities:
  description:
    - What the collection can do with it. C(power) holds, for the URI of each resource with a reset, the states that
      M(openchami.bmc.bmc_power) can bring it to.
  returned: success
  type: dict
  sample:
    power:
      /redfish/v1/Systems/Node0: ["on", "off", soft_off, force_off, soft_restart, hard_restart, init]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openchami.bmc.plugins.module_utils._entry import shipping


def main() -> None:
    shipping.require()
    from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_info

    shipping.run(AnsibleModule(argument_spec=bmc_info.ARGUMENT_SPEC, supports_check_mode=True), bmc_info.run)


if __name__ == "__main__":
    main()
