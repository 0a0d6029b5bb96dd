# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options that every module shares."""

from __future__ import annotations


class ModuleDocFragment:
    """How to reach a BMC. Each option is also a host variable of its name."""

    DOCUMENTATION = r"""
options:
  bmc_address:
    description:
      - Name or IP address of the BMC, with a port where it is not 443, for example V(10.1.2.3:8443).
      - The BMC is always reached over HTTPS, from the controller or from the host of a C(delegate_to).
    type: str
    required: true
  bmc_username:
    description: Account on the BMC.
    type: str
  bmc_password:
    description: Password of the account. It is tried once; after a refusal nothing else is tried.
    type: str
  bmc_token:
    description: A session token that was obtained elsewhere, in place of a password.
    type: str
  bmc_credentials:
    description:
      - Where the account of the BMC is kept, as a list of references. They are followed when a task runs, on the
        controller, also for a C(delegate_to), and only where neither O(bmc_token) nor O(bmc_username) and
        O(bmc_password) are given.
      - They are asked in order, and the first that has an entry for the BMC gives the account. The next is asked only
        where there surely is no entry, never after a refusal, after a failure, or after a 401 of the BMC.
      - Each is a dict with C(type) and the options of that type.
      - For C(type=environment), C(username_variable) and C(password_variable) name two environment variables.
      - For C(type=magellan), C(path) is the file of magellan's secret store and C(id) the entry, which is the BMC's URL
        as magellan lists it, or V(default). The key is in E(MASTER_KEY). It needs cryptography.
      - For C(type=hashi_vault), HashiCorp Vault or OpenBao, C(path) and C(engine_version) (V(1) or V(2)) are required,
        and C(engine_mount_point) is V(kv) for version 1 and V(secret) for version 2 unless it says otherwise. The entry
        holds a username and a password, in any case. It needs hvac.
      - The Vault and the login to it have the names of community.hashi_vault, C(url), C(namespace), C(ca_cert),
        C(validate_certs), C(timeout), C(auth_method), C(mount_point), C(token), C(token_path), C(token_file),
        C(role_id), C(secret_id), C(jwt), C(username), C(password), C(cert_auth_public_key),
        C(cert_auth_private_key). What is left out is taken from E(ANSIBLE_HASHI_VAULT_ADDR), then E(VAULT_ADDR), and so
        on, as there.
      - C(auth_method) is V(token) unless it is V(approle), V(cert), V(jwt), V(kubernetes) or V(userpass). All hosts of
        a run that log in with the same options share one login.
      - The environment is that of ansible-playbook. The keyword C(environment) of a task does not count here.
    type: list
    elements: dict
  bmc_auth:
    description:
      - How to log in. V(basic) sends the account with each request and leaves nothing behind on the BMC.
      - V(session) opens a Redfish session and always deletes it, also on failure; BMCs have few of them.
      - V(token) uses O(bmc_token). It is the default where a token is given, V(basic) is the default otherwise.
    type: str
    choices: [basic, session, token]
  bmc_validate_certs:
    description:
      - Whether to verify the BMC's certificate, by O(bmc_ca_path) or by the system's certificate authorities.
      - O(bmc_fingerprint) decides in its place where it is given.
    type: bool
    default: true
  bmc_ca_path:
    description: PEM file, or folder of hashed certificates, of the authorities that sign the BMCs' certificates.
    type: path
  bmc_fingerprint:
    description:
      - SHA-256 fingerprint of the BMC's certificate, as C(openssl x509 -noout -fingerprint -sha256) prints it. A BMC
        that shows another certificate is refused before any password is sent.
      - V(trust-on-first-use) records the fingerprint at the first meeting, in the state folder of the controller or of
        the delegate, and demands it from then on.
    type: str
  bmc_timeout:
    description: Seconds to wait for an answer of the BMC; at most 10 of them for the connection.
    type: float
    default: 30
  bmc_deadline:
    description:
      - Seconds for all that a task asks of a BMC together, repetitions included. Beside it is only the waiting for a
        state (O(openchami.bmc.bmc_power#module:wait_timeout)) and for another task on the same BMC.
      - When it has passed, nothing more is sent, except that a session is deleted. A request that was begun before and
        changes something still has O(bmc_timeout) for its answer.
    type: float
    default: 300
  bmc_system:
    description:
      - The system behind the BMC, by its Redfish Id, Name or URI, or V(all).
      - Needed only where several systems behind one BMC can be powered. There is no default among them.
    type: str
  bmc_identity:
    description:
      - Who the BMC is, as RV(openchami.bmc.bmc_info#module:bmc.identity) returned it, or as an asset list knows it, for
        example with C(serial_number) alone.
      - Before any write, UUID, serial number or MAC address of the machine are compared with it; on a mismatch nothing
        is written.
      - It also saves finding out dialect and resources in each task.
    type: dict
notes:
  - Each C(bmc_) option is also a host variable of that name. The task's own value comes first, then C(module_defaults)
    (also of the group C(openchami.bmc.bmc)), then the host's variable.
  - The task runs in Ansible's worker on the controller, also for hosts with another connection; no connection to the
    host is made. It therefore needs no C(delegate_to).
  - With C(delegate_to) another host than the controller, one that alone reaches the BMCs, the module runs there with
    the same result. It is sent through standard input only, so that no file there holds a password; a connection or a
    become method without pipelining is refused. That host needs the requirements too.
  - C(environment) counts in both ways, but not for O(bmc_credentials); C(become) on a delegate only.
  - Locks, pins and the audit log are in the folder that the environment variable E(OPENCHAMI_BMC_STATE_DIR) names, else
    in C(openchami.bmc) in the user's state folder (E(XDG_STATE_HOME), else C(~/.local/state)).
requirements:
  - python >= 3.11
  - urllib3 >= 2.2
  - hvac >= 2.3, on the controller, for O(bmc_credentials) of the type hashi_vault
  - cryptography >= 44, on the controller, for O(bmc_credentials) of the type magellan
"""
