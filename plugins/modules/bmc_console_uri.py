#!/usr/bin/python

# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bmc_console_uri
short_description: The ways to the consoles of nodes
version_added: 0.3.0
description:
  - Reads over Redfish how the consoles of the nodes behind a BMC are reached, and says it in a form to use. It never
    writes, and opens no console.
  - A system's own serial console counts first, then what the BMC offers, SSH before IPMI, a graphical console last.
    One that is switched off gives way to the next.
  - Where Redfish says nothing (HPE Cray EX), a rule of the vendor's driver does.
author:
  - OpenCHAMI contributors (@OpenCHAMI)
options:
  bmc_system:
    description:
      - Only the console of this system, by its Redfish Id, Name or URI. Without it, and with V(all), those of all nodes
        behind the BMC.
extends_documentation_fragment:
  - openchami.bmc._connection
  - openchami.bmc._attributes
attributes:
  diff_mode:
    support: N/A
    details: Nothing changes.
seealso:
  - module: openchami.bmc.bmc_info
  - module: openchami.bmc.fleet_consoles
"""

EXAMPLES = r"""
- name: How to reach the console
  openchami.bmc.bmc_console_uri:
  register: console

- name: Say it
  ansible.builtin.debug:
    msg: "{{ console.best.command }}{{ ', then: ' ~ console.best.entry_command if console.best.entry_command else '' }}"
  when: console.best is not none
"""

RETURN = r"""
nodes:
  description: The nodes behind the BMC, ordered by URI.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Redfish Id of the system.
      type: str
      sample: Node0
    name:
      description: Redfish Name of the system.
      type: str
    uri:
      description: URI of the system.
      type: str
      sample: /redfish/v1/Systems/Node0
    best:
      description: The first of RV(nodes[].consoles) that is enabled; C(null) where none is.
      type: dict
    consoles:
      description:
        - All ways that are known, those that are enabled first, of these the preferred one first.
        - A console of a BMC with several systems that does not say which of them it belongs to is in no list. A warning
          names it.
      type: list
      elements: dict
      contains:
        protocol:
          description: V(ssh), V(ipmi) (serial over LAN), or V(kvm) for the page of a graphical console.
          type: str
          sample: ssh
        host:
          description: Where to connect to, the host of O(bmc_address). An IPv6 address has no brackets.
          type: str
          sample: 10.1.2.3
        port:
          description: The port that the BMC names, else that of the protocol; C(null) for a KVM that does not tell it.
          type: int
          sample: 2200
        user:
          description:
            - The user name that leads to this console, else the account of the task; C(null) where neither is known.
          type: str
          sample: n0
        uri:
          description: The same as a URI. That of a KVM is the BMC's page.
          type: str
          sample: ssh://n0@10.1.2.3:22
        entry_command:
          description: What is typed after the login; C(null) where the console is there at once.
          type: str
          sample: connect com2
        exit_sequence:
          description: What leaves the console, as the BMC or its vendor writes it; C(null) where not known.
          type: str
          sample: Press ~. to exit console
        max_concurrent_sessions:
          description: How many may use it at once; C(null) where the BMC does not know, which some write as 0.
          type: int
          sample: 15
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
        command:
          description:
            - A command line for a shell, quoted for it, without a password. C(ipmitool -E) takes the password from the
              environment variable E(IPMI_PASSWORD); with C(-f) in its place it takes it from a file. C(null) for a KVM.
          type: str
          sample: ipmitool -I lanplus -H 10.1.2.3 -U admin -E sol activate
        conman:
          description:
            - A line for C(conman.conf), without a password. ConMan takes that of IPMI from its C(global ipmiopts), and
              its SSH needs a key. C(null) for a KVM, and where ConMan cannot express it.
          type: str
          sample: console name="node1" dev="ipmi:10.1.2.3" ipmiopts="U:admin"
best:
  description: The same as RV(nodes[].best).
  returned: when there is one node
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openchami.bmc.plugins.module_utils._entry import shipping


def main() -> None:
    shipping.require()
    from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_console_uri

    shipping.run(
        AnsibleModule(argument_spec=bmc_console_uri.ARGUMENT_SPEC, supports_check_mode=True), bmc_console_uri.run
    )


if __name__ == "__main__":
    main()
