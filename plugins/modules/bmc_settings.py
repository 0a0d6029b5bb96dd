#!/usr/bin/python

# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bmc_settings
short_description: Settings of a BMC itself, NTP, syslog, SSH keys, name service, protocols
version_added: 0.1.0
description:
  - Brings the settings of a BMC to what is named, wherever its dialect keeps them. What is not named is left alone.
  - Each setting answers by itself in RV(settings). Padding, order, case and blanks of what a BMC shows do not count.
  - What does not fit (a word that is none of the BMC's, more servers than it has slots, an attribute that is not there)
    is told before the first write, all at once.
  - What was written is read back. What a BMC took and did not keep is an error that names the setting.
  - In check mode RV(plan) is the list of writes that the run then sends.
author:
  - OpenCHAMI contributors (@OpenCHAMI)
extends_documentation_fragment:
  - openchami.bmc._connection
  - openchami.bmc._attributes
attributes:
  diff_mode:
    support: full
options:
  ntp:
    description:
      - Time servers.
      - A BMC that has them from DHCP is told to use these instead, where it refuses to take them otherwise (HPE).
    type: dict
    suboptions:
      enabled:
        description: Whether to use them. An HPE iLO has no such switch, it uses whatever servers it has.
        type: bool
      servers:
        description: All of them, by name or address. An empty list takes all away.
        type: list
        elements: str
  syslog:
    description: Where the BMC sends its own log.
    type: dict
    suboptions:
      enabled:
        description: Whether to send it.
        type: bool
      servers:
        description: All of them, by name or address. An empty list takes all away.
        type: list
        elements: str
      port:
        description: The port of all of them.
        type: int
      transport:
        description: The protocol. Most BMCs know one only and have no such setting.
        type: str
        choices: [udp, tcp]
  ssh_keys:
    description:
      - SSH public keys that open the BMC, or the consoles behind it.
      - A key is the same whatever its comment. A key that is there keeps its line.
    type: list
    elements: dict
    suboptions:
      account:
        description: Name of the account that the keys open.
        type: str
      service:
        description: Service that the keys open, on an HPE Cray EX controller. ConMan's key is one of V(console).
        type: str
        choices: [admin, console]
      keys:
        description: The keys, each a line C(TYPE BASE64 COMMENT).
        type: list
        elements: str
        required: true
      exclusive:
        description: Whether all other keys are removed.
        type: bool
        default: false
  dns:
    description: The name service that the BMC asks. Where DHCP supplies it, the BMC is told to use this instead.
    type: dict
    suboptions:
      servers:
        description: Addresses of all name servers.
        type: list
        elements: str
      search:
        description: Domains in which a short name is looked for. Most BMCs hold one, their own domain.
        type: list
        elements: str
  hostname:
    description: Name of the BMC, without a domain.
    type: str
  protocols:
    description: Which services listen.
    type: dict
    suboptions:
      ssh:
        description: SSH.
        type: bool
      ipmi:
        description: IPMI over LAN.
        type: bool
      https:
        description: HTTPS, over which this collection speaks.
        type: bool
      snmp:
        description: The SNMP agent.
        type: bool
      kvm:
        description: The graphical console.
        type: bool
  timezone:
    description:
      - Time zone of the BMC's clock, in the BMC's own words. On an HPE iLO a city of the zone's name will do.
      - A BMC without names of time zones takes an offset such as V(+01:00).
    type: str
  oem:
    description:
      - Attributes of the dialect's own, by name. On a Dell iDRAC those of C(DellAttributes), such as
        V(IPMILan.1.Enable), on a Supermicro V(SysLockdownEnabled).
      - V(true) and V(false) are V(Enabled) and V(Disabled) where the attribute is a text.
      - What an attribute is named for a secret (a community, a password) holds is in no result.
    type: dict
  unsupported:
    description:
      - What to do with a setting that this BMC does not have. V(fail) writes nothing at all.
      - V(warn) and V(ignore) set the others; RV(settings[].state) says V(unsupported) in any case.
    type: str
    choices: [fail, warn, ignore]
    default: fail
  reset_manager:
    description:
      - Whether to restart the BMC where it says that what was set takes effect only then (HPE). The hosts run on.
      - V(when_needed) also restarts one in which an earlier change of a named setting still waits. It is refused while
        a firmware update runs.
    type: str
    choices: [never, when_needed]
    default: never
  allow_lockout:
    description:
      - Allows what may lock somebody out. Else refused are HTTPS off; the last of SSH and IPMI off; a list of keys that
        would be empty, if only for a moment (an HPE iLO has one for each account); the removal of a key of the service
        V(console); a new hostname, domain or name server of a BMC that is reached by name; a new hostname or domain of
        one whose certificate is pinned.
      - An attribute under O(oem) that is the same under another name (V(WebServer.1.Enable), V(IPMILan.1.Enable))
        counts as well, and one that changes where the BMC is reached (V(NIC.1.VLanID)).
    type: bool
    default: false
  wait:
    description:
      - Whether to wait until what was set shows, and until a restarted BMC is back.
      - V(false) looks once, and returns a RV(handle) of the restart.
    type: bool
    default: true
  wait_timeout:
    description: Seconds that the restart gets.
    type: float
    default: 300
  poll_interval:
    description: Seconds between two looks.
    type: float
    default: 2
seealso:
  - module: openchami.bmc.bmc_info
  - module: openchami.bmc.bmc_power
"""

EXAMPLES = r"""
- name: Time and log of every BMC, of whatever make
  openchami.bmc.bmc_settings:
    ntp:
      servers: [10.1.0.1, 10.1.0.2]
    syslog:
      enabled: true
      servers: [10.1.0.3]
    unsupported: warn

- name: The same, and a restart of the BMCs that need one for it
  openchami.bmc.bmc_settings:
    ntp:
      servers: [10.1.0.1, 10.1.0.2]
    reset_manager: when_needed

- name: Add a key to the consoles of a blade; those that are there stay
  openchami.bmc.bmc_settings:
    ssh_keys:
      - service: console
        keys:
          - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEiRfSsYp1S8Yrb9gQGEyAQwyCGhDAcRKmMsbpmBO2Rx conman@admin1

- name: Attributes of an iDRAC
  openchami.bmc.bmc_settings:
    oem:
      IPMILan.1.Enable: Disabled
      SysLog.1.PowerLogInterval: 10

- name: Switch IPMI off
  openchami.bmc.bmc_settings:
    protocols:
      ipmi: false
"""

RETURN = r"""
settings:
  description: What came of each setting that was named.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the setting, such as V(ntp.servers), V(ssh_keys.console), V(oem.IPMILan.1.Enable).
      type: str
      sample: ntp.servers
    state:
      description: V(changed), V(unchanged), V(unsupported) or V(failed). In check mode V(changed) is what would change.
      type: str
    before:
      description: What the BMC held, in the form of the option; C(null) for nothing.
      type: raw
      sample: []
    after:
      description: What it holds, as read back, in check mode as it would be.
      type: raw
      sample: [10.1.0.1, 10.1.0.2]
    uri:
      description: Redfish URI of the resource that holds it; C(null) where this BMC has none.
      type: str
      sample: /redfish/v1/Managers/1/DateTime
    pending:
      description: Whether it waits for a restart of the BMC.
      type: bool
    note:
      description: Why it failed, or what is missing.
      type: str
plan:
  description:
    - The writes that the situation asks for, each with C(method), C(uri) and C(body).
    - The restart of a BMC in which earlier changes wait is among them, where O(reset_manager) allows it.
  returned: success
  type: list
  elements: dict
  sample:
    - method: PATCH
      uri: /redfish/v1/Managers/1/DateTime
      body: {StaticNTPServers: [10.1.0.1, 10.1.0.2]}
reset_plan:
  description: The restart that is sent only if the BMC then says that it needs one, as RV(plan).
  returned: success
  type: list
  elements: dict
reset_needed:
  description: Whether a named setting waits for a restart of the BMC.
  returned: success
  type: bool
settled:
  description: Whether nothing is left to wait for.
  returned: success
  type: bool
handle:
  description:
    - Of a restart that O(wait=false) did not wait for; C(null) where there is none.
    - M(openchami.bmc.bmc_power) settles it, with C(target=manager) and C(state=soft_restart).
  returned: success
  type: dict
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
    from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_settings

    shipping.run(AnsibleModule(argument_spec=bmc_settings.ARGUMENT_SPEC, supports_check_mode=True), bmc_settings.run)


if __name__ == "__main__":
    main()
