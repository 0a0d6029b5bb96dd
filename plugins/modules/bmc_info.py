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
options:
  gather_subset:
    description:
      - What to gather besides. None by default, because each costs further requests, on some BMCs more than a hundred.
      - V(hardware) returns RV(hardware), V(firmware) returns RV(firmware), V(console) returns RV(console), and V(all)
        returns all of them.
      - A part that the BMC cannot show does not make the task fail. It is left out, and RV(incomplete) and a warning
        name it.
    type: list
    elements: str
    choices: [hardware, firmware, console, all]
    default: []
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

- name: What is in the machines, and how to reach their consoles
  openchami.bmc.bmc_info:
    gather_subset: [hardware, console]
  register: inventory

- name: Say how much memory each has
  ansible.builtin.debug:
    msg: "{{ inventory.hardware.memory | map(attribute='capacity_mib') | map('default', 0, true) | sum }} MiB"

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
hardware:
  description:
    - The parts that can be replaced, in lists by kind, each ordered by URI. What the BMC says to be absent is left out.
    - Each part has C(id), C(uri), C(name), C(manufacturer), C(model), C(part_number), C(serial_number), C(state),
      C(health), and the URIs of the C(system) and the C(chassis) that it belongs to, C(null) where the BMC names none
      or several. What the BMC does not tell is C(null).
  returned: when O(gather_subset) has V(hardware) or V(all)
  type: dict
  contains:
    processors:
      description:
        - Processors and accelerators, those of a GPU baseboard too. Also C(processor_type) (V(CPU), V(GPU), ...),
          C(total_cores), C(total_threads), C(firmware_version).
      type: list
      elements: dict
    memory:
      description: Memory modules. Also C(capacity_mib), C(memory_type) (V(DDR5), V(HBM), ...), C(speed_mhz).
      type: list
      elements: dict
    drives:
      description: Drives. Also C(capacity_bytes), C(media_type), C(protocol), C(firmware_version).
      type: list
      elements: dict
    pcie_devices:
      description: PCIe devices. Also C(firmware_version).
      type: list
      elements: dict
    network_adapters:
      description: Network adapters. Also C(firmware_version).
      type: list
      elements: dict
    ethernet_interfaces:
      description:
        - Interfaces of the systems, not of the BMC. Also C(mac_address) in lower case, C(ip_addresses), C(link_status),
          C(speed_mbps).
      type: list
      elements: dict
    power_supplies:
      description: Power supplies. Also C(capacity_watts), C(firmware_version).
      type: list
      elements: dict
firmware:
  description:
    - The firmware inventory, ordered by URI. Each entry has C(id), C(uri), C(name), C(version), C(updateable),
      C(software_id), C(state).
  returned: when O(gather_subset) has V(firmware) or V(all)
  type: list
  elements: dict
console:
  description: The ways to the serial consoles that are enabled, by system, the preferred one first.
  returned: when O(gather_subset) has V(console) or V(all)
  type: list
  elements: dict
  contains:
    system:
      description: URI of the system; C(null) where the BMC has several and names none.
      type: str
    type:
      description: V(ssh), or V(ipmi) for serial over LAN.
      type: str
      sample: ssh
    port:
      description: The port that the BMC names, else that of the protocol.
      type: int
      sample: 2200
    user:
      description: The user name that leads to this console; C(null) for the account of the BMC.
      type: str
    entry_command:
      description: What is typed after the login; C(null) where the console is there at once.
      type: str
      sample: connect com2
    exit_sequence:
      description: What leaves the console, as the BMC or its vendor writes it.
      type: str
      sample: Press ~. to exit console
    source:
      description: URI of the resource that tells it, or V(vendor rule).
      type: str
incomplete:
  description: What could not be read and is left out, ordered by URI.
  returned: when O(gather_subset) names anything
  type: list
  elements: dict
  contains:
    uri:
      description: URI of the resource.
      type: str
    why:
      description: Why it could not be read.
      type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openchami.bmc.plugins.module_utils._entry import shipping


def main() -> None:
    shipping.require()
    from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_info

    shipping.run(AnsibleModule(argument_spec=bmc_info.ARGUMENT_SPEC, supports_check_mode=True), bmc_info.run)


if __name__ == "__main__":
    main()
