# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: bmc_discovery
short_description: Discovers BMCs over Redfish, and the nodes behind them
version_added: 0.2.0
author:
  - OpenCHAMI contributors (@OpenCHAMI)
description:
  - Looks for BMCs (baseboard management controllers) at addresses, asks each what it is and what is behind it, and
    makes hosts of BMCs and nodes, with groups and variables. Every module of the collection runs on such a host
    without further options.
  - It never writes to a BMC. A BMC gets a password only after it showed a Redfish service root, its certificate was
    trusted, and a rule gives it an account. Variables and caches hold references to secrets, never secrets.
  - Sources are files whose names end in C(bmc_discovery.yml) or C(bmc_discovery.yaml).
extends_documentation_fragment:
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
requirements:
  - python >= 3.11
  - httptools >= 0.6
options:
  plugin:
    description: The name of this plugin.
    type: str
    required: true
    choices: [openchami.bmc.bmc_discovery]
  targets:
    description:
      - Where to look. Each entry is a network (V(10.1.0.0/16)), a range (V(10.1.2.3-10.1.2.40), V(10.1.2.3-40),
        V(bmc[001-512])), a name or an address, with a port where it is not one of O(ports)
        (V(bmc1:8443), V([fd00::1]:8443)).
      - V(@FILE), or a path, reads targets from a file, one a line, or a list in YAML or JSON, or the output of
        magellan's C(list) and C(scan), or the RedfishEndpoints of SMD.
      - V(smd+URL) asks SMD, OpenCHAMI's state manager, for its RedfishEndpoints (V(smd+https://smd:27779)).
      - Each address is asked once, however often and in whatever way it is named.
    type: list
    elements: str
    required: true
  exclude:
    description: What to leave out of O(targets), in the same notations.
    type: list
    elements: str
    default: []
  ports:
    description: HTTPS ports to try at targets that name none.
    type: list
    elements: int
    default: [443]
  smd_token:
    description: Bearer token for SMD.
    type: str
    env:
      - name: ACCESS_TOKEN
  smd_ca_path:
    description: PEM file, or folder, of the authorities that sign SMD's certificate; the system's by default.
    type: path
  hosts:
    description:
      - Which hosts to make. V(bmcs) are the BMCs themselves. V(nodes) are the systems behind them, named C(BMCnORDINAL)
        in the order of their URIs.
      - Only physical systems with a reset are nodes. NVIDIA's HGX baseboard, a part of the node beside it, is none.
    type: str
    choices: [nodes, bmcs, both]
    default: nodes
  names:
    description:
      - How BMCs are called. The first way that gives a name counts; the address is always the last.
      - V(id_map) is O(id_map), V(template) is O(name_template), V(given) what the targets call it (a name, or the xname
        in SMD), V(dns) the name of its address, V(xname) the xname that magellan computes from an IPv4 address,
        V(address) the address. The resolver is asked once for each BMC in each run, for those of a cached inventory one
        after the other.
      - Where two BMCs would have one name, both are called by their addresses.
    type: list
    elements: str
    choices: [id_map, template, given, dns, xname, address]
    default: [id_map, given, address]
  id_map:
    description:
      - Names of BMCs by address, or V(@FILE) with them in YAML or JSON. The format of magellan's C(--bmc-id-map) is
        understood, too.
    type: raw
  name_template:
    description:
      - A template of a name, from C(address) (as targets have it), C(host) (without a port) and C(given) (what the
        targets call it), for example C(bmc-{{ host | regex_replace('[.]', '-'\) }}). It gives none where it is empty.
    type: str
  bmc_credentials:
    description:
      - References to the account, as M(openchami.bmc.bmc_info) takes them. In their values V({address}) stands for the
        address as targets have it, V({host}) for the address without a port, V({name}) for the name of the BMC.
      - They are for all BMCs that no entry of O(credentials) matches, and become the host variable C(bmc_credentials).
      - A reference that holds a secret itself (V(token), V(secret_id), V(jwt), V(password)) is refused, because host
        variables are exported and cached. The environment of the run has it, as E(VAULT_SECRET_ID) for example.
    type: list
    elements: dict
  credentials:
    description: Rules that give some BMCs other accounts. The first that matches counts.
    type: list
    elements: dict
    default: []
    suboptions:
      match:
        description: Networks, addresses, or shell patterns for addresses and names, of whatever case.
        type: list
        elements: str
        required: true
      bmc_credentials:
        description: References, as in O(bmc_credentials). An empty list lets matching BMCs get no password.
        type: list
        elements: dict
        required: true
  bmc_username:
    description:
      - Account for the discovery itself, where no reference is given. It does not become a host variable.
    type: str
    env:
      - name: BMC_USERNAME
  bmc_password:
    description: Password of O(bmc_username), better from Ansible Vault, a lookup or the environment than plain text.
    type: str
    env:
      - name: BMC_PASSWORD
  bmc_auth:
    description: How to log in. A session is always deleted.
    type: str
    choices: [basic, session]
    default: basic
  bmc_validate_certs:
    description: Whether to verify certificates, by O(bmc_ca_path) or by the system's authorities.
    type: bool
    default: true
  bmc_ca_path:
    description: PEM file, or folder of hashed certificates, of the authorities that sign the BMCs' certificates.
    type: path
  bmc_fingerprint:
    description:
      - V(trust-on-first-use) records the certificate of each BMC at the first meeting and demands it from then on.
      - The fingerprint becomes the host variable C(bmc_fingerprint), so that tasks demand it on other machines, too.
    type: str
    choices: [trust-on-first-use]
  bmc_fingerprints:
    description:
      - Pins, as SHA-256 fingerprints by address, of all its ports where it names none. They alone decide for the
        addresses that they name.
    type: dict
    default: {}
  gather_subset:
    description: What to read beside systems, managers and chassis; see M(openchami.bmc.bmc_info).
    type: list
    elements: str
    choices: [all, hardware, firmware, console]
    default: [all]
  refresh:
    description:
      - V(always) reads each BMC whole.
      - V(changed) asks a known BMC only for what shows whether anything changed, and reads it whole only then, and
        O(full_after) its last whole reading. C(docs/discovery.md) says what that reads and sees for each dialect.
    type: str
    choices: [always, changed]
    default: always
  full_after:
    description: Seconds after which a known BMC is read whole all the same.
    type: int
    default: 86400
  forget_after:
    description:
      - Seconds for which a silent BMC keeps its last data, with when and why it is silent in C(bmc_discovery).
      - While more than a fifth of the fleet is silent, none is forgotten; of one or two BMCs, while they are more than
        half of it.
    type: int
    default: 604800
  records:
    description:
      - File with what is known of each BMC, from run to run. The default is one for each source, in the folder
        C(discovery) of the state folder.
    type: path
  concurrency:
    description: BMCs that are asked at the same time.
    type: int
    default: 400
  bmc_timeout:
    description: Seconds to wait for a connection, and for an answer.
    type: float
    default: 10
  bmc_deadline:
    description: Seconds for all that is asked of one BMC.
    type: float
    default: 60
  deadline:
    description: Seconds for the whole discovery; BMCs that were not asked by then keep their records. V(0) is no limit.
    type: float
    default: 0
  strict:
    description:
      - Let the source fail where a BMC that is known, a target that was named singly, or what listens in a network and
        may be a BMC, did not answer, refused or could not be read. Parts of a BMC that could not be read are no such
        failure, since some BMCs never show all that they list. The summary counts these BMCs as C(incomplete).
      - Also where an expression of O(compose), O(groups), O(keyed_groups) is invalid.
    type: bool
    default: false
notes:
  - A failing source is only a warning in Ansible, unless E(ANSIBLE_INVENTORY_UNPARSED_FAILED) is set.
  - With O(cache) a second run within O(cache_timeout) asks no BMC at all.
"""

EXAMPLES = r"""
# site.bmc_discovery.yml: a network, certificates of the site's own authority, accounts in a Vault by xname
plugin: openchami.bmc.bmc_discovery
targets:
  - 10.1.0.0/22
exclude:
  - 10.1.0.1
names: [id_map, xname]
id_map: "@bmc-id-map.json"
bmc_ca_path: /etc/pki/bmc-ca.pem
bmc_credentials:
  - type: hashi_vault
    url: https://vault.example.com:8200
    auth_method: approle
    engine_version: 1
    engine_mount_point: secret
    path: hms-creds/{name}
refresh: changed
---
# lab.bmc_discovery.yml: trust on first use, another account for one rack, groups by model and rack
plugin: openchami.bmc.bmc_discovery
targets: ['bmc[001-128]', 10.9.0.1-10.9.0.40]
bmc_fingerprint: trust-on-first-use
bmc_credentials:
  - {type: environment, username_variable: BMC_USERNAME, password_variable: BMC_PASSWORD}
credentials:
  - match: [10.9.0.0/24]
    bmc_credentials:
      - {type: magellan, path: /etc/magellan/secrets.json, id: 'https://{host}:443'}
hosts: both
keyed_groups:
  - {key: bmc_vendor, prefix: maker}
compose:
  rack: bmc_name[:5]
groups:
  gpus: bmc_hardware.processors | selectattr('processor_type', 'equalto', 'GPU') | length > 0
"""

from collections.abc import Mapping
from threading import Lock
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BmcError
from ansible_collections.openchami.bmc.plugins.module_utils._entry.bmc_discovery import Discovery, Found
from ansible_collections.openchami.bmc.plugins.module_utils._operations.names import Namer
from ansible_collections.openchami.bmc.plugins.plugin_utils._inventory import Progress, Trusting, counts, tell, trusted

_TEMPLATED = ("bmc_username", "bmc_password", "smd_token")
_CONNECTION = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Hosts from BMCs."""

    NAME = "openchami.bmc.bmc_discovery"
    inventory: InventoryData

    def verify_file(self, path: str) -> bool:
        """Whether a file is a source of this plugin, by its name."""
        return bool(super().verify_file(path)) and path.endswith(("bmc_discovery.yml", "bmc_discovery.yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Discover, or take what the cache holds, and make hosts of it."""
        super().parse(inventory, loader, path, cache)
        config = self._read_config_data(path)
        self._refuse_unknown(config)
        options = {**self.get_options(), **self._templated(config)}
        try:
            discovery = Discovery(options, path, self._naming(options["name_template"]))
            found = self._cached(discovery, self.get_cache_key(path), cache)
            tell(path, found.summary)
            if found.partial and options["strict"]:
                raise AnsibleParserError(f"{path}: strict, and the discovery is partial: {counts(found.summary)}")
            self._place(discovery, found)
        except BmcError as error:
            raise AnsibleParserError(f"{path}: {error}") from error

    def _templated(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """What the source gives as a template. A password of the environment may look like one and is none."""
        given = {name: config[name] for name in _TEMPLATED if str(config.get(name) or "").startswith("{{")}
        return {name: self.templar.template(value) for name, value in given.items()}

    def _naming(self, template: str | None) -> Namer | None:
        """The template of names as a function; one call at a time, as Ansible's engine is not made for threads."""
        one_at_a_time = Lock()

        def name(address: str, host: str, given: str) -> str:
            with one_at_a_time:
                self.templar.available_variables = {"address": address, "host": host, "given": given}
                return str(self.templar.template(trusted(template or ""))).strip()

        return name if template else None

    def _refuse_unknown(self, config: Mapping[str, Any]) -> None:
        """Ansible ignores an option that it does not know: a typo would be accepted."""
        unknown = sorted(set(config) - set(self.option_definitions))
        if unknown:
            raise AnsibleParserError(f"unknown options: {', '.join(unknown)}. See ansible-doc -t inventory {self.NAME}")

    def _cached(self, discovery: Discovery, key: str, cache: bool) -> Found:
        self.load_cache_plugin()
        wanted = self.get_option("cache")
        if wanted and cache and key in self._cache:
            return Found(**self._cache[key])
        found = discovery.run(Progress())
        if wanted:
            self._cache[key] = {"records": found.records, "summary": found.summary}
        return found

    def _place(self, discovery: Discovery, found: Found) -> None:
        trusting, inventory, strict = Trusting(), self.inventory, self.get_option("strict")
        inventory.add_group("bmcs")
        inventory.set_variable("bmcs", "bmc_discovery_summary", trusting.value(found.summary))
        for host in discovery.hosts(found.records):
            inventory.add_host(host.name)
            for group in host.groups:
                inventory.add_host(host.name, inventory.add_group(self._sanitize_group_name(group)))
            variables = {name: trusted(value) for name, value in _CONNECTION.items()}
            variables |= trusting.value(host.variables)
            placed = inventory.hosts[host.name]
            for name, value in variables.items():
                # inventory.set_variable() would copy each string once more for each host, to note where it is from.
                placed.set_variable(name, value)
            self._set_composite_vars(self.get_option("compose"), variables, host.name, strict)
            for name in self.get_option("compose") or ():
                if name in placed.vars:
                    placed.set_variable(name, trusting.value(placed.vars[name]))
            self._add_host_to_composed_groups(self.get_option("groups"), variables, host.name, strict)
            self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host.name, strict)
