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
      - V(hardware) returns RV(hardware), V(firmware) returns RV(firmware), V(console) returns RV(console), V(settings)
        returns RV(settings), and V(all) returns all of them.
      - V(bios) returns RV(bios). It is not part of V(all), for its registry alone can have megabytes.
      - A part that the BMC cannot show does not make the task fail. It is left out, and RV(incomplete) and a warning
        name it.
    type: list
    elements: str
    choices: [hardware, firmware, console, settings, bios, all]
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
  - module: openchami.bmc.bmc_console_uri
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

- name: The BIOS settings, those that wait for a restart too
  openchami.bmc.bmc_info:
    gather_subset: [bios]
  register: setup

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
  description:
    - The ways to the consoles, by system, as M(openchami.bmc.bmc_console_uri) reads them. Of each system those that are
      enabled first, of these the preferred one first.
  returned: when O(gather_subset) has V(console) or V(all)
  type: list
  elements: dict
  contains:
    system:
      description: URI of the system; C(null) where the BMC has several and names none.
      type: str
    protocol:
      description: V(ssh), V(ipmi) for serial over LAN, or V(kvm) for the BMC's page with a graphical console.
      type: str
      sample: ssh
    port:
      description: The port that the BMC names, else that of the protocol; C(null) for a KVM that does not tell it.
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
    max_concurrent_sessions:
      description: How many may use it at once; C(null) where the BMC does not know.
      type: int
    enabled:
      description: Whether it is switched on, both the console and its protocol.
      type: bool
    source:
      description:
        - What tells it. V(System.SerialConsole), V(System.GraphicalConsole), V(Manager.CommandShell),
          V(Manager.SerialConsole), V(Manager.GraphicalConsole) or V(vendor rule).
      type: str
    source_uri:
      description: URI of that resource; C(null) for a vendor rule.
      type: str
settings:
  description:
    - The settings of the BMC itself, by the names and in the form of the options of M(openchami.bmc.bmc_settings).
      C(null) where this BMC has no such setting, or holds nothing.
    - The keys of accounts are not among them. Each account would cost further requests.
  returned: when O(gather_subset) has V(settings) or V(all)
  type: dict
  contains:
    ntp:
      description: Has C(enabled), C(servers).
      type: dict
    syslog:
      description: Has C(enabled), C(servers), C(port), C(transport).
      type: dict
    dns:
      description: Has C(servers), C(search).
      type: dict
    hostname:
      description: Name of the BMC.
      type: str
    timezone:
      description: Time zone of the BMC's clock.
      type: str
    protocols:
      description: Whether C(ssh), C(ipmi), C(https), C(snmp) and C(kvm) listen.
      type: dict
    ssh_keys:
      description: The keys of the services C(admin) and C(console) of an HPE Cray EX controller.
      type: dict
    reset_needed:
      description: Whether something that was set waits for a restart of the BMC.
      type: bool
    sources:
      description: URI of the resource that holds each setting, such as C(ntp.servers).
      type: dict
bios:
  description: The BIOS of each system that has one, by system.
  returned: when O(gather_subset) has V(bios)
  type: list
  elements: dict
  contains:
    system:
      description: URI of the system.
      type: str
    uri:
      description: URI of the BIOS.
      type: str
    settings_uri:
      description: URI where changes are written; C(null) where nothing can be changed.
      type: str
    attributes:
      description: The active value of each attribute, by name.
      type: dict
      sample: {WorkloadProfile: Custom}
    pending:
      description: The values that wait for a restart and differ from the active ones, by name.
      type: dict
    reset_to_default_pending:
      description: Whether a reset to the defaults waits, as far as the BIOS tells.
      type: bool
    apply_times:
      description: What C(apply_time) of M(openchami.bmc.bmc_bios) can be; empty where the BIOS offers no choice.
      type: list
      elements: str
    registry:
      description:
        - What tells which values may be written. C(named), the registry that the BIOS names. C(uri), C(id) and
          C(version) of the one that is served, and how many C(attributes) and C(dependencies) it has.
        - C(missing), why none is served.
      type: dict
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
